"""The commune's broadcasting rules as data: when it may sound, how much, and how late is too late.

The numbers are the commune's own (its regulation stands in the profile); none of them is law.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import LOUDSPEAKER

ZONE = "Asia/Ho_Chi_Minh"


class Limit(StrEnum):
    """What may forbid a sound; the names that exceptions and rundowns use."""

    QUIET = "quiet"
    OVERLAP = "overlap"
    EARLIEST = "earliest"
    WINDOW = "window"
    WEEKDAY = "weekday"
    SESSIONS = "sessions"
    SESSION_MINUTES = "session_minutes"
    DAY_MINUTES = "day_minutes"
    REPEATS = "repeats"


WAIVABLE = frozenset(Limit) - {Limit.QUIET, Limit.OVERLAP}
"""What an exception may allow. The night is an emergency's alone, and nothing sounds twice over."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local times; `start` 21:00 and `end` 06:00 span midnight. The end itself is not quiet."""

    start: time
    end: time

    def covers(self, moment: time) -> bool:
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def touched_by(self, begins: datetime, length: timedelta) -> bool:
        """Whether any instant of the sound lies in them; `begins` in local time, at most a day."""
        if self.covers(begins.time()):
            return True
        opens = datetime.combine(begins.date(), self.start, begins.tzinfo)
        if opens < begins:
            opens += timedelta(days=1)
        return self.start != self.end and begins <= opens < begins + length

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M}"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Local times of one day in which it may sound; `end` itself is outside."""

    start: time
    end: time

    def holds(self, begins: datetime, length: timedelta) -> bool:
        """Whether all of the sound lies inside; `begins` in local time."""
        opens = datetime.combine(begins.date(), self.start, begins.tzinfo)
        closes = datetime.combine(begins.date(), self.end, begins.tzinfo)
        return opens <= begins and begins + length <= closes

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class Area:
    """Stricter rules for loudspeakers near a school, clinic or temple; empty windows: as usual."""

    windows: tuple[Window, ...] = ()
    max_volume: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A named profile. None and empty mean "no limit"; all times of day are local in `zone`.

    `grace`: later than that after its time, a delivery is missed; by channel ("loudspeaker",
    "post" for the pushed ones, or one channel's own name), then by priority class.
    `stagger`: seconds after the minute, by group of neighbouring loudspeakers.
    """

    name: str = "mặc định"
    profile: str = ""
    regulation_date: date | None = None
    zone: str = ZONE
    quiet_hours: QuietHours | None = field(
        default_factory=lambda: QuietHours(time(21, 0), time(6, 0))
    )
    earliest: time | None = None
    windows: tuple[Window, ...] = ()
    weekdays: frozenset[int] = frozenset()  # Monday is 0; empty: every day
    sessions_a_day: int | None = None
    session_break: timedelta = timedelta(minutes=15)
    session_length: timedelta | None = None
    day_length: timedelta | None = None
    repeats_in_7_days: int | None = None
    areas: Mapping[str, Area] = field(default_factory=dict)
    max_volume: int | None = None
    stagger: Mapping[str, int] = field(default_factory=dict)
    loudspeaker_grace: timedelta = timedelta(minutes=5)
    post_grace: timedelta = timedelta(hours=6)
    graces: Mapping[tuple[str, Priority], timedelta] = field(default_factory=dict)
    gap: timedelta = timedelta(seconds=2)
    valid_days: int = 30

    def grace(self, channel: str, priority: Priority = Priority.NORMAL) -> timedelta:
        pulled = channel == LOUDSPEAKER
        for name in (channel, LOUDSPEAKER if pulled else "post"):
            if (name, priority) in self.graces:
                return self.graces[name, priority]
        return self.loudspeaker_grace if pulled else self.post_grace

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone))

    def offset(self, group: str) -> timedelta:
        """How long after the minute the loudspeakers of a neighbour group begin."""
        return timedelta(seconds=self.stagger.get(group, 0))

    def near(self, kinds: Collection[str]) -> Policy:
        """The rules for loudspeakers near such places: of windows and volumes the strictest."""
        windows, volume = self.windows, self.max_volume
        for kind in kinds:
            area = self.areas.get(kind, Area())
            windows = _common(windows, area.windows)
            volume = min((v for v in (volume, area.max_volume) if v is not None), default=None)
        return replace(self, windows=windows, max_volume=volume)


def _common(one: tuple[Window, ...], other: tuple[Window, ...]) -> tuple[Window, ...]:
    """Where both are open; without any of its own, the other's. Nothing in common: never."""
    if not one or not other:
        return one or other
    both = [Window(max(a.start, b.start), min(a.end, b.end)) for a in one for b in other]
    return tuple(w for w in both if w.start < w.end) or (Window(time(0), time(0)),)
