"""The commune's broadcasting rules as data: quiet hours, and how late is too late."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.errors import PolicyRefused

ZONE = "Asia/Ho_Chi_Minh"


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
        last = begins + max(length - timedelta.resolution, timedelta())
        if self.covers(begins.time()) or self.covers(last.time()):
            return True
        opens = datetime.combine(begins.date(), self.start, begins.tzinfo)
        if opens < begins:
            opens += timedelta(days=1)
        return self.start != self.end and begins <= opens < begins + length

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class Policy:
    """A named profile. `grace` is by channel: later than that, a delivery is missed."""

    name: str = "mặc định"
    zone: str = ZONE
    quiet_hours: QuietHours | None = field(
        default_factory=lambda: QuietHours(time(21, 0), time(6, 0))
    )
    loudspeaker_grace: timedelta = timedelta(minutes=5)
    post_grace: timedelta = timedelta(hours=6)
    gap: timedelta = timedelta(seconds=2)
    valid_days: int = 30

    def grace(self, channel: str) -> timedelta:
        return self.loudspeaker_grace if channel == LOUDSPEAKER else self.post_grace

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone))

    def check_quiet(self, moment: datetime, length: timedelta, priority: Priority) -> None:
        """Raise PolicyRefused for sound in quiet hours; only an emergency may break them."""
        quiet = self.quiet_hours
        if quiet is None or priority == Priority.EMERGENCY:
            return
        local = self.local(moment)
        if quiet.touched_by(local, length):
            raise PolicyRefused(
                f"Loa phát lúc {local:%H:%M ngày %d/%m/%Y} rơi vào giờ yên tĩnh {quiet}. "
                f"Hãy chọn giờ khác, sớm nhất là {quiet.end:%H:%M}.",
                f"Loudspeaker time {local:%d/%m/%Y %H:%M} is in the quiet hours {quiet}. "
                f"Choose another, the earliest is {quiet.end:%H:%M}.",
            )
