"""What must not be taken for a number: addresses, phones, papers, accounts, plates, records."""

from __future__ import annotations

import re
from collections.abc import Sequence

from broadcaster.speech.draft import Hit, Rule
from broadcaster.speech.lexicon import Lexicon
from broadcaster.speech.numbers import cardinal, digits, whole
from broadcaster.speech.rules.figures import any_of, spell

_ADDRESS_MARKS = {
    ".": "chấm", "/": "gạch chéo", "-": "gạch ngang", "_": "gạch dưới", "@": "a còng", "?": "hỏi",
    "=": "bằng", "&": "và", "#": "thăng", ":": "hai chấm", "%": "phần trăm", "+": "cộng",
    "~": "ngã",
}  # fmt: skip
_TOP = (
    r"vn|com|net|org|gov|edu|info|io|me|app|page|asia|biz|tv|int|top|xyz|club|shop|online|site|store"
    r"|live|vip|win|link|cc|ai|gl|be|ly|id|us|uk|jp|cn|icu|pro|click"
)
_HOST = rf"(?:[a-z0-9][a-z0-9-]{{0,62}}\.){{1,5}}(?:{_TOP})(?![\w-])"
_PATH = r"(?:[/?#][\w./?=&%#:+~@-]*[\w/])?/?"


def _address(hit: Hit) -> str:
    bare = re.sub(r"^https?://", "", hit[0], flags=re.IGNORECASE).rstrip("/")
    words = []
    for piece in re.findall(r"[^\W\d_]+|\d+|[\W_]", bare):
        if piece.isdecimal():
            words.append(digits(piece) if piece[0] == "0" or len(piece) > 4 else whole(piece))
        else:
            words.append(_ADDRESS_MARKS.get(piece, piece if piece.isalpha() else ""))
    return " ".join(filter(None, words))


def _phone(hit: Hit) -> str | None:
    """Nine to twelve figures, as grouped by the writer: groups make small pauses."""
    groups = re.findall(r"\d+", hit[0])
    if not 8 <= sum(map(len, groups)) <= 12:
        return None
    return ("cộng " if "+" in hit[0] else "") + ", ".join(map(digits, groups))


def _local(hit: Hit) -> str:
    return ", ".join(map(digits, re.findall(r"\d+", hit["x"])))


_CALL = re.compile(
    r"(?<!\w)"
    + any_of("""
        gọi | số | tổng đài | nóng | hotline | cấp cứu | cứu hỏa | chữa cháy | cảnh sát | liên hệ
        | điện thoại | báo | máy | đt | sđt | quay | bấm | cứu nạn | trẻ em | khẩn cấp | cứu thương
        | nhắn | alo | zalo | gọi ngay
    """)
    + r"(?!\w)[^.;\d]{0,45}$"
)
_MORE = re.compile(r"(?:\b1(?:1[1-5]|022)\b[^.;\d]{1,30})+$")
_COUNTED = re.compile(
    r"\s*"
    + any_of(r"""
        người | hộ | trường hợp | ca\b | đồng chí | đại biểu | cán bộ | km | ha\b | m2 | m² | m\b
        | kg | tấn | triệu | tỷ | nghìn | đồng | học sinh | đoàn viên | hội viên | đảng viên
        | suất | phần | hồ sơ | lượt | thôn | xã | con\b | cây | tuổi | năm\b | ngày | phút | giờ
        | tiêu chí | căn\b | nhà\b | điểm | cử tri | em\b | cháu | lít | mm | cm | đường | mô hình
        | sản phẩm | công trình | tỉnh | đơn vị | doanh nghiệp | % | / | - | – | ,\d | \.\d | đ\b
        | bộ\b | chiếc | trận | vụ\b | cuộc | lần | cơ sở | bức | tác phẩm | tập thể | cá nhân
        | đơn\b | văn bản | nhân khẩu | suất | lao động | quyển | cuốn | giáo viên | trẻ
    """)
)


def _hotline(hit: Hit) -> str | None:
    """111 is a call or a count: what stands around it decides."""
    if _COUNTED.match(hit.after()):
        return None
    before = hit.before(70)
    called = _CALL.search(before) or _MORE.search(before)
    return digits(hit["x"]) if called else None


_PAPER = any_of("""
    cccd | cmnd | cmtnd | căn cước | căn cước công dân | chứng minh | chứng minh nhân dân
    | chứng minh thư | định danh | định danh cá nhân | mst | mã số thuế | mã số | mã số bhxh
    | mã số bảo hiểm xã hội | stk | tài khoản | số tk | tk | số thẻ | số thẻ bhyt | thẻ bhyt
    | hộ chiếu | sổ hộ khẩu | sổ hộ khẩu giấy | mã khách hàng | mã kh | mã hồ sơ | mã bưu chính
    | mã vạch | mã otp | mã pin | mã giao dịch | mã sản phẩm | mã đơn vị | mã đăng ký | mã vận đơn
    | mã số hồ sơ | số seri | seri | sê ri | số hiệu | mã bệnh nhân | số thẻ đảng viên
    | số hồ sơ | otp | số bhxh | biên lai | giấy chứng nhận | gcn | giấy chứng nhận qsdđ
    | sổ bảo hiểm | sổ bhxh | giấy phép lái xe | gplx | bằng lái | hóa đơn | mã hóa đơn | mã thẻ
    | số máy | số khung | số đăng ký | mã bảo mật | mã xác nhận | mã tra cứu | mã số thẻ | mã lô
    | số công tơ | mã công tơ | mã điểm | mã bưu điện | mã hộ | mã hộ gia đình | mã cổng
    | mã số định danh | đầu số | tổng đài | nhắn tin tới | nhắn tin đến | tin nhắn đến
    | số sổ | mật khẩu | số cuối | sổ đỏ | sổ hồng | hồ sơ số
""")
_BRIDGE = r"(?:\s+(?:số|của|là|mới|cũ|ông|bà))*\s*[:\-]?\s*(?:số\s*:?\s*)?"


