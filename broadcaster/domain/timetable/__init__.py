"""When: rules of a small RFC 5545 subset, written the way people say them, never as crontab."""

from broadcaster.domain.timetable.describing import describe
from broadcaster.domain.timetable.holidays import Holidays
from broadcaster.domain.timetable.reading import day_numbers, parse_date, parse_time
from broadcaster.domain.timetable.rule import Rule
from broadcaster.domain.timetable.words import Words, written

__all__ = [
    "Holidays",
    "Rule",
    "Words",
    "day_numbers",
    "describe",
    "parse_date",
    "parse_time",
    "written",
]
