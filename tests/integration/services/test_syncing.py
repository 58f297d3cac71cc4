"""The server's side of a station, without HTTP: versions, hand-over, proof counted once."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from commune import Commune, found

from broadcaster import wire
from broadcaster.domain.delivery import State
from broadcaster.services.stations import enrolling, syncing
from broadcaster.store.stations import Station


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return found(tmp_path)


@pytest.fixture
def station(xa: Commune) -> Station:
    token = enrolling.take_in(xa.context, "loa-dong", xa.clock())
    known = syncing.who(xa.context.database, token)
    assert known is not None
    return known


def status(xa: Commune, version: int, *held: str) -> wire.StationStatus:
    return wire.StationStatus(
        version=version,
        held=list(held),
        device="tệp WAV",
        clock=xa.clock(),
        free_disk_mb=100,
        program="test",
    )


def heard(xa: Commune, uid: str) -> wire.AsRunBatch:
    entry = wire.AsRunEntry(
        entry=uuid4().hex,
        uid=uid,
        outcome="aired",
        planned_at=xa.clock(),
        started_at=xa.clock(),
        ended_at=xa.clock(),
        seconds_played=30,
    )
    return wire.AsRunBatch(entries=[entry])


def test_a_database_older_than_the_station_counts_on_above_its_version(
    xa: Commune, station: Station
) -> None:
    assert syncing.rundown(xa.context, station, xa.clock()).rundown.version == 1
    syncing.report(xa.context, station, status(xa, 40), xa.clock())
    assert syncing.rundown(xa.context, station, xa.clock()).rundown.version == 41
    assert syncing.rundown(xa.context, station, xa.clock()).rundown.version == 41


def test_planned_handed_over_held_heard_and_counted_once(xa: Commune, station: Station) -> None:
    xa.schedule(xa.approved(), on="23/11/2026", at="09:00")
    xa.plan()
    (item,) = syncing.rundown(xa.context, station, xa.clock()).rundown.items
    assert xa.one().state == State.SENDING
    assert [row["n"] for row in xa.tries(xa.one())] == [1]
    syncing.report(xa.context, station, status(xa, 1, item.uid), xa.clock())
    assert xa.one().state == State.ACCEPTED
    batch = heard(xa, item.uid)
    for _ in range(3):
        receipt = syncing.take_entries(xa.context, station, batch, xa.clock())
        assert receipt.stored == [batch.entries[0].entry]
    assert xa.one().state == State.CONFIRMED


def test_without_proof_it_is_unknown_and_late_proof_settles_it(
    xa: Commune, station: Station
) -> None:
    xa.schedule(xa.approved(), on="23/11/2026", at="09:00")
    xa.plan()
    (item,) = syncing.rundown(xa.context, station, xa.clock()).rundown.items
    xa.clock.move(hours=2)
    xa.tick()
    assert xa.one().state == State.UNKNOWN
    syncing.take_entries(xa.context, station, heard(xa, item.uid), xa.clock())
    assert xa.one().state == State.CONFIRMED


def test_never_fetched_it_is_missed_with_the_cause(xa: Commune) -> None:
    xa.schedule(xa.approved(), on="23/11/2026", at="09:00")
    xa.plan()
    xa.clock.move(hours=2)
    xa.tick()
    assert xa.one().state == State.MISSED
    cause = xa.one().cause
    assert cause is not None
    assert "Trạm loa không nhận được lịch" in cause.vi


def test_another_stations_word_changes_nothing(xa: Commune, station: Station) -> None:
    xa.schedule(xa.approved(), on="23/11/2026", at="09:00")
    xa.plan()
    (item,) = syncing.rundown(xa.context, station, xa.clock()).rundown.items
    token = enrolling.take_in(xa.context, "loa-doai", xa.clock())
    other = syncing.who(xa.context.database, token)
    assert other is not None
    syncing.report(xa.context, other, status(xa, 1, item.uid), xa.clock())
    syncing.take_entries(xa.context, other, heard(xa, item.uid), xa.clock())
    assert xa.one().state == State.SENDING
