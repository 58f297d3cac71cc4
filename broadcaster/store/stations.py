"""Stations, what they report, and the emergency stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from broadcaster.store.rows import add, add_if_new
from broadcaster.store.schema_stations import as_run, incident, station, station_code, stop


@dataclass(frozen=True, slots=True)
class Station:
    """A loudspeaker PC as the server knows it; `key` is the target's key.

    `changed` counts up, over all stations of a commune, whenever something in the plan of this one
    may have changed; `built` is that number as of the last plan made for it, `basis` names the
    settings it was made by, and at `fresh_until` its dates are to be renewed.
    """

    id: int
    commune_id: int
    key: str
    token_digest: str
    rundown_version: int
    rundown_digest: str
    seen_at: datetime | None
    status: Mapping[str, Any]
    changed: int
    built: int
    fresh_until: datetime | None
    basis: str
    mute_until: datetime | None
    mute_reason: str

    @property
    def etag(self) -> str:
        return f'"{self.rundown_version}-{self.rundown_digest[:16]}"'


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


def add_code(
    connection: Connection, commune_id: int, key: str, code_digest: str, expires_at: datetime
) -> None:
    """A code for `key`; those before it that nobody used go."""
    connection.execute(
        delete(station_code).where(
            station_code.c.commune_id == commune_id,
            station_code.c.station == key,
            station_code.c.used_at.is_(None),
        )
    )
    add(
        connection,
        station_code,
        commune_id=commune_id,
        station=key,
        code_digest=code_digest,
        expires_at=expires_at,
        used_at=None,
    )


def use_code(
    connection: Connection, commune_id: int, code_digest: str, now: datetime
) -> str | None:
    """The station's key, once; None for a code that is unknown, used or out of date."""
    mine = (station_code.c.commune_id == commune_id, station_code.c.code_digest == code_digest)
    used = connection.execute(
        update(station_code)
        .where(*mine, station_code.c.used_at.is_(None), station_code.c.expires_at > now)
        .values(used_at=now)
    )
    if used.rowcount != 1:
        return None
    return connection.scalar(select(station_code.c.station).where(*mine))


def commune_of_code(connection: Connection, code_digest: str) -> int | None:
    """Whose commune gave out that code, whatever has become of it."""
    return connection.scalar(
        select(station_code.c.commune_id).where(station_code.c.code_digest == code_digest)
    )


_BY_TOKEN = select(station).where(station.c.token_digest == bindparam("digest"))
"""Made once: thousands of stations ask this every half a minute."""


def by_token(connection: Connection, token_digest: str) -> Station | None:
    row = connection.execute(_BY_TOKEN, {"digest": token_digest}).one_or_none()
    return None if row is None else Station(**row._mapping)


def every(connection: Connection, commune_id: int) -> list[Station]:
    rows = connection.execute(
        select(station).where(station.c.commune_id == commune_id).order_by(station.c.key)
    )
    return [Station(**row._mapping) for row in rows]


def by_id(connection: Connection, station_id: int) -> Station:
    row = connection.execute(select(station).where(station.c.id == station_id)).one()
    return Station(**row._mapping)


def by_key(connection: Connection, commune_id: int, key: str) -> Station | None:
    row = connection.execute(
        select(station).where(station.c.commune_id == commune_id, station.c.key == key)
    ).one_or_none()
    return None if row is None else Station(**row._mapping)


def touch(connection: Connection, commune_id: int, key: str | None = None) -> None:
    """Something in the plan of a station, or of all of them, may be another now.

    One writer of a commune follows the other, so whoever sees a number has seen all before it;
    over several communes, which write at once, that would not hold.
    """
    mine = station.c.commune_id == commune_id
    newest = select(func.coalesce(func.max(station.c.changed), 0) + 1).where(mine)
    statement = update(station).where(mine).values(changed=newest.scalar_subquery())
    connection.execute(statement if key is None else statement.where(station.c.key == key))


def newest_changes(connection: Connection) -> dict[int, int]:
    """By commune the highest `changed` there is: read from an index."""
    newest = select(station.c.commune_id, func.max(station.c.changed))
    return {row[0]: row[1] for row in connection.execute(newest.group_by(station.c.commune_id))}


def changed_since(connection: Connection, commune_id: int, number: int) -> list[int]:
    """Ids of a commune's stations that were touched after that number was its highest."""
    touched = (station.c.commune_id == commune_id, station.c.changed > number)
    return list(connection.scalars(select(station.c.id).where(*touched)))


def built(
    connection: Connection, of: Station, version: int, digest: str, basis: str, until: datetime
) -> None:
    """The plan of `of`, as it was read, has been made, and is good until then."""
    connection.execute(
        update(station)
        .where(station.c.id == of.id)
        .values(
            rundown_version=version,
            rundown_digest=digest,
            built=of.changed,
            basis=basis,
            fresh_until=until,
        )
    )


def continue_above(connection: Connection, of: Station, version: int) -> None:
    """Count on from `version`; the next rundown is a new one whatever it holds."""
    connection.execute(
        update(station)
        .where(station.c.id == of.id)
        .values(rundown_version=version, rundown_digest="", built=-1)
    )


def mute(
    connection: Connection, commune_id: int, key: str, until: datetime | None, reason: str
) -> None:
    connection.execute(
        update(station)
        .where(station.c.commune_id == commune_id, station.c.key == key)
        .values(mute_until=until, mute_reason=reason)
    )
    touch(connection, commune_id, key)


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


def keep_incident(connection: Connection, of: Station, values: Mapping[str, Any]) -> bool:
    """Store an incident; False when it is here already."""
    row = {"commune_id": of.commune_id, "station": of.key, **values}
    return add_if_new(connection, incident, row)


def incidents(
    connection: Connection, commune_id: int, since: datetime | None = None
) -> list[Mapping[str, Any]]:
    """What stations have refused to play, oldest first."""
    query = select(incident).where(incident.c.commune_id == commune_id)
    if since is not None:
        query = query.where(incident.c.received_at >= since)
    return [dict(row._mapping) for row in connection.execute(query.order_by(incident.c.id))]


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
    touch(connection, commune_id)


def release_stop(connection: Connection, commune_id: int, person: str, now: datetime) -> None:
    connection.execute(
        update(stop)
        .where(stop.c.commune_id == commune_id, stop.c.released_at.is_(None))
        .values(released_at=now, released_by=person)
    )
    touch(connection, commune_id)
