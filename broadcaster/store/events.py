"""The log of who did what, from where and why: append only, each record sealed with the one before.

A seal is a SHA-256 over the record and the seal before it. Whoever changes, slips in or takes out
a record breaks the chain there; only the newest can be cut off, unless its seal is known.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from broadcaster.domain.announcement import digest_of
from broadcaster.store.database import origin_of
from broadcaster.store.rows import add
from broadcaster.store.schema import commune, event

MOVED = "store.moved"
"""The record that a commune came from another database, and by how much its ids were shifted."""

_NUMBERED = frozenset({"alarm", "delivery", "emergency"})
"""Subjects that are told by their id, such as "delivery 12"."""

# The number that a commune's seals go by, and the newest of them.
_OWNER = func.coalesce(commune.c.sealed_as, commune.c.id)
_BEFORE = select(
    _OWNER,
    select(event.c.seal)
    .where(event.c.commune_id == bindparam("commune"))
    .order_by(event.c.id.desc())
    .limit(1)
    .scalar_subquery(),
).where(commune.c.id == bindparam("commune"))


def note(
    connection: Connection,
    commune_id: int,
    person: str,
    what: str,
    subject: str,
    now: datetime,
    **detail: Any,
) -> None:
    """`what`: e.g. "approval.granted"; `subject`: e.g. "announcement 12"."""
    owner, last = connection.execute(_BEFORE, {"commune": commune_id}).one()
    values: dict[str, Any] = {
        "commune_id": commune_id,
        "at": now,
        "person": person,
        "what": what,
        "subject": subject,
        "detail": json.loads(json.dumps(detail, ensure_ascii=False)),  # as it will be read again
        "origin": origin_of(connection)[:200],
        "prior": last or "",
    }
    add(connection, event, **values, seal=_seal(values, owner))


def of_subject(connection: Connection, commune_id: int, subject: str) -> list[Mapping[str, Any]]:
    return find(connection, commune_id, subjects=[subject])


def find(
    connection: Connection,
    commune_id: int,
    *,
    subjects: Collection[str] | None = None,
    after: datetime | None = None,
    before: datetime | None = None,
) -> list[Mapping[str, Any]]:
    """Records of a commune in their order, of some subjects or in a period.

    A subject is told by the id that it has today; the record itself keeps the one of its time.
    """
    query = select(event).where(event.c.commune_id == commune_id).order_by(event.c.id)
    moved = _moves(connection, commune_id)
    if subjects is not None:
        named = {_back(subject, moved[n:]) for subject in subjects for n in range(len(moved) + 1)}
        query = query.where(event.c.subject.in_(named))
    if after is not None:
        query = query.where(event.c.at >= after)
    if before is not None:
        query = query.where(event.c.at < before)
    found = [dict(row._mapping) for row in connection.execute(query)]
    for row in found:
        row["subject"] = _today(row, moved)
    return [row for row in found if subjects is None or row["subject"] in subjects]


_Shift = tuple[int, Mapping[str, int]]
"""The id of the record of a move, and by how much it has shifted the ids of each table."""


def _moves(connection: Connection, commune_id: int) -> list[_Shift]:
    """All moves, oldest first."""
    query = select(event.c.id, event.c.detail).where(
        event.c.commune_id == commune_id, event.c.what == MOVED
    )
    rows = connection.execute(query.order_by(event.c.id))
    return [(row.id, row.detail["shifts"]) for row in rows]


def _today(row: Mapping[str, Any], moved: Sequence[_Shift]) -> str:
    later = [shifts for at, shifts in moved if at > row["id"]]
    return _shifted(row["subject"], later, 1)


def _back(subject: str, moved: Sequence[_Shift]) -> str:
    """As it was told before those moves."""
    return _shifted(subject, [shifts for _, shifts in moved], -1)


def _shifted(subject: str, shifts: Sequence[Mapping[str, int]], way: int) -> str:
    kind, _, number = subject.partition(" ")
    if kind not in _NUMBERED or not number.isdecimal():
        return subject
    return f"{kind} {int(number) + way * sum(one.get(kind, 0) for one in shifts)}"


@dataclass(frozen=True, slots=True)
class Chain:
    """`broken` is the first record that does not fit; `unsealed` are older than the seals."""

    records: int
    unsealed: int
    head: str
    seals: frozenset[str]
    broken: Mapping[str, Any] | None


def verify(connection: Connection, commune_id: int) -> Chain:
    """Look at every record of a commune, from the first on."""
    owner = connection.scalar(select(_OWNER).where(commune.c.id == commune_id))
    rows = connection.execute(
        select(event).where(event.c.commune_id == commune_id).order_by(event.c.id)
    )
    records = unsealed = 0
    head = ""
    seals: set[str] = set()
    for row in rows:
        one = dict(row._mapping)
        records += 1
        if not one["seal"] and not head:
            unsealed += 1
            continue
        if one["prior"] != head or one["seal"] != _seal(one, owner):
            return Chain(records, unsealed, head, frozenset(seals), one)
        head = one["seal"]
        seals.add(head)
    return Chain(records, unsealed, head, frozenset(seals), None)


_SEALED = ("person", "what", "subject", "detail", "origin", "prior")


def _seal(values: Mapping[str, Any], owner: int | None) -> str:
    """`owner`: see `moves`: the same wherever the commune's rows stand."""
    at = values["at"].astimezone(UTC).isoformat()
    return digest_of([at, owner, *(values[name] for name in _SEALED)])
