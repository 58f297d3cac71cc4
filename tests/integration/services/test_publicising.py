"""Mandatory publicity from the mark to the last village's word, with proof of play as it comes."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from commune import Commune, found

from broadcaster import wire
from broadcaster.domain.people import Role
from broadcaster.domain.policy import Limit
from broadcaster.errors import Conflict, InputError, NotFound, PolicyRefused
from broadcaster.services.stations import enrolling, syncing
from broadcaster.services.timetable import publicising
from broadcaster.services.timetable.publicising import Standing
from broadcaster.store import people, waivers

BASIS = "Luật Thực hiện dân chủ ở cơ sở số 10/2022/QH15, Điều 11"
MONDAY = date(2026, 11, 23)
VILLAGES = {"loa-dong": "thôn Đông", "loa-doai": "thôn Đoài"}


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return found(tmp_path)


@pytest.fixture
def number(xa: Commune) -> int:
    number = xa.approved(tuple(VILLAGES))
    xa.schedule(number, at="17:00")
    xa.plan()
    publicising.mark(xa.context, xa.lan, number, BASIS, MONDAY, xa.clock())
    return number


def air(xa: Commune, station: str) -> None:
    """The station fetches its plan, plays what is due at 17:00 today, and says so."""
    xa.plan()
    known = syncing.who(xa.context.database, enrolling.take_in(xa.context, station, xa.clock()))
    assert known is not None
    syncing.rundown(xa.context, known, xa.clock())
    today = xa.context.policy.local(xa.clock()).date()
    for one in xa.rows():
        if one.target == station and xa.context.policy.local(one.due_at).date() == today:
            entry = wire.AsRunEntry(
                entry=uuid4().hex, uid=one.uid, outcome="aired", planned_at=one.due_at,
                started_at=one.due_at, ended_at=one.due_at + timedelta(seconds=30),
                seconds_played=30,
            )  # fmt: skip
            batch = wire.AsRunBatch(entries=[entry])
            syncing.take_entries(xa.context, known, batch, one.due_at + timedelta(minutes=1))


def standing(xa: Commune, number: int) -> Standing:
    return publicising.show(xa.context, number, xa.clock())


def test_three_days_in_every_village_and_every_village_s_word(xa: Commune, number: int) -> None:
    for _ in range(3):
        for station in VILLAGES:
            air(xa, station)
        xa.clock.move(days=1)
    one = standing(xa, number)
    assert all(village.progress.completed_on == date(2026, 11, 25) for village in one.villages)
    assert not one.complete, "the villages have not confirmed"
    for village in VILLAGES.values():
        one = publicising.confirm(xa.context, xa.lan, number, village, "họp thôn", xa.clock())
    assert one.complete
    assert all(len(village.proofs) == 3 for village in one.villages)


def test_a_missed_day_restarts_that_village_and_no_other(xa: Commune, number: int) -> None:
    for day in range(4):
        air(xa, "loa-dong")
        if day != 1:
            air(xa, "loa-doai")
        xa.clock.move(days=1)
    doai, dong = standing(xa, number).villages
    assert (doai.name, doai.progress.run, doai.progress.missed) == (
        "thôn Đoài", 2, (date(2026, 11, 24),),
    )  # fmt: skip
    assert dong.progress.completed_on == date(2026, 11, 25)
    assert [one.number for one in publicising.every(xa.context, xa.clock())] == [number]


def test_what_is_planned_but_not_proved_counts_for_nothing(xa: Commune, number: int) -> None:
    xa.clock.move(days=3)
    assert all(village.progress.run == 0 for village in standing(xa, number).villages)


def test_a_village_confirms_for_itself(xa: Commune, number: int) -> None:
    with xa.context.database.write() as connection:
        people.create(
            connection, xa.context.commune_id, "hoa", "Phạm Thị Hoa", [Role.VILLAGE_REP],
            villages=["thôn Đông"],
        )  # fmt: skip
    hoa = xa.context.person("hoa")
    with pytest.raises(PolicyRefused, match="thôn Đoài"):
        publicising.confirm(xa.context, hoa, number, "thôn Đoài", "", xa.clock())
    publicising.confirm(xa.context, hoa, number, "thôn Đông", "phát tận nhà", xa.clock())
    with pytest.raises(Conflict, match="đã xác nhận"):
        publicising.confirm(xa.context, hoa, number, "thôn Đông", "", xa.clock())


def test_wrong_words_are_named(xa: Commune, number: int) -> None:
    with pytest.raises(InputError, match="thôn Tây"):
        publicising.confirm(xa.context, xa.lan, number, "thôn Tây", "", xa.clock())
    with pytest.raises(Conflict, match="đã là công khai"):
        publicising.mark(xa.context, xa.lan, number, BASIS, MONDAY, xa.clock())
    other = xa.draft()
    with pytest.raises(NotFound):
        standing(xa, other)
    with pytest.raises(InputError, match="thôn Tây"):
        publicising.mark(xa.context, xa.lan, other, BASIS, MONDAY, xa.clock(), ["thôn Tây"])
    with pytest.raises(InputError, match="căn cứ"):
        publicising.mark(xa.context, xa.lan, other, " ", MONDAY, xa.clock())
    late = MONDAY + timedelta(days=9)
    publicising.mark(xa.context, xa.lan, other, BASIS, late, xa.clock())
    with pytest.raises(PolicyRefused, match="Chưa đến ngày"):
        publicising.confirm(xa.context, xa.lan, other, "thôn Đông", "", xa.clock())


def test_it_is_exempt_from_the_limit_of_repeats_by_law(xa: Commune, number: int) -> None:
    owner = xa.show(number).announcement
    with xa.context.database.read() as connection:
        (one,) = waivers.in_force(connection, [owner.id])[owner.id]
        assert waivers.of_commune(connection, xa.context.commune_id)[owner.id] == [one]
        assert waivers.every(connection, xa.context.commune_id) == [], "no person's exception"
    assert (one.limit, one.first_day, one.reason) == (Limit.REPEATS, MONDAY, BASIS)
