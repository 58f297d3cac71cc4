"""Whether a target is called at all: it rests after failures, at a limit, and when its day is used.

What waits for a resting target stays planned and burns no attempt. An emergency does not wait: a
definite "no" costs it nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from broadcaster.channels import Channel, Health, Usage
from broadcaster.domain import delivery as machine
from broadcaster.domain import outlet as circuit
from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import Action, Delivery
from broadcaster.domain.outlet import Outlet
from broadcaster.errors import BroadcasterError, OutcomeUnknown, Refused, Text, TryAgain
from broadcaster.services.context import Context
from broadcaster.services.dispatching.writing import Beside, change, held_to_its_promise
from broadcaster.store import deliveries, outlets

log = logging.getLogger(__name__)


def lets_through(
    context: Context, one: Delivery, channel: Channel, known: Outlet, now: datetime
) -> bool:
    """Whether a try may begin; if not, the delivery waits with the reason written down."""
    if known.rests_until is None or one.priority == Priority.EMERGENCY:
        return True
    if known.rests_until > now:
        change(context, one, machine.hold_back(one, _resting(known), known.rests_until))
        return False
    if not known.doubtful:
        _settle(context, one.target, circuit.well, now)
        return True
    return _asked(context, one, channel, known, now)


def _asked(context: Context, one: Delivery, channel: Channel, known: Outlet, now: datetime) -> bool:
    """Its rest is over: one worker asks whether it works again, without posting anything."""
    with context.database.write() as connection:
        if outlets.by_target(connection, context.commune_id, one.target) != known:
            return False  # somebody else is asking
        outlets.keep(connection, circuit.probing(known, now))
    try:
        with held_to_its_promise(one.target):
            health = channel.check(now)
    except BroadcasterError as error:
        health = Health(ok=False, message=error.text)
    if health.ok:
        return True  # the others wait until this one has been taken
    after = context.clock()
    again = _settle(
        context, one.target, partial(circuit.broken, cause=health.message, now=after), after
    )
    change(context, one, machine.hold_back(one, _resting(again), again.rests_until or after))
    return False


def asked_by(one: Delivery, outlet: Outlet) -> Outlet | None:
    """The target, if this try finds out for all that wait there whether it takes posts again.

    What is then refused for the whole target is not about this post, which so waits with the
    others: else every rest would cost one. An emergency asks for nobody, and fails at once.
    """
    return outlet if outlet.doubtful and one.priority != Priority.EMERGENCY else None


def asks_again(asked: Outlet, refused: Refused, now: datetime) -> datetime:
    """The end of the rest that follows such a refusal."""
    return circuit.broken(asked, refused.text, now).rests_until or now


def _resting(outlet: Outlet) -> Text:
    why = outlet.cause or Text("đang hỏi lại kênh", "the outlet is being asked")
    return Text(f"Kênh đang tạm nghỉ. {why.vi}", f"The outlet rests. {why.en}")


def _settle(
    context: Context, target: str, change_it: Callable[[Outlet], Outlet], now: datetime
) -> Outlet:
    with context.database.write() as connection:
        known = outlets.by_target(connection, context.commune_id, target)
        new = change_it(known)
        _write(connection, known, new, now)
    return new


def _write(connection: Connection, old: Outlet, new: Outlet, now: datetime) -> None:
    """Keep it; when it closes, what waited for just that moment is due at once."""
    if new != old:
        outlets.keep(connection, new)
    if new.rests_until is not None and new.rests_until != old.rests_until:
        log.warning("target %s rests until %s", new.target, new.rests_until)
    if old.rests_until is None or new.rests_until is not None:
        return
    for one in deliveries.waiting(connection, old.commune_id, old.target, old.rests_until):
        deliveries.swap(connection, one, machine.hold_back(one, None, now))
    log.info("target %s works again", old.target)


# --- what a call's outcome says about its target -------------------------------------------------


def after_success(context: Context, target: str, usage: Usage | None, now: datetime) -> Beside:
    """It took a post. Near the end of its allowance it rests, so that it never meets the limit."""

    def write(connection: Connection) -> None:
        known = outlets.by_target(connection, context.commune_id, target)
        new = circuit.well(known)
        if usage is not None and usage.percent >= context.config.delivery.usage_percent:
            until = max(usage.regain_at or now + circuit.TIRED_FOR, now)
            new = circuit.limited(new, _nearly_used(usage), until)
        _write(connection, known, new, now)

    return write


def _nearly_used(usage: Usage) -> Text:
    return Text(
        f"Đã dùng {usage.percent:.0f}% số lượt gọi mà kênh cho phép.",
        f"{usage.percent:.0f}% of the outlet's call allowance is used.",
    )


def after_error(context: Context, target: str, error: BroadcasterError, now: datetime) -> Beside:
    """A failure of the target's counts against it; that it refuses one post shows it is well."""
    return partial(_after_error, context, target, error, now)


def _after_error(
    context: Context, target: str, error: BroadcasterError, now: datetime, connection: Connection
) -> None:
    known = outlets.by_target(connection, context.commune_id, target)
    new = _judged(known, error, now)
    if new is not known:
        _write(connection, known, new, now)


def _judged(known: Outlet, error: BroadcasterError, now: datetime) -> Outlet:
    if isinstance(error, OutcomeUnknown):
        return circuit.failed(known, error.text, now)
    if isinstance(error, TryAgain) and error.target_wide:
        if error.at is not None:
            return circuit.limited(known, error.text, error.at)
        return circuit.failed(known, error.text, now)
    if isinstance(error, Refused):
        return circuit.broken(known, error.text, now) if error.target_wide else circuit.well(known)
    return known


# --- the day's budget ----------------------------------------------------------------------------


def spent(
    connection: Connection, context: Context, one: Delivery, known: Outlet, now: datetime
) -> Outlet | None:
    """The outlet with one more try of today; None, the reason on the row, when none is left."""
    local = context.policy.local(now)
    budget = context.config.target(one.target).tries_per_day
    budget = budget or context.config.delivery.tries_per_day
    exempt = one.priority == Priority.EMERGENCY or one.action == Action.WITHDRAW
    if exempt or known.used_on(_day(local)) < budget:
        return circuit.spent(known, _day(local))
    tomorrow = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    held = machine.hold_back(one, _used_up(budget), tomorrow.astimezone(UTC))
    deliveries.swap(connection, one, held)
    return None


def _day(local: datetime) -> str:
    return local.date().isoformat()


def _used_up(budget: int) -> Text:
    return Text(
        f"Kênh đã dùng hết {budget} lượt gửi của hôm nay; chờ sang ngày mai. Cần thêm thì nâng "
        "“tries_per_day” trong cấu hình.",
        f"The outlet's {budget} tries of today are used; waits for tomorrow. Raise "
        "“tries_per_day” in the settings if more are needed.",
    )


# --- people --------------------------------------------------------------------------------------


def states(context: Context) -> dict[str, Outlet]:
    """How each target that was ever tried is doing, by key."""
    with context.database.read() as connection:
        return outlets.every(connection, context.commune_id)


def seen_well(context: Context, target: str, now: datetime) -> bool:
    """A person has asked the target and it works: no need to wait for the end of its rest.

    Whether it had been resting for its failures; a far side's own limit stays.
    """
    with context.database.write() as connection:
        known = outlets.by_target(connection, context.commune_id, target)
        if not known.doubtful:
            return False
        _write(connection, known, circuit.answered(known), now)
    return True
