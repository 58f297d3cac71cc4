"""Alarms: open until what raised them is over, whether or not a person has seen them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from broadcaster.domain.alarm import Alarm, Kind
from broadcaster.errors import NotFound, Text
from broadcaster.store.rows import add
from broadcaster.store.schema_stations import alarm


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm as it is kept."""

    id: int
    commune_id: int
    kind: Kind
    subject: str
    station: str
    text: Text
    raised_at: datetime
    acked_at: datetime | None
    acked_by: str
    closed_at: datetime | None
    closed_cause: Text | None


def raise_new(connection: Connection, commune_id: int, one: Alarm, now: datetime) -> int:
    return add(
        connection,
        alarm,
        commune_id=commune_id,
        kind=one.kind.value,
        subject=one.subject,
        station=one.station,
        text=asdict(one.text),
        raised_at=now,
        acked_at=None,
        acked_by="",
        closed_at=None,
        closed_cause=None,
    )


def close(connection: Connection, alarm_id: int, cause: Text, now: datetime) -> None:
    connection.execute(
        update(alarm)
        .where(alarm.c.id == alarm_id, alarm.c.closed_at.is_(None))
        .values(closed_at=now, closed_cause=asdict(cause))
    )


def ack(connection: Connection, alarm_id: int, person: str, now: datetime) -> None:
    connection.execute(
        update(alarm)
        .where(alarm.c.id == alarm_id, alarm.c.acked_at.is_(None))
        .values(acked_at=now, acked_by=person)
    )


def by_id(connection: Connection, commune_id: int, alarm_id: int) -> Standing:
    """Raises NotFound."""
    row = connection.execute(
        select(alarm).where(alarm.c.id == alarm_id, alarm.c.commune_id == commune_id)
    ).one_or_none()
    if row is None:
        raise NotFound(
            f"Không có cảnh báo số {alarm_id}. Xem: broadcaster alarm list",
            f"There is no alarm {alarm_id}. See: broadcaster alarm list",
        )
    return _standing(row)


def open_ones(connection: Connection, commune_id: int) -> list[Standing]:
    rows = connection.execute(
        select(alarm)
        .where(alarm.c.commune_id == commune_id, alarm.c.closed_at.is_(None))
        .order_by(alarm.c.id)
    )
    return [_standing(row) for row in rows]


def since(connection: Connection, commune_id: int, after: datetime) -> list[Standing]:
    """Open, or closed after that; newest first."""
    rows = connection.execute(
        select(alarm)
        .where(
            alarm.c.commune_id == commune_id,
            alarm.c.closed_at.is_(None) | (alarm.c.closed_at > after),
        )
        .order_by(alarm.c.id.desc())
    )
    return [_standing(row) for row in rows]


def seen_subjects(connection: Connection, commune_id: int, kind: Kind) -> set[str]:
    """Subjects of the alarms of a kind that a person has seen to."""
    return set(
        connection.scalars(
            select(alarm.c.subject).where(
                alarm.c.commune_id == commune_id,
                alarm.c.kind == kind.value,
                alarm.c.acked_at.is_not(None),
            )
        )
    )


def _standing(row: Row[Any]) -> Standing:
    values = dict(row._mapping)
    cause = values["closed_cause"]
    return Standing(
        **{
            **values,
            "kind": Kind(values["kind"]),
            "text": Text(**values["text"]),
            "closed_cause": None if cause is None else Text(**cause),
        }
    )
