"""Who allowed exactly what: the revision, every rendition's bytes, the targets and the times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
        exceptions = {"added": self.added, "skipped": self.skipped, "avoids": self.avoids}
        more = [digest_of(exceptions)] if any(exceptions.values()) else []
        more += [] if self.slot_id is None else [f"slot {self.slot_id}"]
        return [self.rrule, self.dtstart.isoformat(), *sorted(self.targets), *more]


@dataclass(frozen=True, slots=True)
class Approval:
    """`decision` is "granted" or "returned"; in force while granted, not voided and in date."""

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
    return {
        "revision": revision.digest,
        "renditions": {r.target: r.digest for r in renditions},
        "rules": sorted(rule.pinned() for rule in rules),
    }


def digest(pinned: Mapping[str, Any]) -> str:
    return digest_of(pinned)


def changed(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs from what was approved, in Vietnamese; empty when nothing does."""
    found = []
    if then["revision"] != now["revision"]:
        found.append("nội dung bản tin")
    targets = sorted(set(then["renditions"]) | set(now["renditions"]))
    found += [
        f"bản thể hiện cho “{target}”"
        for target in targets
        if then["renditions"].get(target) != now["renditions"].get(target)
    ]
    if then["rules"] and then["rules"] != now["rules"]:
        found.append("lịch phát")
    return found
