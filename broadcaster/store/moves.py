"""A commune's own row while all its rows go from one database into another.

`moved_to`: where it has gone; nothing of it is written here any more. `incoming`: from what it is
being filled, under a key that no folder has. `sealed_as`: the number that the seals of its log go
by, which is its id in the database where it began.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, func, inspect, select, text, update

from broadcaster.store.rows import add
from broadcaster.store.schema import announcement, commune

_ASIDE = "~"
"""No folder of a commune begins so: what is being filled is served by nobody."""


@dataclass(frozen=True, slots=True)
class Place:
    """A commune as it stands in one database."""

    id: int
    key: str
    name: str
    moved_to: str
    sealed_as: int
    incoming: Mapping[str, Any] | None


def is_empty(connection: Connection) -> bool:
    """Whether nobody has ever made a table there."""
    return not inspect(connection).get_table_names()


def every(connection: Connection) -> list[Place]:
    return [_place(row) for row in connection.execute(select(commune).order_by(commune.c.id))]


def by_key(connection: Connection, key: str) -> Place | None:
    row = connection.execute(select(commune).where(commune.c.key == key)).one_or_none()
    return None if row is None else _place(row)


def coming(connection: Connection, key: str) -> Place | None:
    """What is being filled and will have that key."""
    return by_key(connection, _ASIDE + key)


def _place(row: Row[Any]) -> Place:
    values = dict(row._mapping)
    return Place(**{**values, "sealed_as": values["sealed_as"] or values["id"]})


def begin(
    connection: Connection, key: str, name: str, sealed_as: int, incoming: Mapping[str, Any]
) -> int:
    """A commune to be filled; its id."""
    return add(
        connection,
        commune,
        key=_ASIDE + key,
        name=name,
        moved_to="",
        sealed_as=sealed_as,
        incoming=dict(incoming),
    )


def finish(connection: Connection, commune_id: int, key: str) -> None:
    """It is whole, and served from now on by whoever has its folder."""
    connection.execute(
        update(commune).where(commune.c.id == commune_id).values(key=key, incoming=None)
    )


def close(connection: Connection, commune_id: int, where: str) -> None:
    """It lives elsewhere from now on; with an empty `where` it lives here again."""
    connection.execute(update(commune).where(commune.c.id == commune_id).values(moved_to=where))


def is_known(connection: Connection, uid: str) -> bool:
    """Whether an announcement stands there already, whosever it is."""
    return connection.scalar(select(announcement.c.id).where(announcement.c.uid == uid)) is not None


def an_announcement(connection: Connection, commune_id: int) -> str | None:
    """The uid of the first announcement of a commune: nothing else in the world has it."""
    return connection.scalar(
        select(announcement.c.uid)
        .where(announcement.c.commune_id == commune_id)
        .order_by(announcement.c.id)
        .limit(1)
    )


def make_room(connection: Connection, table: Table, highest: int) -> int:
    """By how much ids up to `highest` must be shifted to be free, now and while others go on.

    Nothing in a table that nobody has used. On PostgreSQL the numbers are taken out of the
    table's sequence; on SQLite nobody else may be writing meanwhile.
    """
    if connection.dialect.name != "postgresql":
        return int(connection.scalar(select(func.max(table.c.id))) or 0)
    sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, "id")))
    state = text(f"SELECT last_value, is_called FROM {sequence}")  # noqa: S608 - its own name
    given = connection.execute(state).one()
    taken = int(given.last_value) if given.is_called else 0
    if highest:
        connection.execute(select(func.setval(sequence, taken + highest)))
    return taken
