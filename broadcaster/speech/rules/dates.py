"""Days: full dates, day and month, ranges and lists of days, lunar days."""

from __future__ import annotations

import re

from broadcaster.speech.draft import Hit, Rule
from broadcaster.speech.numbers import cardinal, month
from broadcaster.speech.rules.figures import DASH, any_of

D = r"(?:0?[1-9]|[12]\d|3[01])"
M = r"(?:0?[1-9]|1[0-2])"
Y = r"(?:1\d{3}|20\d{2}|21\d{2})"
_FREE = r"(?<![\w/])(?<!\d[.,-])"
_DONE = r"(?![\w/])(?![.,-]\d)"
_PART_OF_DAY = r"(?:ngày|đêm|sáng|chiều|tối|trưa|rạng sáng)"


_NO_MOON = ("mồng", "mùng", "đường", "phố", "trường", "quảng trường", "bệnh viện")  # names too


def day(written: str, before: str = "") -> str:
    """1 to 10 take "mồng", unless it is written already."""
    value = int(written)
    if value > 10 or before.rstrip().endswith(_NO_MOON):
        return cardinal(value)
    return f"mồng {cardinal(value)}"


def _year(written: str) -> str:
    value = int(written)
    if len(written) == 2:
        value += 2000 if value < 50 else 1900
    return cardinal(value)


def _tail(hit: Hit) -> str:
    year = f" năm {_year(hit['y'])}" if hit["y"] else ""
    return f" tháng {month(int(hit['m']))}{year}"


def _date(hit: Hit) -> str:
    return day(hit["d"], hit.before()) + _tail(hit)


def _days_then_month(hit: Hit) -> str | None:
    """ "12-14/9": two days of one month."""
    if int(hit["a"]) >= int(hit["d"]):
        return None
    return f"{day(hit['a'], hit.before())} đến {day(hit['d'])}{_tail(hit)}"


def _days_before_word(hit: Hit) -> str | None:
    if int(hit["a"]) >= int(hit["d"]):
        return None
    return f"{day(hit['a'], hit.before())} đến {day(hit['d'])}"


# Words before "2/3" that make it a share, words after it that are shared.
_SHARE_BEFORE = re.compile(
    r"(?<!\w)"
    + any_of("""
        chiếm | hơn | gần | khoảng | giảm | tăng | đạt | bằng | được | ít nhất | quá | trên | dưới
        | có | tối thiểu | tối đa | tỷ lệ | tỉ lệ | còn | điểm | quân số | thắng | trúng | thành
        | với | cần | phải | số | đủ | là | mất | chỉ | khi | pha | toàn bộ | cả | đã | vỏn vẹn
        | ước | mới | độ | ngót | nhà | ngõ | ngách | hẻm | kiệt | lô | thửa | áp
    """)
    + r"\s*:?$"
)
_SHARED = re.compile(
    r"\s*"
    + any_of(r"""
        số | tổng | diện tích | dân số | quãng | đoạn | người | suất | quân | ha\b | hộ\b | sào
        | bát | thìa | viên | kg | chiều dài | đại biểu | cử tri | thôn | xã\b | phường | xóm
        | tổ\b | chi bộ | tiêu chí | chỉ tiêu | trường\b | lớp\b | lít | mẫu | tấn | đảng viên
        | hội viên | đoàn viên | thành viên | học sinh | em\b | cháu\b | phiếu | đơn vị | cơ quan
        | hồ sơ | nội dung | nhiệm vụ | mục tiêu | sản phẩm | công trình | đồng chí | ý kiến
        | giá trị | khối lượng | trong tổng | của | chi hội | hội\b | bản\b | ấp\b | khu\b | buôn
        | ban\b | ngành | gia đình | vốn | thời gian | nhân khẩu | lao động | trẻ | mức | lượng
        | cây | con\b | mô hình | doanh nghiệp | căn\b | nhà\b | môn\b | vụ\b | muỗng | cốc | chén
        | gói | quả | trái | ống | nước | phòng\b | m\b | km | gam | tiếng | địa phương | tỉnh
        | tháng\b | tuần\b | cán bộ | mẫu | điểm\b | tuyến | chặng | huyện | khu dân cư | đội
    """)
)
_COMMON_SHARE = re.compile(r"1/[2-5]|2/[35]|3/[45]|4/5")
_DATE_BEFORE = re.compile(
    r"(?:(?<!\w)"
    + any_of("""
        sáng | trưa | chiều | tối | đêm | hôm | từ | đến | trước | sau | dịp | lễ | tết | khánh
        | nhân | vào | và | hết | hạn | nay | mai | kia | qua | này | tới | tuần | giờ | phút
        | nhật | nam | nữ | sĩ | động | mừng | niệm | lúc | sang | giỗ | thứ hai | thứ ba | thứ tư
        | thứ năm | thứ sáu | thứ bảy | nhi | giáo | binh | lập | phóng | đảng | tổ | hội | kể
    """)
    + r"|[,(:;–-]|\d\s?[hg]?\d*|^)\s*$"
)
_TIME_BEFORE = re.compile(
    r"(?:sáng|trưa|chiều|tối|đêm|hôm|từ|trước|sau|dịp|lễ|khánh|(?:bảy|sáu|năm|tư|ba|hai|nhật),)\s*$"
)
_WITH_DASH = re.compile(
    r"0?8-0?3|30-0?4|0?1-0?5|0?2-0?9|20-1[01]|27-0?7|27-0?2|19-0?8|22-12|0?3-0?2|26-0?3|0?1-0?6"
    r"|28-0?6|19-0?5|0?7-0?5|18-11|14-10|10-10|13-10|21-0?6|15-10|0?9-11|10-0?3"
)


