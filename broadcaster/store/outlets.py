"""How each target is doing; read and written in one write transaction, nobody comes between."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, select, update

from broadcaster.domain.outlet import Outlet
from broadcaster.errors import Text
from broadcaster.store.rows import add_if_new
from broadcaster.store.schema import outlet


def by_target(connection: Connection, commune_id: int, target: str) -> Outlet:
    """A target that nothing is written about is well."""
    row = connection.execute(
        select(outlet).where(outlet.c.commune_id == commune_id, outlet.c.target == target)
    ).one_or_none()
    return Outlet(commune_id, target) if row is None else _outlet(row)


def every(connection: Connection, commune_id: int) -> dict[str, Outlet]:
    """What is written, by target."""
    rows = connection.execute(select(outlet).where(outlet.c.commune_id == commune_id))
    return {row.target: _outlet(row) for row in rows}


def keep(connection: Connection, old: Outlet, new: Outlet) -> None:
    """Nothing is written when nothing changed."""
    if new == old:
        return
    values = asdict(new)
    if not add_if_new(connection, outlet, values):
        connection.execute(
            update(outlet)
            .where(outlet.c.commune_id == new.commune_id, outlet.c.target == new.target)
            .values(**values)
        )


def _outlet(row: Row[Any]) -> Outlet:
    values = dict(row._mapping)
    del values["id"]
    values["cause"] = None if values["cause"] is None else Text(**values["cause"])
    return Outlet(**values)
