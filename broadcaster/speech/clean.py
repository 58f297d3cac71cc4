"""Any text to lines of NFC letters, figures and known marks that remember where they came from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

VIETNAMESE = (
    "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
    "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ"
)
# A range of letters would mix the cases: Unicode lays them out in turns.
UPPER = "A-Z" + "".join(c for c in VIETNAMESE if c.isupper())
LOWER = "a-z" + "".join(c for c in VIETNAMESE if c.islower())
# Marks that rules understand; everything else is mapped to one of them, or goes.
_MARKS = "–—−“”‘’«»…°²³µ•≥≤±×÷→‰€£¥§™®©·√≠≈∞"
_PLAIN = re.compile(rf"[\x20-\x7e{VIETNAMESE}{_MARKS}]*")
_MOST_MARKS = 8
_GLUED = re.compile(rf"(?<![\w./@-])[a-zđ]*[{VIETNAMESE.lower()}][a-z{VIETNAMESE.lower()}]+(?=\d)")
_BREAK = re.compile(r"\r\n|\r|\n")

# Look-alikes that old fonts, scanners and PDF exports leave in Vietnamese text.
_TWINS = {
    "Ð": "Đ", "Ɖ": "Đ", "ð": "đ", "ƣ": "ư", "Ƣ": "Ư", "μ": "µ", "‐": "-", "‑": "-",
    "‒": "–", "―": "—", "➔": "→", "⇒": "→", "⟶": "→",
    "″": '"', "′": "'", "º": "°", "˚": "°", "，": ",", "。": ".",
    "⁄": "/", "∕": "/", "„": "“", "‚": "‘", "☎": " điện thoại ", "📞": " điện thoại ",
    "½": "1/2", "¼": "1/4", "¾": "3/4", "℃": "°C", "№": " số ", "⁰": "°", "﹪": "%", "₫": "đ",
}  # fmt: skip
# Bullets, those of symbol fonts among them.
_TWINS |= dict.fromkeys("⁃●▪■□◦○❖✓✔☑►▶➢➤◆◇★☆\uf0b7\uf0a7\uf0fc\uf0d8", "•")
_DROP = frozenset(("Cf", "Mn", "Me", "Mc", "Sk"))
_LOST = frozenset(("Cs", "Co", "Cn"))


@dataclass(slots=True)
class Line:
    """One clean line; `starts[i]`, `ends[i]` bound the source of its character i."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    lost: list[tuple[int, int]] = field(default_factory=list)

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Source span of the clean characters [start, end)."""
        if end <= start:
            at = self.starts[start] if start < len(self.starts) else 0
            return at, at
        return self.starts[start], self.ends[end - 1]


def lines(text: str) -> Iterator[Line]:
    """The lines of `text`, whatever ends them."""
    at = 0
    for found in _BREAK.finditer(text):
        yield _line(text, at, found.start())
        at = found.end()
    yield _line(text, at, len(text))


def _line(text: str, start: int, end: int) -> Line:
    raw = text[start:end]
    if _PLAIN.fullmatch(raw):
        return _unglued(Line(raw, range(start, end), range(start + 1, end + 1)))
    return _unglued(_mapped(raw, start))


def _unglued(line: Line) -> Line:
    """ "ngày5/9" gets its space; the words that need it carry marks, no unit or code does."""
    cuts = [found.end() for found in _GLUED.finditer(line.text)]
    if not cuts:
        return line
    text, starts, ends = line.text, list(line.starts), list(line.ends)
    for at in reversed(cuts):
        text = f"{text[:at]} {text[at:]}"
        starts.insert(at, starts[at])
        ends.insert(at, starts[at])
    return Line(text, starts, ends, line.lost)


def _mapped(raw: str, offset: int) -> Line:
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    lost: list[tuple[int, int]] = []
    for at, end in _clusters(raw):
        made = _clean(raw[at:end])
        if made is None:
            lost.append((offset + at, offset + end))
            made = " "
        letters.append(made)
        starts.extend([offset + at] * len(made))
        ends.extend([offset + end] * len(made))
    return Line("".join(letters), starts, ends, lost)


def _clusters(raw: str) -> Iterator[tuple[int, int]]:
    """A character with the marks that combine with it; a long heap of marks is cut."""
    at = 0
    for i in range(1, len(raw) + 1):
        if i == len(raw) or i - at == _MOST_MARKS or not unicodedata.combining(raw[i]):
            yield at, i
            at = i


def _clean(cluster: str) -> str | None:
    """What a cluster becomes; None when it cannot be read at all."""
    text = unicodedata.normalize("NFC", cluster)
    if _PLAIN.fullmatch(text) and text not in _TWINS:
        return text
    if len(text) > 1:  # marks that no Vietnamese letter carries
        return "".join(_clean(c) or "" for c in text)
    return _clean_one(text)


def _clean_one(c: str) -> str | None:
    if c in _TWINS:
        return _TWINS[c]
    kind = unicodedata.category(c)
    if kind in _DROP:
        return ""
    if kind in _LOST:
        return None
    if kind[0] in "CZ":
        return " "
    return _compatible(c, kind)


def _compatible(c: str, kind: str) -> str | None:
    if (figure := unicodedata.digit(c, None)) is not None:
        return str(figure)
    wide = unicodedata.normalize("NFKC", c)
    if wide != c and _PLAIN.fullmatch(wide):
        return wide
    if kind.startswith("L"):
        return c
    return _symbol(kind)


def _symbol(kind: str) -> str | None:
    """A picture is decoration, a mark of another script a pause; an unknown sign is reported."""
    if kind in ("Sm", "Sc", "No", "Nl"):
        return None
    return {"So": " ", "Pd": "–"}.get(kind, ", ")
