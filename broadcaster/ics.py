"""iCalendar (RFC 5545): the timetable for other programs, days off from official calendars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vRecur

from broadcaster.domain.timetable import Holidays, Rule
from broadcaster.domain.timetable.holidays import DayOff
from broadcaster.errors import InputError

_PRODUCT = "-//Broadcaster//timetable//VI"
_LONGEST_HOLIDAY = timedelta(days=31)
_MOST_BYTES = 2_000_000
_YEARS_AHEAD = 3
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Item:
    """One rule as other programs get it: `rule` begins on its own first date.

    Exceptions are times, not days or holidays; `status`: CONFIRMED | TENTATIVE | CANCELLED.
    """

    uid: str
    sequence: int
    stamp: datetime
    title: str
    place: str
    status: str
    rule: Rule
    lasts: timedelta


def write(items: Sequence[Item], name: str) -> bytes:
    """A calendar with a component for the time zone; the same items give the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for item in items:
        calendar.add_component(_event(item))
    calendar.add_missing_timezones()
    found: bytes = calendar.to_ical()
    return found


def _event(item: Item) -> Event:
    zone = ZoneInfo(item.rule.zone)
    event = Event()
    event.add("uid", item.uid)
    event.add("dtstamp", item.stamp)
    event.add("sequence", item.sequence)
    event.add("summary", item.title)
    event.add("location", item.place)
    event.add("status", item.status)
    event.add("dtstart", _in(item.rule.dtstart, zone))
    if item.lasts:
        event.add("duration", item.lasts)
    if item.rule.rrule:
        event.add("rrule", vRecur.from_ical(_with_utc_end(item.rule.rrule, zone)))
    for name, moments in (("rdate", item.rule.added), ("exdate", item.rule.skipped)):
        listed = [_in(one, zone) for one in moments if isinstance(one, datetime)]
        if listed:
            event.add(name, listed)
    return event


def _in(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _with_utc_end(text: str, zone: ZoneInfo) -> str:
    """Beside a start with a zone, UNTIL has to be in UTC (§3.3.10)."""
    parts = []
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name == "UNTIL" and not value.endswith("Z"):
            end = datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=zone)
            value = f"{end.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%S}Z"
        parts.append(f"{name}={value}")
    return ";".join(parts)


# --- days off ------------------------------------------------------------------------------------


def read_days(
    content: bytes, name: str, known: Holidays, today: date, key: str = ""
) -> list[DayOff]:
    """The days of every event in a calendar, each once, in order.

    A yearly rule counts for the years to come that anybody plans. `key`: of the holiday to which
    all belong; else the one whose name stands in the title. Raises InputError naming the
    file and the event at fault.
    """
    if len(content) > _MOST_BYTES:
        raise _wrong(name, "tệp quá lớn (hơn 2 MB)", "the file is larger than 2 MB")
    try:
        calendar = Calendar.from_ical(content.decode("utf-8-sig"))
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise _wrong(
            name, "không phải tệp iCalendar (.ics) đúng", f"not a valid iCalendar file: {error}"
        ) from None
    events = calendar.walk("VEVENT")
    if not events:
        raise _wrong(name, "không có ngày nào (VEVENT)", "there is no VEVENT in it")
    found: dict[date, DayOff] = {}
    for event in events:
        if str(event.get("status", "")).upper() == "CANCELLED":
            continue
        title = str(event.get("summary", "")).strip() or "Ngày nghỉ"
        for day in _days(event, title, name, today):
            found.setdefault(day, DayOff(day, title[:200], key or _key(title, known)))
    return [found[day] for day in sorted(found)]


def _days(event: Any, title: str, name: str, today: date) -> Iterator[date]:
    try:
        first = _date(event.decoded("dtstart"))
        end = event.decoded("dtend") if "dtend" in event else None
        length = event.decoded("duration") if "duration" in event else None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _wrong(
            name, f"ngày của “{title}” không hợp lệ", f"the date of “{title}” is not valid"
        ) from None
    span = _span(first, end, length)
    if not timedelta() < span <= _LONGEST_HOLIDAY:
        raise _wrong(
            name,
            f"“{title}” kéo dài {span.days} ngày, không thể là ngày nghỉ",
            f"“{title}” lasts {span.days} days",
        )
    for begin in _starts(event, first, title, name, today):
        for n in range(span.days):
            yield begin + n * _DAY


def _span(first: date, end: date | None, length: timedelta | None) -> timedelta:
    """Whole days; the end of an all-day event is the day after."""
    if length is not None:
        return max(length, _DAY)
    if end is None:
        return _DAY
    last = _date(end)
    whole = not isinstance(end, datetime) or end.time() == time()
    return last - first if whole else last - first + _DAY


def _starts(event: Any, first: date, title: str, name: str, today: date) -> Iterator[date]:
    if "rrule" not in event:
        yield first
        return
    rrule = event["rrule"]
    if isinstance(rrule, list):
        raise _wrong(name, f"“{title}” có nhiều luật lặp", f"“{title}” has several rules")
    rule = Rule(rrule.to_ical().decode(), datetime.combine(first, time()), "UTC")
    begin = datetime(today.year, 1, 1, tzinfo=ZoneInfo("UTC"))
    for moment in rule.occurrences(begin, begin.replace(year=today.year + _YEARS_AHEAD)):
        yield moment.date()


def _date(value: Any) -> date:
    """The local day of a date or a date with a time."""
    if isinstance(value, datetime):
        here = ZoneInfo("Asia/Ho_Chi_Minh")
        return (value if value.tzinfo is None else value.astimezone(here)).date()
    if isinstance(value, date):
        return value
    raise TypeError(value)


def _key(title: str, known: Holidays) -> str:
    """The yearly holiday whose name stands in the title; the longest name wins."""
    said = title.casefold()
    fitting = [one for one in known.yearly if one.name.casefold() in said]
    return max(fitting, key=lambda one: len(one.name)).key if fitting else ""


def _wrong(name: str, vi: str, en: str) -> InputError:
    return InputError(f"{name}: {vi}. Chưa nhập gì.", f"{name}: {en}. Nothing was imported.")
