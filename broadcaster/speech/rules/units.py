"""Amounts with what they count: money, measures, percentages, "/" as "một"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from broadcaster.speech.draft import Hit, Rule
from broadcaster.speech.lexicon import Lexicon
from broadcaster.speech.numbers import cardinal, whole
from broadcaster.speech.rules.figures import DASH, NUM, START, amount, any_of, sum_of_money, trie

_FROM = rf"(?:{START}|(?<=\d[x×*])|(?<=\d[mc][x×*])|(?<=[≥≤><=~±]))"
_WIDE = rf"(?:[1-9]\d{{0,2}}(?: \d{{3}})+(?!\d)|{NUM})"  # thousands with spaces, before a unit
_MONEY = frozenset(("đồng", "triệu", "nghìn", "ngàn", "tỷ", "nghìn đồng", "triệu đồng", "tỷ đồng"))
_BELOW = {"triệu": "nghìn", "tỷ": "triệu", "nghìn": ""}
_SCALE = {"k": "nghìn", "tr": "triệu", "triệu": "triệu", "tỷ": "tỷ", "tỉ": "tỷ"}
# A minus is one only before a temperature or a percentage, and only when it follows nothing.
_MINUS = (
    r"(?:(?<![\w)])(?<!\d )(?P<sign>[-−–])"
    r"(?=\d[\d,.]*(?:\s?[-–]\s?-?\d[\d,.]*)?\s?(?:°|độ|%|o?C\b)))?"
)
# What "/" divides by when it stands after an amount: "một người một năm".
_PER = any_of("""
    người | hộ | khẩu | nhân khẩu | tháng | năm | ngày | đêm | tuần | giờ | phút | giây | quý | kỳ
    | vụ | lứa | đợt | mùa | lượt | lần | chuyến | buổi | ca | suất | học sinh | học viên | trẻ
    | cháu | em | lớp | khóa | học kỳ | tiết | môn | kg | con | cây | cái | chiếc | bộ | đôi | cặp
    | quả | trái | bao | thùng | chai | lọ | hộp | gói | viên | liều | mũi | bình | tấm | tờ | vé
    | phiếu | hồ sơ | trường hợp | thửa | sào | mẫu | công | ha | tấn | tạ | yến | lít | mét | xe
    | phòng | căn | nhà | gia đình | lao động | đại biểu | đồng chí | thành viên | hội viên
    | đoàn viên | đảng viên | cán bộ | thôn | xã | đội | tổ | lô | bữa | giường | trạm | điểm | km
    | khối | m2 | m² | m3 | m³ | h | l | ml | g | s | số | đơn vị | máy | tàu | cuốn | quyển
    | đầu người | nghìn dân | vạn dân | bát | chén | ao | lồng | luống | gốc | hội | đối tượng
    | cơ sở | mô hình | tập thể | cá nhân | giải | dự án | công trình | cọc | cuộc | gian | ki ốt
    | sạp | lon | cốc | ly | đĩa | mâm | bàn | phần | suất ăn | vòng | chu kỳ | thế kỷ | mm | cm
    | kWh | số điện | khối nước | bản | sản phẩm | học phần | tín chỉ | lượt khách | phụ nữ | bà mẹ
""")
_AFTER_AMOUNT = re.compile(
    r"(?:\d[\d.,]*\s*[^\d/,;:()]{0,28}(?:/[^\d/,;()]{1,18}){0,2}|\b(?:đồng|đ|triệu|nghìn|giá))\s?$"
)


class _Units:
    """What the marks after a number say."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._spoken = {entry.written: entry.spoken for entry in lexicon.table("units")}
        self.pattern = f"(?:{trie(self._spoken)})"

    def say(self, hit: Hit) -> str:
        """ "15-20%", "5m - 10m", "-2°C", "1.500.000đ"."""
        unit = self._spoken[hit["u"]]
        read = sum_of_money if unit in _MONEY else amount
        words = [read(hit["n"]), unit]
        if hit["a"]:
            first = f" {self._spoken[hit['v']]}" if hit["v"] else ""
            words.insert(0, f"{read(hit['a'])}{first} đến")
        return ("âm " if hit["sign"] else "") + " ".join(words)

    def after_slash(self, hit: Hit) -> str:
        return self._spoken[hit["x"]]

    def pair(self, hit: Hit) -> str:
        return f"{self._spoken[hit['u']]} một {self._spoken[hit['v']]}"

    def spaced(self, hit: Hit) -> str:
        """ "3 , 5 ha": a comma that has lost its place."""
        return f"{amount(hit['a'] + ',' + hit['n'])} {self._spoken[hit['u']]}"


