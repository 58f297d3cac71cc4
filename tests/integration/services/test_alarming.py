"""Alarms on the real database: raised once, seen by a person, closed by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from commune import Commune, found

from broadcaster import wire
from broadcaster.domain.alarm import Kind
from broadcaster.domain.people import Person, Role
from broadcaster.errors import NotFound, PolicyRefused
from broadcaster.services.stations import alarming, enrolling, syncing
from broadcaster.services.stations.alarming import Watch
from broadcaster.store.stations import Station


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return found(tmp_path)


@pytest.fixture
def station(xa: Commune) -> Station:
    known = syncing.who(xa.context.database, enrolling.take_in(xa.context, "loa-dong", xa.clock()))
    assert known is not None
    return known


def says(xa: Commune, station: Station, *held: str, **more: object) -> None:
    status = wire.StationStatus.model_validate(
        {
            "version": 1,
            "held": held,
            "device": "loa",
            "clock": xa.clock(),
            "free_disk_mb": 9,
            "program": "",
            **more,
        }
    )
    syncing.report(xa.context, station, status, xa.clock())


def kinds(xa: Commune) -> list[Kind]:
    return [one.kind for one in alarming.standing(xa.context, xa.clock())]


def planned(xa: Commune, station: Station) -> str:
    """At nine; it is eight now."""
    xa.schedule(xa.approved(), on="23/11/2026", at="09:00")
    xa.plan()
    (item,) = syncing.rundown(xa.context, station, xa.clock()).rundown.items
    return item.uid


def test_no_proof_is_raised_once_and_closed_when_the_proof_comes(
    xa: Commune, station: Station
) -> None:
    watch, uid = Watch(xa.context), planned(xa, station)
    says(xa, station, uid)
    watch.look(xa.clock.move(hours=1, minutes=4))
    assert Kind.NO_PROOF not in kinds(xa)
    assert watch.look(xa.clock.move(minutes=1))
    assert not watch.look(xa.clock.move(seconds=10)), "nothing new"
    assert kinds(xa).count(Kind.NO_PROOF) == 1
    (no_proof,) = [o for o in alarming.standing(xa.context, xa.clock()) if o.kind == Kind.NO_PROOF]
    assert alarming.ack(xa.context, xa.minh, no_proof.id, xa.clock()).acked_by == "minh"
    assert Kind.NO_PROOF in kinds(xa), "seen is not over"
    entry = wire.AsRunEntry(entry="e", uid=uid, outcome="aired", planned_at=xa.clock())
    syncing.take_entries(xa.context, station, wire.AsRunBatch(entries=[entry]), xa.clock())
    watch.look(xa.clock.move(seconds=10))
    assert Kind.NO_PROOF not in kinds(xa)
    closed = [o for o in alarming.standing(xa.context, xa.clock(), 1) if o.id == no_proof.id]
    assert closed[0].closed_cause is not None
    assert "kết quả" in closed[0].closed_cause.vi


def test_a_missing_file_is_told_ahead_but_not_in_the_first_moments(
    xa: Commune, station: Station
) -> None:
    watch, uid = Watch(xa.context), planned(xa, station)
    says(xa, station)
    assert not watch.look(xa.clock())
    watch.look(xa.clock.move(seconds=40))
    assert kinds(xa) == [Kind.WILL_BE_MISSED]
    says(xa, station, uid)
    watch.look(xa.clock.move(seconds=10))
    assert kinds(xa) == []


def test_a_muted_output_and_a_wrong_clock_are_told(xa: Commune, station: Station) -> None:
    watch, uid = Watch(xa.context), planned(xa, station)
    says(xa, station, uid, muted=True)
    watch.look(xa.clock())
    assert kinds(xa) == [Kind.OUTPUT]
    says(xa, station, uid, clock_offset_ms=90_000)
    watch.look(xa.clock.move(seconds=10))
    assert kinds(xa) == [Kind.CLOCK]


def test_an_incident_stands_until_somebody_has_seen_it(xa: Commune, station: Station) -> None:
    watch = Watch(xa.context)
    one = wire.Incident(entry="i", kind="forged", subject="x", at=xa.clock(), vi="giả", en="forged")
    for _ in range(2):  # at least once, counted once
        syncing.take_incidents(xa.context, station, wire.IncidentBatch(incidents=[one]), xa.clock())
    watch.look(xa.clock())
    (alarm,) = alarming.standing(xa.context, xa.clock())
    assert (alarm.kind, alarm.text.vi) == (Kind.INCIDENT, "giả")
    alarming.ack(xa.context, xa.minh, alarm.id, xa.clock())
    watch.look(xa.clock.move(seconds=10))
    assert kinds(xa) == []
    watch.look(xa.clock.move(seconds=10))
    assert kinds(xa) == [], "not raised again"


def test_another_process_finds_what_is_open_and_raises_nothing_twice(
    xa: Commune, station: Station
) -> None:
    planned(xa, station)
    xa.clock.move(hours=2)
    assert Watch(xa.context).look(xa.clock())
    before = len(kinds(xa))
    assert not Watch(xa.context).look(xa.clock())
    assert len(kinds(xa)) == before > 0


def test_who_may_not_acknowledge_or_what_is_not_there(xa: Commune) -> None:
    with pytest.raises(NotFound, match="cảnh báo số 9"):
        alarming.ack(xa.context, xa.minh, 9, xa.clock())
    guest = Person(99, xa.context.commune_id, "khach", "Khách", frozenset({Role.AUDITOR}))
    with pytest.raises(PolicyRefused):
        alarming.ack(xa.context, guest, 9, xa.clock())
