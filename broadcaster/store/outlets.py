"""How each target is doing; read and written in one write transaction, nobody comes between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from broadcaster.domain.outlet import Outlet
from broadcaster.errors import Text
from broadcaster.store.rows import add
from broadcaster.store.schema import outlet

_PREFIX = "outlet_"
LABELLED = [c.label(_PREFIX + c.name) for c in outlet.c]
"""For questions about something else that ask about its outlet as well; see `of_labelled`."""
_BY_TARGET = select(outlet).where(
    outlet.c.commune_id == bindparam("commune"), outlet.c.target == bindparam("target")
)


_UPDATE = (
    update(outlet)
    .where(
        outlet.c.commune_id == bindparam("new_commune_id"),
        outlet.c.target == bindparam("new_target"),
    )
    .values({c: bindparam(f"new_{c.name}") for c in outlet.c if c.name != "id"})
)


def by_target(connection: Connection, commune_id: int, target: str) -> Outlet:
    """A target that nothing is written about is well."""
    given = {"commune": commune_id, "target": target}
    row = connection.execute(_BY_TARGET, given).one_or_none()
    return Outlet(commune_id, target) if row is None else _outlet(row._asdict())


def every(connection: Connection, commune_id: int) -> dict[str, Outlet]:
    """What is written, by target."""
    rows = connection.execute(select(outlet).where(outlet.c.commune_id == commune_id))
    return {row.target: _outlet(row._asdict()) for row in rows}


def keep(connection: Connection, new: Outlet) -> None:
    """Write it, for the first time or again."""
    values = asdict(new)
    changed = connection.execute(_UPDATE, {f"new_{name}": value for name, value in values.items()})
    if changed.rowcount == 0:
        add(connection, outlet, **values)


def of_labelled(row: Row[Any], commune_id: int, target: str) -> Outlet:
    """From the columns `LABELLED`, all NULL when nothing is written about that target."""
    found = row._mapping
    if found[_PREFIX + "id"] is None:
        return Outlet(commune_id, target)
    return _outlet({c.name: found[_PREFIX + c.name] for c in outlet.c})


def _outlet(row: Mapping[str, Any]) -> Outlet:
    values = {name: value for name, value in row.items() if name != "id"}
    values["cause"] = None if values["cause"] is None else Text(**values["cause"])
    return Outlet(**values)
