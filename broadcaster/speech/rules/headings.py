"""How a line begins: bullets, "2.1.", "II.", "a)". And roman numerals where one can stand."""

from __future__ import annotations

import re

from broadcaster.speech.clean import UPPER
from broadcaster.speech.draft import Hit, Rule
from broadcaster.speech.numbers import whole
from broadcaster.speech.rules.figures import any_of, ordinal

ROMAN = r"(?:X{0,3}(?:IX|IV|V?I{1,3}|V)|X{1,3})"
_MORE = rf"(?:\s?(?:[-–,/&]|và|đến|hoặc)\s?{ROMAN}(?![\wÀ-ỹ]))*"
_SILENT = r"'’‘\"“”«»*_`|\\^~#"  # marks that are not heard: “khóa “XV””
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_CUES = any_of("""
    khóa | khoá | lần thứ | thứ | quý | báo động | bđ | chương | hạng | thế kỷ | thế kỉ | tk | mục
    | phần | giai đoạn | đại hội | loại | cấp | khoản | nhóm | bậc | tổ | khu vực | vùng | quân khu
    | quân đoàn | binh đoàn | thế chiến | chiến tranh thế giới | kỳ | kì | vòng | đợt | tập
    | phụ lục | bảng | mức | điều | điểm | nhiệm kỳ | học kỳ | học kì | độ | giải | sư đoàn | lớp
    | khối | tiết | bước | phụ biểu | biểu | mẫu | hình | sơ đồ | liên khu | cụm | khu | tuyến | lần
    | dạng | kiểu | hệ | type | ông | vua | phaolô | phaolo | elizabeth | đệ | vành đai | khóa họp
    | quyển | trung ương | chi bộ | lứa | hội nghị | chuyên khoa | pha | giáo trình | trình độ
""")
_LINK = {"-": "đến", "–": "đến", "&": "và", "/": ","}


def roman(written: str) -> int:
    """XXVI is 26."""
    total = 0
    for c, following in zip(written, written[1:] + " ", strict=True):
        value = _VALUES[c]
        total += -value if value < _VALUES.get(following, 0) else value
    return total


def _numbered(hit: Hit) -> str:
    """ "2.1." hai chấm một; a lone number is itself."""
    parts = [whole(part) for part in re.findall(r"\d+", hit["x"])]
    return " chấm ".join(parts) + ","


def _roman_heading(hit: Hit) -> str | None:
    """ "VI PHẠM": a numeral without a mark behind it may be the beginning of words."""
    bare = not re.search(r"[.)/:\-–]\s*$", hit["x"])
    if bare and hit["x"].strip() in {"VI", "XI", "I"}:
        return None
    first, *rest = re.findall(r"[IVX]+|\d+", hit["x"])
    return " chấm ".join([whole(str(roman(first))), *map(whole, rest)]) + ","


def _letter(hit: Hit) -> str:
    return f"{hit['x'][0]},"


def _in_brackets(hit: Hit) -> str:
    inner = hit["x"].strip("()")
    if inner.isdecimal():
        return f", {whole(inner)},"
    if len(inner) > 1 or inner in "ivx":
        return f", {whole(str(roman(inner.upper())))},"
    return f", {inner},"


def _after_cue(hit: Hit) -> str:
    """After "lần thứ" an ordinal, else a number; lists and ranges too."""
    is_ordinal = bool(re.search(r"thứ\s*$", hit.before()))
    words = []
    for part in re.findall(r"[IVX]+|[-–,/&]|\w+", hit["x"]):
        if part.isdecimal():
            words.append(f"chấm {whole(part)}")
        elif re.fullmatch(r"[IVX]+", part):
            value = roman(part)
            words.append(ordinal(value) if is_ordinal else whole(str(value)))
        else:
            words.append(_LINK.get(part, part.lower()))
    return " ".join(words)


def _until(_: Hit) -> str:
    return "đến"


def _pause(_: Hit) -> str:
    return ","


RULES = (
    Rule("layout.arrow", r"(?<=[\dhgờpút'’])(?P<x>\s*(?:[-–=]+>|→)\s*)(?=\d)", _until),
    Rule("layout.arrow", r"[-–=]+>|<[-–=]+|→", _pause, needs=">→<"),
    Rule("layout.rule", r"[=*_~#+.–-]{4,}|={3,}|\*{3}|-{3}", _pause, needs="=*_~#+.–-"),
    Rule("layout.bullet", r"^\s*(?P<x>[-–—+*•·→>]+)(?=\s|[^\W\d])", _pause, needs=""),
    Rule("layout.bullet", r"^\s*(?P<x>[*•·–—→>]+|#{1,6}(?=\s))", _pause, needs=""),
    Rule(
        "heading.roman",
        rf"^\W*(?P<x>{ROMAN}(?:\.\d{{1,2}})*\s?(?:[.)/:\-–](?!\w)|(?=\s+[{UPPER}]{{2,}}\s)))",
        _roman_heading,
        needs="",
        ignore_case=False,
    ),
    Rule(
        "heading.number",
        rf"^\W*(?P<x>\d{{1,2}}(?:\.\d{{1,2}}){{1,4}}[.)/:]?)(?=\s+[{UPPER}“\"])",
        _numbered,
        ignore_case=False,
    ),
    Rule(
        "heading.number",
        r"^\W*(?P<x>\d{1,2}\s?(?:[.):](?=\s*[^\W\d])|[/\-–](?=\s+[^\W\d])))",
        _numbered,
    ),
    Rule(
        "heading.letter",
        r"^\W*(?P<x>[a-zđA-ZĐ]\s?[)/]|[a-eđA-EG]\s?\.)(?=\s)",
        _letter,
        needs="",
        ignore_case=False,
    ),
    Rule("heading.inline", r"(?<=[\s(;:])(?P<x>\d{1,2}\))(?=\s)", _numbered),
    Rule(
        "heading.inline",
        r"(?<=\s)(?P<x>\(\d{1,2}\)|\([ivx]{1,4}\)|\([a-eđ]\))(?=\s)",
        _in_brackets,
        needs="",
    ),
    Rule(
        "roman",
        rf"(?:(?<!\w){_CUES}|°)[\s{_SILENT}]+(?:số\s+|thứ\s+)?"
        rf"(?P<x>(?-i:{ROMAN}(?:\.\d{{1,2}})*(?![\wÀ-ỹ])(?!-[^\W\dA-Z]){_MORE}))(?!\w)",
        _after_cue,
        needs="",
    ),
    Rule("roman", rf"(?<=\d)-(?P<x>{ROMAN})(?!\w)", _after_cue, ignore_case=False),
    Rule("roman", rf"(?<=\w\s)(?P<x>{ROMAN})(?=/(?:19|20)\d\d)", _after_cue, ignore_case=False),
)
