"""Who did what, from where, why; and whether anybody has touched the record of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broadcaster.errors import InputError
from broadcaster.services.context import Context
from broadcaster.store import announcements, deliveries, events
from broadcaster.store.events import Chain


@dataclass(frozen=True, slots=True)
class Deed:
    """One record of the log; `detail` is what the deed itself has kept."""

    id: int
    at: datetime
    person: str
    what: str
    subject: str
    origin: str
    detail: Mapping[str, Any]
    seal: str

    @property
    def why(self) -> str:
        """The reason that was given, with what was accepted."""
        accepted = "; ".join(
            f"[{one['code']}] {one['what']}: {one['reason']}"
            for one in self.detail.get("accepted", ())
        )
        return accepted or str(self.detail.get("reason") or "")


def deeds(
    context: Context, *, after: datetime | None = None, before: datetime | None = None
) -> list[Deed]:
    """Everything that people did in a period."""
    with context.database.read() as connection:
        rows = events.find(connection, context.commune_id, after=after, before=before)
    return [_deed(row) for row in rows]


def history(context: Context, number: int) -> list[Deed]:
    """Everything that was done to an announcement and its deliveries. Raises NotFound."""
    with context.database.read() as connection:
        owner = announcements.by_number(connection, context.commune_id, number)
        own = deliveries.find(connection, context.commune_id, announcement_id=owner.id)
        subjects = [f"announcement {number}", *(f"delivery {one.id}" for one in own)]
        rows = events.find(connection, context.commune_id, subjects=subjects)
    return [_deed(row) for row in rows]


def verify(context: Context, head: str = "") -> Chain:
    """Look at the whole chain. `head`: a seal that was written down and has to be there still.

    Raises InputError for a seal that is none.
    """
    asked = head.lower().strip()
    if asked and (len(asked) < 8 or set(asked) - set("0123456789abcdef")):
        raise InputError(
            f"“{head}” không phải mã niêm phong (ít nhất 8 ký tự 0–9, a–f).",
            f"“{head}” is no seal (at least 8 characters 0–9, a–f).",
        )
    with context.database.read() as connection:
        return events.verify(connection, context.commune_id)


def _deed(row: Mapping[str, Any]) -> Deed:
    return Deed(
        row["id"], row["at"], row["person"], row["what"], row["subject"], row["origin"],
        row["detail"], row["seal"],
    )  # fmt: skip
