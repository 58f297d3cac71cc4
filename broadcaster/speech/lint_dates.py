"""What the editor's help says about dates: blank, past, or on another weekday."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from broadcaster.errors import Text
from broadcaster.speech.model import Finding

_DATE = re.compile(
    r"(?<![\d/.])(?P<d>\d{1,2})(?:\s?[/.-]\s?|\s+tháng\s+)(?P<m>\d{1,2})"
    r"(?:(?:\s?[/.-]\s?|\s+năm\s+)(?P<y>\d{4}))?(?![\d/])",
    re.IGNORECASE,
)
_BLANK = re.compile(
    r"\bngày[\s.…_/]*tháng[\s.…_/]*(?:năm\b|\d)|\bngày[\s.…_]*/[\s.…_]*/", re.IGNORECASE
)
_WEEKDAYS = {
    "hai": 0, "2": 0, "ba": 1, "3": 1, "tư": 2, "4": 2, "năm": 3, "5": 3, "sáu": 4, "6": 4,
    "bảy": 5, "7": 5, "nhật": 6,
}  # fmt: skip
_NAMES = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_ENGLISH = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAY = re.compile(
    r"(?:thứ\s+(?P<n>hai|ba|tư|năm|sáu|bảy|[2-7])|chủ\s+(?P<s>nhật))[\s,(]*(?:ngày\s+)?$",
    re.IGNORECASE,
)
# A date that only says when a paper was signed or something happened may well be past.
_QUOTED = re.compile(
    r"(?:căn cứ|quyết định|nghị quyết|nghị định|kế hoạch|công văn|thông tư|chỉ thị|luật|văn bản"
    r"|kỷ niệm|sinh|cấp|thành lập|ban hành|âm lịch|số\s*:?\s*\S+)[^.;\n]{0,60}$",
    re.IGNORECASE,
)
_HALF_A_YEAR = timedelta(days=183)


def blank_dates(text: str) -> Iterator[Finding]:
    """ "ngày tháng năm 2026": the day was never filled in."""
    for found in _BLANK.finditer(text):
        message = Text("Ngày tháng còn để trống.", "The day is still blank.")
        yield Finding("date.blank", found.span(), found[0], message)


def wrong_dates(text: str, today: date) -> Iterator[Finding]:
    """Days that do not exist, lie behind us, or fall on another weekday than written."""
    for found in _DATE.finditer(text):
        before = text[max(0, found.start() - 90) : found.start()]
        weekday = _WEEKDAY.search(before)
        announced = weekday or found["y"] or re.search(r"ngày\s+$", before, re.IGNORECASE)
        if not announced:
            continue
        day = _day(found, today)
        if day is None:
            message = Text(f"Không có ngày “{found[0]}”.", f"There is no day “{found[0]}”.")
            yield Finding("date.impossible", found.span(), found[0], message)
            continue
        yield from _weekday(found, weekday, day)
        if day < today and found["y"] and day.year >= today.year - 1 and not _QUOTED.search(before):
            message = Text(f"Ngày {day:%d/%m/%Y} đã qua.", f"{day:%d/%m/%Y} is past.")
            yield Finding("date.past", found.span(), found[0], message, day)


def _day(found: re.Match[str], today: date) -> date | None:
    """Without a year, the nearest one: a notice speaks of days close to it."""
    try:
        if found["y"]:
            return date(int(found["y"]), int(found["m"]), int(found["d"]))
        days = [date(y, int(found["m"]), int(found["d"])) for y in (today.year, today.year + 1)]
    except ValueError:
        return None
    return days[1] if today - days[0] > _HALF_A_YEAR else days[0]


def _weekday(found: re.Match[str], weekday: re.Match[str] | None, day: date) -> Iterator[Finding]:
    if weekday is None:
        return
    written = _WEEKDAYS[(weekday["n"] or weekday["s"]).lower()]
    if written != day.weekday():
        right = day.weekday()
        message = Text(
            f"Ngày {day:%d/%m/%Y} là {_NAMES[right]}, không phải {_NAMES[written]}.",
            f"{day:%d/%m/%Y} is a {_ENGLISH[right]}, not a {_ENGLISH[written]}.",
        )
        yield Finding("date.weekday", found.span(), found[0], message, day)
