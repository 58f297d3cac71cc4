"""The server's side of a station: its rundown, its word on what it holds, its proof of play."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from broadcaster import wire
from broadcaster.domain import delivery as machine
from broadcaster.domain.announcement import Priority, digest_of
from broadcaster.domain.delivery import Delivery, State
from broadcaster.errors import Text
from broadcaster.services.context import Context
from broadcaster.services.stations import enrolling, signing
from broadcaster.services.stations.items import Items, library
from broadcaster.services.timetable.planning import HORIZON
from broadcaster.store import (
    announcements,
    deliveries,
    emergencies,
    events,
    stations,
)
from broadcaster.store.database import Database
from broadcaster.store.stations import Reported, Station

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_SLACK = timedelta(minutes=1)
"""How long after its end a programme may stay unproved before it counts as unknown."""

_OUTCOMES = {
    "aired": State.CONFIRMED,
    "partly_aired": State.PARTLY_AIRED,
    "missed": State.MISSED,
    "cancelled": State.CANCELLED,
}


_FRESH = timedelta(hours=12)
"""So often a plan gets new dates although nothing else in it has changed."""
_VALID = HORIZON + timedelta(days=1)
"""A station without a line plays for so long what it was told; then it falls silent."""


@dataclass(frozen=True)
class Served:
    """A rundown, the same with the server's signature, and the tag it is known by."""

    rundown: wire.Rundown
    signed: wire.Signed
    etag: str


def who(database: Database, token: str) -> Station | None:
    """The station that owns this token, of whichever commune."""
    return owners(database, [token]).get(token)


def owners(database: Database, tokens: Collection[str]) -> dict[str, Station]:
    """The stations that own these tokens, by token; read is one row of each and no more."""
    by_digest = {enrolling.digest(token): token for token in tokens}
    with database.glance() as connection:
        found = stations.by_tokens(connection, by_digest)
    return {by_digest[one.token_digest]: one for one in found}


def again(context: Context, station: Station) -> Reported:
    """The station as it stands now."""
    with context.database.read() as connection:
        return stations.by_id(connection, station.id)


def unchanged(context: Context, station: Station, etag: str, now: datetime) -> bool:
    """Whether the station, just read from its one row, has the newest plan. Asks nothing else."""
    return (
        station.built == station.changed
        and station.fresh_until is not None
        and now < station.fresh_until
        and station.etag == etag.removeprefix("W/")  # a proxy that packs it weakens it
        and station.basis == _basis(context, station.key)
    )


def rundown(context: Context, station: Station, now: datetime) -> Served:
    """The station's plan, signed. Handing it over is written down before it leaves."""
    signer = signing.signer(context)
    with context.database.write() as connection:
        current = _fresh(connection, station)
        plan = _plan(connection, context, current, now)
        valid_from, fresh_until = _dates(station, now)
        dates = {"valid_from": valid_from, "valid_until": valid_from + _VALID}
        stamped = {name: at.isoformat() for name, at in dates.items()}
        digest = digest_of({**plan, **stamped, "key": signer.public})
        version = current.rundown_version + (digest != current.rundown_digest)
        stations.built(
            connection, current, version, digest, _basis(context, station.key), fresh_until
        )
        etag = stations.tag(version, digest)
    served = wire.Rundown.model_validate({**plan, **dates, "version": version, "issued_at": now})
    return Served(served, signer.sign(served), etag)


def _plan(
    connection: Connection, context: Context, station: Reported, now: datetime
) -> dict[str, Any]:
    """Everything but version and dates. Items that are due within the horizon are handed over."""
    stop = stations.stop_in_force(connection, context.commune_id)
    open_ones = deliveries.on_station(connection, context.commune_id, station.key)
    if stop is None:
        open_ones = [_hand_over(connection, one, now) for one in open_ones]
    going = [
        one
        for one in open_ones
        if one.state in {State.SENDING, State.ACCEPTED} and one.cancel_asked_at is None
    ]
    orders = emergencies.of_rules(
        connection, {one.rule_id for one in going if one.priority == Priority.EMERGENCY}
    )
    ready = emergencies.ready(connection, context.commune_id)
    item = Items(connection, context, station.key, going)
    return {
        "station": station.key,
        "items": [
            item.ordered(one, orders[one.rule_id], ready) if one.rule_id in orders else item(one)
            for one in going
        ],
        "withdrawn": [one.uid for one in open_ones if one.cancel_asked_at is not None],
        "stopped": stop is not None,
        "mute": _mute(station),
        "library": library(connection, station, ready, now),
        **_settings(context, station.key),
    }


def _dates(station: Station, now: datetime) -> tuple[datetime, datetime]:
    """From when the plan's dates count, and when they are renewed: the same for half a day.

    Each station has its own hour for it, so that thousands do not ask in one second.
    """
    shift = timedelta(seconds=zlib.crc32(station.key.encode()) % int(_FRESH.total_seconds()))
    begun = (now - _EPOCH - shift) // _FRESH
    valid_from = _EPOCH + shift + begun * _FRESH
    return valid_from, valid_from + _FRESH


def _settings(context: Context, key: str) -> dict[str, Any]:
    return {"quiet": _quiet(context), "limits": _limits(context, key)}


def _basis(context: Context, key: str) -> str:
    """Names the settings that stand in every plan: another word after somebody edited them."""
    if key not in context.bases:
        context.bases[key] = digest_of(_settings(context, key))[:16]
    return context.bases[key]


