"""RFC 5545 recurrence text, read strictly: what lies outside the subset is refused, not guessed.

The subset: FREQ DAILY, WEEKLY, MONTHLY, YEARLY; INTERVAL; COUNT or UNTIL; WKST; BYDAY, BYMONTHDAY,
BYMONTH, BYHOUR, BYMINUTE, BYSETPOS. Lunar rules are written in the manner of RFC 7529, with
RSCALE=VIETNAMESE: see `lunar_rules`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from broadcaster.errors import PolicyRefused

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
LUNAR_SCALE = "VIETNAMESE"
MAX_INTERVAL = 1000
"""Every thousandth day, week or month is a slip of the finger."""

Month = tuple[int, bool]
"""Number 1-12, and whether the lunar leap month of that number is meant."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """One RRULE. Empty tuples stand for parts that are not there; `until` is naive local time or
    aware UTC, the last moment that still belongs."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    week_start: int = 0
    days: tuple[tuple[int, int], ...] = ()
    """(n, weekday): n = 0 for every such weekday, 2 for the second, -1 for the last."""
    month_days: tuple[int, ...] = ()
    months: tuple[Month, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    lunar: bool = False


def parse(text: str) -> Recurrence:
    """Raises PolicyRefused naming the part at fault and why."""
    parts = _parts(text)
    lunar = _scale(parts)
    found = Recurrence(
        freq=_freq(parts, lunar),
        interval=_number(parts, "INTERVAL", 1, MAX_INTERVAL) or 1,
        count=_number(parts, "COUNT", 1, 1_000_000),
        until=_until(parts),
        week_start=_weekday(parts.get("WKST", "MO"), "WKST"),
        days=_days(parts),
        month_days=_numbers(parts, "BYMONTHDAY", 1, 30 if lunar else 31, signed=True),
        months=_months(parts, lunar),
        hours=_numbers(parts, "BYHOUR", 0, 23),
        minutes=_numbers(parts, "BYMINUTE", 0, 59),
        positions=_numbers(parts, "BYSETPOS", 1, 366, signed=True),
        lunar=lunar,
    )
    _check_together(found)
    return found


def refused(part: str, vi: str, en: str) -> PolicyRefused:
    return PolicyRefused(f"Luật lặp có “{part}”: {vi}.", f"The rule has “{part}”: {en}.")


_WHY_NOT = {
    "BYSECOND": ("giờ phát chỉ tính đến phút", "rules are by the minute"),
    "BYYEARDAY": ("hãy ghi ngày và tháng", "name the day and the month"),
    "BYWEEKNO": ("hãy ghi ngày và tháng", "name the day and the month"),
    "BYEASTER": ("không thuộc RFC 5545", "it is not part of RFC 5545"),
}
_KNOWN = {
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYHOUR",
    "BYMINUTE", "BYSETPOS", "RSCALE", "SKIP",
}  # fmt: skip


def _parts(text: str) -> dict[str, str]:
    body = text.strip().upper().removeprefix("RRULE:")
    if re.fullmatch(r"[\d*/,-]+(\s+[\d*/,A-Z#?-]+){4,5}", body):
        raise refused(
            text.strip(),
            "đây là chuỗi crontab, mỗi chương trình đếm thứ một kiểu. Hãy viết như người: "
            "--on “thứ hai, thứ sáu” --at 17:00, hoặc FREQ=WEEKLY;BYDAY=MO,FR",
            "that is a crontab string, and programs count its weekdays differently. Write "
            "FREQ=WEEKLY;BYDAY=MO,FR",
        )
    found: dict[str, str] = {}
    for piece in body.split(";"):
        name, equals, value = piece.partition("=")
        if not equals or not value or not name:
            raise refused(piece, "mỗi phần phải có dạng TÊN=GIÁ_TRỊ", "each part is NAME=VALUE")
        if name in found:
            raise refused(name, "phần này ghi hai lần", "the part is there twice")
        if name not in _KNOWN:
            vi, en = _WHY_NOT.get(name, ("không hiểu phần này", "the part is unknown"))
            raise refused(name, f"ngoài phạm vi được hỗ trợ, {vi}", f"outside the subset, {en}")
        found[name] = value
    return found


def _scale(parts: dict[str, str]) -> bool:
    """Whether the rule is a lunar one; SKIP=OMIT is the only reading there is."""
    scale, skip = parts.get("RSCALE"), parts.get("SKIP", "OMIT")
    if scale not in {None, "GREGORIAN", LUNAR_SCALE}:
        raise refused(
            f"RSCALE={scale}",
            "chỉ có lịch dương và âm lịch Việt Nam (RSCALE=VIETNAMESE)",
            "only the Gregorian and the Vietnamese calendar are known",
        )
    if skip != "OMIT" or ("SKIP" in parts and scale is None):
        raise refused(
            f"SKIP={skip}",
            "ngày không có trong tháng thì bỏ qua, không dời sang ngày khác",
            "a day that a month lacks is left out, never moved",
        )
    return scale == LUNAR_SCALE


def _freq(parts: dict[str, str], lunar: bool) -> str:
    freq = parts.get("FREQ")
    if freq is None:
        raise refused("FREQ", "thiếu phần này", "it is missing")
    allowed = ("MONTHLY", "YEARLY") if lunar else FREQUENCIES
    if freq not in allowed:
        names = ", ".join(allowed)
        raise refused(
            f"FREQ={freq}",
            f"ngoài phạm vi được hỗ trợ, chỉ có {names}",
            f"outside the subset, which has {names}",
        )
    return freq


def _number(parts: dict[str, str], name: str, low: int, high: int) -> int | None:
    value = parts.get(name)
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,7}", value) or not low <= int(value) <= high:
        raise refused(
            f"{name}={value}", f"phải là số từ {low} đến {high}", f"a number from {low} to {high}"
        )
    return int(value)