def _day_month(hit: Hit) -> str | None:
    """A date, unless the words around it speak of a share; "." and "-" need "ngày"."""
    before = hit.before()
    if before.rstrip().endswith(("ngày", "mồng", "mùng")):
        return _date(hit)
    if hit["s"] == "." or (hit["s"] == "-" and not _WITH_DASH.fullmatch(hit[0])):
        return None
    if _SHARE_BEFORE.search(before.rstrip()):
        return None
    common = _COMMON_SHARE.fullmatch(hit[0]) and re.match(r"\s+[^\W\d]", hit.after())
    if common and not _DATE_BEFORE.search(before):
        return None
    if _SHARED.match(hit.after()) and not _TIME_BEFORE.search(before):
        return None
    return _date(hit)


def _list_day(hit: Hit) -> str:
    return day(hit["x"], hit.before())


def _word_day(hit: Hit) -> str | None:
    """ "5 tháng 9" is a day, "tuần 3 tháng 5" is not."""
    counted = re.search(r"(?:tuần|đợt|lần|kỳ|vụ|số|thôn|tổ|quý|tháng)\s+$", hit.before())
    return None if counted else day(hit["x"], hit.before())


def _listed_day(hit: Hit) -> str | None:
    in_list = re.search(rf"{_PART_OF_DAY}\s+(?:{D}\s*[,;]\s*)+$", hit.before())
    return day(hit["x"]) if in_list else None


_COUNTED = re.compile(
    r"\s*"
    + any_of(r"""
        lần | buổi | giờ | tiếng | ca\b | bữa | lượt | viên | ngày | người | triệu | nghìn | đồng
        | kg | km | lít | gói | liều | h\b | phút | suất | % | ha\b | tấn | con\b | - | – | / | :
        | ,\d | \.\d | trận | hộ\b | chuyến | cữ | cốc | quả | trăm | học sinh | đêm | hồ sơ
    """)
)


def _lone_day(hit: Hit) -> str | None:
    """ "ngày 5 hằng tháng" is the fifth; "ngày 3 lần" and "mỗi ngày 8 tiếng" are counts."""
    counts = re.search(r"(?:mỗi|một|hằng|hàng|trong|\d)\s+ngày\s+$", hit.before())
    return None if counts or _COUNTED.match(hit.after()) else day(hit["x"])


