"""Times of day and lengths of time: 7h30, 07:30, 5g45, 11h30 – 13h00, 24/24h, 30’."""

from __future__ import annotations

import re

from broadcaster.speech.draft import Hit, Rule
from broadcaster.speech.numbers import cardinal
from broadcaster.speech.rules.figures import DASH, START, any_of

_H = r"(?P<h>[01]?\d|2[0-4])"
_M = r"(?P<m>[0-5]\d)"
_TIME = r"(?:[01]?\d|2[0-4])(?:\s?[hg](?!\w*[^\W\d])|:[0-5]\d|\s?giờ)"
_MINUTE_MARK = r"\s?(?:phút|ph|p|['’′])(?!\w)"
_BEFORE_TIME = re.compile(
    any_of("""
        lúc | từ | hồi | đến | tới | trước | sau | khoảng | vào | đúng | sáng | chiều | tối | trưa
        | đêm | - | – | và | hơn | gần | giờ | : | họp | trực
    """)
    + r"\s*$"
)
_AFTER_TIME = any_of("""
    ngày | sáng | trưa | chiều | tối | đêm | đến | tại | thứ | hôm | và | các | cùng | hằng | hàng
    | mỗi | mời | bắt | khai | ở | trên | thì | toàn | cho | tới | tất | họp | đề | kính | bà con
    | nhân dân | có | để | theo | trở | do | vì | mới | phải | sẽ | rạng | bão | tâm | kết
""")
_NOT_TIME = re.compile(
    r"(?:tỷ lệ|tỉ lệ|tỷ số|tỉ số|bản đồ|phối|trộn|pha|thắng|thua|hòa)\b[^.;]{0,30}$"
)
_TIME_END = re.compile(r"\d\s?(?:[hg:]|giờ)\s?(?:\d\d)?(?:\s?(?:phút|p|['’]))?$")


def _clock(hit: Hit) -> str:
    """7, 30 is "bảy giờ ba mươi phút"; full hours have no minutes."""
    said = f"{cardinal(int(hit['h']))} giờ"
    minute = hit["m"]
    return f"{said} {cardinal(int(minute))} phút" if minute and int(minute) else said


def _colon(hit: Hit) -> str | None:
    if _NOT_TIME.search(hit.before()):
        return None
    return f"{_clock(hit)} {cardinal(int(hit['s']))} giây" if hit["s"] else _clock(hit)


def _hour(hit: Hit) -> str | None:
    """ "7g" is seven grams, unless a word of time stands before it."""
    if hit["u"].lower() == "g" and not _BEFORE_TIME.search(hit.before()):
        return None
    return f"{cardinal(int(hit['h']))} giờ"


def _hours(hit: Hit) -> str:
    return f"{cardinal(int(hit['a']))} đến {_clock(hit)}"


def _round(hit: Hit) -> str:
    tail = " giờ" if hit["u"] else ""
    return f"{cardinal(int(hit['a']))} trên {cardinal(int(hit['b']))}{tail}"


def _until(hit: Hit) -> str | None:
    """A dash between two times."""
    return "đến" if _TIME_END.search(hit.before()) else None


def _minutes(hit: Hit) -> str:
    first = f"{cardinal(int(hit['a']))} đến " if hit["a"] else ""
    unit = "giây" if hit["u"] in {"''", "’’"} else "phút"
    return f"{first}{cardinal(int(hit['n']))} {unit}"


RULES = (
    Rule(
        "time.round",
        r"(?<![\w/.,])(?P<a>24)/(?P<b>24|7)(?P<u>\s?(?:h|g|giờ)(?!\w))?(?![\w/])",
        _round,
    ),
    Rule("time.until", rf"(?<=[\dhgờpút'’])(?P<x>\s*[-–—~]\s*)(?={_TIME})", _until),
    Rule(
        "time.hours",
        rf"{START}(?P<a>[01]?\d|2[0-4]){DASH}{_H}\s?h(?P<m>[0-5]\d)?(?!\w)",
        _hours,
    ),
    Rule(
        "time.clock",
        rf"{START}{_H}\s?[hg][.:]?\s?{_M}(?:{_MINUTE_MARK})?(?!\w)(?![.,]\d)",
        _clock,
    ),
    Rule(
        "time.clock",
        rf"{START}(?<!:){_H}\s?giờ\s?{_M}(?:{_MINUTE_MARK}|(?=\s*(?:$|[,.;)\-–]|{_AFTER_TIME})))",
        _clock,
    ),
    Rule(
        "time.colon",
        rf"{START}(?<!:){_H}(?::| : ){_M}(?::(?P<s>[0-5]\d))?(?:\s?h(?!\w))?(?![\w:])(?![.,]\d)",
        _colon,
    ),
    Rule("time.hour", rf"{START}{_H}\s?(?P<u>[hg])(?![\w/])", _hour),
    Rule(
        "time.minutes",
        rf"{START}(?:(?P<a>\d{{1,3}}){DASH})?(?P<n>\d{{1,3}})"
        r"(?:\s?(?P<u>''|’’|['’′])|(?:ph|p))(?!\w)",
        _minutes,
    ),
)
