"""What the server has signed, read from the disk and checked again each time before it counts.

The rows of plan and journal say what is due and what became of it. Whether it may sound at all is
read here, from the signed text itself: who changes the rows gets silence and an incident.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import ValidationError

from broadcaster.errors import Text
from broadcaster.signature import Forged, opened
from broadcaster.station import causes
from broadcaster.station.database import Database
from broadcaster.station.journal import Row
from broadcaster.station.plan import as_limits, as_quiet
from broadcaster.station.playout import Limits, Mute, Quiet
from broadcaster.station.trust import Trust
from broadcaster.wire import Rundown, RundownItem, Signed

_KEPT = 8
"""Checked texts that are remembered: the plan in force, and older ones of items still open."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What binds the whole station. `trouble`: the plan on the disk is not what was signed."""

    quiet: Quiet | None = None
    limits: Limits | None = None
    mute: Mute | None = None
    stopped: bool = False
    withdrawn: frozenset[str] = frozenset()
    max_volume: int = 100
    trouble: Text | None = None


UNTIL_WITHDRAWN = 0


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often an item sounds. `most`: a number, or UNTIL_WITHDRAWN; none begins after `until`."""

    most: int = 1
    until: datetime | None = None

    def from_now(self, at: datetime, length: timedelta) -> int:
        """At least one: whether it may begin at all is decided elsewhere."""
        if self.until is None or length <= timedelta():
            return max(self.most, 1)
        within = max(1, math.ceil((self.until - at) / length))
        return within if self.most == UNTIL_WITHDRAWN else min(self.most, within)

    def go_on(self, now: datetime) -> bool:
        """Whether what was cut off by a crash begins again."""
        return self.most == UNTIL_WITHDRAWN and self.until is not None and now < self.until


@dataclass(frozen=True, slots=True)
class _Opened:
    rundown: Rundown
    items: dict[str, RundownItem] = field(default_factory=dict)


class Orders:
    """Reads only. One for each connection to the station's database."""

    def __init__(self, database: Database, trust: Trust, station: str) -> None:
        self._db = database
        self._trust = trust
        self._station = station
        self._known: dict[tuple[str, str], _Opened | None] = {}

    def standing(self) -> Standing:
        """By the newest plan that was taken over; all empty before the first."""
        body = self._body(self._db.get("sealed"))
        if body is None:
            begun = self._db.get("version") != ""
            return Standing(trouble=causes.PLAN_TAMPERED if begun else None)
        found = self._open(body)
        if found is None or str(found.rundown.version) != self._db.get("version"):
            return Standing(trouble=causes.PLAN_TAMPERED)
        plan = found.rundown
        return Standing(
            quiet=as_quiet(plan.quiet) if plan.quiet else None,
            limits=as_limits(plan.limits) if plan.limits else None,
            mute=Mute(plan.mute.until, plan.mute.reason) if plan.mute else None,
            stopped=plan.stopped,
            withdrawn=frozenset(plan.withdrawn),
            max_volume=_loudest(plan),
        )

    def valid_until(self) -> datetime | None:
        """Up to when the newest plan holds."""
        body = self._body(self._db.get("sealed"))
        found = self._open(body) if body is not None else None
        return found.rundown.valid_until if found else None

    def trouble(self, row: Row, standing: Standing) -> Text | None:
        """Why `row` is not what was signed, approved and in date, or None."""
        if standing.trouble:
            return standing.trouble
        body = self._body(row.sealed)
        found = self._open(body) if body is not None else None
        item = found.items.get(row.uid) if found else None
        if found is None or item is None or not _is(row, item) or row.uid in standing.withdrawn:
            return causes.PLAN_TAMPERED
        if not item.approval:
            return causes.NOT_APPROVED
        plan = found.rundown
        if not plan.valid_from <= row.starts_at <= plan.valid_until:
            return causes.OUT_OF_DATE
        return None

    def waived(self, row: Row) -> frozenset[str]:
        """The limits of the day that were taken off this item."""
        item = self._item(row)
        return frozenset(item.waived) if item else frozenset()

    def rounds(self, row: Row) -> Rounds:
        item = self._item(row)
        return Rounds(item.rounds, item.until) if item else Rounds()

    def may_break_silence(self, row: Row) -> bool:
        """An emergency for which somebody answers, as it was signed."""
        item = self._item(row)
        return item is not None and item.priority == "emergency" and bool(item.authority.strip())

    def _item(self, row: Row) -> RundownItem | None:
        body = self._body(row.sealed)
        found = self._open(body) if body is not None else None
        return found.items.get(row.uid) if found else None

    def _body(self, number: str) -> str | None:
        row = self._db.one("SELECT body FROM sealed WHERE id = ?", number) if number else None
        return str(row["body"]) if row else None

    def _open(self, body: str) -> _Opened | None:
        """None for what does not stand up to the pinned key."""
        key = body, self._trust.pinned()
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.pop(next(iter(self._known)))
            self._known[key] = self._checked(*key)
        return self._known[key]

    def _checked(self, body: str, pinned: str) -> _Opened | None:
        try:
            signed = Signed.model_validate_json(body)
            rundown = Rundown.model_validate_json(opened(signed, pinned))
        except (ValidationError, Forged):
            return None
        if rundown.station != self._station:
            return None
        return _Opened(rundown, {item.uid: item for item in rundown.items})


def _loudest(plan: Rundown) -> int:
    limit = plan.limits.max_volume if plan.limits else None
    return 100 if limit is None else limit


def _is(row: Row, item: RundownItem) -> bool:
    return (
        row.starts_at == item.starts_at
        and row.expires_at == item.expires_at
        and row.priority == item.priority
        and row.cues == item.cues
    )
