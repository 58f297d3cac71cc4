"""Days, hours and dates as people write them -> recurrence text. No crontab strings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time

from broadcaster.errors import InputError

WEEKDAYS = {
    "MO": ("thứ hai", "thứ 2", "t2", "monday", "mon"),
    "TU": ("thứ ba", "thứ 3", "t3", "tuesday", "tue"),
    "WE": ("thứ tư", "thứ 4", "t4", "wednesday", "wed"),
    "TH": ("thứ năm", "thứ 5", "t5", "thursday", "thu"),
    "FR": ("thứ sáu", "thứ 6", "t6", "friday", "fri"),
    "SA": ("thứ bảy", "thứ 7", "t7", "saturday", "sat"),
    "SU": ("chủ nhật", "cn", "sunday", "sun"),
}
_CODES = {word: code for code, words in WEEKDAYS.items() for word in words}
_DAILY = {"hằng ngày", "hàng ngày", "mỗi ngày", "daily"}
_MONTHLY = r"(?:h[ằà]ng tháng|mỗi tháng|trong tháng|của tháng|monthly|of the month)"
_YEARLY = r"(?:h[ằà]ng năm|mỗi năm|yearly|every year)"
_PLACES = {
    "đầu tiên": 1, "thứ nhất": 1, "first": 1, "thứ nhì": 2, "thứ hai": 2, "second": 2,
    "thứ ba": 3, "third": 3, "thứ tư": 4, "fourth": 4, "cuối cùng": -1, "cuối": -1, "last": -1,
}  # fmt: skip
_NUMBERS = {
    "một": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "tám": 8,
    "chín": 9, "mười": 10, "mười một": 11, "mười hai": 12, "giêng": 1, "chạp": 12,
}  # fmt: skip


def normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).lower().split())


def refuse_crontab(text: str) -> None:
    if re.fullmatch(r"[\d*/,\-?]+(\s+[\d*/,a-z#?\-]+){4,5}", text.strip().lower()):
        raise InputError(
            f"“{text.strip()}” là chuỗi crontab, mà mỗi chương trình đếm thứ một kiểu. "
            "Hãy viết như người nói: --on “thứ hai, thứ sáu” --at 05:30,17:00",
            f"“{text.strip()}” is a crontab string, and programs count its weekdays differently. "
            "Write as people speak: --on monday,friday --at 05:30,17:00",
        )


def is_single_date(word: str) -> bool:
    return re.fullmatch(r"(?:ngày )?[\d/-]*\d[/-]\d[\d/-]*", word) is not None


def solar(word: str) -> list[str]:
    """Recurrence text without interval or end, one for each yearly date."""
    if word in _DAILY:
        return ["FREQ=DAILY"]
    if re.search(rf"\b{_YEARLY}$", word):
        dates = re.split(r",|;| và ", re.sub(rf"\s*{_YEARLY}$", "", word))
        return [_yearly(part.strip().removeprefix("ngày ")) for part in dates]
    if re.search(rf"\b{_MONTHLY}$", word) or word == "cuối tháng":
        return [_monthly(re.sub(rf"\s*{_MONTHLY}$", "", word))]
    return ["FREQ=WEEKLY;BYDAY=" + ",".join(_day_codes(word))]


def _yearly(text: str) -> str:
    match = re.fullmatch(r"(\d{1,2})[/-](\d{1,2})", text)
    # A leap year: 29 February every year is a rule, though it comes every fourth.
    try:
        day = date(2000, int(match[2]), int(match[1])) if match else None
    except ValueError:
        day = None
    if day is None:
        raise InputError(
            f"Không hiểu ngày “{text}” hằng năm. Viết: ngày 2/9 hằng năm.",
            f"Day “{text}” of the year is not understood. Write: 2/9 yearly.",
        )
    return f"FREQ=YEARLY;BYMONTH={day.month};BYMONTHDAY={day.day}"


def _monthly(text: str) -> str:
    if text in {"cuối tháng", "ngày cuối", "ngày cuối cùng", "last day"}:
        return "FREQ=MONTHLY;BYMONTHDAY=-1"
    if re.match(r"(?:ngày|days?) \d", text):
        parts = [
            re.sub(r"^(?:ngày|days?) ", "", p.strip()) for p in re.split(r",|;| và | and ", text)
        ]
        if all(re.fullmatch(r"\d{1,2}", p) and 1 <= int(p) <= 31 for p in parts):
            numbers = sorted({int(p) for p in parts})
            return "FREQ=MONTHLY;BYMONTHDAY=" + ",".join(map(str, numbers))
    for place, n in _PLACES.items():
        before, after = text.removeprefix(f"{place} "), text.removesuffix(f" {place}")
        day = _CODES.get(before if before != text else after)
        if day is not None and text != day and (before != text or after != text):
            return f"FREQ=MONTHLY;BYDAY={n}{day}"
    raise InputError(
        f"Không hiểu “{text}” hằng tháng. Viết: ngày 1 và 15 hằng tháng; "
        "thứ hai đầu tiên hằng tháng; thứ sáu cuối cùng hằng tháng; cuối tháng.",
        f"“{text}” of the month is not understood. Write: day 1, 15 monthly; first monday monthly.",
    )


def _day_codes(word: str) -> list[str]:
    codes = []
    for part in re.split(r"[,;]| và ", word):
        code = _CODES.get(part.strip())
        if code is None:
            raise InputError(
                f"Không hiểu ngày “{part.strip()}”. Viết: hằng ngày; thứ hai, thứ sáu; "
                "chủ nhật; ngày 1 và 15 hằng tháng; thứ hai đầu tiên hằng tháng; ngày 2/9 hằng "
                "năm; một ngày như 24/11/2026; ngày âm lịch thì dùng --lunar “mồng 1, rằm”.",
                f"Day “{part.strip()}” is not understood. Write: daily; monday; day 1, 15 monthly; "
                "first monday monthly; 24/11/2026; for lunar days --lunar.",
            )
        codes.append(code)
    return [code for code in WEEKDAYS if code in codes]


def day_numbers(words: Sequence[str]) -> list[int]:
    """["thứ hai", "chủ nhật"] -> [0, 6], Monday being 0. Raises InputError."""
    return [list(WEEKDAYS).index(c) for word in words for c in _day_codes(word.strip().lower())]


_EVERY = {"ngày": "DAILY", "day": "DAILY", "tuần": "WEEKLY", "week": "WEEKLY",
          "tháng": "MONTHLY", "month": "MONTHLY", "năm": "YEARLY", "year": "YEARLY"}  # fmt: skip


def every(text: str) -> tuple[int, str]:
    """ "2 tuần" -> (2, "WEEKLY")."""
    match = re.fullmatch(r"(?:mỗi |every )?(\d{1,3}) (\w+)", normal(text))
    unit = _EVERY.get(match[2].removesuffix("s")) if match else None
    if match is None or unit is None or not 1 <= int(match[1]) <= 100:
        raise InputError(
            f"Không hiểu “{text.strip()}”. Viết: --every “2 tuần”, “3 ngày”, “2 tháng”.",
            f"“{text.strip()}” is not understood. Write: --every “2 weeks”.",
        )
    return int(match[1]), unit


def lunar(text: str) -> list[str]:
    """ "mồng 1, rằm" -> one monthly rule; "rằm tháng 7" -> a yearly one for each month."""
    word = re.sub(rf"\s*(?:âm lịch|âm|{_MONTHLY}|{_YEARLY})$", "", normal(text))
    word = re.sub(rf"\s*(?:âm lịch|âm|{_MONTHLY}|{_YEARLY})$", "", word)
    by_month: dict[str, set[int]] = {}
    for part in re.split(r",|;| và ", word):
        month, day = _lunar_day(part.strip())
        by_month.setdefault(month, set()).add(day)
    return [
        f"RSCALE=VIETNAMESE;FREQ={'YEARLY;BYMONTH=' + month if month else 'MONTHLY'}"
        f";BYMONTHDAY={','.join(map(str, sorted(days)))}"
        for month, days in by_month.items()
    ]


def _lunar_day(text: str) -> tuple[str, int]:
    """(BYMONTH value or "", day); -1 is the last day of the month."""
    match = re.fullmatch(
        r"(?:ngày )?(?:(?:mồng|mùng) )?(?P<day>rằm|cuối|[\w ]+?)"
        r"(?:(?: ?/ ?| tháng )(?P<month>[\w ]+?)(?P<leap> nhuận)?)?",
        text,
    )
    if match is not None:
        day = {"rằm": 15, "cuối": -1}.get(match["day"]) or _number(match["day"], 30)
        if text in {"cuối tháng", "ngày cuối tháng"}:
            return "", -1
        month = _number(match["month"] or "", 12)
        if day and (month or not match["month"]):
            return (f"{month}{'L' if match['leap'] else ''}" if month else ""), day
    raise InputError(
        f"Không hiểu ngày âm lịch “{text}”. Viết: mồng 1, rằm; rằm tháng 7; 10/3; 23 tháng chạp.",
        f"Lunar day “{text}” is not understood. Write “mồng 1, rằm” or a day and month: 10/3.",
    )


def _number(word: str, most: int) -> int | None:
    number = int(word) if re.fullmatch(r"[0-9]{1,2}", word) else _NUMBERS.get(word, 0)
    return number if 1 <= number <= most else None


def parse_time(text: str) -> time:
    """ "05:30", "5h30", "17h", "05:30:15" -> time. Raises InputError."""
    match = re.fullmatch(r"\s*(\d{1,2})(?:[hg]|[:hg](\d{2})(?::(\d{2}))?)\s*", text.lower())
    try:
        if not match:
            raise ValueError
        return time(int(match[1]), int(match[2] or 0), int(match[3] or 0))
    except ValueError:
        raise InputError(
            f"Giờ “{text.strip()}” không hợp lệ. Viết như 05:30 hoặc 17:00.",
            f"Time “{text.strip()}” is not valid. Write 05:30 or 17:00.",
        ) from None


def parse_times(text: str) -> Sequence[time]:
    """ "05:30, 17:00", each once. Raises InputError when there is none."""
    hours = list(dict.fromkeys(parse_time(part) for part in text.split(",") if part.strip()))
    if not hours:
        raise InputError("Thiếu giờ phát. Ví dụ: --at 05:30,17:00", "No time given: --at 05:30")
    return hours


def parse_date(text: str) -> date:
    """ "24/11/2026" (day first) or "2026-11-24" -> date. Raises InputError."""
    for form in ("%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 -- a date has no zone
        except ValueError:
            continue
    raise InputError(
        f"Ngày “{text.strip()}” không hợp lệ. Viết ngày/tháng/năm, ví dụ 24/11/2026.",
        f"Date “{text.strip()}” is not valid. Write day/month/year, e.g. 24/11/2026.",
    )
