"""Stations, what they report, and the emergency stop."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from broadcaster.store.rows import add, add_if_new
from broadcaster.store.schema_stations import (
    OUTDATED,
    as_run,
    incident,
    station,
    station_code,
    stop,
)

CHANGES = "broadcaster_station"
"""PostgreSQL's channel of ours: the id of each station whose plan may have changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A loudspeaker PC, and which plan it was given: all that its usual poll is answered from.

    `key` is the target's key. `changed` counts up whenever something in its plan may have changed;
    `built` is that number as of the last plan made for it, `basis` names the settings it was made
    by, and at `fresh_until` its dates are to be renewed.
    """

    id: int
    commune_id: int
    key: str
    token_digest: str
    rundown_version: int
    rundown_digest: str
    changed: int
    built: int
    fresh_until: datetime | None
    basis: str

    @property
    def etag(self) -> str:
        return tag(self.rundown_version, self.rundown_digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Station):
    """The same with what it said of itself last, and whether a person has silenced it."""

    seen_at: datetime | None
    status: Mapping[str, Any]
    mute_until: datetime | None
    mute_reason: str


def tag(version: int, digest: str) -> str:
    """By what a plan is known to who holds it (RFC 9110, ETag)."""
    return f'"{version}-{digest[:16]}"'


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


_BY_TOKENS = select(*(station.c[one.name] for one in fields(Station))).where(
    station.c.token_digest.in_(bindparam("digests", expanding=True))
)
"""Made once: thousands of stations ask this every half a minute. Each token is one indexed row."""


_BY_ID = select(station).where(station.c.id == bindparam("id"))


def by_tokens(connection: Connection, digests: Collection[str]) -> list[Station]:
    """The stations that have tokens of these digests."""
    rows = connection.execute(_BY_TOKENS, {"digests": list(digests)})
    return [Station(**row._mapping) for row in rows]


def every(connection: Connection, commune_id: int) -> list[Reported]:
    rows = connection.execute(
        select(station).where(station.c.commune_id == commune_id).order_by(station.c.key)
    )
    return [Reported(**row._mapping) for row in rows]


def by_id(connection: Connection, station_id: int) -> Reported:
    row = connection.execute(_BY_ID, {"id": station_id}).one()
    return Reported(**row._mapping)


def by_key(connection: Connection, commune_id: int, key: str) -> Reported | None:
    row = connection.execute(
        select(station).where(station.c.commune_id == commune_id, station.c.key == key)
    ).one_or_none()
    return None if row is None else Reported(**row._mapping)


_TOUCH_ALL = (
    update(station)
    .where(station.c.commune_id == bindparam("commune"))
    .values(changed=station.c.changed + 1)
)
_TOUCH = _TOUCH_ALL.where(station.c.key == bindparam("of"))


def touch(connection: Connection, commune_id: int, key: str | None = None) -> None:
    """Something in the plan of a station, or of all of them, may be another now."""
    statement = _TOUCH_ALL if key is None else _TOUCH
    connection.execute(statement, {"commune": commune_id} | ({} if key is None else {"of": key}))


def outdated(connection: Connection) -> list[int]:
    """Ids of the stations whose newest plan was made before the last change; an index of its own
    holds these few."""
    return list(connection.scalars(select(station.c.id).where(OUTDATED)))


_BUILT = (
    update(station)
    .where(station.c.id == bindparam("station"))
    .values(
        rundown_version=bindparam("version"),
        rundown_digest=bindparam("digest"),
        built=station.c.changed,
        basis=bindparam("basis_name"),
        fresh_until=bindparam("until"),
    )
)


def built(
    connection: Connection, of: Station, version: int, digest: str, basis: str, until: datetime
) -> None:
    """The plan of `of` has been made in this very transaction, and is good until then.

    It holds whatever has been counted up to now, handing over its own items as well.
    """
    values = {"version": version, "digest": digest, "basis_name": basis, "until": until}
    connection.execute(_BUILT, {"station": of.id, **values})


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


def entries(connection: Connection, commune_id: int, uid: str) -> list[Mapping[str, Any]]:
    """The as-run entries of a delivery, in the order they came."""
    rows = connection.execute(
        select(as_run)
        .where(as_run.c.commune_id == commune_id, as_run.c.delivery_uid == uid)
        .order_by(as_run.c.id)
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


_STOPPED = select(stop).where(
    stop.c.commune_id == bindparam("commune"), stop.c.released_at.is_(None)
)


def stop_in_force(connection: Connection, commune_id: int) -> Mapping[str, Any] | None:
    row = connection.execute(_STOPPED, {"commune": commune_id}).first()
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
