"""What a written text says that must not differ between outlets: dates, hours, sums, phones…"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from broadcaster.speech.facts.numerals import Numeral, numerals
from broadcaster.speech.facts.places import places


@dataclass(frozen=True, slots=True)
class Fact:
    """`value` is the same for "7h30", "07:30" and "bảy giờ ba mươi"; `text` is what stands there.

    Kinds: "date", "time", "money", "phone", "document", "weekday", "part", "place", "number".
    """

    kind: str
    value: str
    text: str
    start: int
    end: int


@lru_cache(maxsize=32)
def facts(text: str) -> tuple[Fact, ...]:
    """Every fact of a text in its order, each figure in exactly one of them."""
    source = _ADDRESS.sub(lambda found: " " * len(found[0]), unicodedata.normalize("NFC", text))
    sheet = _Sheet(source)
    found = [
        Fact("place", str(place), source[place.start : place.end], place.start, place.end)
        for place in places(source)
    ]
    for pattern, read in _READERS:
        found += sheet.take(pattern, read)
    return tuple(sorted(found, key=lambda fact: (fact.start, fact.end, fact.kind)))


_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+")
"""Figures in the address of a page are no facts."""
_Read = Callable[[re.Match[str]], Iterator[tuple[str, str]]]


class _Sheet:
    """The text with numbers in figures; what has been read is blotted out.

    `origin[i]` is where in the source that stands for which the character i does.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._text, self._origin = _in_figures(source)

    def take(self, pattern: re.Pattern[str], read: _Read) -> list[Fact]:
        made: list[Fact] = []

        def blot(found: re.Match[str]) -> str:
            values = list(read(found))
            if not values:
                return found[0]
            start, end = self._origin[found.start()][0], self._origin[found.end() - 1][1]
            text = self._source[start:end]
            made.extend(Fact(kind, value, text, start, end) for kind, value in values)
            return "\x00" * len(found[0])

        self._text = pattern.sub(blot, self._text)
        return made


# Nouns after which, or words behind which, a lone number word counts something.
_COUNTED = {
    "giờ", "phút", "ngày", "tháng", "tuần", "người", "hộ", "thôn", "xóm", "tổ", "nhà", "con", "ha",
    "kg", "tấn", "tạ", "yến", "mét", "km", "lần", "đợt", "buổi", "suất", "đồng", "tuổi", "trẻ",
    "em", "cháu", "loại", "mũi", "liều", "ca", "cây", "xe", "lớp", "đội", "phần", "điểm", "bộ",
    "chiếc", "gói", "lít", "sào", "mẫu", "bước", "phiếu", "nghìn", "triệu", "tỷ", "trường", "xã",
}  # fmt: skip
_NUMBERED = {
    "ngày", "mồng", "mùng", "tháng", "thứ", "số", "lớp", "khối", "cấp", "khu", "quý", "giờ", "thôn",
    "tổ", "đội", "xóm",
}  # fmt: skip
_ARTICLE_AFTER = {"giờ", "phút", "tháng", "triệu", "nghìn", "đồng", "tỷ"}
"""Only before these is "một" a number and not an article."""


def _in_figures(source: str) -> tuple[str, list[tuple[int, int]]]:
    """Numbers in words become figures, sums are written out: "1,5 triệu" is 1500000."""
    pieces: list[str] = []
    origin: list[tuple[int, int]] = []
    done = 0
    for start, end, value in (*_runs(source, numerals(source)), (len(source), len(source), "")):
        pieces += (source[done:start], value)
        origin += [(i, i + 1) for i in range(done, start)]
        origin += [(start, end)] * len(value)
        done = end
    return "".join(pieces), origin


def _runs(source: str, found: list[Numeral]) -> Iterator[tuple[int, int, str]]:
    """What is replaced: (start, end, figures). Three figures or more one by one are one number."""
    at = 0
    while at < len(found):
        run = at
        while (
            run < len(found)
            and found[run].lone
            and (run == at or found[run].first == found[run - 1].last + 1)
        ):
            run += 1
        if run - at >= 3:
            yield found[at].start, found[run - 1].end, "".join(one.value for one in found[at:run])
            at = run
            continue
        one = found[at]
        if one.value != source[one.start : one.end] and _counts(source, one):
            yield one.start, one.end, one.forms[0][0]
        at += 1


def _counts(source: str, one: Numeral) -> bool:
    """Whether a number is meant: "hai hộ", not "hai bên"; figures and long words always are."""
    if not one.lone:
        return len(one.forms[0]) == 1
    before = re.search(r"([^\W\d_]+)\s*$", source[max(0, one.start - 12) : one.start])
    after = re.match(r"\s*([^\W\d_]+)", source[one.end : one.end + 12])
    following = after[1].lower() if after else ""
    if before and before[1].lower() in _NUMBERED:
        return one.value != "0"
    if one.value == "1":
        return following in _ARTICLE_AFTER
    return one.value != "0" and following in _COUNTED


_D, _M, _Y = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:1\d{3}|20\d\d|21\d\d)"
_OF = r"(?:\s?[/.-]\s?|\s+tháng\s+)"
_TO = r"\s*(?:-|–|—|đến|tới)\s*"
_H, _MIN = r"(?:[01]?\d|2[0-4])", r"[0-5]?\d"
_HOUR_MARK = r"\s?(?:h|g|giờ)"


def _bare(figures: str) -> str:
    """Without needless zeros: "07" is 7, "1.50" stays as it is said."""
    return figures.lstrip("0") if figures.strip("0") and figures[1:2] != "." else figures or "0"


