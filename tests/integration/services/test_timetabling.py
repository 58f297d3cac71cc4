"""Changes of the timetable: shown first, kept if nothing moved, stations left alone unless told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from commune import Commune, found

from broadcaster.domain.delivery import State
from broadcaster.domain.timetable import Words
from broadcaster.errors import Conflict, InputError, NotFound, PolicyRefused
from broadcaster.services.stations import enrolling, syncing
from broadcaster.services.timetable import timetabling
from broadcaster.services.timetable.changes import Change
from broadcaster.store import events


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return found(tmp_path)


def shown(xa: Commune, change: Change) -> tuple[list[str], list[str]]:
    local = xa.context.policy.local
    return (
        [f"{local(one.at):%d %H:%M} {one.target} {one.number}" for one in change.before],
        [f"{local(one.at):%d %H:%M} {one.target} {one.number}" for one in change.after],
    )


def edit(xa: Commune, rule: int, **words: Any) -> Change:
    said = Words(**{"on": "hằng ngày", "at": "17:00", "until": "10/12/2026", **words})
    return timetabling.propose_edit(xa.context, rule, said, xa.clock())


def hand_over(xa: Commune) -> None:
    """The station of loa-dong fetches its plan."""
    token = enrolling.take_in(xa.context, "loa-dong", xa.clock())
    station = syncing.who(xa.context.database, token)
    assert station is not None
    syncing.rundown(xa.context, station, xa.clock())


def times(xa: Commune, number: int, *states: State) -> list[str]:
    local = xa.context.policy.local
    return [
        f"{local(one.due_at):%d %H:%M}"
        for one in xa.rows(number)
        if one.state in states and one.cancel_asked_at is None
    ]


def test_before_and_after_are_those_of_the_outlets_in_the_next_seven_days(xa: Commune) -> None:
    other = xa.approved(text="Tin khác\nNội dung khác.")
    xa.schedule(other, on="thứ hai", at="16:00")
    number = xa.approved(("loa-dong", "fanpage"))
    said = Words(on="thứ ba, thứ sáu", at="17:00", until="10/12/2026")
    change = timetabling.propose(xa.context, number, said, xa.clock())
    before, after = shown(xa, change)
    assert before == ["23 16:00 loa-dong 1"]
    assert after == [
        "23 16:00 loa-dong 1", "24 17:00 fanpage 2", "24 17:00 loa-dong 2", "27 17:00 loa-dong 2",
    ]  # fmt: skip
    assert xa.show(number).rules == [], "nothing is kept by looking"


def test_an_edit_moves_what_is_planned_and_keeps_the_rule_s_number(xa: Commune) -> None:
    number = xa.approved()
    (rule,) = xa.schedule(number)
    xa.plan()
    change = edit(xa, rule, at="17:30")
    assert xa.keep(change, recall=None) == [rule]
    xa.plan()
    assert set(times(xa, number, State.PLANNED)) == {f"{day} 17:30" for day in range(23, 30)}
    assert xa.states(number)[State.CANCELLED] == 7
    (stored,) = xa.show(number).rules
    assert (stored.id, stored.sequence) == (rule, 1)


def test_an_edit_to_several_hours_makes_further_rules(xa: Commune) -> None:
    number = xa.approved()
    (rule,) = xa.schedule(number)
    ids = xa.keep(edit(xa, rule, at="16:00, 17:00"))
    assert ids[0] == rule
    assert len(ids) == 2


def test_the_rule_that_is_reworded_is_no_clash_with_itself(xa: Commune) -> None:
    number = xa.approved(seconds=120)
    (rule,) = xa.schedule(number)
    assert xa.keep(edit(xa, rule, at="17:01")) == [rule]


def test_what_stations_hold_is_left_alone_until_somebody_says_otherwise(xa: Commune) -> None:
    number = xa.approved()
    (rule,) = xa.schedule(number)
    xa.plan()
    hand_over(xa)
    change = edit(xa, rule, at="17:30")
    assert len(change.handed) == 7
    with pytest.raises(PolicyRefused, match="--recall"):
        xa.keep(change, recall=None)
    assert xa.show(number).rules[0].sequence == 0, "refused as a whole"

    xa.keep(change, recall=False)
    xa.plan()
    assert "23 17:00" in times(xa, number, State.SENDING)
    assert "23 17:30" in times(xa, number, State.PLANNED)


def test_a_recall_is_explicit_and_written_down(xa: Commune) -> None:
    number = xa.approved()
    (rule,) = xa.schedule(number)
    xa.plan()
    hand_over(xa)
    xa.keep(timetabling.propose_removal(xa.context, rule, xa.clock()), recall=True)
    assert times(xa, number, State.SENDING, State.ACCEPTED, State.PLANNED) == []
    with xa.context.database.read() as connection:
        noted = events.of_subject(connection, xa.context.commune_id, f"announcement {number}")
    (removed,) = [one for one in noted if one["what"] == "timetable.removed"]
    assert len(removed["detail"]["recalled"]) == 7
    assert removed["detail"]["before"] == ["hằng ngày lúc 17:00, từ 23/11/2026 đến hết 10/12/2026"]
    assert removed["person"] == "lan"


def test_an_approval_of_exact_times_is_not_voided_behind_a_station_s_back(xa: Commune) -> None:
    number = xa.draft()
    xa.render(number)
    (rule,) = xa.schedule(number)
    xa.approve(number)
    xa.plan()
    hand_over(xa)
    change = timetabling.propose_skip(xa.context, rule, ["25/11/2026"], xa.clock())
    (differs,) = change.voids
    assert differs.startswith("lịch phát")
    assert "trừ 2026-11-25" in differs
    with pytest.raises(PolicyRefused, match="phê duyệt mất hiệu lực"):
        xa.keep(change, recall=False)
    assert xa.show(number).approval is not None
    xa.keep(change, recall=True)
    assert xa.show(number).approval is None


def test_a_skipped_and_an_added_day(xa: Commune) -> None:
    number = xa.approved()
    (rule,) = xa.schedule(number)
    xa.plan()
    xa.keep(timetabling.propose_skip(xa.context, rule, ["25/11/2026"], xa.clock()))
    xa.plan()
    assert "25 17:00" not in times(xa, number, State.PLANNED)
    xa.keep(timetabling.propose_dates(xa.context, rule, ["26/11/2026 16:15"], xa.clock()))
    xa.plan()
    assert "26 16:15" in times(xa, number, State.PLANNED)
    xa.keep(timetabling.propose_dates(xa.context, rule, ["25/11/2026"], xa.clock()))
    assert xa.show(number).rules[0].skipped == (), "what is added again is not skipped any more"


def test_nothing_is_played_on_a_holiday_that_the_rule_avoids(xa: Commune) -> None:
    xa.clock.move(days=35)  # Monday, 28 December
    number = xa.approved()
    said = Words(on="hằng ngày", at="17:00", until="10/01/2027", skip_holidays=True)
    xa.keep(timetabling.propose(xa.context, number, said, xa.clock()))
    xa.plan()
    planned = times(xa, number, State.PLANNED)
    assert "31 17:00" in planned
    assert "01 17:00" not in planned
    assert "02 17:00" in planned


@pytest.mark.parametrize(
    ("given", "said"),
    [(["26/11/2026"], "không có lần phát nào"), (["Trung thu"], "Không có ngày lễ")],
)
def test_a_skip_that_changes_nothing_is_a_slip(xa: Commune, given: list[str], said: str) -> None:
    (rule,) = xa.schedule(xa.approved(), on="thứ hai")
    with pytest.raises(InputError, match=said):
        timetabling.propose_skip(xa.context, rule, given, xa.clock())


def test_of_two_who_change_a_rule_the_second_is_told(xa: Commune) -> None:
    (rule,) = xa.schedule(xa.approved())
    first, second = edit(xa, rule, at="17:30"), edit(xa, rule, at="16:30")
    xa.keep(first)
    with pytest.raises(Conflict, match="vừa được người khác sửa"):
        xa.keep(second)


def test_a_removed_rule_cannot_be_changed(xa: Commune) -> None:
    (rule,) = xa.schedule(xa.approved())
    xa.remove_rule(rule)
    with pytest.raises(NotFound):
        timetabling.propose_removal(xa.context, rule, xa.clock())


def test_an_edit_promises_nothing_for_the_time_before_it(xa: Commune) -> None:
    number = xa.approved()
    (rule,) = xa.schedule(number, on="thứ sáu")
    xa.clock.move(days=2)
    xa.keep(edit(xa, rule, on="hằng ngày"))
    xa.plan()
    assert all(one.due_at > xa.clock() - timedelta(minutes=1) for one in xa.rows(number))
