"""What next? Pure: the plan, what became of it, the guards and `now` go in, one decision comes out.

A station that is asked again after any crash, clock step or restart gets the same answer from the
same rows, so the rules of silence live here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from broadcaster.domain.policy import QuietHours
from broadcaster.errors import Text
from broadcaster.station import causes

ARM_AHEAD = timedelta(seconds=60)
"""Audio is read and verified this long before it is due."""

LEAD = timedelta(seconds=0.5)
"""A play is committed as started, and handed to the player, this long before its first sample."""

RETRY = timedelta(seconds=1)
"""How often a hindrance is looked at again."""

BUILD_YEAR = 2026
CLOCK_TOLERANCE = timedelta(seconds=2)
OFFSET_LIMIT = timedelta(seconds=60)


class Status(StrEnum):
    PLANNED = "planned"
    ARMED = "armed"  # its audio was verified just now
    STARTED = "started"  # committed before the first sample; never played again from here
    ENDED = "ended"
    INTERRUPTED = "interrupted"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({Status.PLANNED, Status.ARMED})


@dataclass(frozen=True, slots=True)
class Slot:
    """One item of the plan beside what became of it.

    `emergency`: one for which somebody answers. `plan_trouble`: why it is not what was signed;
    `audio_trouble`: None when ready to play.
    """

    uid: str
    title: str
    emergency: bool
    urgent: bool
    starts_at: datetime
    expires_at: datetime
    length: timedelta
    status: Status
    plan_trouble: Text | None = None
    audio_trouble: Text | None = None
    hindrance: Text | None = None
    withdrawn: bool = False
    waived: frozenset[str] = frozenset()
    """Limits of the day that an exception on record took off this one item."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours in their own time zone."""

    hours: QuietHours
    zone: str

    def touches(self, begins: datetime, length: timedelta) -> bool:
        return self.hours.touched_by(begins.astimezone(ZoneInfo(self.zone)), length)


@dataclass(frozen=True, slots=True)
class Heard:
    """Something routine that sounded, as the journal has it."""

    at: datetime
    length: timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """What a day may hold, by the local time of `zone`: the server's rules, or the station's own.

    `weekdays`: ISO numbers, Monday is 1; none named: all. `windows`: the sound lies inside one of
    them from start to end; none named: anywhere.
    """

    zone: str
    daily: timedelta | None = None
    earliest: time | None = None
    windows: tuple[tuple[time, time], ...] = ()
    weekdays: frozenset[int] = frozenset()

    def cause(self, slot: Slot, begins: datetime, heard: Iterable[Heard]) -> Text | None:
        """Why `slot` may not sound from `begins` on, or None."""
        zone = ZoneInfo(self.zone)
        local = begins.astimezone(zone)
        if "earliest" not in slot.waived and self.earliest and local.time() < self.earliest:
            return causes.too_early(f"{self.earliest:%H:%M}")
        if (
            "weekday" not in slot.waived
            and self.weekdays
            and local.isoweekday() not in self.weekdays
        ):
            return causes.WRONG_WEEKDAY
        if "window" not in slot.waived and self.windows and not self._inside(local, slot.length):
            return causes.outside(", ".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in self.windows))
        if "day_minutes" in slot.waived or self.daily is None:
            return None
        day = local.date()
        today = (one.length for one in heard if one.at.astimezone(zone).date() == day)
        if sum(today, timedelta()) + slot.length > self.daily:
            return causes.day_is_full(round(self.daily.total_seconds() / 60))
        return None

    def _inside(self, local: datetime, length: timedelta) -> bool:
        ends = local + length
        return any(
            start <= local.time() and ends <= datetime.combine(local.date(), end, local.tzinfo)
            for start, end in self.windows
        )


