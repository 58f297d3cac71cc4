"""How far each announcement has been planned, and on what that hung.

A mark only saves work: without it, or with another key, the announcement is gone through again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, distinct, func, select

from broadcaster.domain.announcement import digest_of
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.store.columns import IDS
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

# Asked of every commune every few seconds: put together once, not at every asking.
# Every change of a rule is counted in its sequence.
_RULES = select(rule.c.announcement_id, rule.c.id, rule.c.sequence).where(
    rule.c.announcement_id.in_(IDS), rule.c.removed_at.is_(None)
)
# Newest revision, rendition and decision, and how many decisions were taken back.
_VERSIONS = (
    select(
        revision.c.announcement_id,
        func.max(revision.c.id),
        func.max(rendition.c.id),
        func.max(approval.c.id),
        func.count(distinct(approval.c.voided_at)),
    )
    .outerjoin(rendition, rendition.c.revision_id == revision.c.id)
    .outerjoin(approval, approval.c.revision_id == revision.c.id)
    .where(revision.c.announcement_id.in_(IDS))
    .group_by(revision.c.announcement_id)
)
_WAIVERS = (
    select(waiver.c.announcement_id, func.max(waiver.c.id), func.count(waiver.c.revoked_at))
    .where(waiver.c.announcement_id.in_(IDS))
    .group_by(waiver.c.announcement_id)
)
_PUBLICITY = select(publicity.c.announcement_id, publicity.c.starts_on).where(
    publicity.c.announcement_id.in_(IDS)
)
# A post that was missed or refused lets another one be planned.
_POSTS = (
    select(delivery.c.announcement_id, delivery.c.target, delivery.c.state, func.count())
    .where(
        delivery.c.commune_id == bindparam("commune"),
        delivery.c.announcement_id.in_(IDS),
        delivery.c.channel != LOUDSPEAKER,
    )
    .group_by(delivery.c.announcement_id, delivery.c.target, delivery.c.state)
    .order_by(delivery.c.announcement_id, delivery.c.target, delivery.c.state)
)
_FORGET = delete(plan_mark).where(plan_mark.c.announcement_id.in_(IDS))
_READ = select(plan_mark).where(plan_mark.c.announcement_id.in_(IDS))


@dataclass(frozen=True, slots=True)
class Mark:
    key: str
    until: datetime


def read(connection: Connection, ids: Collection[int]) -> dict[int, Mark]:
    rows = connection.execute(_READ, {"ids": list(ids)})
    return {row.announcement_id: Mark(row.key, row.until) for row in rows}


def write(
    connection: Connection, commune_id: int, keys: Mapping[int, str], until: datetime
) -> None:
    connection.execute(_FORGET, {"ids": list(keys)})
    connection.execute(
        plan_mark.insert(),
        [
            {"commune_id": commune_id, "announcement_id": one, "key": key, "until": until}
            for one, key in keys.items()
        ],
    )


def keys(
    connection: Connection, commune_id: int, ids: Collection[int], basis: str
) -> dict[int, str]:
    """A digest of all that the rows of each announcement hang on; `basis`: what they share."""
    if not ids:
        return {}
    shared = digest_of(basis)
    found: dict[int, list[Any]] = {one: [shared] for one in ids}
    for question in (_RULES, _VERSIONS, _WAIVERS, _PUBLICITY, _POSTS):
        given = {"ids": list(ids)} | ({"commune": commune_id} if question is _POSTS else {})
        for row in connection.execute(question, given):
            found[row.announcement_id].append(repr(tuple(row)))
    return {one: digest_of(values) for one, values in found.items()}
