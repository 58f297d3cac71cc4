"""How far each announcement has been planned, and on what that hung.

A mark only saves work: without it, or with another key, the announcement is gone through again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, distinct, func, select

from broadcaster.domain.announcement import digest_of
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.store.schema import (
    approval,
    delivery,
    plan_mark,
    publicity,
    rendition,
    revision,
    rule,
    waiver,
)


@dataclass(frozen=True, slots=True)
class Mark:
    key: str
    until: datetime


def read(connection: Connection, ids: Collection[int]) -> dict[int, Mark]:
    rows = connection.execute(select(plan_mark).where(plan_mark.c.announcement_id.in_(ids)))
    return {row.announcement_id: Mark(row.key, row.until) for row in rows}


def write(
    connection: Connection, commune_id: int, keys: Mapping[int, str], until: datetime
) -> None:
    connection.execute(delete(plan_mark).where(plan_mark.c.announcement_id.in_(list(keys))))
    connection.execute(
        plan_mark.insert(),
        [
            {"commune_id": commune_id, "announcement_id": one, "key": key, "until": until}
            for one, key in keys.items()
        ],
    )


def keys(connection: Connection, commune_id: int, ids: Sequence[int], basis: str) -> dict[int, str]:
    """A digest of all that the rows of each announcement hang on; `basis`: what they share."""
    found: dict[int, list[Any]] = {one: [basis] for one in ids}
    for row in connection.execute(
        select(rule).where(rule.c.announcement_id.in_(ids), rule.c.removed_at.is_(None))
    ):
        found[row.announcement_id].append(repr(tuple(row)))
    for query in (_versions(ids), _waivers(ids), _publicity(ids), _posts(commune_id, ids)):
        for row in connection.execute(query):
            found[row.announcement_id].append(repr(tuple(row)))
    return {one: digest_of(values) for one, values in found.items()}


def _versions(ids: Sequence[int]) -> Any:
    """Newest revision, rendition and decision, and how many decisions were taken back."""
    return (
        select(
            revision.c.announcement_id,
            func.max(revision.c.id),
            func.max(rendition.c.id),
            func.max(approval.c.id),
            func.count(distinct(approval.c.voided_at)),
        )
        .outerjoin(rendition, rendition.c.revision_id == revision.c.id)
        .outerjoin(approval, approval.c.revision_id == revision.c.id)
        .where(revision.c.announcement_id.in_(ids))
        .group_by(revision.c.announcement_id)
    )


def _waivers(ids: Sequence[int]) -> Any:
    return (
        select(waiver.c.announcement_id, func.max(waiver.c.id), func.count(waiver.c.revoked_at))
        .where(waiver.c.announcement_id.in_(ids))
        .group_by(waiver.c.announcement_id)
    )


def _publicity(ids: Sequence[int]) -> Any:
    return select(publicity.c.announcement_id, publicity.c.starts_on).where(
        publicity.c.announcement_id.in_(ids)
    )


def _posts(commune_id: int, ids: Sequence[int]) -> Any:
    """A post that was missed or refused lets another one be planned."""
    return (
        select(delivery.c.announcement_id, delivery.c.target, delivery.c.state, func.count())
        .where(
            delivery.c.commune_id == commune_id,
            delivery.c.announcement_id.in_(ids),
            delivery.c.channel != LOUDSPEAKER,
        )
        .group_by(delivery.c.announcement_id, delivery.c.target, delivery.c.state)
        .order_by(delivery.c.announcement_id, delivery.c.target, delivery.c.state)
    )
