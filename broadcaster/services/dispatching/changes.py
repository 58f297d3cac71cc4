"""Changing what stands already: a new text in the place of an old one, and posts taken back.

Neither makes a post, and doing either twice changes nothing more. So an unclear outcome is repeated
after the quarantine instead of looked up; all else is the discipline of every delivery.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from broadcaster.channels import Channel, Gone, Receipt, Withdrawn, correcting, withdrawing
from broadcaster.domain import changing
from broadcaster.domain import delivery as machine
from broadcaster.domain.announcement import Rendition
from broadcaster.domain.delivery import Delivery, State
from broadcaster.domain.posts import Post, posts
from broadcaster.errors import BroadcasterError, NotThere, Text
from broadcaster.services.context import Context
from broadcaster.services.dispatching import circuit
from broadcaster.services.dispatching.writing import change, held_to_its_promise, plain
from broadcaster.store import announcements, deliveries

_RECHECK = timedelta(seconds=15)


def aimed(context: Context, one: Delivery, now: datetime) -> Delivery | None:
    """The delivery as a correction, if an earlier post of its announcement stands there.

    None when it has to wait: whether there is an earlier post is not known yet. An outlet that
    cannot correct gets a post of its own.
    """
    with context.database.read() as connection:
        earlier = [
            post
            for post in _posts(connection, one)
            if any(other.revision_id != one.revision_id for other in post.chain)
        ]
    if not earlier or not _corrects(context, one.target):
        return one
    unsettled = next((post.unsettled for post in earlier if post.unsettled), None)
    if unsettled is not None:
        change(context, one, _waiting(one, unsettled, now))
        return None
    standing = [post for post in earlier if post.stands]
    if not standing:
        return one
    new = changing.aim(one, standing[-1].id, now)
    return new if change(context, one, new) else None


def _posts(connection: Connection, one: Delivery) -> list[Post]:
    rows = deliveries.find(
        connection, one.commune_id, announcement_id=one.announcement_id, target=one.target
    )
    return posts(rows)


def standing(connection: Connection, one: Delivery) -> Delivery | None:
    """The delivery whose words stand in the post that `one` is about; None when nothing does."""
    its = next((post for post in _posts(connection, one) if one in post.chain), None)
    return its.newest if its and its.stands else None


def _corrects(context: Context, target: str) -> bool:
    try:
        with held_to_its_promise(target):
            return correcting(context.channel(target)) is not None
    except BroadcasterError:
        return False  # it cannot be made now; the try itself says why


def _waiting(one: Delivery, unsettled: Delivery, now: datetime) -> Delivery:
    """Looked at again when the other one is, if that is being looked up."""
    looked_up = unsettled.next_at if unsettled.state == State.UNKNOWN else None
    cause = Text(
        f"Chờ biết chắc kết quả của lượt số {unsettled.id} trên kênh này.",
        f"Waits until the outcome of delivery {unsettled.id} on this outlet is known.",
    )
    return machine.hold_back(one, cause, max(now + _RECHECK, looked_up or now))


def ready(connection: Connection, one: Delivery, now: datetime) -> Delivery | None:
    """A withdrawal that may begin, with the id and address of its post; else what it waits for."""
    post = next((p for p in _posts(connection, one) if p.id == one.about_id), None)
    unsettled = post.unsettled if post else None
    if unsettled is not None:
        deliveries.swap(connection, one, _waiting(one, unsettled, now))
        return None
    newest = post.newest if post else None
    if newest is None:
        cause = Text("Không có bài nào trên kênh để gỡ.", "There is no post there to withdraw.")
        deliveries.swap(connection, one, machine.cancel(one, cause, now))
        return None
    return changing.pointed_at(one, newest)


def corrected(
    context: Context, channel: Channel, claimed: Delivery, rendition: Rendition, now: datetime
) -> Receipt:
    """Put the new words there. Raises what the channel raises."""
    able = correcting(channel)
    known = _known(context, channel, claimed, now)
    if able is None or known is None:  # the outlet lost the ability since, or its post is gone
        raise NotThere("Bài cũ không còn ở đó.", "The earlier post is not there any more.")
    return able.update(rendition.content, known, claimed.marker, now)


def withdrawn(context: Context, channel: Channel, claimed: Delivery, now: datetime) -> Withdrawn:
    """Take the post back. Raises what the channel raises."""
    able = withdrawing(channel)
    known = _known(context, channel, claimed, now)
    if able is None or known is None:
        return Withdrawn(Gone.CANNOT, _by_hand(claimed))
    return able.withdraw(known, now)


def _by_hand(claimed: Delivery) -> Text:
    where = claimed.link or claimed.marker
    return Text(
        f"Kênh này không gỡ bài tự động được. Hãy mở trang của kênh và gỡ bằng tay: {where}",
        f"This outlet cannot withdraw posts by itself. Open it and remove by hand: {where}",
    )


def _known(context: Context, channel: Channel, claimed: Delivery, now: datetime) -> Receipt | None:
    """What the far side said of the post; one that a person reported has to be looked up."""
    with context.database.read() as connection:
        about = deliveries.by_id(connection, context.commune_id, claimed.about_id or 0)
        post = next(p for p in _posts(connection, about) if p.id == claimed.about_id)
        newest = post.newest or about
        rendition = announcements.rendition_by_id(connection, newest.rendition_id)
    if newest.remote_id:
        return Receipt(newest.remote_id, newest.link, at=newest.actual_at)
    return channel.look_up(rendition.content, newest.marker, newest.due_at, now)


def taken_back(context: Context, claimed: Delivery, done: Withdrawn, now: datetime) -> bool:
    """Write down that it is gone, or what a person has to do."""
    well = circuit.after_success(context, claimed.target, None, now)
    if done.how is Gone.CANNOT:
        todo = done.todo or _by_hand(claimed)
        detail = {"vi": todo.vi, "en": todo.en, "how": done.how.value}
        return change(context, claimed, machine.refuse(claimed, todo), "refused", detail, now, well)
    proof = {**plain(done.proof), "how": done.how.value, "link": claimed.link}
    gone = changing.taken_back(claimed, proof, now)

    def beside(connection: Connection) -> None:
        well(connection)
        settle_its_post(connection, claimed)

    return change(context, claimed, gone, "withdrawn", proof, now, beside)


def settle_its_post(connection: Connection, claimed: Delivery) -> None:
    """A post that had not become visible yet is not waited for any more."""
    cause = Text("Đã gỡ trước khi hiện công khai.", "Withdrawn before it had become visible.")
    for post in _posts(connection, claimed):
        for one in post.chain if post.id == claimed.about_id else ():
            if one.state == State.ACCEPTED:
                deliveries.swap(connection, one, changing.gone_before_seen(one, cause))


def repeated(context: Context, one: Delivery, now: datetime) -> bool:
    """unknown -> planned, for what is no post."""
    return change(context, one, changing.repeat(one, now))


def anew(context: Context, claimed: Delivery, error: NotThere, now: datetime) -> bool:
    """The post that was to be corrected is gone: its new text becomes a post of its own."""
    detail = {"vi": error.text.vi, "en": error.text.en, "code": error.code}
    new = changing.post_anew(claimed, error.text, now)
    return change(context, claimed, new, "again", detail, now)
