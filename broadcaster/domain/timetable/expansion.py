"""Recurrence -> naive local times, exactly as RFC 5545 §3.3.10 expands them.

One period (day, week, month, year) after another: its dates, times the hours and minutes, in order,
then BYSETPOS. Without COUNT and with a late window, the periods before it are jumped over.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import MINYEAR, UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from broadcaster.domain.timetable import lunar
from broadcaster.domain.timetable.recurrence import Recurrence, refused

_DAY = timedelta(days=1)


def local_times(
    rule: Recurrence, start: datetime, zone: ZoneInfo, low: datetime, high: datetime
) -> Iterator[datetime]:
    """Naive local times with low <= time <= high, in order, each once, none before `start`.

    COUNT counts from `start`. A `start` that the rule does not name is not an occurrence: no sound
    on a day nobody named.
    """
    found = _all(rule, start, max(low, start) if rule.count is None else start, high)
    if rule.count is not None:
        found = islice(found, rule.count)
    for moment in found:
        if moment > high or _past(rule.until, moment, zone):
            return
        if moment >= low:
            yield moment


def _past(until: datetime | None, moment: datetime, zone: ZoneInfo) -> bool:
    """UNTIL itself still belongs. In UTC it is compared as an instant, else on the wall clock."""
    if until is None:
        return False
    if until.tzinfo is None:
        return moment > until
    return moment.replace(tzinfo=zone).astimezone(UTC) > until


def _all(rule: Recurrence, start: datetime, low: datetime, high: datetime) -> Iterator[datetime]:
    for days in _periods(rule, start, low.date(), high.date()):
        times = [
            datetime.combine(day, time(hour, minute, start.second))
            for day in days
            for hour in rule.hours or (start.hour,)
            for minute in rule.minutes or (start.minute,)
        ]
        for moment in _at_positions(times, rule.positions):
            if moment >= start:
                yield moment


def _at_positions(times: list[datetime], positions: tuple[int, ...]) -> list[datetime]:
    if not positions:
        return times
    count = len(times)
    places = {p - 1 if p > 0 else count + p for p in positions if abs(p) <= count}
    return [times[place] for place in sorted(places)]


def _periods(rule: Recurrence, start: datetime, low: date, high: date) -> Iterator[list[date]]:
    """The dates of each period, in order, from one at or before `low` to the one of `high`."""
    if rule.lunar:
        if not lunar.FIRST_YEAR < start.year < lunar.LAST_YEAR:
            raise refused(
                f"{start:%d/%m/%Y}",
                f"lịch âm chỉ tính từ {lunar.FIRST_YEAR} đến {lunar.LAST_YEAR}",
                f"the lunar calendar is reckoned from {lunar.FIRST_YEAR} to {lunar.LAST_YEAR}",
            )
        return lunar.periods(rule, start.date(), low, high)
    by_freq: dict[str, Callable[..., Iterator[list[date]]]] = {
        "DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly,
    }  # fmt: skip
    return by_freq[rule.freq](rule, start.date(), low, high)


def _jump(behind: int, interval: int) -> int:
    """How many units a series may be moved on without passing what lies `behind` units ahead."""
    return max(behind, 0) // interval * interval


def _daily(rule: Recurrence, first: date, low: date, high: date) -> Iterator[list[date]]:
    at = first.toordinal()
    at += _jump(low.toordinal() - at, rule.interval)
    for ordinal in range(at, high.toordinal() + 1, rule.interval):
        day = date.fromordinal(ordinal)
        if _allowed(rule, day):
            yield [day]


def _allowed(rule: Recurrence, day: date) -> bool:
    """BYMONTH, BYMONTHDAY and BYDAY as limits."""
    return (
        (not rule.months or (day.month, False) in rule.months)
        and (not rule.month_days or day in _days_of_month(rule, day.year, day.month))
        and (not rule.days or any(day.weekday() == weekday for _, weekday in rule.days))
    )


def _weekly(rule: Recurrence, first: date, low: date, high: date) -> Iterator[list[date]]:
    wanted = sorted(
        (weekday - rule.week_start) % 7 for _, weekday in rule.days or ((0, first.weekday()),)
    )
    at = first.toordinal() - (first.weekday() - rule.week_start) % 7
    at += _jump(low.toordinal() - at, rule.interval * 7)
    for week in range(at, high.toordinal() + 1, rule.interval * 7):
        days = [date.fromordinal(week + n) for n in wanted if 1 <= week + n <= _LAST]
        yield [day for day in days if not rule.months or (day.month, False) in rule.months]


_LAST = date.max.toordinal()


def _monthly(rule: Recurrence, first: date, low: date, high: date) -> Iterator[list[date]]:
    at = _month_number(first)
    at += _jump(_month_number(low) - at, rule.interval)
    for number in range(at, _month_number(high) + 1, rule.interval):
        year, month = divmod(number, 12)
        if not rule.months or (month + 1, False) in rule.months:
            yield _of_month(rule, year, month + 1, first.day)


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _yearly(rule: Recurrence, first: date, low: date, high: date) -> Iterator[list[date]]:
    at = first.year + _jump(low.year - first.year, rule.interval)
    for year in range(at, high.year + 1, rule.interval):
        yield _of_year(rule, year, first)


def _of_year(rule: Recurrence, year: int, first: date) -> list[date]:
    if rule.days and not rule.months and not rule.month_days:
        return _weekdays_within(rule, date(year, 1, 1), date(year, 12, 31))
    months = [month for month, _ in rule.months]
    if not months:
        months = list(range(1, 13)) if rule.month_days else [first.month]
    return [day for month in months for day in _of_month(rule, year, month, first.day)]


def _of_month(rule: Recurrence, year: int, month: int, default_day: int) -> list[date]:
    if rule.month_days:
        days = _days_of_month(rule, year, month)
        named = {weekday for _, weekday in rule.days}
        return [day for day in days if not named or day.weekday() in named]
    last = monthrange(year, month)[1]
    if rule.days:
        return _weekdays_within(rule, date(year, month, 1), date(year, month, last))
    # Day 31 of a short month, 29 February of a common year: left out, never moved.
    return [date(year, month, default_day)] if default_day <= last else []


def _days_of_month(rule: Recurrence, year: int, month: int) -> list[date]:
    last = monthrange(year, month)[1]
    numbers = {day if day > 0 else last + 1 + day for day in rule.month_days}
    return [date(year, month, number) for number in sorted(numbers) if 1 <= number <= last]


def _weekdays_within(rule: Recurrence, begin: date, end: date) -> list[date]:
    """Every named weekday between two dates, or the n-th of them, counted from either end."""
    found: set[date] = set()
    for n, weekday in rule.days:
        head = begin + _DAY * ((weekday - begin.weekday()) % 7)
        every = [date.fromordinal(o) for o in range(head.toordinal(), end.toordinal() + 1, 7)]
        if n == 0:
            found.update(every)
        elif abs(n) <= len(every):
            found.add(every[n - 1 if n > 0 else n])
    return sorted(found)


EARLIEST = datetime(MINYEAR + 1, 1, 1)  # noqa: DTZ001 -- a wall clock
LATEST = datetime(9998, 12, 31, 23, 59, 59)  # noqa: DTZ001 -- same
"""A zone may shift these by a day without leaving what datetime can hold."""