def _phone(found: re.Match[str]) -> Iterator[tuple[str, str]]:
    figures = "".join(c for c in found[0] if c.isdecimal())
    yield "phone", "0" + figures[2:] if found[0].startswith("+84") else figures


def _document(found: re.Match[str]) -> Iterator[tuple[str, str]]:
    yield "document", re.sub(r"[\s–—]+", "-", re.sub(r"\s", "", found[0])).upper().rstrip(".,")


def _date(found: re.Match[str]) -> Iterator[tuple[str, str]]:
    """The year is a number of its own: one version may leave it out."""
    parts = found.groupdict()
    month = _bare(parts["m"])
    for day in (parts.get("a"), parts["d"]):
        if day:
            yield "date", f"{_bare(day)}/{month}"
    if parts.get("y"):
        yield "number", parts["y"] if len(parts["y"]) == 4 else f"20{parts['y']}"


def _month(found: re.Match[str]) -> Iterator[tuple[str, str]]:
    yield "date", f"tháng {_bare(found['m'])}"
    if found["y"]:
        yield "number", found["y"]


def _day(found: re.Match[str]) -> Iterator[tuple[str, str]]:
    for day in (found["a"], found["d"]):
        if day:
            yield "date", f"ngày {_bare(day)}"


def _time(found: re.Match[str]) -> Iterator[tuple[str, str]]:
    parts = found.groupdict()
    if parts.get("a"):
        yield "time", f"{int(parts['a'])}:00"
    yield "time", f"{int(parts['h'])}:{int(parts['m'] or 0):02d}"


def _weekday(found: re.Match[str]) -> Iterator[tuple[str, str]]:
    yield "weekday", found["n"] or "chủ nhật"


def _part(found: re.Match[str]) -> Iterator[tuple[str, str]]:
    yield "part", (found["p"] or found["q"]).lower()


def _sum(found: re.Match[str]) -> Iterator[tuple[str, str]]:
    yield "money", _bare(found["n"])


def _number(found: re.Match[str]) -> Iterator[tuple[str, str]]:
    yield "number", _bare(found[0])


_READERS: tuple[tuple[re.Pattern[str], _Read], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), read)
    for pattern, read in (
        (r"\d+(?:/\d{4})?\s?[/-]\s?(?-i:[A-ZĐƯ]{2,})[\w./–-]*(?<![./–-])", _document),
        (r"(?<![\d.])(?:\+84|0)(?:[ .-]?\d){8,10}(?!\d)", _phone),
        (r"(?<![\d.])1[89]00(?:[ .-]?\d){2,6}(?!\d)", _phone),
        (rf"(?<![\d/.])(?P<y>{_Y})-(?P<m>0\d|1[0-2])-(?P<d>[0-3]\d)(?!\d)", _date),
        (
            rf"(?<![\d/.,])(?:(?P<a>{_D}){_TO}(?:ngày\s+)?)?(?:mồng\s+|mùng\s+)?(?P<d>{_D}){_OF}"
            rf"(?P<m>{_M})(?:(?:\s?[/.-]\s?|\s+năm\s+)(?P<y>{_Y}|\d\d))(?![\d/])",
            _date,
        ),
        (
            rf"(?<![\d/.,])(?:(?P<a>{_D}){_TO}(?:ngày\s+)?)?(?:mồng\s+|mùng\s+)?(?P<d>{_D})"
            rf"(?:\s?/\s?|\s+tháng\s+)(?P<m>{_M})(?![\d/.,]*\d|%)",
            _date,
        ),
        (rf"(?<![\d/.])(?P<a>{_H}){_TO}(?P<h>{_H}){_HOUR_MARK}\s?(?P<m>{_MIN})?(?!\w)", _time),
        (
            rf"(?<![\d/.,:])(?P<h>{_H}){_HOUR_MARK}\s?(?P<m>{_MIN})?(?:\s?(?:phút|p|['’]))?(?!\w)",
            _time,
        ),
        (rf"(?<![\d/.,:])(?P<h>{_H}):(?P<m>[0-5]\d)(?:\s?h)?(?![\w:])", _time),
        (rf"(?:tháng\s+)?(?<![\d/.,])(?P<m>{_M})\s?/\s?(?P<y>{_Y})(?![\d/])", _month),
        (rf"\btháng\s+(?P<m>{_M})(?!\d)(?P<y>)", _month),
        (rf"\bngày\s+(?:(?P<a>{_D}){_TO})?(?:mồng\s+|mùng\s+)?(?P<d>{_D})(?![\d.,]*\d)", _day),
        (rf"\b(?:mồng|mùng)\s+(?P<a>)(?P<d>{_D})(?!\d)", _day),
        (r"\bthứ\s+(?P<n>[2-7])(?!\d)", _weekday),
        (r"\bchủ\s+nhật(?P<n>)", _weekday),
        (
            r"(?<=[\d\x00] )(?P<p>sáng|trưa|chiều|tối|đêm)(?!\w)"
            r"|(?<!\w)(?P<q>sáng|trưa|chiều|tối|đêm)(?=\s+(?:ngày|mai|nay|thứ|chủ|hôm|\d|\x00))",
            _part,
        ),
        (r"(?P<n>\d+(?:\.\d+)?)\s?(?:đ|đồng|vnđ|vnd)(?!\w)", _sum),
        (r"\d+(?:\.\d+)?", _number),
    )
)
