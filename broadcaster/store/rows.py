"""Rows to values and back: the small tools that every query module shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def add(connection: Connection, table: Table, **values: Any) -> int:
    """Insert one row; its new id."""
    key = connection.execute(table.insert(), values).inserted_primary_key
    assert key is not None  # noqa: S101 -- every table has an integer key
    return int(key[0])


def add_if_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert unless a unique constraint says that it is there already; whether it was new."""
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = insert(table).values(**values).on_conflict_do_nothing()
    # On PostgreSQL the new id comes back with the row; the count would be thrown away for it.
    counted = statement.execution_options(preserve_rowcount=True)
    return connection.execute(counted).rowcount == 1


def add_all_new(connection: Connection, table: Table, columns: Mapping[str, Sequence[Any]]) -> int:
    """Insert those that no unique constraint knows already; how many were new.

    `columns`: by name, all of the same length. For thousands of rows at once: making values ready
    for the driver takes a quarter of the time column by column that it takes row by row.
    """
    statement, ready = _insert(connection.dialect, table, tuple(columns))
    bound = (
        columns[name] if process is None else _processed(process, columns[name])
        for name, process in ready
    )
    rows: list[Any] = list(zip(*bound, strict=True))
    if not connection.dialect.positional:
        rows = [dict(zip(columns, row, strict=True)) for row in rows]
    counted = {"preserve_rowcount": True}
    return connection.exec_driver_sql(statement, rows, execution_options=counted).rowcount


_Process = Callable[[Any], Any]


def _processed(process: _Process, values: Sequence[Any]) -> Iterable[Any]:
    """What is empty in all rows, as most columns are, is made ready once."""
    if not any(values) and len(set(map(type, values))) == 1:
        return repeat(process(values[0]), len(values))
    return map(process, values)


@lru_cache(maxsize=16)
def _insert(
    dialect: Dialect, table: Table, names: tuple[str, ...]
) -> tuple[str, Sequence[tuple[str, _Process | None]]]:
    """The statement, and how each of its values is made ready, in its order."""
    insert = postgresql_insert if dialect.name == "postgresql" else sqlite_insert
    statement = insert(table).on_conflict_do_nothing().inline()  # no ids come back
    compiled = statement.compile(dialect=dialect, column_keys=names)
    ready = [
        (name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect))
        for name in compiled.positiontup or names
    ]
    return str(compiled), ready
