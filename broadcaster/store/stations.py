"""Stations, what they report, and the emergency stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from broadcaster.store.rows import add, add_if_new
from broadcaster.store.schema import as_run, station, stop


@dataclass(frozen=True, slots=True)
class Station:
    """A loudspeaker PC as the server knows it; `key` is the target's key."""

    id: int
    commune_id: int
    key: str
    token_digest: str
    rundown_version: int
    rundown_digest: str
    seen_at: datetime | None
    status: Mapping[str, Any]


def enroll(connection: Connection, commune_id: int, key: str, token_digest: str) -> None:
    """Give a station a (new) token; an old one stops working at once."""
    values = {
        "commune_id": commune_id,
        "key": key,
        "token_digest": token_digest,
        "rundown_version": 0,
        "rundown_digest": "",
        "seen_at": None,
        "status": {},
    }
    if not add_if_new(connection, station, values):
        connection.execute(
            update(station)
            .where(station.c.commune_id == commune_id, station.c.key == key)
            .values(token_digest=token_digest)
        )


def by_token(connection: Connection, token_digest: str) -> Station | None:
    row = connection.execute(
        select(station).where(station.c.token_digest == token_digest)
    ).one_or_none()
    return None if row is None else Station(**row._mapping)


def every(connection: Connection, commune_id: int) -> list[Station]:
    rows = connection.execute(
        select(station).where(station.c.commune_id == commune_id).order_by(station.c.key)
    )
    return [Station(**row._mapping) for row in rows]


def new_rundown(connection: Connection, of: Station, digest: str) -> int:
    """Count the station's rundown up because its content changed; the new version."""
    version = of.rundown_version + 1
    connection.execute(
        update(station)
        .where(station.c.id == of.id)
        .values(rundown_version=version, rundown_digest=digest)
    )
    return version


def continue_above(connection: Connection, of: Station, version: int) -> None:
    """Count on from `version`; the next rundown is a new one whatever it holds."""
    connection.execute(
        update(station)
        .where(station.c.id == of.id)
        .values(rundown_version=version, rundown_digest="")
    )


def seen(connection: Connection, of: Station, status: Mapping[str, Any], now: datetime) -> None:
    connection.execute(
        update(station).where(station.c.id == of.id).values(seen_at=now, status=dict(status))
    )


def keep_entry(
    connection: Connection, of: Station, entry: str, uid: str, body: Mapping[str, Any], at: datetime
) -> bool:
    """Store an as-run entry; False when it is here already, so each counts once."""
    values = {
        "commune_id": of.commune_id,
        "entry": entry,
        "station": of.key,
        "delivery_uid": uid,
        "body": dict(body),
        "received_at": at,
    }
    return add_if_new(connection, as_run, values)


def entries(connection: Connection, uid: str) -> list[Mapping[str, Any]]:
    """The as-run entries of a delivery, in the order they came."""
    rows = connection.execute(
        select(as_run).where(as_run.c.delivery_uid == uid).order_by(as_run.c.id)
    )
    return [dict(row._mapping) for row in rows]


def stop_in_force(connection: Connection, commune_id: int) -> Mapping[str, Any] | None:
    row = connection.execute(
        select(stop).where(stop.c.commune_id == commune_id, stop.c.released_at.is_(None))
    ).first()
    return None if row is None else dict(row._mapping)


def press_stop(
    connection: Connection, commune_id: int, person: str, reason: str, now: datetime
) -> None:
    add(
        connection,
        stop,
        commune_id=commune_id,
        person=person,
        reason=reason,
        stopped_at=now,
        released_at=None,
        released_by="",
    )


def release_stop(connection: Connection, commune_id: int, person: str, now: datetime) -> None:
    connection.execute(
        update(stop)
        .where(stop.c.commune_id == commune_id, stop.c.released_at.is_(None))
        .values(released_at=now, released_by=person)
    )
