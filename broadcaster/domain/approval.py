"""Who allowed exactly what: the revision, every rendition's bytes, the targets and the times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from broadcaster.domain.announcement import Rendition, Revision, digest_of
from broadcaster.domain.timetable.holidays import NONE, Holidays


@dataclass(frozen=True, slots=True)
class TimetableRule:
    """A rule of the timetable as stored: when (see `timetable.Rule`), for which targets.

    `sequence` counts its edits. `added` and `skipped` are ISO text, `avoids` keys of holidays;
    the days of those are handed over in `days_off`.
    """

    id: int
    announcement_id: int
    rrule: str
    dtstart: datetime
    zone: str
    targets: tuple[str, ...]
    author: str
    created_at: datetime
    sequence: int = 0
    added: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()
    days_off: Holidays = field(default=NONE, compare=False, repr=False)
    slot_id: int | None = None

    def pinned(self) -> list[str]:
        """What an approval binds of it, as text."""
        exceptions = {"thêm": self.added, "trừ": self.skipped, "tránh ngày lễ": self.avoids}
        more = [f"{name} {'; '.join(these)}" for name, these in exceptions.items() if these]
        more += [] if self.slot_id is None else [f"slot {self.slot_id}"]
        return [self.rrule, self.dtstart.isoformat(), *sorted(self.targets), *more]


class Decision(StrEnum):
    """What a person may say to a revision with all that hangs on it."""

    SUBMITTED = "submitted"  # handed in by who wrote it
    EDITED = "edited"  # first approval, of the editor in chief
    GRANTED = "granted"  # final approval, or the order of an emergency
    RETURNED = "returned"
    CONFIRMED = "confirmed"  # a second person's word on an emergency
    HEARD = "heard"  # listened to; pins the sound only


@dataclass(frozen=True, slots=True)
class Approval:
    """One decision. An approval is in force while granted, not voided and in date."""

    id: int
    revision_id: int
    decision: str
    person: str
    reason: str
    digest: str
    pinned: Mapping[str, Any]
    decided_at: datetime
    valid_until: datetime
    voided_at: datetime | None
    voided_reason: str


def pin(
    revision: Revision, renditions: Sequence[Rendition], rules: Sequence[TimetableRule]
) -> dict[str, Any]:
    """Everything that an approval binds, as plain JSON.

    Without any rule yet, the times are bound by the approval's period only: an operator may then
    schedule inside it. With rules, exactly these are approved.
    """
    return pinned(revision.digest, {r.target: r.digest for r in renditions}, rules)


def pinned(
    revision: str, renditions: Mapping[str, str], rules: Sequence[TimetableRule]
) -> dict[str, Any]:
    """The same, from the digests of the revision and, by target, of its renditions."""
    return {
        "revision": revision,
        "renditions": dict(renditions),
        "rules": sorted(rule.pinned() for rule in rules),
    }


def digest(pinned: Mapping[str, Any]) -> str:
    return digest_of(pinned)


def changed(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs from what was approved, in Vietnamese; empty when nothing does.

    Names the exact thing: digests before and after, times that came or went.
    """
    found = []
    if then["revision"] != now["revision"]:
        found.append(f"nội dung bản tin ({_short(then['revision'])} → {_short(now['revision'])})")
    for target in sorted(set(then["renditions"]) | set(now["renditions"])):
        old, new = (pinned["renditions"].get(target, "") for pinned in (then, now))
        if old != new:
            found.append(f"bản thể hiện cho “{target}” ({_short(old)} → {_short(new)})")
    if then["rules"] and then["rules"] != now["rules"]:
        gone = [rule for rule in then["rules"] if rule not in now["rules"]]
        came = [rule for rule in now["rules"] if rule not in then["rules"]]
        found.append(f"lịch phát (bỏ: {_times(gone)}; thêm: {_times(came)})")
    return found


def _short(digest: str) -> str:
    return digest[:8] or "không có"


def _times(rules: Sequence[Sequence[str]]) -> str:
    """Pinned rules in short: when they begin, whether they go on, where."""
    said = [
        f"{datetime.fromisoformat(begins):%H:%M:%S %d/%m/%Y}{' lặp lại' if rrule else ''} "
        f"({', '.join(more)})"
        for rrule, begins, *more in rules
    ]
    return ", ".join(said) or "không"


def stage(decisions: Sequence[Approval], code: str) -> str:
    """How far a dossier whose pinned things have the digest `code` has come; "" for not at all.

    Whatever was said about other bytes does not count, but a return does.
    """
    for one in reversed(decisions):
        if one.decision == Decision.RETURNED:
            return Decision.RETURNED
        if one.decision in {Decision.SUBMITTED, Decision.EDITED} and one.digest == code:
            return one.decision
    return ""