def _groups(written: str) -> str:
    """Letters and figures one by one; groups make small pauses."""
    return ", ".join(filter(None, (spell(group) for group in re.split(r"[ .\-]", written))))


def _paper(hit: Hit) -> str | None:
    """At least four figures, or a zero in front: shorter ones are counts."""
    if re.match(r"\s*(?:đ\b|đồng|vnđ|triệu|người|hộ|kg|ha\b|%|tấn)", hit.after()):
        return None
    count = sum(c.isdecimal() for c in hit["x"])
    return _groups(hit["x"]) if count >= 4 or hit["x"].startswith("0") else None


def _long_run(hit: Hit) -> str | None:
    """A long unbroken run is a code, unless it is a sum or a count with its unit."""
    if re.match(r"\s*(?:đ\b|đồng|vnđ|vnd|usd|người|tấn|kg|m3|m2|ha)", hit.after()):
        return None
    return digits(hit[0])


def _plate(hit: Hit) -> str:
    return f"{cardinal(int(hit['p']))} {spell(hit['s'])}, {spell(hit['n'] or hit['o'])}"


def _mark(hit: Hit) -> str:
    """A short mark after "mã": letters, then a number."""
    return f"{spell(hit['s'])} {whole(hit['n']) if hit['n'][0] != '0' else digits(hit['n'])}"


def _record(hit: Hit) -> str:
    return _groups(hit["x"])


def _ending(_: Hit) -> str:
    return "chấm"


def rules(lexicon: Lexicon) -> Sequence[Rule]:
    short = any_of("|".join(entry.written for entry in lexicon.table("hotlines")) or "111")
    hotline = Rule("phone.hotline", rf"(?<![\w.,/-])(?P<x>{short})(?!\w|[-.]\d)", _hotline)
    return (*_BEFORE, hotline, *_AFTER)


_BEFORE = (
    Rule("address.email", rf"[\w.+-]{{1,64}}@{_HOST}", _address, needs="@"),
    Rule(
        "address.url",
        rf"(?:https?://[\w.-]+|www\.[\w.-]*\w|(?<![\w@.-]){_HOST}){_PATH}",
        _address,
        needs=".",
    ),
    Rule("address.ending", r"(?:^|(?<=[\s(“\"]))(?P<x>\.)(?=[a-z]{2,6}\b)", _ending, needs="."),
    Rule("phone.international", r"\(?\+84\)?(?:[ .\-]?\d{2,4}){3,4}(?![\w/])", _phone),
    Rule("phone.service", r"(?<![\w.,])1[89]00(?:[ .\-]?\d){4,6}(?![\w.,]?\d)", _phone),
    Rule(
        "phone.local",
        r"\b(?:điện thoại|đt|sđt|máy|fax|hotline|tel|máy lẻ)\s*:?\s*(?:số\s*:?\s*)?"
        r"(?P<x>[2-9]\d{2,3}[ .]\d{3}(?:[ .]?\d{3})?|[2-9]\d{6,7})(?![\w.,]?\d)",
        _local,
    ),
    Rule(
        "phone.number",
        r"(?<![\w/])(?<!\d[.,-])(?:\(0\d{1,3}\)|0\d{2,4})(?:[ .\-]{0,3}\d{1,4}){2,4}"
        r"(?![\w/]|[.,]\d)",
        _phone,
    ),
)
_AFTER = (
    Rule(
        "record.dossier",
        r"(?<!\w)(?P<x>(?:[A-Z]?\d{2,3}\.){1,5}[A-Z]?\d{2}-\d{6}-\d{3,5})(?!\w)",
        _record,
    ),
    Rule(
        "paper.number",
        rf"\b(?:{_PAPER}|mã(?-i:\s+[^\W\dA-ZĐ]+){{0,6}}){_BRIDGE}"
        r"(?P<x>[A-ZĐ]{0,6}[ -]?\d[\dA-Z]*(?:[ .\-]\d{2,}[A-Z]*)*)(?![\w/])",
        _paper,
    ),
    Rule(
        "plate.road",
        r"(?<!\w)(?P<p>[1-9]\d)\s?-?\s?(?P<s>[A-ZĐ]{1,2}\d?)"
        r"(?:\s?[-–]\s?(?P<n>\d{3}\.?\d{2}|\d{4})|\s(?P<o>\d{3}\.\d{2}|\d{5}))(?![\w/])",
        _plate,
        ignore_case=False,
    ),
    Rule(
        "plate.army",
        r"(?<=biển )(?:\w+ )?(?P<x>[A-Z]{2}[- ]\d{2}-\d{2})(?!\w)",
        _record,
        ignore_case=False,
    ),
    Rule(
        "plate.boat",
        r"(?<!\w)(?P<x>[A-ZĐ]{1,3}(?:-\d{4,5}(?:[- ]?TS)?|[- ]\d{4,5}[- ]?TS))(?!\w)",
        _record,
        ignore_case=False,
    ),
    Rule(
        "record.mark",
        r"\b[Mm]ã\s+(?:số\s+|hiệu\s+)?(?P<x>(?P<s>[A-ZĐ]{1,5})[- ]?(?P<n>\d{1,3}))(?!\w)",
        _mark,
        ignore_case=False,
    ),
    Rule("number.long", r"(?<![\w.,])\d{9,}(?!\w)(?![.,]\d)", _long_run),
)
