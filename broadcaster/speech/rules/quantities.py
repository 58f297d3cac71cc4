"""Numbers among themselves: ranges, shares, scores, ratios, levels, coordinates, road posts."""

from __future__ import annotations

import re

from broadcaster.speech.draft import Hit, Rule
from broadcaster.speech.numbers import cardinal, whole
from broadcaster.speech.rules.figures import NUM, START, amount, any_of

_FROM = rf"(?:{START}|(?<=[≥≤><=~±]))"
_SCORE = re.compile(
    r"(?<!\w)"
    + any_of("""
        tỷ số | tỉ số | thắng | thắng lợi | thua | hòa | hoà | kết quả | chung cuộc | dẫn
        | dẫn trước | gỡ | hạ | đánh bại | chung kết | trận | hiệp | ván | séc | set | bàn
        | vượt qua | điểm số
    """)
    + r"(?!\w)[^.;]{0,50}$"
)
_SIDES = {
    "n": "vĩ bắc", "b": "vĩ bắc", "s": "vĩ nam", "e": "kinh đông", "đ": "kinh đông",
    "w": "kinh tây", "t": "kinh tây",
}  # fmt: skip
# Shares of a mass take any fraction; people and things counted take only the common ones.
_COMMON = frozenset(((1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (1, 5)))
_MASS = re.compile(
    r"\s*"
    + any_of(r"""
        số | tổng | diện tích | dân số | quãng | đoạn | quân | chiều | ha\b | sào | bát | thìa
        | viên | kg | lít | mẫu | tấn | muỗng | cốc | chén | gói | quả | giá trị | khối lượng
        | thời gian | vốn | của | m\b | km | đường | ngày | năm | đời | thế kỷ | bề | lượng
        | nhu cầu | mức | phần | lô | nước | giờ | tháng | chặng | kinh phí | quỹ | thể tích
        | trở lên | bể | bao | thùng | xô | chậu | nồi | công suất | dung tích | mặt | tiền
    """)
    + r"|\s*(?:$|[,.;)])"
)
_COUNTED = re.compile(
    r"\s*"
    + any_of(r"""
        thôn | xã\b | xóm | tổ\b | hộ\b | tiêu chí | chỉ tiêu | chi bộ | trường | lớp | phường
        | cháu | học sinh | phiếu | mục tiêu | nhiệm vụ | điểm | đơn vị | khu | công trình
        | thành viên | đại biểu | người | cử tri | con | cán bộ | đảng viên | đội | trận | môn
    """)
)
_PLACE_BEFORE = re.compile(
    r"(?:số|ngõ|ngách|hẻm|kiệt|nhà|lô|thửa|đường|tổ|điểm|áp|lớp)\s*(?:số\s*)?$"
)


def _level(hit: Hit) -> str:
    """Wind: "cấp 8-9" is said without a word between."""
    return " ".join(cardinal(int(figure)) for figure in re.findall(r"\d+", hit["x"]))


def _coordinate(hit: Hit) -> str:
    words = [amount(hit["n"])]
    if hit["b"]:
        words.append(f"đến {amount(hit['b'])}")
    words.append("độ")
    if hit["min"]:
        words.append(f"{amount(hit['min'])} phút")
    if hit["sec"]:
        words.append(f"{amount(hit['sec'])} giây")
    words.append(_SIDES[hit["side"].lower()])
    return " ".join(words)


def _range(hit: Hit) -> str | None:
    """Two numbers with a dash; a result of a match has no word between."""
    first, second = hit["a"], hit["b"]
    if _SCORE.search(hit.before(60)) and len(first) < 3 and len(second) < 3:
        return f"{whole(first)} {whole(second)}"
    return f"{amount(first)} đến {amount(second)}"


def _ratio(hit: Hit) -> str:
    """ "tỷ số 2:1" hai một; "tỷ lệ 1:500" một trên năm trăm."""
    link = " " if _SCORE.search(hit.before(60)) else " trên "
    return link.join(whole(part) for part in re.findall(r"\d+", hit[0]))


def _fraction(hit: Hit) -> str:
    """ "2/3 số hộ" hai phần ba; "17/19 tiêu chí" mười bảy trên mười chín."""
    above, below = int(hit["a"]), int(hit["b"])
    part = f"{whole(hit['a'])} phần {'tư' if below == 4 else whole(hit['b'])}"
    if not _PLACE_BEFORE.search(hit.before()) and _is_share(above, below, hit):
        return part
    return f"{whole(hit['a'])} trên {whole(hit['b'])}"


def _is_share(above: int, below: int, hit: Hit) -> bool:
    after = hit.after()
    if _COUNTED.match(after) or hit["a"].startswith("0"):
        return (above, below) in _COMMON
    if above == 1:
        return 1 < below <= 10 or below >= 100
    mass = bool(_MASS.match(after)) and (above, below) not in {(9, 10), (8, 9), (8, 10)}
    return 0 < above < below <= 10 and (mass or (above, below) in _COMMON)


def _house(hit: Hit) -> str:
    """ "số 12/5/8": houses and lanes."""
    return " trên ".join(whole(part) for part in hit[0].split("/"))


def _kilometre(hit: Hit) -> str:
    return f"ki lô mét {amount(hit['n'])} cộng {whole(hit['m'])}"


def _list(hit: Hit) -> str:
    return ", ".join(whole(part) for part in re.findall(r"\d+", hit["x"]))


def _dotted(hit: Hit) -> str:
    """ "4.0", "mục 2.1", "1.2.3": not decimals."""
    return " chấm ".join(whole(part) for part in hit["x"].split("."))


def _copies(hit: Hit) -> str:
    return f"{whole(hit['n'])} bản"


def _broken(hit: Hit) -> str:
    """ "1 .500": a dot that has lost its place."""
    return whole(hit["n"] + hit["m"])


def _twice(hit: Hit) -> str | None:
    """ "02 (hai) bản" is said once."""
    said = amount(hit["n"])
    return said if said == hit["w"].strip().lower() else None


def _times(_: Hit) -> str:
    return "nhân"


# These stand before the units: a unit would take only their second number.
EARLY = (
    Rule("number.broken", rf"{START}(?P<n>[1-9]\d{{0,2}}) \.(?P<m>\d{{3}})(?!\d)", _broken),
    Rule("number.twice", rf"{START}(?P<n>{NUM})\s*\((?P<w>[^\W\d][^\d()]{{1,60}})\)", _twice),
    Rule("number.copies", r"(?<=\()(?P<x>(?P<n>\d{1,3})b)(?=\))", _copies),
    Rule(
        "number.list",
        r"\b(?:thôn|tổ|xóm|khu|khoản|điều|lớp|khối|đội|ấp|bản|mục|điểm|số|đợt|các|khóa)"
        r"\s+(?:số\s+)?(?P<x>\d{1,2}(?:,\d{1,2})+)(?![\w%])"
        r"(?!\s*(?:km|m\b|ha|kg|triệu|tỷ|độ|điểm|mét))",
        _list,
    ),
    Rule("number.list", rf"{START}(?P<x>\d{{1,2}}(?:,\d{{1,2}}){{2,20}})(?!\w)", _list),
    Rule("number.list", rf"{START}(?P<x>\d{{1,3}}(?:-\d{{1,3}}){{2,9}})(?!\w)", _list),
    Rule("weather.level", r"\bcấp\s+(?P<x>\d{1,2}\s?[-–—]\s?\d{1,2})(?![\w%])", _level),
    Rule(
        "weather.place",
        rf"{START}(?P<n>{NUM})(?:\s?[-–]\s?(?P<b>{NUM}))?\s?(?:[°oº]|độ)\s?"
        rf"(?:(?P<min>{NUM})\s?['’′]\s?(?:(?P<sec>{NUM})\s?(?:\"|”|''|″)\s?)?)?"
        r"(?P<side>[NBSEĐWT])(?!\w)",
        _coordinate,
        ignore_case=False,
    ),
    Rule(
        "weather.place",
        rf"{START}(?P<n>\d{{1,3}}[.,]\d{{1,2}})(?P<b>)(?P<min>)(?P<sec>)\s?(?P<side>[NEBĐ])(?!\w)",
        _coordinate,
        ignore_case=False,
    ),
    Rule(
        "road.kilometre",
        r"(?<!\w)km\s?(?P<n>\d+)\s?\+\s?(?P<m>\d{1,3}(?:[.,]\d+)?)(?!\w)",
        _kilometre,
    ),
    Rule(
        "version",
        r"\b(?:công nghiệp|phiên bản|bản|thế hệ|web|version|windows|android|ios|mục|tiểu mục|phần"
        r"|tiêu chí|chỉ tiêu|nội dung|bảng|hình|biểu|phụ lục|bài|chương|câu|nhiệm vụ|cách mạng)\s+"
        r"(?P<x>\d{1,2}(?:\.\d{1,2})+)(?!\w)(?!\.\d)",
        _dotted,
    ),
    Rule("version", rf"{START}(?P<x>\d{{1,2}}(?:\.\d{{1,2}}){{2,6}})(?!\w)", _dotted),
)
LATE = (
    Rule("road.house", r"(?<![\w.,/])\d{1,4}(?:/\d{1,4}){2,6}(?![\w/])", _house),
    Rule(
        "number.fraction",
        r"(?<![\w.,/])(?P<a>\d{1,6})\s?/\s?(?P<b>\d{1,6})(?![\w/])(?![.,]\d)",
        _fraction,
    ),
    Rule("number.ratio", r"(?<![\w.,:])\d{1,4}(?:\s?:\s?\d{1,6}){1,4}(?![\w:])(?![.,]\d)", _ratio),
    Rule(
        "number.range",
        rf"{_FROM}(?P<a>{NUM})\s?[-–—÷~]\s?(?P<b>{NUM})(?!\w)(?![.,]\d)",
        _range,
    ),
    Rule("number.product", r"(?:(?<=[\dmc])|(?<=\w)(?=\s))(?P<x>\s?[x×*]\s?)(?=\d)", _times),
)
