"""What every single try asks about itself, in as few questions as possible.

Half of it is asked inside the write lock: what is not needed there is not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, exists, func, select

from broadcaster.domain.announcement import Rendition
from broadcaster.domain.approval import pinned
from broadcaster.domain.delivery import Action, Delivery
from broadcaster.domain.outlet import Outlet
from broadcaster.store import approvals, deliveries, outlets
from broadcaster.store.schema import approval, delivery, outlet, rendition, revision
from broadcaster.store.schema_stations import stop


@dataclass(frozen=True, slots=True)
class Look:
    """A delivery whose turn it is, and how its target is doing.

    `revised`: another revision of its announcement has deliveries on that target.
    """

    delivery: Delivery
    revised: bool
    outlet: Outlet


_other = delivery.alias()
_REVISED = exists().where(
    _other.c.announcement_id == delivery.c.announcement_id,
    _other.c.target == delivery.c.target,
    _other.c.revision_id != delivery.c.revision_id,
)
_ITS_OUTLET = and_(
    outlet.c.commune_id == delivery.c.commune_id, outlet.c.target == delivery.c.target
)
_LOOK = (
    select(delivery, _REVISED.label("revised"), *outlets.LABELLED)
    .outerjoin(outlet, _ITS_OUTLET)
    .where(delivery.c.id == bindparam("id"), delivery.c.commune_id == bindparam("commune"))
)


def look(connection: Connection, commune_id: int, delivery_id: int) -> Look:
    """In one statement. Raises NotFound."""
    row = connection.execute(_LOOK, {"id": delivery_id, "commune": commune_id}).one_or_none()
    if row is None:
        raise deliveries.not_there(delivery_id)
    one = deliveries.of_row(row)
    return Look(one, bool(row.revised), outlets.of_labelled(row, commune_id, one.target))


@dataclass(frozen=True, slots=True)
class Clearance:
    """What decides whether a delivery may be tried, read inside the write lock.

    `granted`: what the approval that planned it pinned; None when that is not in force, or not for
    the newest revision. `now_pinned`: the same things as they are now. `rendition`: what would be
    sent. The last two are read only where there is something to hold them against.
    """

    stopped: bool
    outlet: Outlet
    granted: Mapping[str, Any] | None = None
    now_pinned: Mapping[str, Any] = field(default_factory=dict)
    rendition: Rendition | None = None


_NEWEST = (
    select(func.max(revision.c.n))
    .where(revision.c.announcement_id == bindparam("announcement"))
    .scalar_subquery()
)
_GRANTED = and_(
    approval.c.revision_id == revision.c.id,
    approval.c.id == bindparam("approval"),
    approval.c.decision == "granted",
    approval.c.voided_at.is_(None),
    approval.c.valid_until > bindparam("now"),
)
_STOPPED = exists().where(stop.c.commune_id == bindparam("commune"), stop.c.released_at.is_(None))
_THE_OUTLET = and_(
    outlet.c.commune_id == bindparam("commune"), outlet.c.target == bindparam("target")
)
_CLEARANCE = (
    select(
        revision.c.id.label("revision_id"),
        revision.c.digest,
        approval.c.pinned,
        _STOPPED.label("stopped"),
        *outlets.LABELLED,
    )
    .select_from(revision)
    .outerjoin(approval, _GRANTED)
    .outerjoin(outlet, _THE_OUTLET)
    .where(revision.c.announcement_id == bindparam("announcement"), revision.c.n == _NEWEST)
)
_CONTENT = case((rendition.c.id == bindparam("own"), rendition.c.content)).label("content")
_RENDITIONS = (
    select(*(_CONTENT if c.name == "content" else c for c in rendition.c))
    .where(rendition.c.revision_id == bindparam("revision"))
    .order_by(rendition.c.id)
)


def clearance(connection: Connection, one: Delivery, now: datetime) -> Clearance:
    """Of all renditions only the digests are read, and what is in the one to be sent."""
    row = connection.execute(
        _CLEARANCE,
        {
            "announcement": one.announcement_id,
            "approval": one.approval_id,
            "commune": one.commune_id,
            "target": one.target,
            "now": now,
        },
    ).one()
    stopped = bool(row.stopped)
    its_outlet = outlets.of_labelled(row, one.commune_id, one.target)
    if stopped or row.pinned is None or one.action == Action.WITHDRAW:
        return Clearance(stopped, its_outlet)
    given = {"revision": row.revision_id, "own": one.rendition_id}
    made = [Rendition(*found) for found in connection.execute(_RENDITIONS, given)]
    rules = approvals.rules(connection, one.announcement_id)
    return Clearance(
        stopped,
        its_outlet,
        row.pinned,
        pinned(row.digest, {each.target: each.digest for each in made}, rules),
        next((each for each in made if each.id == one.rendition_id), None),
    )
