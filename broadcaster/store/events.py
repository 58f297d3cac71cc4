"""The log of who did what, from where and why: append only, each record sealed with the one before.

A seal is a SHA-256 over the record and the seal before it. Whoever changes, slips in or takes out
a record breaks the chain there; only the newest can be cut off, unless its seal is known.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from broadcaster.domain.announcement import digest_of
from broadcaster.store.database import origin_of
from broadcaster.store.rows import add
from broadcaster.store.schema import event


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
    last = connection.scalar(
        select(event.c.seal)
        .where(event.c.commune_id == commune_id)
        .order_by(event.c.id.desc())
        .limit(1)
    )
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
    add(connection, event, **values, seal=_seal(values))


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
    """Records of a commune in their order, of some subjects or in a period."""
    query = select(event).where(event.c.commune_id == commune_id).order_by(event.c.id)
    if subjects is not None:
        query = query.where(event.c.subject.in_(subjects))
    if after is not None:
        query = query.where(event.c.at >= after)
    if before is not None:
        query = query.where(event.c.at < before)
    return [dict(row._mapping) for row in connection.execute(query)]


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
        if one["prior"] != head or one["seal"] != _seal(one):
            return Chain(records, unsealed, head, frozenset(seals), one)
        head = one["seal"]
        seals.add(head)
    return Chain(records, unsealed, head, frozenset(seals), None)


_SEALED = ("commune_id", "person", "what", "subject", "detail", "origin", "prior")


def _seal(values: Mapping[str, Any]) -> str:
    return digest_of(
        [values["at"].astimezone(UTC).isoformat(), *(values[name] for name in _SEALED)]
    )
