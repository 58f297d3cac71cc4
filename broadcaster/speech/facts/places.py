"""Places that a text names: a kind of place with its name ("thôn Đông"), or a venue by itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from broadcaster.speech.clean import LOWER, UPPER
from broadcaster.speech.facts.numerals import roman

_KINDS = (
    "thôn", "xóm", "làng", "ấp", "bản", "buôn", "tổ dân phố", "khu phố", "khu dân cư", "khu", "cụm",
    "xã", "phường", "thị trấn", "huyện", "quận", "thị xã", "thành phố", "tỉnh", "đường", "phố",
    "ngõ", "cầu", "chợ", "kè", "cống", "đình", "chùa", "miếu", "đền", "sông", "hồ", "kênh", "bến",
    "đê", "trạm bơm", "trường", "nhà văn hóa", "hội trường", "trụ sở", "sân vận động",
    "trạm y tế", "cánh đồng", "xứ đồng", "nhà thờ", "nghĩa trang", "công viên", "quảng trường",
    "bệnh viện",
)  # fmt: skip
_VENUES = (
    "nhà văn hóa", "hội trường", "sân vận động", "trạm y tế", "trụ sở", "nghĩa trang", "công viên",
    "quảng trường", "bệnh viện", "trạm bơm", "cánh đồng",
)  # fmt: skip
_BODIES = {"ủy", "uỷ", "hội", "đảng", "công", "ban", "đoàn", "mặt", "ubnd", "hđnd"}
"""Names of bodies begin so: "trụ sở Ủy ban" has no name of its own."""
_SHORT = {
    "nvh": "nhà văn hóa", "nhà văn hoá": "nhà văn hóa", "tdp": "tổ dân phố", "tp": "thành phố",
    "tp.": "thành phố", "svđ": "sân vận động", "tyt": "trạm y tế",
}  # fmt: skip
_ANY = "|".join(
    re.escape(word) for word in sorted((*_KINDS, *_SHORT), key=len, reverse=True)
).replace(r"\ ", r"\s+")
_NAME = rf"[{UPPER}][{LOWER}]*(?![\w])"
_PLACE = re.compile(
    rf"(?<!\w)(?P<kind>(?i:{_ANY}))(?!\w)(?:[ \t]+(?P<name>{_NAME}(?:[ \t]+{_NAME}){{0,3}}))?"
)


@dataclass(frozen=True, slots=True)
class Place:
    """`kind` and `name` in lower case; a venue may have no name."""

    kind: str
    name: str
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


_OLD_MARKS = {
    "oà": "òa", "oá": "óa", "oả": "ỏa", "oã": "õa", "oạ": "ọa", "oè": "òe", "oé": "óe", "oẻ": "ỏe",
    "oẽ": "õe", "oẹ": "ọe", "uỳ": "ùy", "uý": "úy", "uỷ": "ủy", "uỹ": "ũy", "uỵ": "ụy",
}  # fmt: skip
_OLD = re.compile(rf"(?<!q)(?:{'|'.join(_OLD_MARKS)})(?!\w)")


def spelled(text: str) -> str:
    """Lower case, with one of the two customs of setting the mark: "Hoà" is "hòa"."""
    text = unicodedata.normalize("NFC", text).lower()
    return _OLD.sub(lambda found: _OLD_MARKS[found[0]], text)


def places(text: str) -> Iterator[Place]:
    """In the order of the text. Lines in capitals have no names that could be told apart."""
    for line in re.finditer(r"[^\n]+", text):
        if line[0].isupper():
            continue
        at = line.start()
        while found := _PLACE.search(text, at, line.end()):
            place = _place(found)
            if place:
                yield place
            # "nhà văn hóa thôn Đông": a venue without a name leaves the next words to be read.
            at = found.end("name") if found["name"] and place else found.end("kind")


def _place(found: re.Match[str]) -> Place | None:
    written = " ".join(found["kind"].lower().split())
    kind = _SHORT.get(written, written)
    name = " ".join((found["name"] or "").split())
    begins = name.split()[0].lower() if name else ""
    if name and not roman(name) and begins not in _KINDS and begins not in _BODIES:
        return Place(kind, spelled(name), found.start(), found.end())
    if kind in _VENUES:
        return Place(kind, "", found.start(), found.end("kind"))
    return None
