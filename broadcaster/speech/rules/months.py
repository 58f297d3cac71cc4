"""Months, years, weekdays, and other ordinals."""

from __future__ import annotations

import re

from broadcaster.speech.draft import Hit, Rule
from broadcaster.speech.numbers import cardinal, month
from broadcaster.speech.rules.dates import M, Y
from broadcaster.speech.rules.figures import ordinal

_NO_DATE = re.compile(
    r"(?<!\w)(?:số|luật|nghị định|thông tư|quyết định|điểm|đạt|được|thửa|lô)\s*:?\s*$"
)


def _month_year(hit: Hit) -> str | None:
    """ "12/2026"; the word "tháng" is added when it is not there."""
    if re.search(r"(?:quý|đợt|kỳ|tuần|lần|số)\s*$", hit.before()):
        return f"{cardinal(int(hit['m']))} năm {cardinal(int(hit['y']))}"
    said = f"{month(int(hit['m']))} năm {cardinal(int(hit['y']))}"
    if re.search(r"tháng[\d\s,và–-]*$", hit.before()):
        return said
    return None if _NO_DATE.search(hit.before()) else f"tháng {said}"


def _joint(between: str, noun: str) -> str:
    """The words between two members of a list; a dash is "đến"."""
    bare = between.strip().lower()
    if re.fullmatch(r"[-–—]", bare):
        return f"đến {noun}"
    return {"&": "và", "+": "và", "/": ",", ";": ","}.get(bare, bare)


def _months(hit: Hit) -> str:
    """ "tháng 4", "tháng 7, 8 và 9", "tháng 3-5"."""
    parts = re.split(r"(\d+)", hit["x"])
    said = (month(int(p)) if p.isdecimal() else _joint(p, "tháng") for p in parts)
    return " ".join(filter(None, said))


def _months_of_year(hit: Hit) -> str:
    first, last = month(int(hit["a"])), month(int(hit["m"]))
    return f"{first} đến tháng {last} năm {cardinal(int(hit['y']))}"


def _weekdays(hit: Hit) -> str:
    parts = re.split(r"(\d)", hit["x"])
    said = (ordinal(int(p)) if p.isdecimal() else _joint(p, "thứ") for p in parts)
    return " ".join(filter(None, said))


def _short_weekday(hit: Hit) -> str | None:
    """ "T2-T6", "T7, CN"; but "nhà ga T3"."""
    if re.search(r"(?:ga|tòa|nhà|khu|lô|cổng|block|hầm)\s+$", hit.before()):
        return None
    found = re.findall(r"[2-7]|CN", hit[0])
    named = ["chủ nhật" if f == "CN" else f"thứ {ordinal(int(f))}" for f in found]
    return (" đến " if re.search(r"[-–]", hit[0]) else ", ").join(named)


def _short_month(hit: Hit) -> str:
    tail = f" năm {cardinal(int(hit['y']))}" if hit["y"] else ""
    return f"tháng {month(int(hit['m']))}{tail}"


def _years(hit: Hit) -> str | None:
    first, second = int(hit["a"]), int(hit["b"])
    if not first < second <= first + 150:
        return None
    return f"{cardinal(first)} đến {cardinal(second)}"


def _after_period(hit: Hit) -> str | None:
    """ "quý III/2026", "tháng Giêng/2026", "vụ xuân/2026"."""
    if re.search(r"(?:quý|kỳ|vụ|tháng|đợt|năm học|mùa|tuần)\s+[\w–-]+\s?$", hit.before()):
        return f"năm {cardinal(int(hit['y']))}"
    return None


def _ordinal(hit: Hit) -> str:
    return ordinal(int(hit["x"]))


def _rank(hit: Hit) -> str:
    """ "xếp thứ 3/12 xã"."""
    return f"{ordinal(int(hit['a']))} trên {cardinal(int(hit['b']))}"


def _until(_: Hit) -> str:
    return "đến"


_YEAR = r"(?P<y>(?:19|20)\d\d)"
_AND = r"(?:,|và|đến|&|[-–—])"

RULES = (
    Rule("range.marks", r"(?<=[A-ZĐ]\d)(?P<x>\s*[-–]\s*)(?=BĐ\s?\d)", _until, ignore_case=False),
    Rule(
        "range.same_word",
        r"\b(thứ|tháng|năm|ngày|tổ|thôn|xóm|cấp|lớp|khối|khoản|điều|quý|số|độ|mục|trang|khóa|bài)"
        r"\s+[\w/]+(?P<x>\s*[-–—]\s*)(?=\1\s)",
        _until,
        needs="",
    ),
    Rule(
        "date.months_year",
        rf"\btháng\s+(?P<x>(?P<a>{M})\s*[-–—]\s*(?P<m>{M})\s?/\s?{_YEAR})(?!\w)",
        _months_of_year,
    ),
    Rule(
        "date.month_year",
        rf"(?<![\w/])(?<!\d[.,-])(?P<m>{M})\s?[/.-]\s?{_YEAR}(?!\w)(?![/-][A-ZĐ\d])",
        _month_year,
    ),
    Rule(
        "date.months",
        rf"\btháng\s+(?P<x>{M}(?:\s*{_AND}\s*{M}(?![\d/.%]|\s*(?:ngày|tuổi)))*)(?!\d)(?![.,]\d)",
        _months,
    ),
    Rule("date.after_period", rf"(?<=\w)\s?(?P<x>/\s?{_YEAR})(?![\w/-])", _after_period),
    Rule(
        "date.years",
        rf"(?<![\w.,/])(?P<a>{Y})\s*[-–—/]\s*(?P<b>{Y})(?![\w/])(?![.,]\d)",
        _years,
    ),
    Rule(
        "date.short_month",
        rf"(?<!\w)T\.?(?P<m>{M})\s?[/-]\s?{_YEAR}(?!\w)",
        _short_month,
        ignore_case=False,
    ),
    Rule(
        "date.short_weekday",
        r"(?<!\w)T[2-7](?:\s?(?:[-–,&]|và)\s?(?:T[2-7]|CN))*(?![\w/])",
        _short_weekday,
        ignore_case=False,
    ),
    Rule(
        "date.short_month",
        r"(?<!\w)T(?P<m>[89]|1[0-2]|0[1-9])(?P<y>)(?![\w/])",
        _short_month,
        ignore_case=False,
    ),
    Rule(
        "date.weekday",
        rf"\bthứ\s+(?P<x>[2-7](?:\s*{_AND}\s*[2-7](?!\d))*)(?!\w)(?![./]\d)",
        _weekdays,
    ),
    Rule(
        "number.rank",
        r"\b(?:thứ|hạng)\s+(?P<x>(?P<a>\d{1,3})/(?P<b>\d{1,3}))(?![\w/])",
        _rank,
    ),
    Rule("number.ordinal", r"\bthứ\s+(?P<x>\d{1,3})(?!\w)(?![.,]\d)", _ordinal),
)
