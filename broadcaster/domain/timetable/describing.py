"""A rule in words, in both languages, e.g. "thứ hai, thứ sáu lúc 17:00, từ 24/11/2026"."""

from __future__ import annotations

from datetime import datetime
from itertools import product

from broadcaster.domain.timetable import recurrence
from broadcaster.domain.timetable.holidays import EVERY
from broadcaster.domain.timetable.reading import WEEKDAYS
from broadcaster.domain.timetable.recurrence import Recurrence
from broadcaster.domain.timetable.rule import Rule
from broadcaster.errors import Text

_VI = [names[0] for names in WEEKDAYS.values()]
_EN = [names[3].capitalize() for names in WEEKDAYS.values()]
_PLACES = {
    1: ("đầu tiên", "first"), 2: ("thứ nhì", "second"), 3: ("thứ ba", "third"),
    4: ("thứ tư", "fourth"), 5: ("thứ năm", "fifth"), -1: ("cuối cùng", "last"),
}  # fmt: skip
_UNITS = {
    "DAILY": ("ngày", "days"), "WEEKLY": ("tuần", "weeks"),
    "MONTHLY": ("tháng", "months"), "YEARLY": ("năm", "years"),
}  # fmt: skip


def describe(rule: Rule) -> Text:
    if not rule.rrule:
        hour = _clock(rule.dtstart)
        vi = f"một lần lúc {hour} ngày {rule.dtstart:%d/%m/%Y}"
        en = f"once at {hour} on {rule.dtstart:%d/%m/%Y}"
    else:
        vi, en = _repeating(rule)
    more_vi, more_en = _exceptions(rule)
    return Text(vi + more_vi, en + more_en)


def _repeating(rule: Rule) -> tuple[str, str]:
    parsed = recurrence.parse(rule.rrule)
    days_vi, days_en = _days(parsed, rule.dtstart)
    if parsed.interval > 1:
        vi, en = _UNITS[parsed.freq]
        days_vi += f", cách {parsed.interval} {vi} một lần"
        days_en += f", every {parsed.interval} {en}"
    hours = ", ".join(
        _clock(rule.dtstart.replace(hour=hour, minute=minute))
        for hour, minute in product(
            parsed.hours or (rule.dtstart.hour,), parsed.minutes or (rule.dtstart.minute,)
        )
    )
    end_vi, end_en = _end(parsed)
    start = f"{rule.dtstart:%d/%m/%Y}"
    return (
        f"{days_vi} lúc {hours}, từ {start}{end_vi}",
        f"{days_en} at {hours}, from {start}{end_en}",
    )


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}".removesuffix(":00")


def _days(parsed: Recurrence, start: datetime) -> tuple[str, str]:
    if parsed.lunar:
        return _lunar(parsed)
    names_vi = ", ".join(_weekday(one, _VI, 0) for one in parsed.days)
    names_en = ", ".join(_weekday(one, _EN, 1) for one in parsed.days)
    if parsed.freq == "DAILY" and not parsed.days:
        return "hằng ngày", "daily"
    if parsed.freq in {"DAILY", "WEEKLY"}:
        return (names_vi, names_en) if names_vi else (_VI[start.weekday()], _EN[start.weekday()])
    numbers = parsed.month_days or (() if parsed.days else (start.day,))
    vi = " ".join(filter(None, [names_vi, _numbers(numbers, "ngày", "ngày cuối")]))
    en = " ".join(filter(None, [names_en, _numbers(numbers, "day", "the last day")]))
    if parsed.positions:
        listed = ", ".join(map(str, parsed.positions))
        vi, en = f"{vi} (lần thứ {listed})", f"{en} (number {listed})"
    if parsed.freq == "MONTHLY" and not parsed.months:
        return f"{vi} hằng tháng", f"{en} of every month"
    months = [month for month, _ in parsed.months] or [start.month]
    listed = ", ".join(map(str, months))
    return f"{vi} tháng {listed} hằng năm", f"{en} of month {listed} every year"


def _weekday(one: tuple[int, int], names: list[str], language: int) -> str:
    n, weekday = one
    if n == 0:
        return names[weekday]
    place = _PLACES.get(n, (f"thứ {n}", f"number {n}"))[language]
    return f"{names[weekday]} {place}" if language == 0 else f"{place} {names[weekday]}"


def _numbers(numbers: tuple[int, ...], word: str, last: str) -> str:
    plain = ", ".join(str(n) for n in numbers if n != -1)
    return ", ".join(filter(None, [f"{word} {plain}" if plain else "", last * (-1 in numbers)]))


def _lunar(parsed: Recurrence) -> tuple[str, str]:
    days = [_lunar_day(n) for n in parsed.month_days]
    vi, en = ", ".join(d for d, _ in days), ", ".join(d for _, d in days)
    if not parsed.months:
        return f"{vi} âm lịch hằng tháng", f"lunar {en} of every month"
    months_vi = ", ".join(f"{m}{' nhuận' if leap else ''}" for m, leap in parsed.months)
    months_en = ", ".join(f"{'leap ' if leap else ''}{m}" for m, leap in parsed.months)
    return f"{vi} tháng {months_vi} âm lịch", f"lunar {en} of month {months_en}"


def _lunar_day(n: int) -> tuple[str, str]:
    if n == 15:
        return "rằm", "day 15"
    if n == -1:
        return "ngày cuối tháng", "the last day"
    return f"{'mồng' if 1 <= n <= 10 else 'ngày'} {n}", f"day {n}"


def _end(parsed: Recurrence) -> tuple[str, str]:
    if parsed.until is not None:
        return f" đến hết {parsed.until:%d/%m/%Y}", f" until {parsed.until:%d/%m/%Y}"
    if parsed.count is not None:
        return f", {parsed.count} lần", f", {parsed.count} times"
    return "", ""


def _exceptions(rule: Rule) -> tuple[str, str]:
    vi, en = "", ""
    if rule.skipped:
        listed = ", ".join(f"{one:%d/%m/%Y}" for one in rule.skipped)
        vi, en = vi + f"; trừ {listed}", en + f"; not on {listed}"
    if rule.avoids:
        known = {one.key: one.name for one in rule.days_off.yearly}
        everything = EVERY in rule.avoids
        names = "" if everything else ", ".join(known.get(key, key) for key in rule.avoids)
        vi += "; trừ ngày lễ" if everything else f"; trừ {names}"
        en += "; not on holidays" if everything else f"; not on {names}"
    if rule.added:
        listed = ", ".join(f"{one:%H:%M %d/%m/%Y}" for one in rule.added)
        vi, en = vi + f"; thêm {listed}", en + f"; also {listed}"
    return vi, en
