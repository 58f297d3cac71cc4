"""Slots over the real services: planned in order, handed to the station as cues, never shifted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from commune import Commune, found

from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import State
from broadcaster.domain.timetable import Words
from broadcaster.errors import Conflict, InputError, NotFound, PolicyRefused
from broadcaster.services.stations import syncing
from broadcaster.services.timetable import slotting, timetabling
from broadcaster.store import stations

CUES = {"lead_in": 0.5, "chime": 3, "opening": 5, "item": 60, "closing": 6}
GROUPS = """\
[[targets]]
key = "loa-nam"
channel = "loudspeaker"
name = "Cụm loa thôn Nam"
group = "nhom-2"

"""


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    made = found(tmp_path, more='[policy]\nprofile = "15-phut"\n' + GROUPS)
    slotting.add(made.context, made.lan, "chieu", time(17), time(17, 10), (), made.clock())
    return made


def item(
    xa: Commune, title: str, *, seconds: float = 60, priority: Priority = Priority.NORMAL,
    targets: tuple[str, ...] = ("loa-dong",), on: str = "24/11/2026", slot: str = "chieu",
) -> int:  # fmt: skip
    cues = {**CUES, "item": seconds}
    number = xa.approved(
        targets, text=f"{title}\nNội dung {title}.", priority=priority, cues=cues,
        seconds=sum(cues.values()),
    )  # fmt: skip
    xa.collect(number, on=on, slot=slot)
    return number


def local(xa: Commune) -> dict[int, str]:
    numbers = {xa.show(n).announcement.id: n for n in range(1, 20) if _is_there(xa, n)}
    return {
        numbers[row.announcement_id]: f"{xa.context.policy.local(row.due_at):%H:%M:%S}"
        for row in xa.rows()
        if row.state in {State.PLANNED, State.SENDING}
    }


def _is_there(xa: Commune, number: int) -> bool:
    try:
        xa.show(number)
    except NotFound:
        return False
    return True


def plan_of(xa: Commune, key: str = "loa-dong") -> list[Mapping[str, Any]]:
    """The items of the station's rundown."""
    with xa.context.database.write() as connection:
        stations.enroll(connection, xa.context.commune_id, key, f"digest-{key}")
    with xa.context.database.read() as connection:
        (there,) = [s for s in stations.every(connection, xa.context.commune_id) if s.key == key]
    served = syncing.rundown(xa.context, there, xa.clock())
    return [one.model_dump() for one in served.rundown.items]


def kinds(one: Mapping[str, Any]) -> list[str]:
    return [cue["kind"] for cue in one["cues"]]


def test_a_slot_is_laid_out_by_class_with_one_opening_and_one_closing(xa: Commune) -> None:
    item(xa, "Một")
    item(xa, "Hai", priority=Priority.PRIORITY)
    item(xa, "Ba", seconds=30)
    assert xa.plan() == 3
    assert local(xa) == {2: "17:00:00", 1: "17:01:11", 3: "17:02:14"}
    items = plan_of(xa)
    assert [kinds(one) for one in items] == [
        ["lead_in", "chime", "opening", "item"],
        ["lead_in", "item"],
        ["lead_in", "item", "closing"],
    ]
    assert len({one["uid"] for one in items}) == 3, "each is a delivery with its own proof"


def test_what_a_station_has_been_given_keeps_its_time(xa: Commune) -> None:
    item(xa, "Một")
    xa.plan()
    (before,) = plan_of(xa)
    item(xa, "Hai", priority=Priority.PRIORITY)
    xa.plan()
    first, second = plan_of(xa)
    assert (first["uid"], first["starts_at"]) == (before["uid"], before["starts_at"])
    assert kinds(before) == ["lead_in", "chime", "opening", "item", "closing"]
    assert kinds(first) == ["lead_in", "chime", "opening", "item"]
    assert kinds(second) == ["lead_in", "item", "closing"]
    assert xa.plan() == 0


def test_what_does_not_fit_is_refused_with_the_nearest_slot(xa: Commune) -> None:
    slotting.add(xa.context, xa.lan, "sang", time(6), time(6, 15), (), xa.clock())
    item(xa, "Dài", seconds=480)
    with pytest.raises(PolicyRefused, match=r"còn 1:49, tin này cần 2:07.*sang.*ngày 24/11/2026"):
        item(xa, "Nữa", seconds=120)
    item(xa, "Ngắn", seconds=60)
    xa.plan()
    assert local(xa) == {1: "17:00:00", 3: "17:08:11"}


def test_without_any_room_at_all_nothing_is_offered(xa: Commune) -> None:
    with pytest.raises(PolicyRefused, match=r"còn 10:00, tin này cần 15:15\.$"):
        item(xa, "Quá dài", seconds=900)


def test_a_slot_goes_around_an_item_with_a_minute_of_its_own(xa: Commune) -> None:
    own = xa.approved(text="Riêng\nPhát riêng.", seconds=30)
    xa.schedule(own, on="24/11/2026", at="17:00:30")
    item(xa, "Một", seconds=10)
    item(xa, "Hai", seconds=30)
    xa.plan()
    assert local(xa) == {1: "17:00:30", 2: "17:00:00", 3: "17:01:02"}


def test_no_sound_of_its_own_is_allowed_into_a_filled_slot(xa: Commune) -> None:
    item(xa, "Một")
    own = xa.approved(text="Riêng\nPhát riêng.", seconds=30)
    with pytest.raises(PolicyRefused, match="đã có tin số 1"):
        xa.schedule(own, on="24/11/2026", at="17:00:30")


