"""What became of it: looking up what is unknown, verifying what was accepted, a person's word."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from broadcaster.channels import Receipt
from broadcaster.domain import changing
from broadcaster.domain import delivery as machine
from broadcaster.domain.announcement import Rendition
from broadcaster.domain.delivery import Action, Delivery
from broadcaster.domain.people import Person, Right
from broadcaster.errors import BroadcasterError, Conflict, Refused, Text, TryAgain
from broadcaster.services.context import Context
from broadcaster.services.dispatching import changes, circuit
from broadcaster.services.dispatching.writing import change, held_to_its_promise, plain
from broadcaster.store import announcements, deliveries, events

log = logging.getLogger(__name__)
_RAREST_LOOK = timedelta(hours=1)
_SOONEST_LOOK = timedelta(seconds=1)


def finished(accepted: Delivery, receipt: Receipt) -> Delivery:
    """accepted -> confirmed, with what the far side showed as proof."""
    proof = {"remote_id": receipt.remote_id, "link": receipt.link, **plain(receipt.proof)}
    return machine.confirm(
        accepted, proof, remote_id=receipt.remote_id, link=receipt.link or accepted.link
    )


def look_up(context: Context, one: Delivery, now: datetime) -> bool:
    """Ask the far side whether a post with our reference exists."""
    rendition, since = _evidence(context, one)
    waits = context.config.delivery.look_up
    next_look = timedelta(seconds=waits[min(one.absent_seen + 1, len(waits) - 1)])
    try:
        with held_to_its_promise(one.target):
            channel = context.channel(one.target)
            found = channel.look_up(rendition.content, one.marker, since, now)
    except BroadcasterError as error:
        log.warning("look-up of delivery %s: %s", one.id, error.text.en)
        return _ask_later(context, one, error, next_look)
    after = context.clock()
    if found is None:
        return change(context, one, machine.not_seen(one, after, after + next_look))
    taken = found.at or since
    accepted = machine.accept(one, found.remote_id, found.link, taken, after)
    return change(context, one, finished(accepted, found) if found.visible else accepted)


def _evidence(context: Context, one: Delivery) -> tuple[Rendition, datetime]:
    with context.database.read() as connection:
        rendition = announcements.rendition_by_id(connection, one.rendition_id)
        tries = deliveries.attempts(connection, one.id)
    return rendition, tries[0]["started_at"] if tries else one.due_at


def _ask_later(context: Context, one: Delivery, error: BroadcasterError, wait: timedelta) -> bool:
    """The far side could not be asked: when it says so, or after `wait`."""
    now = context.clock()
    named = error.at if isinstance(error, TryAgain) else None
    counted = circuit.after_error(context, one.target, error, now)
    at = max(named, now + _SOONEST_LOOK) if named else now + wait
    return change(context, one, machine.look_again(one, at), beside=counted)


def verify(context: Context, one: Delivery, now: datetime) -> bool:
    """Whether the public can really see what was accepted."""
    waited = now - (one.actual_at or now)  # what stays hidden for long is asked about less often
    wait = max(timedelta(seconds=context.config.delivery.verify), min(waited / 4, _RAREST_LOOK))
    known = Receipt(one.remote_id, one.link, at=one.actual_at)
    try:
        with held_to_its_promise(one.target):
            receipt = context.channel(one.target).verify(known, now)
    except Refused as refused:
        return change(context, one, machine.refuse(one, refused.text))
    except BroadcasterError as error:
        log.warning("verifying delivery %s: %s", one.id, error.text.en)
        return _ask_later(context, one, error, wait)
    if receipt is None:
        gone = Text(
            "Kênh đã nhận bài nhưng nay bài không còn ở đó.",
            "The post was accepted but is not there any more.",
        )
        return change(context, one, machine.refuse(one, gone))
    if not receipt.visible:
        later = context.clock() + wait
        again = machine.look_again(one, later, receipt.remote_id, receipt.link)
        return change(context, one, again)
    return change(context, one, finished(one, receipt))


def settle(
    context: Context, person: Person, delivery_id: int, now: datetime, *, posted: str | None
) -> Delivery:
    """A person decides an unknown outcome: posted at this link, or certainly not posted."""

    def settled(one: Delivery, _: Connection) -> Delivery:
        _refuse_changes(one)
        if posted is None:
            return machine.settle_not_posted(one, now)
        return machine.settle_posted(one, posted, person.name, now)

    return _on_their_word(context, person, delivery_id, now, settled, posted=posted)


def settle_removed(context: Context, person: Person, delivery_id: int, now: datetime) -> Delivery:
    """A person has removed by hand what the outlet did not withdraw."""

    def settled(one: Delivery, connection: Connection) -> Delivery:
        done = changing.removed_by_hand(one, person.name, now)
        changes.settle_its_post(connection, one)
        return done

    return _on_their_word(context, person, delivery_id, now, settled, removed=True)


def settle_corrected(context: Context, person: Person, delivery_id: int, now: datetime) -> Delivery:
    """A person has put in by hand the words that the outlet did not take."""

    def settled(one: Delivery, connection: Connection) -> Delivery:
        standing = changes.standing(connection, one)
        if standing is None:
            raise Conflict(
                f"Bài mà lượt số {one.id} phải sửa không còn trên kênh.",
                f"The post that delivery {one.id} was to correct does not stand any more.",
            )
        return changing.corrected_by_hand(one, standing, person.name, now)

    return _on_their_word(context, person, delivery_id, now, settled, corrected=True)


def _on_their_word(
    context: Context,
    person: Person,
    delivery_id: int,
    now: datetime,
    decide: Callable[[Delivery, Connection], Delivery],
    **noted: Any,
) -> Delivery:
    """What they say, written with who said it. Raises PolicyRefused without right or village."""
    person.must_have(Right.SETTLE)
    with context.database.write() as connection:
        one = deliveries.by_id(connection, context.commune_id, delivery_id)
        known = {target.key: target.village for target in context.config.targets}
        person.must_cover([known.get(one.target, "")])
        settled = decide(one, connection)
        if not deliveries.swap(connection, one, settled):
            raise Conflict(
                f"Lượt phát số {delivery_id} vừa thay đổi. Hãy xem lại.",
                f"Delivery {delivery_id} changed meanwhile. Look again.",
            )
        events.note(
            connection, context.commune_id, person.name, "delivery.settled",
            f"delivery {delivery_id}", now, **noted,
        )  # fmt: skip
    return settled


def _refuse_changes(one: Delivery) -> None:
    if one.action != Action.POST:
        raise Conflict(
            f"Lượt số {one.id} sửa hoặc gỡ bài đã đăng: chương trình tự làm lại cho đến khi rõ.",
            f"Delivery {one.id} corrects or withdraws a post: it is repeated until it is clear.",
        )
