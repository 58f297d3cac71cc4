"""Exceptions to the policy: append only; taking one back leaves its row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from broadcaster.domain.policy import Limit
from broadcaster.domain.waiver import Waiver
from broadcaster.errors import NotFound
from broadcaster.store.columns import IDS
from broadcaster.store.rows import add
from broadcaster.store.schema import publicity, waiver


def record(connection: Connection, values: Mapping[str, Any]) -> int:
    return add(connection, waiver, **values, revoked_at=None, revoked_by="")


def by_id(connection: Connection, commune_id: int, waiver_id: int) -> Waiver:
    """Raises NotFound."""
    row = connection.execute(
        select(waiver).where(waiver.c.id == waiver_id, waiver.c.commune_id == commune_id)
    ).one_or_none()
    if row is None:
        raise NotFound(
            f"Không có ngoại lệ số {waiver_id}. Xem: broadcaster policy exceptions",
            f"There is no exception {waiver_id}. See: broadcaster policy exceptions",
        )
    return _waiver(row)


def every(connection: Connection, commune_id: int) -> list[Waiver]:
    """All that were ever given, newest first."""
    rows = connection.execute(
        select(waiver).where(waiver.c.commune_id == commune_id).order_by(waiver.c.id.desc())
    )
    return [_waiver(row) for row in rows]


_GIVEN = select(waiver).where(waiver.c.revoked_at.is_(None))
_OF_COMMUNE = (
    _GIVEN.where(waiver.c.commune_id == bindparam("commune")),
    select(publicity).where(publicity.c.commune_id == bindparam("commune")),
)
_OF_IDS = (
    _GIVEN.where(waiver.c.announcement_id.in_(IDS)),
    select(publicity).where(publicity.c.announcement_id.in_(IDS)),
)


def of_commune(connection: Connection, commune_id: int) -> dict[int, list[Waiver]]:
    """All in force of a commune, by announcement: there are few."""
    return _by_announcement(connection, _OF_COMMUNE, {"commune": commune_id})


def in_force(connection: Connection, announcement_ids: Collection[int]) -> dict[int, list[Waiver]]:
    """Those of many announcements that have not been taken back, by announcement."""
    return _by_announcement(connection, _OF_IDS, {"ids": list(announcement_ids)})


def _by_announcement(
    connection: Connection, both: Sequence[Select[Any]], which: Mapping[str, Any]
) -> dict[int, list[Waiver]]:
    given, by_law = both
    found: dict[int, list[Waiver]] = {}
    for row in connection.execute(given, which):
        found.setdefault(row.announcement_id, []).append(_waiver(row))
    for row in connection.execute(by_law, which):
        found.setdefault(row.announcement_id, []).append(_of_publicity(row))
    return found


def _of_publicity(row: Row[Any]) -> Waiver:
    """What the law wants repeated is exempt from the limit of repeats, without anybody's leave."""
    return Waiver(
        id=0,
        commune_id=row.commune_id,
        announcement_id=row.announcement_id,
        limit=Limit.REPEATS,
        first_day=row.starts_on,
        last_day=date.max,
        reason=row.legal_basis,
        person=row.person,
        place="",
        created_at=row.created_at,
    )


def revoke(connection: Connection, waiver_id: int, person: str, now: datetime) -> None:
    connection.execute(
        update(waiver)
        .where(waiver.c.id == waiver_id, waiver.c.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by=person)
    )


def _waiver(row: Row[Any]) -> Waiver:
    values = dict(row._mapping)
    return Waiver(**{**values, "limit": Limit(values["limit"])})
