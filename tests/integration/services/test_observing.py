"""Days off from a calendar, and the timetable written to one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from commune import Commune, found
from icalendar import Calendar

from broadcaster.domain.delivery import State
from broadcaster.domain.timetable import Words
from broadcaster.domain.timetable.holidays import DayOff
from broadcaster.errors import InputError, NotFound, PolicyRefused
from broadcaster.services.stations import enrolling, syncing
from broadcaster.services.timetable import exporting, observing, timetabling
from broadcaster.settings.holidays import load

FRIDAY = DayOff(date(2026, 11, 27), "Nghỉ bù")


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return found(tmp_path)


@pytest.fixture
def number(xa: Commune) -> int:
    number = xa.approved()
    said = Words(on="hằng ngày", at="17:00", until="10/12/2026", skip_holidays=True)
    xa.keep(timetabling.propose(xa.context, number, said, xa.clock()))
    xa.plan()
    return number


def planned(xa: Commune, number: int) -> list[int]:
    return [
        xa.context.policy.local(one.due_at).day
        for one in xa.rows(number)
        if one.state in {State.PLANNED, State.SENDING} and one.cancel_asked_at is None
    ]


def take(xa: Commune, *days: DayOff, recall: bool | None = None) -> None:
    change = observing.propose(xa.context, days, [], "le.ics", xa.clock())
    observing.keep(xa.context, xa.lan, change, xa.clock(), recall)


def test_a_new_day_off_is_shown_then_silent(xa: Commune, number: int) -> None:
    change = observing.propose(xa.context, [FRIDAY], [], "le.ics", xa.clock())
    assert len(change.before) == len(change.after) + 1
    assert 27 in planned(xa, number), "looking changes nothing"
    take(xa, FRIDAY)
    xa.plan()
    assert 27 not in planned(xa, number)
    assert FRIDAY in observing.listed(xa.context, 2026)


def test_a_dropped_day_off_is_planned_again(xa: Commune, number: int) -> None:
    take(xa, FRIDAY)
    change = observing.propose(xa.context, [], [FRIDAY.day], "", xa.clock())
    observing.keep(xa.context, xa.lan, change, xa.clock())
    assert FRIDAY not in observing.listed(xa.context, 2026)
    with pytest.raises(NotFound, match=r"holidays\.toml"):
        observing.propose(xa.context, [], [FRIDAY.day], "", xa.clock())
    assert timetabling.propose_removal(xa.context, xa.show(number).rules[0].id, xa.clock()).before


def test_what_stations_hold_is_recalled_only_when_told(xa: Commune, number: int) -> None:
    station = syncing.who(
        xa.context.database, enrolling.take_in(xa.context, "loa-dong", xa.clock())
    )
    assert station is not None
    syncing.rundown(xa.context, station, xa.clock())
    with pytest.raises(PolicyRefused, match="--recall"):
        take(xa, FRIDAY)
    take(xa, FRIDAY, recall=False)
    assert 27 in planned(xa, number)
    take(xa, FRIDAY, recall=True)
    assert 27 not in planned(xa, number)


def test_rules_that_avoid_no_holiday_do_not_care(xa: Commune) -> None:
    number = xa.approved()
    xa.schedule(number)
    xa.plan()
    take(xa, FRIDAY)
    assert 27 in planned(xa, number)


def test_the_timetable_is_exported_with_uids_that_stay(xa: Commune) -> None:
    number = xa.approved()
    kept, gone = xa.schedule(number, at="06:30, 17:00")
    first: Any = Calendar.from_ical(exporting.export(xa.context, xa.clock())).walk("VEVENT")
    said = Words(on="hằng ngày", at="17:30", until="10/12/2026")
    xa.keep(timetabling.propose_edit(xa.context, kept, said, xa.clock()))
    xa.remove_rule(gone)
    content = exporting.export(xa.context, xa.clock())
    then: Any = Calendar.from_ical(content).walk("VEVENT")
    assert {e["uid"] for e in first} == {e["uid"] for e in then}
    assert [(e["sequence"], e["status"]) for e in then] == [(1, "CONFIRMED"), (1, "CANCELLED")]
    assert content == exporting.export(xa.context, xa.clock())


def test_the_shipped_holidays_and_a_commune_s_own(xa: Commune, tmp_path: Path) -> None:
    shipped = {one.day for one in observing.listed(xa.context, 2027)}
    assert {date(2027, 2, 5), date(2027, 2, 6), date(2027, 4, 16), date(2027, 9, 2)} <= shipped
    own = tmp_path / "own"
    own.mkdir()
    file = own / "holidays.toml"
    file.write_text('[[holiday]]\nkey = "hoi"\nname = "Hội làng"\nday = "12/1"\nlunar = true\n')
    assert [one.key for one in load(own)] == ["hoi"]
    file.write_text('[[holiday]]\nkey = "hoi"\nname = "Hội làng"\nday = "32/1"\n')
    with pytest.raises(InputError, match="ngày/tháng"):
        load(own)
