"""Whether the spoken words say every number of the written text, in its order, and no other."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Sequence

from broadcaster.speech import clean
from broadcaster.speech.clean import UPPER
from broadcaster.speech.facts.difference import Difference
from broadcaster.speech.facts.numerals import Form, Numeral, numerals, roman
from broadcaster.speech.lexicon import Lexicon

_MOST = 30
"""So many differences are told; a text with more is another text."""


def differences(written: str, spoken: str, lexicon: Lexicon) -> list[Difference]:
    """Numbers that are not said as they are written, in the order of the text."""
    text = "\n".join(line.text for line in clean.lines(written))
    return _aligned(text, spoken, _figures(text, lexicon), numerals(spoken))


_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|\S+@\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:vn|com|net|org)\b\S*"
)
_WORD = re.compile(rf"[{UPPER}][\w.&–-]*[\w]|(?<!\w)[^\W_]+ps\b|(?<!\w)bar\b")
_ROMAN = re.compile(r"(?<!\w)[IVXLC]+(?!\w)")
_PER = re.compile(r"/\s?(?=[^\W\d_])")  # "đồng/hộ": "một"
_SHORT_YEAR = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](?P<y>\d\d)(?!\d)")
_NO_MINUTES = re.compile(r"\d\s?(?:h|g|giờ|:)\s?(?P<m>00?)(?!\d)", re.IGNORECASE)
_SQUARE = re.compile(r"(?<![^\W\d_])(?:[kcdmh]?m|ha)(?P<p>[23])(?!\w)")


def _figures(text: str, lexicon: Lexicon) -> list[Numeral]:
    """The numbers of a written text, each with all the ways it may be said."""
    silent = [found.span() for found in _ADDRESS.finditer(text)]
    more: dict[int, tuple[Form, ...]] = {
        **{m.start("y"): (("20" + m["y"],), ("19" + m["y"],)) for m in _SHORT_YEAR.finditer(text)},
        **{m.start("m"): ((),) for m in _NO_MINUTES.finditer(text)},
        **{m.start("p"): ((),) for m in _SQUARE.finditer(text)},
    }
    made = []
    for one in numerals(text):
        forms = one.forms + more.get(one.start, ())
        if any(start <= one.start < end for start, end in silent):
            forms += ((),)
        made.append(_with(one, forms))
    known = {one.start for one in made}
    made += [one for one in _by_letters(text, lexicon) if one.start not in known]
    return sorted(made, key=lambda one: (one.start, one.end))


def _with(one: Numeral, forms: tuple[Form, ...]) -> Numeral:
    return Numeral(forms, one.lone, one.start, one.end, one.first, one.last, one.literal)


def _by_letters(text: str, lexicon: Lexicon) -> Iterator[Numeral]:
    """Roman numerals, and abbreviations that a dictionary reads with a number: "MTV"."""
    for found in _ROMAN.finditer(text):
        if value := roman(found[0]):
            yield _silent(found.span(), {(str(value),)})
    for found in _PER.finditer(text):
        yield _silent(found.span(), {("1",)})
    for found in _WORD.finditer(text):
        forms: set[Form] = set()
        for table in ("abbreviations", "documents", "pronunciations", "units"):
            for entry in lexicon.find(table, found[0]):
                said = tuple(one.value for one in numerals(entry.spoken))
                if said:
                    forms.add(said)
        if forms:
            yield _silent(found.span(), forms)


def _silent(span: tuple[int, int], forms: set[Form]) -> Numeral:
    """What may be heard as one of these numbers, or as none."""
    return Numeral(((), *sorted(forms)), False, *span, -1, -1)


def _aligned(
    written: str, spoken: str, figures: Sequence[Numeral], heard: Sequence[Numeral]
) -> list[Difference]:
    """The way through both lists with the fewest differences."""
    ways: list[tuple[int, int, int, int]] = [(0, 0, 0, 0)]
    came: dict[tuple[int, int], tuple[int, int]] = {}
    best: dict[tuple[int, int], int] = {(0, 0): 0}
    while ways:
        cost, _, i, j = heapq.heappop(ways)
        if cost > best.get((i, j), 99):
            continue
        if i == len(figures) and j == len(heard):
            break
        if cost > _MOST:
            text = Difference("number", written[:80], spoken[:80])
            return [text]
        for after, price in _steps(figures, heard, i, j):
            if cost + price < best.get(after, 99):
                best[after] = cost + price
                came[after] = (i, j)
                heapq.heappush(ways, (cost + price, -sum(after), *after))
    return _told(written, spoken, figures, heard, came)


def _steps(
    figures: Sequence[Numeral], heard: Sequence[Numeral], i: int, j: int
) -> Iterator[tuple[tuple[int, int], int]]:
    if i < len(figures):
        for form in figures[i].forms:
            for after in _said(form, heard, j):
                yield (i + 1, after), 0
        yield (i + 1, j), 1
        if j < len(heard):
            yield (i + 1, j + 1), 1
    if j < len(heard):
        yield (i, j + 1), 1


def _said(form: Form, heard: Sequence[Numeral], j: int) -> set[int]:
    """Where in `heard` one may be after hearing all of `form` from `j` on."""
    places = {j}
    for value in form:
        places = {after for place in places for after in _one_said(value, heard, place)}
    return places


def _one_said(value: str, heard: Sequence[Numeral], j: int) -> Iterator[int]:
    if j >= len(heard):
        return
    bare = value.lstrip("0") or "0"
    if heard[j].value in {value, bare}:
        yield j + 1
    if not value.isdecimal() or len(value) < 2:
        return
    run = j
    while (
        run < len(heard)
        and run - j < len(value)
        and heard[run].lone
        and heard[run].value == value[run - j]
        and (run == j or heard[run].first == heard[run - 1].last + 1)
    ):
        run += 1
        zeros = value[: run - j]
        if run - j == len(value):
            yield run
        elif not zeros.strip("0") and run < len(heard) and heard[run].value == value[run - j :]:
            yield run + 1


def _told(
    written: str,
    spoken: str,
    figures: Sequence[Numeral],
    heard: Sequence[Numeral],
    came: dict[tuple[int, int], tuple[int, int]],
) -> list[Difference]:
    found: list[Difference] = []
    place = (len(figures), len(heard))
    while place != (0, 0):
        i, j = came[place]
        step = (place[0] - i, place[1] - j)
        matched = step[0] == 1 and any(
            place[1] in _said(form, heard, j) for form in figures[i].forms
        )
        if not matched:
            one = figures[i] if step[0] else None
            other = heard[j] if step[1] else None
            found.append(
                Difference(
                    "number",
                    _around(written, one) if one else "",
                    _around(spoken, other) if other else "",
                    (one.start, one.end) if one else (0, 0),
                )
            )
        place = (i, j)
    return found[::-1]


def _around(text: str, one: Numeral, near: int = 16) -> str:
    """The number with a word or two beside it."""
    start = text.rfind(" ", 0, max(one.start - near, 0) + 1) + 1 if one.start > near else 0
    cut = text.find(" ", one.end + near)
    return " ".join(text[start : cut if cut >= 0 else len(text)].split())