def _fresh(connection: Connection, station: Station) -> Reported:
    return stations.by_id(connection, station.id)


def _mute(station: Reported) -> dict[str, Any] | None:
    if station.mute_until is None:
        return None
    return {"until": station.mute_until.isoformat(), "reason": station.mute_reason}


def _hand_over(connection: Connection, one: Delivery, now: datetime) -> Delivery:
    soon = now < one.expires_at and one.due_at < now + HORIZON
    if one.state != State.PLANNED or not soon:
        return one
    rendition = announcements.rendition_by_id(connection, one.rendition_id)
    proof_by = one.expires_at + timedelta(milliseconds=rendition.duration_ms) + _SLACK
    handed = machine.hand_over(one, f"station:{one.target}", proof_by)
    if not deliveries.swap(connection, one, handed):
        return one
    deliveries.begin_attempt(connection, handed, now)
    return handed


def _quiet(context: Context) -> dict[str, str] | None:
    quiet = context.policy.quiet_hours
    if quiet is None:
        return None
    return {
        "start": f"{quiet.start:%H:%M}",
        "end": f"{quiet.end:%H:%M}",
        "zone": context.policy.zone,
    }


def _limits(context: Context, target: str) -> dict[str, Any]:
    """The policy as the station holds to it by itself; only the limits that there are."""
    policy = context.policy_at(target)
    found: dict[str, Any] = {
        "zone": policy.zone,
        "earliest": policy.earliest and f"{policy.earliest:%H:%M}",
        "windows": [{"start": f"{w.start:%H:%M}", "end": f"{w.end:%H:%M}"} for w in policy.windows],
        "weekdays": sorted(day + 1 for day in policy.weekdays),
        "minutes_a_day": policy.day_length and policy.day_length.total_seconds() / 60,
        "max_volume": policy.max_volume,
    }
    return {name: value for name, value in found.items() if value not in (None, [])}


def audio_path(context: Context, digest: str) -> Path | None:
    """The file of a digest that some rendition names; None when there is no such file."""
    path = context.audio / f"{digest}.wav"
    return path if path.is_file() else None


def report(context: Context, station: Station, status: wire.StationStatus, now: datetime) -> None:
    """The station's word on what it holds: plan and audio on its disk."""
    with context.database.write() as connection:
        stations.seen(connection, station, status.model_dump(mode="json"), now)
        if status.version > _fresh(connection, station).rundown_version:
            # The database is an older copy: below this version the station would obey no plan.
            stations.continue_above(connection, station, status.version)
        for one in deliveries.by_uids(connection, context.commune_id, status.held, {State.SENDING}):
            if _owns(station, one):
                deliveries.swap(connection, one, machine.held(one))


def take_entries(
    context: Context, station: Station, batch: wire.AsRunBatch, now: datetime
) -> wire.AsRunReceipt:
    """Store proof of play, each entry once, and let it end its delivery."""
    stored = []
    with context.database.write() as connection:
        for entry in batch.entries:
            body = entry.model_dump(mode="json")
            new = stations.keep_entry(connection, station, entry.entry, entry.uid, body, now)
            one = deliveries.by_uid(connection, context.commune_id, entry.uid)
            if new and one is not None and _owns(station, one):
                _apply(connection, one, entry, now)
            stored.append(entry.entry)
    return wire.AsRunReceipt(stored=stored)


def take_incidents(
    context: Context, station: Station, batch: wire.IncidentBatch, now: datetime
) -> wire.AsRunReceipt:
    """Store what the station refused to play, each incident once."""
    with context.database.write(origin=f"trạm {station.key}") as connection:
        for one in batch.incidents:
            values = {
                "entry": one.entry,
                "kind": one.kind,
                "subject": one.subject,
                "at": one.at,
                "text": {"vi": one.vi, "en": one.en},
                "received_at": now,
            }
            if stations.keep_incident(connection, station, values):
                events.note(
                    connection, context.commune_id, f"trạm {station.key}", f"incident.{one.kind}",
                    f"station {station.key}", now, of=one.subject, vi=one.vi,
                )  # fmt: skip
    return wire.AsRunReceipt(stored=[one.entry for one in batch.incidents])


def _owns(station: Station, one: Delivery) -> bool:
    return one.target == station.key


def _apply(connection: Connection, one: Delivery, entry: wire.AsRunEntry, now: datetime) -> None:
    if one.state not in {State.SENDING, State.ACCEPTED, State.UNKNOWN}:
        return  # the entry is kept as evidence; a final state is never rewritten
    proof = {
        "entry": entry.entry,
        "device": entry.device,
        "seconds_played": round(entry.seconds_played, 2),
        "digest": entry.digest,
        "recording": entry.recording,
    }
    ended = machine.as_run(
        one, _OUTCOMES[entry.outcome], proof, entry.started_at, _cause(one, entry)
    )
    if deliveries.swap(connection, one, ended):
        deliveries.end_attempt(connection, one, entry.outcome, proof, now)


def _cause(one: Delivery, entry: wire.AsRunEntry) -> Text | None:
    """Whatever did not sound whole has a cause, also when the station gives none."""
    if entry.cause_vi:
        return Text(entry.cause_vi, entry.cause_en or entry.cause_vi)
    if entry.outcome == "aired":
        return None
    if entry.outcome == "cancelled" and one.cancel_asked_at and one.cause:
        return one.cause
    return Text("Trạm loa không nói lý do.", "The station gave no reason.")
