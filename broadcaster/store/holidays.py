"""Single days off, each of one year."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, delete, select

from broadcaster.domain.timetable.holidays import DayOff
from broadcaster.store.rows import add
from broadcaster.store.schema import holiday

_EVERY = (
    select(holiday.c.day, holiday.c.name, holiday.c.key)
    .where(holiday.c.commune_id == bindparam("commune"))
    .order_by(holiday.c.day)
)


def every(connection: Connection, commune_id: int) -> list[DayOff]:
    rows = connection.execute(_EVERY, {"commune": commune_id})
    return [DayOff(row.day, row.name, row.key) for row in rows]


def keep(
    connection: Connection,
    commune_id: int,
    days: Iterable[DayOff],
    source: str,
    person: str,
    now: datetime,
) -> None:
    """Each day once: what was kept for it before is replaced."""
    for one in days:
        drop(connection, commune_id, one.day)
        add(
            connection,
            holiday,
            commune_id=commune_id,
            day=one.day,
            name=one.name,
            key=one.key,
            source=source,
            person=person,
            created_at=now,
        )


def drop(connection: Connection, commune_id: int, day: date) -> bool:
    """Whether there was one."""
    gone = connection.execute(
        delete(holiday).where(holiday.c.commune_id == commune_id, holiday.c.day == day)
    )
    return gone.rowcount > 0
