"""Attempts without an outcome yet, of all communes at once: for the loops alone."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlalchemy import Connection, select, text

from broadcaster.store.outbox import UNDER_WAY, delivery


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What waits for the answer of a far side, and whose it is."""

    id: int
    commune_id: int
    target: str
    priority: str
    owner: str


_UNDER_WAY = select(*(delivery.c[field.name] for field in fields(UnderWay))).where(text(UNDER_WAY))


def every(connection: Connection) -> list[UnderWay]:
    """Whoever makes them; stations, which play by themselves, are not meant."""
    return [UnderWay(*row) for row in connection.execute(_UNDER_WAY)]