def test_neighbours_begin_apart(xa: Commune) -> None:
    item(xa, "Một", targets=("loa-dong", "loa-nam"))
    own = xa.approved(("loa-dong", "loa-nam"), text="Riêng\nPhát riêng.", seconds=30)
    xa.schedule(own, on="25/11/2026", at="06:30")
    xa.plan()
    assert xa.plan() == 0
    began = {(row.target, f"{xa.context.policy.local(row.due_at):%H:%M:%S}") for row in xa.rows()}
    assert began == {
        ("loa-dong", "17:00:00"), ("loa-nam", "17:00:10"),
        ("loa-dong", "06:30:00"), ("loa-nam", "06:30:10"),
    }  # fmt: skip


def test_an_item_that_is_off_leaves_the_others_where_they_are(xa: Commune) -> None:
    first = item(xa, "Một")
    item(xa, "Hai")
    item(xa, "Ba")
    xa.plan()
    plan_of(xa)
    before = local(xa)
    xa.edit(first, "Một\nĐã sửa.")
    left = plan_of(xa)
    assert {n: at for n, at in local(xa).items() if n != first} == {
        n: at for n, at in before.items() if n != first
    }
    assert [kinds(one) for one in left] == [["lead_in", "item"], ["lead_in", "item", "closing"]]


def test_the_day_is_shown_with_times_and_lengths(xa: Commune) -> None:
    item(xa, "Một")
    item(xa, "Hai")
    xa.plan()
    lines = slotting.day(xa.context, date(2026, 11, 24))
    assert [(x.number, x.slot and x.slot.key, x.lasts.total_seconds()) for x in lines] == [
        (1, "chieu", 68.5), (2, "chieu", 66.5),
    ]  # fmt: skip
    assert slotting.day(xa.context, date(2026, 11, 25)) == []


def test_a_policy_that_forbids_the_day_forbids_the_slot(xa: Commune) -> None:
    with pytest.raises(PolicyRefused, match=r"Thứ bảy 28/11/2026.*chieu.*ngày 27/11/2026"):
        item(xa, "Một", on="28/11/2026")


def test_slots_that_cannot_be(xa: Commune) -> None:
    add = slotting.add
    with pytest.raises(PolicyRefused, match="giờ yên tĩnh"):
        add(xa.context, xa.lan, "dem", time(4, 30), time(6, 30), (), xa.clock())
    with pytest.raises(PolicyRefused, match="khung giờ được phát"):
        add(xa.context, xa.lan, "trua", time(11), time(12), (), xa.clock())
    with pytest.raises(InputError, match="trước khi kết thúc"):
        add(xa.context, xa.lan, "nguoc", time(17), time(17), (), xa.clock())
    with pytest.raises(Conflict, match="Đã có khung giờ"):
        add(xa.context, xa.lan, "chieu", time(17), time(18), (), xa.clock())
    with pytest.raises(InputError, match="không phải là cụm loa"):
        add(xa.context, xa.lan, "trang", time(17), time(18), ("fanpage",), xa.clock())
    with pytest.raises(PolicyRefused, match="không có quyền xếp lịch"):
        add(xa.context, xa.minh, "x", time(17), time(18), (), xa.clock())


def test_a_slot_in_use_is_not_removed(xa: Commune) -> None:
    item(xa, "Một")
    with pytest.raises(Conflict, match="còn lịch số 1"):
        slotting.remove(xa.context, xa.lan, "chieu", xa.clock())
    slotting.add(xa.context, xa.lan, "sang", time(6), time(6, 15), (), xa.clock())
    slotting.remove(xa.context, xa.lan, "sang", xa.clock())
    assert [slot.key for slot in slotting.every(xa.context)] == ["chieu"]


def test_an_emergency_waits_for_no_slot(xa: Commune) -> None:
    with pytest.raises(InputError, match="không chờ khung giờ"):
        item(xa, "Bão", priority=Priority.EMERGENCY)


def test_an_emergency_skips_the_music(xa: Commune) -> None:
    number = xa.approved(text="Bão\nSơ tán ngay.", priority=Priority.EMERGENCY, cues=CUES)
    xa.schedule(number, on="24/11/2026", at="03:00")
    xa.plan()
    (one,) = plan_of(xa)
    assert kinds(one) == ["lead_in", "item"]


def test_an_approval_binds_the_slot(xa: Commune) -> None:
    number = item(xa, "Một")
    slotting.add(xa.context, xa.lan, "sang", time(6), time(6, 15), (), xa.clock())
    before = xa.show(number).pinned
    (rule,) = xa.show(number).rules
    assert rule.dtstart.time() == time(17)
    assert before != replace(xa.show(number), rules=[replace(rule, slot_id=2)]).pinned


def test_words_name_a_slot_in_place_of_hours(xa: Commune) -> None:
    number = xa.approved(cues=CUES)
    with pytest.raises(NotFound, match=r"Không có khung giờ “trua”\. Đang có: chieu"):
        xa.collect(number, on="24/11/2026", slot="trua")
    both = Words(on="24/11/2026", at="17:00", slot="chieu")
    with pytest.raises(InputError, match=r"--at .* hoặc --slot"):
        timetabling.propose(xa.context, number, both, xa.clock())
