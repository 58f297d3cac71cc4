"""Reading the rows: what was planned, what happened, and the proof of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import Delivery
from broadcaster.domain.emergency import Status
from broadcaster.errors import Text
from broadcaster.services.approval import confirming
from broadcaster.services.approval.confirming import Ordered
from broadcaster.services.context import Context
from broadcaster.store import announcements, deliveries, stations
from broadcaster.store.announcements import Once


@dataclass(frozen=True)
class Line:
    """One delivery as the log book shows it."""

    delivery: Delivery
    number: int
    title: str
    target_name: str
    voice: str = ""
    fallback: Text | None = None
    unconfirmed: Text | None = None

    def proof(self) -> str:
        """In a few words: post id and link, device and seconds played, or whose word it is."""
        one = self.delivery
        shown = " ".join(part for part in (one.remote_id, one.link) if part)
        if "settled_by" in one.proof:
            return f"{shown} ({one.proof['settled_by']})".strip()
        if one.pulled and one.proof:
            device = one.proof.get("device", "")
            played = f"{one.proof.get('seconds_played', 0):.1f}".replace(".", ",")
            return ", ".join(filter(None, [device, f"{played} s", self.voice]))
        return shown


def lines(
    context: Context,
    *,
    after: datetime | None = None,
    before: datetime | None = None,
    number: int | None = None,
) -> list[Line]:
    """Every delivery in a period or of one announcement, by time."""
    with context.database.read() as connection:
        owner = number and announcements.by_number(connection, context.commune_id, number)
        found = deliveries.find(
            connection,
            context.commune_id,
            announcement_id=owner.id if owner else None,
            after=after,
            before=before,
        )
        once = Once(connection)
        return [_line(once, context, one) for one in found]


def _line(once: Once, context: Context, one: Delivery) -> Line:
    content = once.rendition(one.rendition_id).content
    fallback = content.get("fallback")
    return Line(
        delivery=one,
        number=once.announcement(one.announcement_id).number,
        title=once.revision(one.revision_id).title,
        target_name=_name(context, one.target),
        voice=content.get("voice", "") if one.pulled else "",
        fallback=Text(**fallback) if fallback else None,
        unconfirmed=_unconfirmed(once, context, one),
    )


def _unconfirmed(once: Once, context: Context, one: Delivery) -> Text | None:
    """What the log says of an emergency that no second person stands behind, or came late."""
    if one.priority != Priority.EMERGENCY:
        return None
    said = once.decisions(one.revision_id)
    granted = next(d for d in said if d.id == one.approval_id)
    ordered = Ordered(granted.person, granted.decided_at)
    if sent := once.order(one.rule_id):
        if sent.status != Status.ACTUAL:
            return None
        ordered = Ordered(sent.person, sent.sent_at)
    until = confirming.confirm_by(context, ordered)
    local = context.policy.local(until)
    if word := confirming.word_on(ordered, said):
        if word.decided_at <= until:
            return None
        return Text(
            f"Xác nhận muộn, sau {local:%H:%M %d/%m/%Y}: {word.person}.",
            f"Confirmed late, after {local:%d/%m/%Y %H:%M}: {word.person}.",
        )
    return Text(
        f"CHƯA XÁC NHẬN: cần người thứ hai trước {local:%H:%M %d/%m/%Y}.",
        f"NOT CONFIRMED: a second person is asked until {local:%d/%m/%Y %H:%M}.",
    )


def _name(context: Context, key: str) -> str:
    """The target's name, or its key when it has left the settings since."""
    return next((t.name for t in context.config.targets if t.key == key), key)


@dataclass(frozen=True)
class History:
    """All that is written about one delivery."""

    line: Line
    attempts: list[dict[str, Any]]
    entries: list[dict[str, Any]]


def history(context: Context, delivery_id: int) -> History:
    """Raises NotFound."""
    with context.database.read() as connection:
        one = deliveries.by_id(connection, context.commune_id, delivery_id)
        return History(
            line=_line(Once(connection), context, one),
            attempts=[dict(a) for a in deliveries.attempts(connection, one.id)],
            entries=[dict(e) for e in stations.entries(connection, context.commune_id, one.uid)],
        )
