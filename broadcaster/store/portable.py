"""One commune's rows as plain values that name no database: what copies and backups are made of.

A row is a JSON object by column, without `commune_id`. Ids are those of the database where the
row was first read: a shift for each table, added when it is written, makes room beside others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    DateTime,
    MetaData,
    Row,
    Select,
    Table,
    Time,
    TypeDecorator,
    func,
    null,
    select,
)
from sqlalchemy.types import TypeEngine

from broadcaster.store import schema, schema_stations
from broadcaster.store.schema import commune

Values = dict[str, Any]
Shifts = Mapping[str, int]
NO_SHIFTS: Shifts = MappingProxyType({})

MADE_ANEW = frozenset({"plan_mark"})
"""Rows that only save work. They hang on ids, and are worth nothing in another database."""

_POINTERS = {
    ("delivery", "about_id"): "delivery",
    ("delivery", "slot_id"): "slot",
    ("rule", "slot_id"): "slot",
    ("emergency", "follows_id"): "emergency",
}
"""Columns that hold an id of another table without a foreign key that says so."""

_AT_ONCE = 500


def tables(metadata: MetaData = schema.metadata) -> list[Table]:
    """All that a commune's rows stand in, each after those that it points at."""
    assert schema_stations.station.metadata is schema.metadata  # noqa: S101 -- it is loaded, too
    skipped = MADE_ANEW | {commune.name, "alembic_version"}
    return [table for table in metadata.sorted_tables if table.name not in skipped]


@cache
def pointers(table: Table) -> Mapping[str, str]:
    """The columns of a table that hold ids, `id` among them, and of which table."""
    found = {column: of for (owner, column), of in _POINTERS.items() if owner == table.name}
    for column in table.columns:
        for key in column.foreign_keys:
            found[column.name] = key.column.table.name
    return {"id": table.name, **found}


def of_commune(table: Table, commune_id: int) -> Select[Any]:
    """The rows of one commune in the order of their ids, found through their parents."""
    query, owner = select(table), table
    joined: Any = table
    while "commune_id" not in owner.columns:
        key = next(iter(sorted(owner.foreign_keys, key=lambda one: str(one.parent))))
        parent = key.column.table
        joined = joined.join(parent, key.parent == key.column)
        owner = parent
    return (
        query.select_from(joined)
        .where(owner.columns.commune_id == commune_id)
        .order_by(table.columns.id)
    )


def read(
    connection: Connection, table: Table, commune_id: int, shifts: Shifts, after: int = 0
) -> Iterator[Values]:
    """Portable rows whose id (as it stands there) is above `after`, without holding them all."""
    query = of_commune(table, commune_id).where(table.columns.id > after)
    options = {"yield_per": _AT_ONCE}
    for row in connection.execute(query, execution_options=options):
        yield portable(table, row, shifts)


def portable(table: Table, row: Row[Any], shifts: Shifts) -> Values:
    ids = pointers(table)
    found: Values = {}
    for name, value in row._mapping.items():
        if name == "commune_id":
            continue
        if name in ids and value is not None:
            found[name] = value - shifts.get(ids[name], 0)
        else:
            found[name] = _plain(value)
    return found


def write(
    connection: Connection,
    table: Table,
    commune_id: int,
    rows: Sequence[Values],
    shifts: Shifts,
) -> None:
    """Insert portable rows. `table` may be of an older schema, as a database reflects it."""
    ids = pointers(table)
    made = []
    for row in rows:
        values: Values = {}
        for name, value in row.items():
            if name in ids and value is not None:
                values[name] = value + shifts.get(ids[name], 0)
            else:
                values[name] = _kept(table.columns[name], value, connection.dialect.name)
        if "commune_id" in table.columns:
            values["commune_id"] = commune_id
        made.append(values)
    if made:
        connection.execute(table.insert(), made)


def digest(row: Mapping[str, Any]) -> str:
    """SHA-256 of a portable row: the same wherever the row stands."""
    return hashlib.sha256(line(row).encode()).hexdigest()


def line(row: Mapping[str, Any]) -> str:
    """A portable row as one line of JSON, always written in the same way."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"))


def highest(connection: Connection, table: Table, commune_id: int) -> int:
    """The highest id of a commune's rows; 0 without any."""
    found = of_commune(table, commune_id).order_by(None).with_only_columns(func.max(table.c.id))
    return int(connection.scalar(found) or 0)


def count(connection: Connection, table: Table, commune_id: int) -> int:
    found = of_commune(table, commune_id).order_by(None).with_only_columns(func.count())
    return int(connection.scalar(found) or 0)


def remove(connection: Connection, commune_id: int) -> None:
    """Take out every row of a commune, and the commune; children first."""
    left = [table for table in schema.metadata.sorted_tables if table is not commune]
    for table in reversed(left):
        mine = of_commune(table, commune_id).order_by(None).with_only_columns(table.c.id)
        connection.execute(table.delete().where(table.c.id.in_(mine)))
    connection.execute(commune.delete().where(commune.c.id == commune_id))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return value


def _kept(column: Column[Any], value: Any, dialect: str) -> Any:
    """As the column takes it. One that was reflected knows no zone on SQLite, nor that nothing in
    it is no JSON."""
    kind: TypeEngine[Any] = column.type
    if value is None:
        return null() if isinstance(kind, JSON) and column.nullable else None
    plain = kind.impl if isinstance(kind, TypeDecorator) else kind
    if isinstance(plain, DateTime):
        at = datetime.fromisoformat(value)
        bare = dialect == "sqlite" and not isinstance(kind, TypeDecorator)
        return at.astimezone(UTC).replace(tzinfo=None) if bare and at.tzinfo else at
    if isinstance(plain, Date):
        return date.fromisoformat(value)
    if isinstance(plain, Time):
        return time.fromisoformat(value)
    return value
