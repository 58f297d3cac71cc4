"""Rows to values and back: the small tools that every query module shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def add(connection: Connection, table: Table, **values: Any) -> int:
    """Insert one row; its new id."""
    key = connection.execute(table.insert().values(**values)).inserted_primary_key
    assert key is not None  # noqa: S101 -- every table has an integer key
    return int(key[0])


def add_if_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert unless a unique constraint says that it is there already; whether it was new."""
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = insert(table).values(**values).on_conflict_do_nothing()
    # On PostgreSQL the new id comes back with the row; the count would be thrown away for it.
    counted = statement.execution_options(preserve_rowcount=True)
    return connection.execute(counted).rowcount == 1


def add_all_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert those that no unique constraint knows already; how many were new."""
    if not rows:
        return 0
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = insert(table).on_conflict_do_nothing()
    counted = statement.execution_options(preserve_rowcount=True)
    return connection.execute(counted, [dict(row) for row in rows]).rowcount
