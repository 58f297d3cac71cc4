"""Emergency orders on the server: who may, what lies ready, what a station is told, how it ends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from commune import Commune, found

from broadcaster import wire
from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import State
from broadcaster.domain.emergency import Kind, Status
from broadcaster.errors import Conflict, InputError, PolicyRefused
from broadcaster.services.stations import alerting, enrolling, syncing
from broadcaster.services.stations.alerting import EXERCISE, Wish
from broadcaster.store import emergencies
from broadcaster.store.emergencies import Ready
from broadcaster.store.stations import Station

TEXT = "Cảnh báo lũ\nNước sông đang lên nhanh. Bà con di chuyển lên nhà văn hóa ngay."


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return found(tmp_path)


@pytest.fixture
def station(xa: Commune) -> Station:
    known = syncing.who(xa.context.database, enrolling.take_in(xa.context, "loa-dong", xa.clock()))
    assert known is not None
    return known


@pytest.fixture
def flood(xa: Commune) -> int:
    """A text approved beforehand, for no particular time."""
    return xa.approved(("loa-dong", "fanpage"), text=TEXT, priority=Priority.EMERGENCY)


def wish(xa: Commune, number: int, **more: object) -> Wish:
    return Wish(number=number, until=xa.clock() + timedelta(hours=2), **more)  # type: ignore[arg-type]  # a test names the fields it means


def plan(xa: Commune, station: Station) -> wire.Rundown:
    return syncing.rundown(xa.context, station, xa.clock()).rundown


def test_the_sound_of_an_approved_emergency_lies_ready_before_it_is_ordered(
    xa: Commune, station: Station, flood: int
) -> None:
    found = plan(xa, station)
    assert found.items == []
    (ready,) = found.library
    alerting.send(xa.context, xa.minh, wish(xa, flood), xa.clock())
    (item,) = plan(xa, station).items
    assert [(cue.digest, cue.size) for cue in item.cues] == [(ready.digest, ready.size)]


def test_approving_an_emergency_wakes_the_stations(xa: Commune, station: Station) -> None:
    etag = syncing.rundown(xa.context, station, xa.clock()).etag
    assert syncing.unchanged(xa.context, syncing.again(xa.context, station), etag, xa.clock())
    xa.approved(("loa-dong",), text=TEXT, priority=Priority.EMERGENCY)
    assert not syncing.unchanged(xa.context, syncing.again(xa.context, station), etag, xa.clock())


def test_an_order_says_who_answers_how_often_and_until_when(
    xa: Commune, station: Station, flood: int
) -> None:
    order = alerting.send(xa.context, xa.minh, wish(xa, flood, level=4), xa.clock())
    (item,) = plan(xa, station).items
    assert (item.priority, item.authority, item.rounds) == ("emergency", "minh", 0)
    assert item.until == item.expires_at == order.until
    assert {one.target: one.state for one in xa.rows()} == {
        "loa-dong": State.SENDING,
        "fanpage": State.PLANNED,
    }
    xa.plan()
    assert len(xa.rows()) == 2, "the planner adds nothing to it"


def test_it_is_ordered_again_without_a_new_approval(xa: Commune, flood: int) -> None:
    for _ in range(2):
        order = alerting.send(xa.context, xa.minh, wish(xa, flood), xa.clock())
        alerting.end(xa.context, xa.minh, order.id, Kind.ALL_CLEAR, "", xa.clock())
        xa.clock.move(hours=1)


@pytest.mark.parametrize("how", [Kind.CANCEL, Kind.ALL_CLEAR])
def test_an_ended_order_is_asked_back_from_the_station(
    xa: Commune, station: Station, flood: int, how: Kind
) -> None:
    order = alerting.send(xa.context, xa.minh, wish(xa, flood), xa.clock())
    (item,) = plan(xa, station).items
    ended = alerting.end(xa.context, xa.minh, order.id, how, "phát nhầm", xa.clock())
    assert (ended.ended_as, ended.ended_by) == (how.value, "minh")
    found = plan(xa, station)
    assert (found.items, found.withdrawn) == ([], [item.uid])
    with pytest.raises(Conflict, match="đã kết thúc"):
        alerting.end(xa.context, xa.minh, order.id, how, "", xa.clock())


def test_an_update_and_an_all_clear_take_the_place_of_what_they_follow(
    xa: Commune, station: Station, flood: int
) -> None:
    first = alerting.send(xa.context, xa.minh, wish(xa, flood), xa.clock())
    plan(xa, station)
    xa.clock.move(minutes=5)
    again = wish(xa, flood, kind=Kind.UPDATE, follows=first.id)
    second = alerting.send(xa.context, xa.minh, again, xa.clock())
    found = plan(xa, station)
    assert (len(found.items), len(found.withdrawn)) == (1, 1)
    xa.clock.move(minutes=5)
    over = xa.approved(("loa-dong",), text="Hết lũ\nNước đã rút.", priority=Priority.EMERGENCY)
    said = alerting.say_all_clear(xa.context, xa.minh, second.id, over, xa.clock())
    assert (said.kind, said.rounds, said.follows_id) == (Kind.ALL_CLEAR, 1, second.id)
    assert [one.ended_as for one in alerting.every(xa.context)] == ["", "all_clear", "update"]


def test_an_exercise_is_announced_as_one_and_stays_off_the_net(
    xa: Commune, station: Station, flood: int
) -> None:
    exercise = wish(xa, flood, status=Status.EXERCISE)
    with pytest.raises(PolicyRefused, match="emergency prepare"):
        alerting.send(xa.context, xa.minh, exercise, xa.clock())
    said = Ready(EXERCISE, "a" * 64, 100, 9000)
    with xa.context.database.write() as connection:
        emergencies.keep_ready(connection, xa.context.commune_id, said)
    alerting.send(xa.context, xa.minh, exercise, xa.clock())
    (item,) = plan(xa, station).items
    assert [(cue.kind, cue.digest == said.digest) for cue in item.cues] == [
        ("opening", True),
        ("programme", False),
    ]
    assert [one.target for one in xa.rows()] == ["loa-dong"]


def test_who_may_not_or_what_may_not_is_refused(xa: Commune, flood: int) -> None:
    def refused(kind: type[Exception], words: str, person: object, asked: Wish) -> None:
        with pytest.raises(kind, match=words):
            alerting.send(xa.context, person, asked, xa.clock())  # type: ignore[arg-type]  # a person

    refused(PolicyRefused, "ra lệnh phát khẩn cấp", xa.lan, wish(xa, flood))
    routine = xa.approved()
    refused(PolicyRefused, "không phải tin khẩn cấp", xa.minh, wish(xa, routine))
    draft = xa.draft(TEXT, priority=Priority.EMERGENCY)
    refused(PolicyRefused, "chưa được duyệt", xa.minh, wish(xa, draft))
    refused(InputError, "không dành cho kênh", xa.minh, wish(xa, flood, targets=("zalo",)))
    for hours in (0, 25):
        late = Wish(number=flood, until=xa.clock() + timedelta(hours=hours))
        refused(InputError, "giờ hết hạn", xa.minh, late)
    assert xa.rows() == []