def _numbers(
    parts: dict[str, str], name: str, low: int, high: int, *, signed: bool = False
) -> tuple[int, ...]:
    """Sorted, each once."""
    if name not in parts:
        return ()
    form = r"[+-]?[0-9]{1,3}" if signed else r"[0-9]{1,2}"
    found = set()
    for piece in parts[name].split(","):
        if not re.fullmatch(form, piece) or not low <= abs(int(piece)) <= high:
            sign = "±" if signed else ""
            raise refused(
                f"{name}={parts[name]}",
                f"“{piece}” không nằm trong {sign}{low}–{high}",
                f"“{piece}” is not within {sign}{low} to {high}",
            )
        found.add(int(piece))
    return tuple(sorted(found))


def _months(parts: dict[str, str], lunar: bool) -> tuple[Month, ...]:
    """Lunar months may carry an L for the leap month, as RFC 7529 writes it: 7L."""
    value = parts.get("BYMONTH", "")
    leap = {piece for piece in value.split(",") if lunar and piece.endswith("L")}
    plain = [piece.removesuffix("L") if piece in leap else piece for piece in value.split(",")]
    if not value:
        return ()
    _numbers({"BYMONTH": ",".join(plain)}, "BYMONTH", 1, 12)
    return tuple(
        sorted((int(p), raw in leap) for p, raw in zip(plain, value.split(","), strict=True))
    )


def _weekday(code: str, part: str) -> int:
    if code not in WEEKDAYS:
        raise refused(f"{part}={code}", "không phải tên thứ (MO … SU)", "not a weekday (MO … SU)")
    return WEEKDAYS.index(code)


def _days(parts: dict[str, str]) -> tuple[tuple[int, int], ...]:
    found = set()
    for piece in parts["BYDAY"].split(",") if "BYDAY" in parts else ():
        match = re.fullmatch(r"([+-]?[0-9]{1,2})?([A-Z]{2})", piece)
        if match is None or (match[1] and not 1 <= abs(int(match[1])) <= 53):
            raise refused(f"BYDAY={parts['BYDAY']}", f"không hiểu “{piece}”", f"“{piece}” is wrong")
        found.add((int(match[1] or 0), _weekday(match[2], "BYDAY")))
    return tuple(sorted(found))


def _until(parts: dict[str, str]) -> datetime | None:
    value = parts.get("UNTIL")
    if value is None:
        return None
    match = re.fullmatch(r"(\d{8}T\d{6})(Z?)", value, re.ASCII)
    try:
        if match is None:
            raise ValueError
        moment = datetime.strptime(match[1], "%Y%m%dT%H%M%S")  # noqa: DTZ007 -- local unless Z
    except ValueError:
        raise refused(
            f"UNTIL={value}",
            "phải có cả ngày và giờ như giờ bắt đầu, ví dụ 20261130T235959",
            "it must be a date with a time, as DTSTART is, such as 20261130T235959",
        ) from None
    return moment.replace(tzinfo=UTC) if match[2] else moment


def _check_together(found: Recurrence) -> None:
    """Combinations that RFC 5545 §3.3.10 forbids, or that no two programs read alike."""
    if found.count is not None and found.until is not None:
        raise refused("COUNT, UNTIL", "chỉ được ghi một trong hai", "only one of them may be given")
    if found.lunar and (found.days or found.positions):
        raise refused(
            "RSCALE=VIETNAMESE",
            "luật âm lịch chỉ có ngày và tháng âm, không có thứ hay BYSETPOS",
            "a lunar rule has lunar days and months only",
        )
    if found.lunar and not (found.month_days and (found.months or found.freq == "MONTHLY")):
        raise refused(
            "RSCALE=VIETNAMESE",
            "thiếu ngày âm (BYMONTHDAY), hoặc tháng âm (BYMONTH) của luật hằng năm",
            "the lunar day (BYMONTHDAY), or the month (BYMONTH) of a yearly rule, is missing",
        )
    if found.month_days and found.freq == "WEEKLY":
        raise refused("BYMONTHDAY", "không đi với FREQ=WEEKLY", "it does not go with FREQ=WEEKLY")
    numbered = any(n for n, _ in found.days)
    if numbered and found.freq not in {"MONTHLY", "YEARLY"}:
        raise refused(
            "BYDAY",
            "“thứ … đầu tiên / cuối cùng” chỉ đi với FREQ=MONTHLY hoặc YEARLY",
            "a numbered weekday goes with FREQ=MONTHLY or YEARLY only",
        )
    if numbered and found.month_days:
        raise refused(
            "BYDAY, BYMONTHDAY",
            "thứ có số thứ tự không đi cùng ngày trong tháng",
            "a numbered weekday does not go together with days of the month",
        )
    listed = (found.days, found.month_days, found.months, found.hours, found.minutes)
    if found.positions and not any(listed):
        raise refused("BYSETPOS", "phải đi với một phần BY… khác", "it needs another BY… part")
