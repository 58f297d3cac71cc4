"""An outlet that may be used only so often, and only by day: where one use finds its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from broadcaster.errors import Text


@dataclass(frozen=True, slots=True)
class Report:
    """What the far side said is left of the month's quota, at that time (aware UTC)."""

    left: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """When one use may go; `at` None: it may not at all. `cause` says why it is not at its time."""

    at: datetime | None
    cause: Text | None = None


@dataclass(frozen=True, slots=True)
class Ration:
    """Figures of one target; local times of `zone`. `closes` itself is outside the hours."""

    per_month: int
    per_day: int
    opens: time
    closes: time
    zone: ZoneInfo
    basis: Text
    """Where the figures are from, e.g. the package's name."""
    review: timedelta = timedelta(0)
    """How long the far side looks at it before anybody sees it."""
    report: Report | None = None

    def next_open(self, at: datetime) -> datetime:
        """This very moment when it is within the hours, else the next opening (aware UTC)."""
        local = at.astimezone(self.zone)
        if self.opens <= local.time().replace(tzinfo=None) < self.closes:
            return at
        day = local.date()
        if local.time().replace(tzinfo=None) >= self.closes:
            day += timedelta(days=1)
        return self._opening(day).astimezone(at.tzinfo)

    def used(self, at: datetime, uses: Sequence[datetime]) -> int:
        """How many of these fall into the same calendar month; more where the far side says so."""
        month = _month(at.astimezone(self.zone).date())
        mine = sum(_month(use.astimezone(self.zone).date()) == month for use in uses)
        if self.report is None or _month(self.report.at.astimezone(self.zone).date()) != month:
            return mine
        later = sum(
            use > self.report.at and _month(use.astimezone(self.zone).date()) == month
            for use in uses
        )
        return max(mine, self.per_month - self.report.left + later)

    def place(self, due: datetime, expires: datetime, uses: Sequence[datetime]) -> Place:
        """The first moment from `due` on, before `expires`, that hours and quotas allow.

        `uses`: the moments of all other uses, done and planned.
        """
        at, cause = due, None
        while at < expires:
            open_at = self.next_open(at)
            if open_at != at:
                at, cause = open_at, self._night(open_at)
                continue
            used = self.used(at, uses)
            if used >= self.per_month:
                return Place(None, self._month_full(at, used))
            local = at.astimezone(self.zone).date()
            if sum(use.astimezone(self.zone).date() == local for use in uses) < self.per_day:
                return Place(at, cause)
            at = self._opening(local + timedelta(days=1)).astimezone(due.tzinfo)
            cause = self._day_full(local)
        return Place(None, cause or self._too_late())

    def _opening(self, day: date) -> datetime:
        return datetime.combine(day, self.opens, self.zone)

    def _night(self, at: datetime) -> Text:
        local = at.astimezone(self.zone)
        return Text(
            f"Ngoài giờ cho phép ({self.opens:%H:%M}–{self._last:%H:%M}); sớm nhất là "
            f"{local:%H:%M} ngày {local:%d/%m/%Y}.",
            f"Outside the hours allowed ({self.opens:%H:%M}–{self._last:%H:%M}); at the earliest "
            f"{local:%H:%M} on {local:%d/%m/%Y}.",
        )

    def _month_full(self, at: datetime, used: int) -> Text:
        month = f"{at.astimezone(self.zone):%m/%Y}"
        return Text(
            f"Hết hạn mức tháng {month}: được {self.per_month} lượt ({self.basis.vi}), "
            f"đã gửi hoặc đã xếp {used}. Lượt này không được gửi.",
            f"The quota of {month} is used up: {self.per_month} ({self.basis.en}), "
            f"{used} sent or planned. This one is not sent.",
        )

    def _day_full(self, day: date) -> Text:
        return Text(
            f"Ngày {day:%d/%m/%Y} đã có {self.per_day} lượt, là mức cao nhất mỗi ngày.",
            f"{day:%d/%m/%Y} has {self.per_day} already, the most for one day.",
        )

    def _too_late(self) -> Text:
        return Text("Không còn lúc nào được phép trước hạn.", "No time is allowed before the end.")

    @property
    def _last(self) -> time:
        """The last minute within the hours."""
        end = datetime.combine(date(2000, 1, 2), self.closes) - timedelta(minutes=1)
        return end.time()


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month
