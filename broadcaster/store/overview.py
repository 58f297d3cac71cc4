"""How the communes of a database are doing: a few figures of each, counted in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from broadcaster.domain.delivery import State
from broadcaster.store.schema import commune, delivery, plan_mark
from broadcaster.store.schema_stations import alarm, station


@dataclass(frozen=True, slots=True)
class Figures:
    """`heard`: stations that have called since the moment asked for; `due`: deliveries that
    somebody has to look at now; `unknown`: outcomes that nobody knows; `planned_until`: how far
    planning has come, None before the first time.
    """

    commune_id: int
    key: str
    name: str
    stations: int
    heard: int
    due: int
    unknown: int
    alarms: int
    planned_until: datetime | None


def of_communes(connection: Connection, now: datetime, heard_since: datetime) -> list[Figures]:
    """Of all there are, in order of key."""
    heard = func.count().filter(station.c.seen_at >= heard_since)
    stations = _by_commune(connection, select(station.c.commune_id, func.count(), heard))
    due = _by_commune(
        connection,
        select(delivery.c.commune_id, func.count()).where(delivery.c.next_at <= now),
    )
    unknown = _by_commune(
        connection,
        select(delivery.c.commune_id, func.count()).where(delivery.c.state == State.UNKNOWN.value),
    )
    alarms = _by_commune(
        connection, select(alarm.c.commune_id, func.count()).where(alarm.c.closed_at.is_(None))
    )
    planned = _by_commune(connection, select(plan_mark.c.commune_id, func.max(plan_mark.c.until)))
    rows = connection.execute(select(commune.c.id, commune.c.key, commune.c.name))
    return [
        Figures(
            row.id,
            row.key,
            row.name,
            *stations.get(row.id, (0, 0)),
            *due.get(row.id, (0,)),
            *unknown.get(row.id, (0,)),
            *alarms.get(row.id, (0,)),
            *planned.get(row.id, (None,)),
        )
        for row in sorted(rows, key=lambda row: row.key)
    ]


def _by_commune(connection: Connection, query: Select[Any]) -> Mapping[int, tuple[Any, ...]]:
    """The other columns by the first one, which is the commune's."""
    rows = connection.execute(query.group_by(query.selected_columns[0]))
    return {row[0]: tuple(row[1:]) for row in rows}