def _per(hit: Hit) -> str | None:
    """ "/" after an amount is "một"; elsewhere it is left to others."""
    return "một" if _AFTER_AMOUNT.search(hit.before(60)) else None


def _over(_: Hit) -> str:
    return "trên"


def _short_scale(hit: Hit) -> str:
    """ "1tr500", "2tr5", "1tỷ2": what follows is a part of the scale."""
    scale, rest = _SCALE[hit["u"].lower()], hit["r"]
    part = int(rest) * 10 ** (3 - len(rest))
    money = " đồng" if scale == "triệu" else ""
    return f"{whole(hit['n'])} {scale} {cardinal(part)} {_BELOW[scale]}".rstrip() + money


def _height(hit: Hit) -> str:
    """ "1m65": a metre and sixty-five."""
    return f"{whole(hit['n'])} mét {whole(hit['m'])}"


def _sign_of_money(hit: Hit) -> str:
    scale = f" {hit['k']}" if hit["k"] else ""
    return f"{sum_of_money(hit['n'])}{scale} {'ơ rô' if '€' in hit[0] else 'đô la'}"


def _money_before(hit: Hit) -> str:
    return f"{sum_of_money(hit['n'])} đồng"


def _dong(_: Hit) -> str:
    return "đồng"


def rules(lexicon: Lexicon) -> Sequence[Rule]:
    """The pattern of all units is built from the dictionary."""
    units = _Units(lexicon)
    return (*_MONEY_RULES, *_amounts(units), *_slashes(units))


def _amounts(units: _Units) -> Sequence[Rule]:
    unit = units.pattern
    return (
        Rule(
            "unit.spaced",
            rf"{START}(?P<a>\d{{1,3}})\s+,\s*(?P<n>\d{{1,2}})\s?(?P<u>{unit})(?!\w)",
            units.spaced,
            ignore_case=False,
        ),
        Rule(
            "unit.range",
            rf"{_FROM}{_MINUS}(?P<a>{NUM})\s?(?P<v>{unit})?{DASH}(?P<n>{NUM})\s?(?P<u>{unit})(?!\w)",
            units.say,
            ignore_case=False,
        ),
        Rule(
            "unit",
            rf"{_FROM}{_MINUS}(?P<a>)(?P<v>)(?P<n>{_WIDE})\s?(?P<u>{unit})(?!\w)",
            units.say,
            ignore_case=False,
        ),
    )


def _slashes(units: _Units) -> Sequence[Rule]:
    unit = units.pattern
    return (
        Rule(
            "unit.pair",
            rf"(?<![\w/])(?P<u>{unit})/(?P<v>{unit})(?![\w/])",
            units.pair,
            needs="",
            ignore_case=False,
        ),
        Rule(
            "unit.over", r"(?<=[a-z²³])\s?(?P<x>/)\s?(?=\d\d\s?(?:h|giờ|ngày)\b)", _over, needs="/"
        ),
        Rule("unit.per", rf"(?<=[\w²³%])\s?(?P<x>/)\s?(?={_PER}(?!\w))", _per, needs=""),
        Rule(
            "unit.after",
            rf"(?<=[\w²³%])\s?/\s?(?P<x>{unit})(?!\w)",
            units.after_slash,
            needs="",
            ignore_case=False,
        ),
        Rule(
            "unit.after_share",
            rf"\d/\d+\s?(?P<x>{unit})(?!\w)",
            units.after_slash,
            ignore_case=False,
        ),
    )


_MONEY_RULES = (
    Rule("money.before", rf"(?<!\w)VN[DĐ]\s?(?P<n>{NUM})(?!\w)", _money_before),
    Rule(
        "money.short",
        r"(?<![\w.,])(?P<n>\d{1,3})\s?(?P<u>tr|triệu|tỷ|tỉ|k)(?P<r>\d{1,3})(?!\w)",
        _short_scale,
    ),
    Rule("money.sign", rf"(?:US)?[$€]\s?(?P<n>{NUM})(?:\s(?P<k>triệu|tỷ|nghìn))?", _sign_of_money),
    Rule("money.capital", r"(?<=[.,]\d{3})(?P<x>\s?Đ)(?![\w.])", _dong, ignore_case=False),
    Rule("unit.height", r"(?<![\w.,])(?P<n>\d{1,2})m(?P<m>\d\d|[4-9])(?!\w)", _height),
)
