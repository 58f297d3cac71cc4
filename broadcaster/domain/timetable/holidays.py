"""Days off as data: fixed solar days, lunar days, and single days of a year from its calendar."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from broadcaster.domain.timetable import lunar
from broadcaster.domain.timetable.lunar import LunarDate

EVERY = "*"
"""In place of the keys of holidays: all of them."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """Every year on one day: `month`, `day` of the solar or the lunar year.

    The time off begins `before` days earlier and lasts `days` in all.
    """

    key: str
    name: str
    month: int
    day: int
    lunar: bool = False
    before: int = 0
    days: int = 1

    def dates(self, year: int) -> list[date]:
        """In solar `year`, or in the lunar year that begins in it; none where there is no such."""
        day = self._day(year)
        if day is None:
            return []
        return [day + timedelta(days=n - self.before) for n in range(self.days)]

    def _day(self, year: int) -> date | None:
        try:
            if self.lunar:
                return lunar.to_solar(LunarDate(year, self.month, self.day))
            return date(year, self.month, self.day)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class DayOff:
    """One day of one year, as an official calendar tells it; `key` of the holiday it belongs to."""

    day: date
    name: str
    key: str = ""


@dataclass(frozen=True)
class Holidays:
    """What a commune keeps: the yearly ones, and the single days that were imported."""

    yearly: Sequence[Holiday] = ()
    single: Sequence[DayOff] = ()
    _by_year: dict[int, Mapping[date, DayOff]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def on(self, day: date) -> DayOff | None:
        """The holiday on that day, or None."""
        return self._of(day.year).get(day)

    def of_year(self, year: int) -> list[DayOff]:
        return sorted(self._of(year).values(), key=lambda one: one.day)

    def _of(self, year: int) -> Mapping[date, DayOff]:
        if year not in self._by_year:
            # A time off that begins at the end of a year belongs to a day of the next.
            found = {
                day: DayOff(day, one.name, one.key)
                for one in self.yearly
                for of in (year - 1, year, year + 1)
                for day in one.dates(of)
                if day.year == year
            }
            found |= {one.day: one for one in self.single if one.day.year == year}
            self._by_year[year] = found
        return self._by_year[year]

    def named(self, word: str) -> Holiday | None:
        """The yearly holiday with that key or name, in any case."""
        wanted = word.casefold()
        for one in self.yearly:
            if wanted in {one.key.casefold(), one.name.casefold()}:
                return one
        return None

    def skips(self, day: date, keys: Collection[str]) -> bool:
        """Whether a rule that keeps away from `keys` is silent on that day."""
        if not keys:
            return False
        found = self.on(day)
        return found is not None and (EVERY in keys or found.key in keys)


NONE = Holidays()
