"""The Vietnamese lunar calendar: months from new moon to new moon by the sky above UTC+7.

The month with the winter solstice is the eleventh; where thirteen months lie between two of them,
the first one during which the sun enters no new twelfth of its way is the leap month. China reckons
the same at UTC+8, so that now and then the two calendars are a day or a month apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from broadcaster.domain.timetable import sky
from broadcaster.domain.timetable.recurrence import Recurrence

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Solar years for which the reckoning has been checked; see tests/unit/domain."""

_JULIAN = 1721425
"""Julian Day Number of a date less its `date.toordinal`."""
_AHEAD = 7 / 24
_SOLSTICE = 9
"""The sun's twelfth that begins at the winter solstice, 270 degrees."""


@dataclass(frozen=True, slots=True)
class LunarDate:
    """`leap`: in the leap month of that number."""

    year: int
    month: int
    day: int
    leap: bool = False


@dataclass(frozen=True, slots=True)
class LunarMonth:
    """`first` is the ordinal of its first date; `length` 29 or 30 days."""

    year: int
    number: int
    leap: bool
    first: int
    length: int


def to_lunar(day: date) -> LunarDate:
    """Raises ValueError outside the checked years."""
    ordinal = day.toordinal()
    for year in (day.year, day.year - 1):
        for month in months(year):
            if month.first <= ordinal < month.first + month.length:
                offset = ordinal - month.first + 1
                return LunarDate(month.year, month.number, offset, month.leap)
    raise ValueError(day)  # pragma: no cover - years join without a gap


def to_solar(when: LunarDate) -> date | None:
    """None where there is no such day: 30 of a short month, or a leap month not of that year."""
    for month in months(when.year):
        if (month.number, month.leap) == (when.month, when.leap) and 1 <= when.day <= month.length:
            return date.fromordinal(month.first + when.day - 1)
    return None


def new_year(year: int) -> date:
    """Mồng một Tết."""
    return date.fromordinal(months(year)[0].first)


@lru_cache(maxsize=512)
def months(year: int) -> tuple[LunarMonth, ...]:
    """The twelve or thirteen months of a lunar year. Raises ValueError outside FIRST..LAST_YEAR."""
    if not FIRST_YEAR - 1 <= year <= LAST_YEAR:
        raise ValueError(f"lunar year {year}")
    ending, beginning = _from_solstice(year - 1), _from_solstice(year)
    counted = [m for m in ending if m.year == year] + [m for m in beginning if m.year == year]
    return tuple(counted)


@lru_cache(maxsize=512)
def _from_solstice(year: int) -> tuple[LunarMonth, ...]:
    """The months from the eleventh of solar year `year` to before the eleventh of the next."""
    start, end = _eleventh(year), _eleventh(year + 1)
    firsts = [_first_day(k) for k in range(start, end + 1)]
    leap_at = _leap_place(firsts) if len(firsts) == 14 else None
    found, number, lunar_year = [], 10, year
    for place, first in enumerate(firsts[:-1]):
        leap = place == leap_at
        if not leap:
            number += 1
        if number == 13:
            number, lunar_year = 1, year + 1
        found.append(LunarMonth(lunar_year, number, leap, first, firsts[place + 1] - first))
    return tuple(found)


def _leap_place(firsts: list[int]) -> int:
    for place in range(1, len(firsts) - 1):
        if _twelfth(firsts[place]) == _twelfth(firsts[place + 1]):
            return place
    raise AssertionError("thirteen months share twelve turns of the sun")  # pragma: no cover


def _eleventh(year: int) -> int:
    """The number of the last new moon on or before the day of the winter solstice."""
    end = date(year, 12, 31).toordinal()
    k = round((end + _JULIAN - sky.FIRST_NEW_MOON) / sky.SYNODIC_MONTH) + 1
    # The month that begins after the solstice starts with the sun past it already.
    while _first_day(k) > end or _twelfth(_first_day(k)) >= _SOLSTICE:
        k -= 1
    return k


def _first_day(k: int) -> int:
    return int(sky.new_moon(k) + 0.5 + _AHEAD) - _JULIAN


def _twelfth(ordinal: int) -> int:
    """In which of its twelve parts of the year the sun is when that day begins here."""
    return int(sky.sun_longitude(ordinal + _JULIAN - 0.5 - _AHEAD) / 30)


def periods(rule: Recurrence, start: date, low: date, high: date) -> Iterator[list[date]]:
    """The dates a lunar rule names in each lunar month or year from the one of `start` on."""
    if rule.freq == "YEARLY":
        yield from _yearly(rule, start, low, high)
        return
    first = _month_of(start)
    place = 0
    for year in range(first.year, min(high.year, LAST_YEAR) + 1):
        for month in months(year):
            if month.first < first.first:
                continue
            fits = not rule.months or (month.number, month.leap) in rule.months
            if place % rule.interval == 0 and fits and month.first + month.length > low.toordinal():
                yield _days(rule, month)
            place += 1


def _yearly(rule: Recurrence, start: date, low: date, high: date) -> Iterator[list[date]]:
    year = to_lunar(start).year
    for one in range(year, min(high.year, LAST_YEAR) + 1, rule.interval):
        if one < low.year - 1:
            continue
        named = [month for month in months(one) if (month.number, month.leap) in rule.months]
        yield [day for month in named for day in _days(rule, month)]


def _month_of(day: date) -> LunarMonth:
    found = to_lunar(day)
    return next(m for m in months(found.year) if (m.number, m.leap) == (found.month, found.leap))


def _days(rule: Recurrence, month: LunarMonth) -> list[date]:
    numbers = {n if n > 0 else month.length + 1 + n for n in rule.month_days}
    return [
        date.fromordinal(month.first + n - 1) for n in sorted(numbers) if 1 <= n <= month.length
    ]
