"""Announcements under mandatory publicity, and what villages have confirmed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from broadcaster.domain.publicity import Confirmation, Publicity
from broadcaster.store.columns import IDS
from broadcaster.store.rows import add, add_if_new
from broadcaster.store.schema import publicity, publicity_confirmation

_FIELDS = [c for c in publicity.c if c.name not in {"id", "commune_id"}]
_OF_IDS = select(*_FIELDS).where(publicity.c.announcement_id.in_(IDS))
_EVERY = (
    select(*_FIELDS)
    .where(publicity.c.commune_id == bindparam("commune"))
    .order_by(publicity.c.starts_on.desc(), publicity.c.id.desc())
)


def mark(connection: Connection, commune_id: int, values: Mapping[str, Any]) -> bool:
    """False when the announcement is marked already."""
    return add_if_new(connection, publicity, {**values, "commune_id": commune_id})


def of_announcement(connection: Connection, announcement_id: int) -> Publicity | None:
    return of_ids(connection, [announcement_id]).get(announcement_id)


def of_ids(connection: Connection, ids: Collection[int]) -> dict[int, Publicity]:
    """Those of the given announcements that are mandatory publicity."""
    rows = connection.execute(_OF_IDS, {"ids": list(ids)})
    return {row.announcement_id: _publicity(row) for row in rows}


def every(connection: Connection, commune_id: int) -> list[Publicity]:
    """All of a commune, newest first."""
    rows = connection.execute(_EVERY, {"commune": commune_id})
    return [_publicity(row) for row in rows]


def _publicity(row: Row[Any]) -> Publicity:
    values = dict(row._mapping)
    return Publicity(**{**values, "villages": tuple(values["villages"])})


def confirm(
    connection: Connection,
    commune_id: int,
    announcement_id: int,
    village: str,
    person: str,
    note: str,
    now: datetime,
) -> None:
    add(
        connection,
        publicity_confirmation,
        commune_id=commune_id,
        announcement_id=announcement_id,
        village=village,
        person=person,
        note=note,
        created_at=now,
    )


def confirmations(connection: Connection, announcement_id: int) -> dict[str, Confirmation]:
    """By village."""
    rows = connection.execute(
        select(
            publicity_confirmation.c.village,
            publicity_confirmation.c.person,
            publicity_confirmation.c.note,
            publicity_confirmation.c.created_at,
        ).where(publicity_confirmation.c.announcement_id == announcement_id)
    )
    return {row.village: Confirmation(**row._mapping) for row in rows}
