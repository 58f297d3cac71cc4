"""The timetable refuses the wrong hour: past, quiet, or taken on the same loudspeakers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from commune import Commune, found

from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import State
from broadcaster.errors import InputError, PolicyRefused
from broadcaster.services.content import authoring


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return found(tmp_path)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"on": "22/11/2026"}, "đã qua"),
        ({"on": "23/11/2026", "at": "07:59"}, "đã qua"),
        ({"on": "31/02/2026"}, "không hợp lệ"),
        ({"at": "25:00"}, "không hợp lệ"),
        ({"at": "1700"}, "không hợp lệ"),
        ({"on": "thứ tám"}, "Không hiểu ngày"),
        ({"until": "01/11/2026"}, "đã qua"),
        ({"targets": ["fanpage"]}, "không dành cho kênh"),
    ],
)
def test_words_that_make_no_rule_are_named(
    xa: Commune, words: dict[str, object], said: str
) -> None:
    number = xa.approved()
    with pytest.raises(InputError, match=said):
        xa.schedule(number, **words)  # type: ignore[arg-type]  # each case gives one wrong word
    assert xa.show(number).rules == []


@pytest.mark.parametrize("at", ["05:59", "21:00", "03:15", "20:59:45"])
def test_no_rule_in_quiet_hours_nor_one_that_runs_into_them(xa: Commune, at: str) -> None:
    with pytest.raises(PolicyRefused, match="giờ yên tĩnh"):
        xa.schedule(xa.approved(), at=at)


@pytest.mark.parametrize("at", ["06:00", "20:59:30"])
def test_the_edges_of_the_quiet_hours_are_not_quiet(xa: Commune, at: str) -> None:
    assert xa.schedule(xa.approved(seconds=30), at=at)


def test_only_an_emergency_may_break_the_quiet_hours(xa: Commune) -> None:
    assert xa.schedule(xa.approved(priority=Priority.EMERGENCY), at="03:15")
    with pytest.raises(PolicyRefused, match="giờ yên tĩnh"):
        xa.schedule(xa.approved(priority=Priority.PRIORITY), at="03:15")


def test_a_post_may_go_out_at_night(xa: Commune) -> None:
    assert xa.schedule(xa.approved(("fanpage",)), at="23:30")


def test_two_items_on_one_station_at_one_minute_are_refused_with_a_free_hour(xa: Commune) -> None:
    xa.schedule(xa.approved(seconds=30), at="17:00")
    second = xa.approved(text="Tin khác\nNội dung khác.")
    with pytest.raises(PolicyRefused, match=r"đã có tin số 1.*Giờ trống gần nhất: 17:00:32"):
        xa.schedule(second, on="25/11/2026", at="17:00:15")
    assert xa.schedule(second, on="25/11/2026", at="17:00:32")


def test_the_longer_item_is_seen_from_both_sides(xa: Commune) -> None:
    xa.schedule(xa.approved(seconds=30), on="25/11/2026", at="17:05")
    long = xa.approved(seconds=360, text="Tin dài\nNội dung dài.")
    with pytest.raises(PolicyRefused, match="đã có tin số 1"):
        xa.schedule(long, on="25/11/2026", at="17:00")


def test_other_stations_are_free_at_the_same_minute(xa: Commune) -> None:
    xa.schedule(xa.approved(("loa-dong",)), at="17:00")
    assert xa.schedule(xa.approved(("loa-doai",), text="Tin khác\nKhác."), at="17:00")


def test_what_slipped_past_the_timetable_is_a_cancelled_row_with_its_cause(xa: Commune) -> None:
    first = xa.approved()
    second = xa.draft("Tin khác\nNội dung khác.")
    xa.schedule(first, on="25/11/2026", at="17:00")
    xa.schedule(second, on="25/11/2026", at="17:02")  # fits while it is guessed to be short
    xa.render(second, seconds=30)
    xa.render(first, seconds=200)  # it became longer than was known
    for number in (first, second):
        if xa.show(number).approval is None or number == first:
            with xa.context.database.write() as connection:
                owner = xa.show(number).announcement
                authoring.withdraw_approval(connection, xa.context, owner, "mới", xa.clock())
            xa.approve(number)
    xa.plan()
    states = {one.announcement_id: one.state for one in xa.rows()}
    assert sorted(states.values()) == [State.CANCELLED, State.PLANNED]
    (lost,) = [one for one in xa.rows() if one.state == State.CANCELLED]
    assert lost.cause is not None
    assert "Trùng giờ" in lost.cause.vi


def test_hours_of_one_command_are_rules_of_their_own(xa: Commune) -> None:
    number = xa.approved()
    ids = xa.schedule(number, on="thứ hai, thứ sáu", at="06:30, 17:00", until="30/11/2026")
    assert len(ids) == 2
    xa.plan()
    local = [xa.context.policy.local(one.due_at) for one in xa.rows(number)]
    assert [f"{d:%d %H:%M}" for d in local] == ["23 17:00", "27 06:30", "27 17:00", "30 06:30"]


def test_a_machine_that_stood_still_leaves_rows_that_say_so(xa: Commune) -> None:
    number = xa.approved(("loa-dong", "fanpage"))
    xa.schedule(number, until="26/11/2026")
    xa.clock.now = datetime(2026, 12, 5, tzinfo=UTC)
    xa.plan()
    while xa.tick():
        pass
    assert xa.states(number) == {State.MISSED: 5}
    assert all(one.cause for one in xa.rows(number))


def test_hours_of_one_command_must_not_run_into_each_other(xa: Commune) -> None:
    number = xa.approved(seconds=120)
    with pytest.raises(PolicyRefused, match=r"17:00:00 23/11/2026, trùng với 17:01:00"):
        xa.schedule(number, at="17:00, 17:01")
    assert xa.show(number).rules == []


def test_a_single_date_far_ahead_is_held_against_quiet_hours_and_others(xa: Commune) -> None:
    first = xa.draft()
    with pytest.raises(PolicyRefused, match="giờ yên tĩnh"):
        xa.schedule(first, on="01/06/2027", at="22:00")
    xa.schedule(first, on="01/06/2027", at="17:00")
    with pytest.raises(PolicyRefused, match="đã có tin số 1"):
        xa.schedule(xa.draft(), on="01/06/2027", at="17:00")


def test_an_emergency_takes_a_taken_hour_but_not_that_of_another_emergency(xa: Commune) -> None:
    xa.schedule(xa.approved(seconds=60), at="17:00")
    first = xa.approved(priority=Priority.EMERGENCY)
    xa.schedule(first, on="25/11/2026", at="17:00")
    second = xa.approved(priority=Priority.EMERGENCY)
    with pytest.raises(PolicyRefused, match="đã có tin số 2"):
        xa.schedule(second, on="25/11/2026", at="17:00")
    with pytest.raises(PolicyRefused, match="đã có tin số"):
        xa.schedule(xa.approved(text="Tin khác\nKhác."), on="25/11/2026", at="17:00")
