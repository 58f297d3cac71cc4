"""The server's side of a station: its rundown, its word on what it holds, its proof of play."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from broadcaster import wire
from broadcaster.domain import delivery as machine
from broadcaster.domain.announcement import digest_of
from broadcaster.domain.delivery import Delivery, State
from broadcaster.domain.people import Person, Right
from broadcaster.errors import InputError, Text
from broadcaster.services.context import Context
from broadcaster.services.planning import HORIZON
from broadcaster.store import announcements, deliveries, events, stations
from broadcaster.store.announcements import Once
from broadcaster.store.stations import Station

_SLACK = timedelta(minutes=1)
"""How long after its end a programme may stay unproved before it counts as unknown."""

_OUTCOMES = {
    "aired": State.CONFIRMED,
    "partly_aired": State.PARTLY_AIRED,
    "missed": State.MISSED,
    "cancelled": State.CANCELLED,
}


@dataclass(frozen=True)
class Served:
    """A rundown and the tag under which the station has it."""

    rundown: wire.Rundown
    etag: str


def enroll(context: Context, person: Person | None, target: str, now: datetime) -> str:
    """A new token for a station, shown once; only its digest is kept. An old token dies."""
    if person is not None:
        person.must_have(Right.MANAGE)
    if context.config.target(target).channel != machine.LOUDSPEAKER:
        raise InputError(
            f"“{target}” không phải là cụm loa.", f"“{target}” is not a loudspeaker target."
        )
    token = secrets.token_urlsafe(32)
    with context.database.write() as connection:
        stations.enroll(connection, context.commune_id, target, _digest(token))
        who = person.name if person else "init"
        subject = f"station {target}"
        events.note(connection, context.commune_id, who, "station.enrolled", subject, now)
    return token


def who(context: Context, token: str) -> Station | None:
    """The station that owns this token."""
    digest = _digest(token)
    with context.database.read() as connection:
        found = stations.by_token(connection, digest)
    return found if found and hmac.compare_digest(found.token_digest, digest) else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def rundown(context: Context, station: Station, now: datetime) -> Served:
    """The station's plan. Handing it over is written down before it leaves."""
    with context.database.write() as connection:
        current = _fresh(connection, station)
        stop = stations.stop_in_force(connection, context.commune_id)
        open_ones = deliveries.on_station(connection, context.commune_id, station.key)
        if stop is None:
            open_ones = [_hand_over(connection, one, now) for one in open_ones]
        once = Once(connection)
        items = [
            _item(once, one)
            for one in open_ones
            if one.state in {State.SENDING, State.ACCEPTED} and one.cancel_asked_at is None
        ]
        withdrawn = [one.uid for one in open_ones if one.cancel_asked_at is not None]
        plan: dict[str, Any] = {
            "station": station.key,
            "items": items,
            "withdrawn": withdrawn,
            "stopped": stop is not None,
            "quiet": _quiet(context),
            "limits": _limits(context, station.key),
        }
        digest = digest_of(plan)
        version = current.rundown_version
        if digest != current.rundown_digest:
            version = stations.new_rundown(connection, current, digest)
    served = wire.Rundown.model_validate({**plan, "version": version, "issued_at": now})
    return Served(served, f'"{version}-{digest[:16]}"')


def _fresh(connection: Connection, station: Station) -> Station:
    return stations.by_token(connection, station.token_digest) or station


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


def _item(once: Once, one: Delivery) -> dict[str, Any]:
    rendition, revision = once.rendition(one.rendition_id), once.revision(one.revision_id)
    wav = rendition.content["wav"]
    cue = {
        "kind": "programme",
        "digest": wav["digest"],
        "size": wav["size"],
        "duration_ms": rendition.duration_ms,
    }
    return {
        "uid": one.uid,
        "title": revision.title,
        "priority": one.priority,
        "starts_at": one.due_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
        "cues": [cue],
    }


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
        for uid in status.held:
            one = deliveries.by_uid(connection, uid)
            if one and _owns(station, one) and one.state == State.SENDING:
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
            one = deliveries.by_uid(connection, entry.uid)
            if new and one is not None and _owns(station, one):
                _apply(connection, one, entry, now)
            stored.append(entry.entry)
    return wire.AsRunReceipt(stored=stored)


def _owns(station: Station, one: Delivery) -> bool:
    return one.commune_id == station.commune_id and one.target == station.key


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
