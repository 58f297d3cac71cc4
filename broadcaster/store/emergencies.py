"""Emergency orders, and the sounds that are to lie ready for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from broadcaster.domain.announcement import Priority
from broadcaster.domain.emergency import Emergency, Kind, Status
from broadcaster.errors import NotFound
from broadcaster.store.rows import add, add_if_new
from broadcaster.store.schema import announcement, approval, rendition, revision
from broadcaster.store.schema_stations import emergency, ready_sound


@dataclass(frozen=True, slots=True)
class Ready:
    """A sound of the program itself, e.g. what is said before an exercise. `wav`: digest, size."""

    name: str
    digest: str
    size: int
    duration_ms: int


def order(connection: Connection, values: Mapping[str, Any]) -> int:
    return add(connection, emergency, **values)


def end(
    connection: Connection, order_id: int, now: datetime, person: str, how: str, reason: str
) -> bool:
    """False when it has ended before."""
    done = connection.execute(
        update(emergency)
        .where(emergency.c.id == order_id, emergency.c.ended_at.is_(None))
        .values(ended_at=now, ended_by=person, ended_as=how, reason=reason)
    )
    return done.rowcount == 1


def by_id(connection: Connection, commune_id: int, order_id: int) -> Emergency:
    """Raises NotFound."""
    row = connection.execute(
        select(emergency).where(emergency.c.id == order_id, emergency.c.commune_id == commune_id)
    ).one_or_none()
    if row is None:
        raise NotFound(
            f"Không có lệnh khẩn cấp số {order_id}. Xem: broadcaster emergency list",
            f"There is no emergency {order_id}. See: broadcaster emergency list",
        )
    return _emergency(row)


def every(connection: Connection, commune_id: int) -> list[Emergency]:
    """Newest first."""
    rows = connection.execute(
        select(emergency)
        .where(emergency.c.commune_id == commune_id)
        .order_by(emergency.c.id.desc())
    )
    return [_emergency(row) for row in rows]


def of_rules(connection: Connection, rule_ids: Collection[int]) -> dict[int, Emergency]:
    """The orders among these rules, by rule."""
    if not rule_ids:
        return {}
    rows = connection.execute(select(emergency).where(emergency.c.rule_id.in_(rule_ids)))
    return {row.rule_id: _emergency(row) for row in rows}


def of_rule(connection: Connection, rule_id: int) -> Emergency | None:
    return of_rules(connection, [rule_id]).get(rule_id)


_OLDER = rendition.alias("older")
_NEWEST = (
    select(func.max(_OLDER.c.id))
    .where(_OLDER.c.revision_id == rendition.c.revision_id, _OLDER.c.target == bindparam("target"))
    .scalar_subquery()
)
_TEMPLATES = (
    select(rendition.c.content)
    .join(revision, revision.c.id == rendition.c.revision_id)
    .join(approval, approval.c.revision_id == revision.c.id)
    .join(announcement, announcement.c.id == revision.c.announcement_id)
    .where(
        announcement.c.commune_id == bindparam("commune"),
        announcement.c.priority == Priority.EMERGENCY.value,
        approval.c.decision == "granted",
        approval.c.voided_at.is_(None),
        approval.c.valid_until > bindparam("now"),
        rendition.c.target == bindparam("target"),
        rendition.c.id == _NEWEST,
    )
    .order_by(rendition.c.id)
)
"""Made once, for every plan of every station. From few approved texts to their renditions by index:
the renditions of all times and communes for targets of that name are never gone through."""


def templates(
    connection: Connection, commune_id: int, target: str, now: datetime
) -> list[Mapping[str, Any]]:
    """Content of the renditions for `target` of every emergency text that is approved today."""
    values = {"commune": commune_id, "target": target, "now": now}
    return [dict(content) for content in connection.scalars(_TEMPLATES, values)]


def keep_ready(connection: Connection, commune_id: int, one: Ready) -> None:
    values = {
        "name": one.name,
        "digest": one.digest,
        "size": one.size,
        "duration_ms": one.duration_ms,
    }
    mine = (ready_sound.c.commune_id == commune_id, ready_sound.c.name == one.name)
    if not add_if_new(connection, ready_sound, {"commune_id": commune_id, **values}):
        connection.execute(update(ready_sound).where(*mine).values(**values))


def ready(connection: Connection, commune_id: int) -> dict[str, Ready]:
    rows = connection.execute(select(ready_sound).where(ready_sound.c.commune_id == commune_id))
    return {row.name: Ready(row.name, row.digest, row.size, row.duration_ms) for row in rows}


def _emergency(row: Row[Any]) -> Emergency:
    values = dict(row._mapping)
    return Emergency(**{**values, "kind": Kind(values["kind"]), "status": Status(values["status"])})
