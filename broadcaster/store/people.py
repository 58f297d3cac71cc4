"""The commune and its people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, select, update

from broadcaster.domain.people import Person, Role
from broadcaster.errors import Conflict, NotFound
from broadcaster.store.database import moved_away
from broadcaster.store.rows import add, add_if_new
from broadcaster.store.schema import commune, person


def the_commune(connection: Connection, name: str, key: str = "") -> int:
    """The id of the commune of that key, or of the one on its own; made at the first call."""
    row = connection.execute(
        select(commune.c.id, commune.c.name).where(commune.c.key == key)
    ).first()
    if row is None:
        return add(connection, commune, name=name, key=key)
    if row.name != name:
        connection.execute(update(commune).where(commune.c.id == row.id).values(name=name))
    return int(row.id)


def commune_id(connection: Connection, key: str = "") -> int:
    """Raises NotFound, or Unavailable where it has moved away."""
    found = connection.execute(
        select(commune.c.id, commune.c.moved_to).where(commune.c.key == key)
    ).one_or_none()
    if found is None:
        raise NotFound("Chưa khởi tạo. Hãy chạy: broadcaster init", "Run: broadcaster init")
    if found.moved_to:
        raise moved_away(found.moved_to)
    return int(found.id)


def commune_key(connection: Connection, commune_id: int) -> str:
    """Raises NotFound."""
    found = connection.scalar(select(commune.c.key).where(commune.c.id == commune_id))
    if found is None:
        raise NotFound(f"Không có xã số {commune_id}.", f"There is no commune {commune_id}.")
    return str(found)


def communes(connection: Connection) -> list[tuple[int, str]]:
    """Ids and keys of all that live here, in order of id."""
    here = (commune.c.moved_to == "", commune.c.incoming.is_(None))
    rows = connection.execute(
        select(commune.c.id, commune.c.key).where(*here).order_by(commune.c.id)
    )
    return [(row.id, row.key) for row in rows]


def create(
    connection: Connection,
    owner: int,
    name: str,
    full_name: str,
    roles: Iterable[Role],
    *,
    villages: Iterable[str] = (),
    categories: Iterable[str] = (),
) -> None:
    """Raises Conflict when the name is taken."""
    values = {
        "commune_id": owner,
        "name": name,
        "full_name": full_name,
        "roles": sorted(role.value for role in roles),
        "villages": sorted(villages),
        "categories": sorted(categories),
    }
    if not add_if_new(connection, person, values):
        raise Conflict(f"Đã có người dùng “{name}”.", f"There is a person “{name}” already.")


def change(connection: Connection, changed: Person) -> None:
    """Write a person's full name, roles and limits; the typed name stays."""
    connection.execute(
        update(person)
        .where(person.c.id == changed.id)
        .values(
            full_name=changed.full_name,
            roles=sorted(role.value for role in changed.roles),
            villages=sorted(changed.villages),
            categories=sorted(changed.categories),
        )
    )


def by_name(connection: Connection, owner: int, name: str) -> Person:
    """Raises NotFound."""
    row = connection.execute(
        select(person).where(person.c.commune_id == owner, person.c.name == name)
    ).one_or_none()
    if row is None:
        raise NotFound(
            f"Không có người dùng “{name}”. Xem: broadcaster person list",
            f"There is no person “{name}”. See: broadcaster person list",
        )
    return _person(row)


def every(connection: Connection, owner: int) -> list[Person]:
    rows = connection.execute(
        select(person).where(person.c.commune_id == owner).order_by(person.c.name)
    )
    return [_person(row) for row in rows]


def _person(row: Row[Any]) -> Person:
    values = dict(row._mapping)
    for name in ("villages", "categories"):
        values[name] = frozenset(values[name])
    return Person(**{**values, "roles": frozenset(Role(r) for r in values["roles"])})