@dataclass(frozen=True, slots=True)
class Mute:
    """Nothing routine before `until`, for a reason that the log tells: a funeral."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Forbidden:
    """`is_incident`: no right plan would have asked for it, so a person must hear of it."""

    cause: Text
    is_incident: bool = False


@dataclass(frozen=True, slots=True)
class Guards:
    """What may forbid sound. Each of several of a kind binds, so the stricter wins."""

    quiet: tuple[Quiet, ...] = ()
    limits: tuple[Limits, ...] = ()
    mutes: tuple[Mute, ...] = ()
    heard: tuple[Heard, ...] = ()
    stopped: bool = False
    clock_trouble: Text | None = None
    device_trouble: Text | None = None

    def forbid(self, slot: Slot, begins: datetime) -> Forbidden | None:
        """Why the whole of `slot` may not sound from `begins` on, or None."""
        if self.stopped:
            return Forbidden(causes.STOPPED)
        if slot.emergency:
            return None
        for mute in self.mutes:
            if begins < mute.until:
                return Forbidden(causes.muted(mute.reason))
        if cause := self.quiet_cause(slot, begins, slot.length):
            return Forbidden(cause, is_incident=True)
        for limits in self.limits:
            if cause := limits.cause(slot, begins, self.heard):
                return Forbidden(cause, is_incident=True)
        return None

    def quiet_cause(self, slot: Slot, begins: datetime, length: timedelta) -> Text | None:
        if slot.emergency:
            return None
        for quiet in self.quiet:
            if quiet.touches(begins, length):
                return causes.quiet(str(quiet.hours))
        return None

    def cause_to_fall_silent(self, slot: Slot, at: datetime) -> Text | None:
        """The same while it sounds; the day's limits were looked at before its start."""
        if self.stopped:
            return causes.STOPPED
        if not slot.emergency:
            for mute in self.mutes:
                if at < mute.until:
                    return causes.muted(mute.reason)
        return None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until`, unless the plan changes."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Arm:
    """Verify the audio of `uid` now."""

    uid: str


@dataclass(frozen=True, slots=True)
class Start:
    """Commit `uid` as started; its first sample belongs at `at`."""

    uid: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Miss:
    """It will not sound any more, for this reason. `is_incident`: see Forbidden."""

    uid: str
    cause: Text
    is_incident: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """It is due and cannot sound yet: remember why, in case its time runs out."""

    uid: str
    cause: Text


Decision = Wait | Arm | Start | Miss | Hold


def clock_trouble(now: datetime, highest: datetime | None, offset: timedelta | None) -> Text | None:
    """Why the clock cannot be trusted, or None.

    `highest`: the latest time that this station ever persisted; `offset`: server minus clock,
    measured lately, None when the server has not been reached.
    """
    if now.year < BUILD_YEAR:
        return causes.CLOCK_YEAR
    if offset is not None and abs(offset) > OFFSET_LIMIT:
        return causes.clock_off(-offset)
    if highest is not None and now < highest - CLOCK_TOLERANCE:
        return causes.CLOCK_BEHIND
    return None


def order(slots: Iterable[Slot]) -> list[Slot]:
    """Emergencies first, then the priority class, then by time."""
    return sorted(slots, key=lambda s: (not s.emergency, not s.urgent, s.starts_at, s.uid))


def decide(slots: Iterable[Slot], now: datetime, guards: Guards) -> Decision:
    """The one next thing to do. Only open slots are looked at, so no uid can start twice."""
    until = now + ARM_AHEAD
    for slot in order(slots):
        if slot.status not in OPEN or slot.withdrawn:
            continue
        verdict = _judge(slot, now, guards)
        if not isinstance(verdict, Wait):
            return verdict
        until = min(until, verdict.until)
    return Wait(until)


def interruption(
    playing: Slot, at: datetime, others: Sequence[Slot], now: datetime, guards: Guards
) -> Text | None:
    """Why the item whose first sample belongs `at` must fall silent now, or None."""
    if cause := guards.cause_to_fall_silent(playing, max(now, at)):
        return cause
    if playing.withdrawn:
        return causes.WITHDRAWN_ON_AIR
    if playing.plan_trouble:
        return playing.plan_trouble
    if now >= at and guards.quiet_cause(playing, now, timedelta.resolution):
        return causes.QUIET_CAME
    if not playing.emergency:
        urgent = [slot for slot in others if slot.emergency]
        if isinstance(decide(urgent, now, guards), Start):
            return causes.PREEMPTED
    return None


def _judge(slot: Slot, now: datetime, guards: Guards) -> Decision:
    distrust = None if slot.emergency else guards.clock_trouble
    if distrust is None:
        if now >= slot.expires_at:
            return Miss(slot.uid, slot.hindrance or causes.NOT_RUNNING)
        if forbidden := guards.forbid(slot, max(now, slot.starts_at)):
            if now < slot.starts_at:
                return Wait(slot.starts_at)
            return Miss(slot.uid, forbidden.cause, forbidden.is_incident)
    if trouble := distrust or slot.plan_trouble or slot.audio_trouble:
        return _hold(slot, trouble, now, slot.starts_at)
    return _go_on(slot, now, guards)


def _go_on(slot: Slot, now: datetime, guards: Guards) -> Decision:
    ahead = ARM_AHEAD if slot.status == Status.PLANNED else LEAD
    if now < slot.starts_at - ahead:
        return Wait(slot.starts_at - ahead)
    if slot.status == Status.PLANNED:
        return Arm(slot.uid)
    if guards.device_trouble:
        return _hold(slot, guards.device_trouble, now, slot.starts_at - LEAD)
    return Start(slot.uid, max(now, slot.starts_at))


def _hold(slot: Slot, cause: Text, now: datetime, since: datetime) -> Decision:
    if now < since:
        return Wait(since)
    return Wait(now + RETRY) if slot.hindrance == cause else Hold(slot.uid, cause)
