"""Approvals and the timetable's rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, union_all, update

from broadcaster.domain.approval import Approval, TimetableRule
from broadcaster.errors import NotFound
from broadcaster.store.columns import IDS
from broadcaster.store.rows import add
from broadcaster.store.schema import announcement, approval, revision, rule


def record(connection: Connection, values: Mapping[str, Any]) -> int:
    return add(connection, approval, **values)


def in_force(connection: Connection, revision_id: int, now: datetime) -> Approval | None:
    """The one granted approval of a revision that is neither voided nor out of date."""
    row = connection.execute(
        select(approval).where(
            approval.c.revision_id == revision_id,
            approval.c.decision == "granted",
            approval.c.voided_at.is_(None),
            approval.c.valid_until > now,
        )
    ).one_or_none()
    return None if row is None else Approval(**row._mapping)


_IN_FORCE = select(approval).where(
    approval.c.revision_id.in_(IDS),
    approval.c.decision == "granted",
    approval.c.voided_at.is_(None),
    approval.c.valid_until > bindparam("now"),
)


def all_in_force(
    connection: Connection, revision_ids: Collection[int], now: datetime
) -> dict[int, Approval]:
    """The approvals in force of many revisions, by revision."""
    rows = connection.execute(_IN_FORCE, {"ids": list(revision_ids), "now": now})
    return {row.revision_id: Approval(**row._mapping) for row in rows}


def of_revision(connection: Connection, revision_id: int) -> list[Approval]:
    """Every decision about a revision, oldest first."""
    rows = connection.execute(
        select(approval).where(approval.c.revision_id == revision_id).order_by(approval.c.id)
    )
    return [Approval(**row._mapping) for row in rows]


def by_id(connection: Connection, approval_id: int) -> Approval:
    row = connection.execute(select(approval).where(approval.c.id == approval_id)).one()
    return Approval(**row._mapping)


def void(connection: Connection, announcement_id: int, reason: str, now: datetime) -> int:
    """Take back every approval in force of an announcement; how many there were."""
    revisions = select(revision.c.id).where(revision.c.announcement_id == announcement_id)
    return connection.execute(
        update(approval)
        .where(
            approval.c.revision_id.in_(revisions),
            approval.c.decision == "granted",
            approval.c.voided_at.is_(None),
        )
        .values(voided_at=now, voided_reason=reason)
    ).rowcount


def add_rule(connection: Connection, values: Mapping[str, Any]) -> int:
    return add(connection, rule, **values)


_RULES_OF_ONE = (
    select(rule)
    .where(rule.c.announcement_id == bindparam("announcement"), rule.c.removed_at.is_(None))
    .order_by(rule.c.id)
)


def rules(connection: Connection, announcement_id: int) -> list[TimetableRule]:
    """The rules of an announcement that have not been removed."""
    rows = connection.execute(_RULES_OF_ONE, {"announcement": announcement_id})
    return [_rule(dict(row._mapping)) for row in rows]


_RULES = (
    select(rule)
    .where(rule.c.announcement_id.in_(IDS), rule.c.removed_at.is_(None))
    .order_by(rule.c.id)
)


def rules_of(
    connection: Connection, announcement_ids: Collection[int]
) -> dict[int, list[TimetableRule]]:
    """The rules of many announcements that have not been removed, by announcement."""
    rows = connection.execute(_RULES, {"ids": list(announcement_ids)})
    found: dict[int, list[TimetableRule]] = {}
    for row in rows:
        found.setdefault(row.announcement_id, []).append(_rule(dict(row._mapping)))
    return found


def all_rules(connection: Connection, commune_id: int) -> list[TimetableRule]:
    rows = connection.execute(
        select(rule)
        .join(announcement, announcement.c.id == rule.c.announcement_id)
        .where(announcement.c.commune_id == commune_id, rule.c.removed_at.is_(None))
        .order_by(rule.c.id)
    )
    return [_rule(dict(row._mapping)) for row in rows]


def removed_rules(
    connection: Connection, commune_id: int, since: datetime
) -> list[tuple[TimetableRule, datetime]]:
    """Rules taken out from `since` on, and when."""
    rows = connection.execute(
        select(rule)
        .join(announcement, announcement.c.id == rule.c.announcement_id)
        .where(announcement.c.commune_id == commune_id, rule.c.removed_at >= since)
        .order_by(rule.c.id)
    )
    return [(_rule(dict(row._mapping)), row.removed_at) for row in rows]


_SCHEDULED = (
    select(rule.c.announcement_id)
    .join(announcement, announcement.c.id == rule.c.announcement_id)
    .where(announcement.c.commune_id == bindparam("commune"), rule.c.removed_at.is_(None))
    .where(
        (rule.c.rrule != "")
        | (rule.c.dtstart >= bindparam("over"))
        | (func.json_array_length(rule.c.added) > 0)
    )
    .distinct()
    .order_by(rule.c.announcement_id)
)
_DECIDED = (
    select(revision.c.announcement_id)
    .join(approval, approval.c.revision_id == revision.c.id)
    .where(approval.c.decided_at >= bindparam("since"))
)
_SCHEDULED_ANEW = _SCHEDULED.where(
    (rule.c.created_at >= bindparam("since")) | rule.c.announcement_id.in_(_DECIDED)
)


def scheduled(
    connection: Connection, commune_id: int, over: datetime, since: datetime | None = None
) -> list[int]:
    """The announcements whose rules may still have something to plan, by id.

    Left out: rules for a single time before `over`; with `since`, whatever has had neither a new
    rule nor a decision from then on.
    """
    given = {"commune": commune_id, "over": over.replace(tzinfo=None)}
    if since is None:
        return list(connection.scalars(_SCHEDULED, given))
    return list(connection.scalars(_SCHEDULED_ANEW, given | {"since": since}))


@dataclass(frozen=True, slots=True)
class New:
    """A rule or a decision, by what it is about and the time that it bears."""

    commune_id: int
    announcement_id: int
    at: datetime


_NEWS = union_all(
    select(announcement.c.commune_id, announcement.c.id, rule.c.created_at)
    .join(rule, rule.c.announcement_id == announcement.c.id)
    .where(rule.c.created_at >= bindparam("since")),
    select(announcement.c.commune_id, announcement.c.id, approval.c.decided_at)
    .join(revision, revision.c.announcement_id == announcement.c.id)
    .join(approval, approval.c.revision_id == revision.c.id)
    .where(approval.c.decided_at >= bindparam("since")),
)


def news(connection: Connection, since: datetime) -> list[New]:
    """Every rule and every decision of any commune from then on: two looks at indexes."""
    return [New(*row) for row in connection.execute(_NEWS, {"since": since})]


def rule_by_id(connection: Connection, commune_id: int, rule_id: int) -> TimetableRule:
    """Raises NotFound for a rule that never was or has been removed."""
    row = connection.execute(
        select(rule)
        .join(announcement, announcement.c.id == rule.c.announcement_id)
        .where(
            rule.c.id == rule_id,
            rule.c.removed_at.is_(None),
            announcement.c.commune_id == commune_id,
        )
    ).one_or_none()
    if row is None:
        raise NotFound(
            f"Không có lịch số {rule_id}. Xem: broadcaster timetable list",
            f"There is no rule {rule_id}. See: broadcaster timetable list",
        )
    return _rule(dict(row._mapping))


def change_rule(connection: Connection, rule_id: int, values: Mapping[str, Any]) -> None:
    """Another wording of the same rule; its sequence counts on."""
    connection.execute(
        update(rule).where(rule.c.id == rule_id).values(**values, sequence=rule.c.sequence + 1)
    )


def remove_rule(connection: Connection, rule_id: int, now: datetime) -> None:
    connection.execute(update(rule).where(rule.c.id == rule_id).values(removed_at=now))


def _rule(values: Mapping[str, Any]) -> TimetableRule:
    kept = {k: v for k, v in values.items() if k != "removed_at"}
    listed = {name: tuple(values[name]) for name in ("targets", "added", "skipped", "avoids")}
    return TimetableRule(**{**kept, **listed})
