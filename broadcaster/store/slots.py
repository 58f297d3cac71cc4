"""The slots of a commune: never changed, only removed, so that what was approved stays clear."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from broadcaster.domain.programme import Slot, in_order
from broadcaster.errors import Conflict, NotFound
from broadcaster.store.rows import add_if_new
from broadcaster.store.schema import slot

_KNOWN = select(slot).where(slot.c.commune_id == bindparam("commune"))


def create(connection: Connection, values: Mapping[str, Any]) -> None:
    """Raises Conflict when the key is taken."""
    if not add_if_new(connection, slot, {**values, "removed_at": None}):
        raise Conflict(
            f"Đã có khung giờ “{values['key']}”. Gỡ trước: broadcaster slot remove {values['key']}",
            f"There is a slot “{values['key']}”. First: broadcaster slot remove {values['key']}",
        )


def every(connection: Connection, commune_id: int) -> list[Slot]:
    """Those in use, by time of day."""
    return in_order([one for one in known(connection, commune_id).values() if not one.removed_at])


def known(connection: Connection, commune_id: int) -> dict[int, Slot]:
    """All that ever were, by id."""
    rows = connection.execute(_KNOWN, {"commune": commune_id})
    return {row.id: _slot(row) for row in rows}


def by_key(connection: Connection, commune_id: int, key: str) -> Slot:
    """Raises NotFound, naming those in use."""
    there = every(connection, commune_id)
    for one in there:
        if one.key == key:
            return one
    listed = ", ".join(one.key for one in there) or "–"
    raise NotFound(
        f"Không có khung giờ “{key}”. Đang có: {listed}. Thêm: broadcaster slot add",
        f"There is no slot “{key}”. There are: {listed}. Add: broadcaster slot add",
    )


def remove(connection: Connection, slot_id: int, now: datetime) -> None:
    connection.execute(update(slot).where(slot.c.id == slot_id).values(removed_at=now))


def _slot(row: Row[Any]) -> Slot:
    values = dict(row._mapping)
    return Slot(**{**values, "targets": tuple(values["targets"])})
