"""The Vietnamese lunar calendar: 200 years against two others, and where China's differs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import lunardate
import pytest
import vnlunar
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.timetable import Rule, lunar
from broadcaster.domain.timetable.lunar import LunarDate, LunarMonth

ON_THE_EDGE = {
    # Seconds from midnight, where astronomical tables themselves are not of one mind.
    date(1944, 6, 20), date(1967, 7, 7), date(2072, 12, 9), date(2077, 11, 15),
}  # fmt: skip
"""New moons that vnlunar's formula puts a day later. Printed tables have them as we do."""
OTHER_IN_PRINT = {date(2054, 5, 7)}
"""New moon at midnight within half a minute: Hồ Ngọc Đức's printed table has it a day earlier."""


def every_month(begin: int, end: int) -> list[LunarMonth]:
    return [month for year in range(begin, end) for month in lunar.months(year)]


def of_vnlunar(day: date, **more: float) -> tuple[int, int, int, bool]:
    found = vnlunar.get_lunar_date(day.day, day.month, day.year, **more)
    return found["year"], found["month"], found["day"], bool(found["leap"])


def test_two_hundred_years_of_months_begin_where_the_vietnamese_library_begins_them() -> None:
    """It reckons, at UTC+7, independently of ours; months that begin alike are alike."""
    differing = {
        date.fromordinal(month.first)
        for month in every_month(1900, 2100)
        if of_vnlunar(date.fromordinal(month.first), time_zone=7.0)
        != (month.year, month.number, 1, month.leap)
    }
    assert differing == ON_THE_EDGE


def test_the_printed_calendar_since_1968_is_ours() -> None:
    """Việt Nam has counted at UTC+7 since then; before, its printed calendars used UTC+8."""
    differing = {
        date.fromordinal(month.first)
        for month in every_month(1968, 2100)
        if of_vnlunar(date.fromordinal(month.first)) != (month.year, month.number, 1, month.leap)
    }
    assert {day - timedelta(days=1) for day in differing} == OTHER_IN_PRINT


def test_months_follow_each_other_without_a_gap() -> None:
    found = every_month(1900, 2101)
    for this, following in pairwise(found):
        assert this.first + this.length == following.first
        assert this.length in {29, 30}


def chinese(day: date) -> tuple[int, int, int, bool]:
    found = lunardate.LunarDate.from_solar_date(day.year, day.month, day.day)
    return found.year, found.month, found.day, bool(found.is_leap_month)


def test_new_year_differs_from_the_chinese_one_in_these_years_only() -> None:
    """As published: 1968 and 2007 and 2030 a day earlier, 1985 a month, 2053 a day earlier."""
    differing = {}
    for year in range(1968, 2100):
        far = lunardate.LunarDate(year, 1, 1).to_solar_date()
        if far != lunar.new_year(year):
            differing[year] = (far - lunar.new_year(year)).days
    assert differing == {1968: 1, 1969: 1, 1985: 30, 2007: 1, 2030: 1, 2053: 1}


@pytest.mark.parametrize(
    ("year", "ours", "theirs"),
    [
        (1984, None, 10),  # China had its leap tenth month; Việt Nam a leap second in 1985
        (1985, 2, None),
        (1987, 7, 6), (2033, 11, 11), (2023, 2, 2), (2025, 6, 6), (2028, 5, 5), (2026, None, None),
    ],
)  # fmt: skip
def test_leap_months(year: int, ours: int | None, theirs: int | None) -> None:
    leap = next((month.number for month in lunar.months(year) if month.leap), None)
    assert leap == ours
    assert (lunardate.LunarDate.leap_month_for_year(year) or None) == theirs


def test_outside_the_differing_months_both_calendars_are_one() -> None:
    """The twenty years around us: 8 months begin on another day."""
    months = every_month(2020, 2040)
    alike = [
        m for m in months if chinese(date.fromordinal(m.first)) == (m.year, m.number, 1, m.leap)
    ]
    differing = {date.fromordinal(m.first) for m in months} - {
        date.fromordinal(m.first) for m in alike
    }
    assert differing == {
        date(2020, 12, 14), date(2030, 2, 2), date(2031, 4, 21), date(2032, 3, 11),
        date(2034, 9, 12), date(2037, 4, 15), date(2038, 4, 4), date(2039, 12, 15),
    }  # fmt: skip


@settings(max_examples=100)
@given(st.dates(date(1900, 2, 1), date(2100, 12, 31)))
def test_there_and_back(day: date) -> None:
    assert lunar.to_solar(lunar.to_lunar(day)) == day


def test_known_days() -> None:
    assert lunar.to_lunar(date(2026, 11, 23)) == LunarDate(2026, 10, 15)
    assert lunar.new_year(2027) == date(2027, 2, 6)
    assert lunar.to_solar(LunarDate(2026, 3, 10)) == date(2026, 4, 26)  # Giỗ Tổ
    assert lunar.to_solar(LunarDate(2026, 3, 10, leap=True)) is None
    with pytest.raises(ValueError, match="2300"):
        lunar.to_lunar(date(2300, 1, 1))


# --- lunar rules ---------------------------------------------------------------------------------


def dates(text: str, start: str, years: int) -> list[date]:
    rule = Rule("RSCALE=VIETNAMESE;" + text, datetime.fromisoformat(start))
    begin = datetime.fromisoformat(start).replace(tzinfo=UTC) - timedelta(days=1)
    found = rule.occurrences(begin, begin + timedelta(days=366 * years))
    return [(one + timedelta(hours=7)).date() for one in found]


def test_the_first_and_the_fifteenth_of_every_month_leap_months_too() -> None:
    found = dates("FREQ=MONTHLY;BYMONTHDAY=1,15", "2025-07-01T05:30", 1)
    days = [lunar.to_lunar(day) for day in found]
    assert {day.day for day in days} == {1, 15}
    assert LunarDate(2025, 6, 15, leap=True) in days


def test_the_fifteenth_of_the_seventh_month_comes_once_a_year() -> None:
    """1987 had two seventh months; the first is the one that is meant."""
    found = dates("FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=15", "1986-01-01T05:30", 3)
    assert found == [date(1986, 8, 20), date(1987, 8, 9), date(1988, 8, 26)]
    leap = dates("FREQ=YEARLY;BYMONTH=7L;BYMONTHDAY=15", "1986-01-01T05:30", 3)
    assert leap == [date(1987, 9, 7)]


def test_the_thirtieth_is_left_out_of_short_months_and_the_last_day_is_not() -> None:
    thirtieth = dates("FREQ=MONTHLY;BYMONTHDAY=30", "2026-01-01T05:30", 1)
    last = dates("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-01T05:30", 1)
    assert {lunar.to_lunar(day).day for day in thirtieth} == {30}
    assert len(last) >= 12
    assert all(lunar.to_lunar(day + timedelta(days=1)).day == 1 for day in last)


def test_count_counts_lunar_days() -> None:
    assert len(dates("FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=5", "2026-01-01T05:30", 2)) == 5
