"""Numbers for those who watch over a server: each from a small index or a small table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from broadcaster.store.outbox import UNKNOWN
from broadcaster.store.schema import attempt, delivery
from broadcaster.store.schema_stations import station

_LAST = 5_000
"""Attempts that are looked at, by their key: of more than so many in a while no rate is told."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Deliveries of one state and class that somebody must look at; the oldest since when."""

    state: str
    priority: str
    count: int
    oldest: datetime


def due(connection: Connection, now: datetime) -> list[Waiting]:
    """Reads only what is due, from the index of it."""
    kinds = (delivery.c.state, delivery.c.priority)
    rows = connection.execute(
        select(*kinds, func.count(), func.min(delivery.c.next_at))
        .where(delivery.c.next_at <= now)
        .group_by(*kinds)
    )
    return [Waiting(*row) for row in rows]


def unknown(connection: Connection) -> dict[str, int]:
    """By class, deliveries of which nobody knows what became: some wait for a person."""
    rows = connection.execute(
        select(delivery.c.priority, func.count())
        .where(text(UNKNOWN))  # word for word: SQLite finds its index by that
        .group_by(delivery.c.priority)
    )
    return {row[0]: row[1] for row in rows}


def stations(connection: Connection, silent_since: datetime) -> tuple[int, int]:
    """(all, those that have said nothing since then)."""
    spoke = func.count().filter(station.c.seen_at > silent_since)
    every, heard = connection.execute(select(func.count(), spoke).select_from(station)).one()
    return every, every - heard


def attempts(connection: Connection, since: datetime) -> dict[str, int]:
    """By outcome, of those begun since then; "" is under way."""
    newest = connection.scalar(select(func.max(attempt.c.id))) or 0
    rows = connection.execute(
        select(attempt.c.outcome, func.count())
        .where(attempt.c.id > newest - _LAST, attempt.c.started_at > since)
        .group_by(attempt.c.outcome)
    )
    return {row[0]: row[1] for row in rows}