def _until(hit: Hit) -> str | None:
    """A dash between two dates."""
    return "đến" if re.search(rf"{D}[/.-]{M}(?:[/.-]{Y})?$", hit.before()) else None


_LISTED = (
    rf"(?=(?:\s*[,;]\s*{D}){{0,8}}\s*(?:,|và|&|-|–)\s*(?:ngày\s+)?{D}"
    rf"(?:\s?/\s?{M}|\s+tháng|\s+âm|\s+tết))"
)
_LATER_DAY = (
    rf"(?=\s+(?:đến|tới|và|sang|hoặc)\s+(?:hết\s+)?(?:{_PART_OF_DAY}\s+)*"
    rf"(?:mồng\s+|mùng\s+)?{D}(?:\s?/\s?{M}(?!\d)|\s+tháng))"
)
_MONTH_NAMES = r"giêng|chạp|một|hai|ba|tư|năm|sáu|bảy|tám|chín|mười"

RULES = (
    Rule(
        "date.iso",
        r"(?<![\w-])(?P<y>(?:19|20)\d\d)-(?P<m>0\d|1[0-2])-(?P<d>[0-3]\d)(?![\w-])",
        _date,
    ),
    Rule(
        "date.until",
        rf"(?<=\d)(?P<x>\s*[-–—]\s*)(?={D}\s?[/.-]\s?{M}(?:{_DONE}|[/.-]{Y}))",
        _until,
    ),
    Rule(
        "date.days",
        rf"{_FREE}(?P<a>{D}){DASH}(?P<d>{D})\s?[/.]\s?(?P<m>{M})(?:\s?[/.]\s?(?P<y>{Y}))?{_DONE}",
        _days_then_month,
    ),
    Rule(
        "date.days",
        rf"(?<=ngày )(?P<x>(?P<a>{D}){DASH}(?P<d>{D}))(?=\s+(?:tháng|âm|tết|hàng|hằng|/))",
        _days_before_word,
    ),
    Rule(
        "date.full",
        rf"{_FREE}(?P<d>{D})\s?(?P<s>[/.\-])\s?(?P<m>{M})\s?(?P=s)\s?(?P<y>{Y}|\d{{2}})(?!\w)(?![/.,-]\d)",
        _date,
    ),
    Rule(
        "date.list",
        rf"{_PART_OF_DAY}\s+(?:{D}\s*[,;]\s*){{0,8}}(?P<x>{D}(?![\d/.])){_LISTED}",
        _list_day,
    ),
    Rule("date.list", rf"(?<=[,;] )(?P<x>{D}){_LISTED}", _listed_day),
    Rule(
        "date.list",
        rf"{_PART_OF_DAY}\s+(?:{D}\s*,\s*){{1,8}}"
        rf"(?P<x>(?P<d>{D})\s?/\s?(?P<m>{M})(?:\s?/\s?(?P<y>{Y}))?)(?!\w)",
        _date,
    ),
    Rule("date.from", rf"\b(?:từ|và|{_PART_OF_DAY})\s+(?P<x>{D}){_LATER_DAY}", _list_day),
    Rule(
        "date.day_month",
        rf"{_FREE}(?P<d>{D})(?:(?P<s>[/.-])| / )(?P<m>{M})(?P<y>)(?!\w)(?![/.,-]\d)(?!%)",
        _day_month,
    ),
    Rule("date.moon_day", rf"\b(?:mồng|mùng)\s+(?P<x>{D})(?!\w)(?![/.]\d)", _list_day),
    Rule(
        "date.day_word",
        rf"(?<!\w)(?P<x>0?[1-9]|10)(?=\s+(?:âm lịch|tháng\s+(?:{M}(?!\d)|{_MONTH_NAMES})))",
        _word_day,
    ),
    Rule("date.day", rf"\bngày\s+(?P<x>{D})(?!\w)(?![/.,-]\d)", _lone_day),
)
