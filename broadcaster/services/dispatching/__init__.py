"""Pushing what is due: an attempt row before every call, a look-up before another try."""

from __future__ import annotations

from datetime import datetime, timedelta

from broadcaster.domain import delivery as machine
from broadcaster.domain.delivery import Action, Delivery, State
from broadcaster.errors import Text
from broadcaster.services.context import Context
from broadcaster.services.dispatching import changes, sending, settling
from broadcaster.services.dispatching.circuit import seen_well, states
from broadcaster.services.dispatching.settling import settle, settle_corrected, settle_removed
from broadcaster.services.dispatching.writing import both, change
from broadcaster.store import clearance, deliveries
from broadcaster.store import due as store
from broadcaster.store import under_way as attempts
from broadcaster.store.clearance import Look
from broadcaster.store.database import Database
from broadcaster.store.due import Due
from broadcaster.store.under_way import UnderWay

__all__ = [
    "Due",
    "UnderWay",
    "due",
    "give_up",
    "handle",
    "recover",
    "seen_well",
    "settle",
    "settle_corrected",
    "settle_removed",
    "states",
    "under_way",
]

_PROOF_LATE = Text(
    "Đã quá giờ mà trạm chưa báo đã phát: chưa có bằng chứng.",
    "The station has not reported it: no proof of play.",
)


def due(
    database: Database, now: datetime, each: int = 5, ahead: timedelta = timedelta()
) -> list[Due]:
    """What somebody must look at now, or `ahead`, by class and then by time; see the store."""
    with database.glance() as connection:
        return store.due(connection, now, each, ahead)


def handle(context: Context, delivery_id: int, now: datetime) -> bool:
    """One step for one delivery; whether anything changed. Safe to call twice, late, or never."""
    with context.database.glance() as connection:
        seen = clearance.look(connection, context.commune_id, delivery_id)
    one = seen.delivery
    if one.next_at is None or one.next_at > now:
        return False
    if one.state == State.PLANNED:
        return _planned(context, seen, now)
    if one.pulled:
        late = machine.no_proof(one, _PROOF_LATE)
        return change(context, one, late, "unknown", both(_PROOF_LATE), now)
    if one.state == State.SENDING:
        return sending.lost(context, one, now)
    if one.state == State.UNKNOWN:
        settles = settling.look_up if one.action == Action.POST else changes.repeated
        return settles(context, one, now)
    return settling.verify(context, one, now)


def _planned(context: Context, seen: Look, now: datetime) -> bool:
    one = seen.delivery
    going: Delivery | None = one
    if seen.revised and not one.pulled and one.action == Action.POST and one.about_id is None:
        going = changes.aimed(context, one, now)
    if going is None:
        return True
    overdue = sending.overdue(context, going, now)
    return overdue or (not going.pulled and sending.attempt(context, going, seen.outlet, now))


def under_way(database: Database) -> list[UnderWay]:
    """Every attempt that waits for the answer of a far side, of all communes."""
    with database.glance() as connection:
        return attempts.every(connection)


def give_up(context: Context, delivery_id: int, owner: str, now: datetime) -> bool:
    """Its worker `owner` is dead: what became of it is looked up. Whether it still was that one's.

    Never for a worker that lives: it may be about to post.
    """
    with context.database.read() as connection:
        one = deliveries.by_id(connection, context.commune_id, delivery_id)
    if one.state != State.SENDING or one.pulled or one.owner != owner:
        return False
    return sending.lost(context, one, now)


def recover(context: Context, now: datetime) -> int:
    """At the start of the only server: whatever was being sent, its worker is dead."""
    left = [one for one in under_way(context.database) if one.commune_id == context.commune_id]
    return sum(give_up(context, one.id, one.owner, now) for one in left)
