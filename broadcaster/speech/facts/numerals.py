"""The reverse reader: Vietnamese numbers in words, figures or both, as plain values.

It knows nothing of how `speech.rules` turns figures into words, so that it finds their mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

Form = tuple[str, ...]
"""The values that one numeral may be heard as, one after the other."""

_ONES = {
    "không": 0, "một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7,
    "tám": 8, "chín": 9,
}  # fmt: skip
_AFTER_TEN = {**{word: value for word, value in _ONES.items() if 0 < value != 5}, "lăm": 5}
_AFTER_TENS = {
    **{word: value for word, value in _ONES.items() if value not in {0, 1, 5}},
    "mốt": 1, "tư": 4, "lăm": 5, "nhăm": 5,
}  # fmt: skip
_SHORT = {"mốt": 1, "lăm": 5, "nhăm": 5}  # "hai lăm": what is left of "hai mươi lăm"
_POWERS = {"nghìn": 3, "ngàn": 3, "triệu": 6, "tỷ": 9, "tỉ": 9}
_LINKS = ("linh", "lẻ")
_NOT_POWER = {"lệ", "số", "trọng", "giá", "suất"}  # "tỷ lệ", "tỉ số"
_FOUR = {
    "thứ",
    "tháng",
    "quý",
    "phần",
}  # only there a lone "tư" is a number, and "nhất" after "thứ"
_TOKEN = re.compile(
    r"[1-9]\d{0,2}(?:[ \u00a0]\d{3})+(?![\d.,]?\d)|\d+(?:[.,]\d+)*|[^\W\d_]+|[^\w\s]|\n"
)
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?|[1-9]\d{0,2}(?:,\d{3})+")


@dataclass(frozen=True, slots=True)
class Numeral:
    """`forms`: the ways it may be heard; `lone`: one word for one figure; span in the text.

    `first`, `last`: which words of the text it is, to know neighbours.
    """

    forms: tuple[Form, ...]
    lone: bool
    start: int
    end: int
    first: int
    last: int
    literal: bool = False

    @property
    def value(self) -> str:
        return " ".join(self.forms[0])


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int
    number: int  # counts words only: marks are no words

    @property
    def word(self) -> str:
        """As the tables have it; a name in capitals ("Bà Triệu") is none of their words."""
        return self.text.lower()

    @property
    def literal(self) -> bool:
        return self.text[0].isdecimal()


def numerals(text: str) -> list[Numeral]:
    """All numbers of a text in order, whether in words or in figures."""
    found = list(_numerals(_tokens(text)))
    years = {a for a, b in pairwise(found) if _is_year_word(text, a) and _is_year(a, b)}
    return [one for one in found if one not in years]


def roman(word: str) -> int:
    """The value of a Roman numeral in capitals; 0 when it is none."""
    if not re.fullmatch(r"(?=[IVXLC])C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})", word):
        return 0
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[c] for c in word]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))


def _is_year_word(text: str, one: Numeral) -> bool:
    return one.lone and text[one.start : one.end].lower() == "năm"


def _is_year(word: Numeral, after: Numeral) -> bool:
    """ "năm 2026": year 2026, not five and 2026."""
    value = after.forms[0][0]
    return after.first == word.last + 1 and value.isdecimal() and int(value) >= 1000


def _tokens(text: str) -> list[_Token]:
    made, words = [], 0
    for found in _TOKEN.finditer(text):
        is_word = found[0][0].isalnum()
        words += is_word
        made.append(_Token(found[0], found.start(), found.end(), words))
    return made


def _numerals(tokens: Sequence[_Token]) -> Iterator[Numeral]:
    at = 0
    while at < len(tokens):
        found = _number(tokens, at)
        if found is None:
            at += 1
            continue
        forms, after, lone = found
        first, last = tokens[at], tokens[after - 1]
        yield Numeral(forms, lone, first.start, last.end, first.number, last.number, first.literal)
        at = after


def _number(tokens: Sequence[_Token], at: int) -> tuple[tuple[Form, ...], int, bool] | None:
    """The longest number that begins at `at`, where it ends, and whether it is one plain word."""
    first = tokens[at]
    if first.word == "rưỡi":
        return (("30",) if _is(tokens, at - 1, "giờ") else ("0.5",),), at + 1, False
    if first.word in {"tư", "nhất"} and _is(tokens, at - 1, *_FOUR):
        return (("4",) if first.word == "tư" else ("1",),), at + 1, False
    if short := _short_money(tokens, at):
        return ((short[0],),), short[1], False
    if first.literal and not _power(tokens, at + 1) and not _is(tokens, at + 1, "trăm"):
        return forms_of(first.text), at + 1, False
    group = _group(tokens, at)
    if group is None:
        return None
    value, after = _grown(tokens, *group)
    lone = after == at + 1 and not first.literal
    return ((value,),), after, lone


def _short_money(tokens: Sequence[_Token], at: int) -> tuple[str, int] | None:
    """ "28k", "1tr", "1tr5", "1tr500": as prices are scribbled, without a blank."""
    parts = tokens[at : at + 3]
    if not parts[0].literal or len(parts) < 2 or parts[1].start != parts[0].end:
        return None
    power = {"k": 3, "tr": 6}.get(parts[1].word)
    form = forms_of(parts[0].text)[0]
    if power is None or len(form) != 1:
        return None
    glued = len(parts) == 3 and parts[2].literal and parts[2].start == parts[1].end
    if glued and power == 6 and form[0].isdecimal() and parts[2].text.isdecimal():
        return _plain(str(Decimal(f"{form[0]}.{parts[2].text}") * 10**power)), at + 3
    return None if glued else (_plain(str(Decimal(form[0]) * 10**power)), at + 2)


def _grown(tokens: Sequence[_Token], value: str, after: int) -> tuple[str, int]:
    """A group with whatever follows it: thousands, millions, further groups, a half."""
    if not _power(tokens, after):
        return value, after
    total, group, lowest = Decimal(0), Decimal(value), 99
    while power := _power(tokens, after):
        # "chín nghìn sáu trăm triệu": a higher power counts all that was said before it.
        higher = power >= lowest or power == 9
        total = (total + group) * 10**power if higher else total + group * 10**power
        lowest, after = (99 if power == 9 else power), after + 1
        group = Decimal(0)
        if _is(tokens, after, "rưỡi"):
            return _plain(str(total + Decimal(10**power) / 2)), after + 1
        if more := _next_group(tokens, after, lowest):
            group, after = Decimal(more[0]), more[1]
    return _plain(str(total + group)), after


def _next_group(tokens: Sequence[_Token], at: int, lowest: int) -> tuple[str, int] | None:
    """A further group goes on only when it says its hundreds, or is followed by a lower power."""
    found = _group(tokens, at)
    if found is None:
        return None
    power = _power(tokens, found[1])
    says_hundreds = not tokens[at].literal and _is(tokens, at + 1, "trăm")
    return found if says_hundreds or 0 < power < min(lowest, 9) else None


def _group(tokens: Sequence[_Token], at: int) -> tuple[str, int] | None:
    """A number below a thousand in words, or one in figures; with decimals."""
    if at >= len(tokens):
        return None
    if tokens[at].literal:
        return _literal_group(tokens, at)
    found = _hundreds(tokens, at)
    if found is None:
        return None
    decimals = _decimals(tokens, found[1] + 1) if _is(tokens, found[1], "phẩy") else None
    if decimals is None:
        return str(found[0]), found[1]
    return f"{found[0]}.{decimals[0]}", decimals[1]


def _literal_group(tokens: Sequence[_Token], at: int) -> tuple[str, int] | None:
    form = forms_of(tokens[at].text)[0]
    if len(form) != 1:
        return None
    if _is(tokens, at + 1, "trăm"):
        return _plain(str(Decimal(form[0]) * 100)), at + 2
    return form[0], at + 1


def _hundreds(tokens: Sequence[_Token], at: int) -> tuple[int, int] | None:
    if not _is(tokens, at + 1, "trăm") or tokens[at].word not in _ONES:
        return _tens(tokens, at)
    hundreds, after = _ONES[tokens[at].word] * 100, at + 2
    if _is(tokens, after, *_LINKS) and after + 1 < len(tokens):
        one = {**_ONES, "tư": 4}.get(tokens[after + 1].word)
        return (hundreds, after) if one is None else (hundreds + one, after + 2)
    rest = _tens(tokens, after) if after < len(tokens) else None
    return (hundreds + rest[0], rest[1]) if rest and rest[0] > 9 else (hundreds, after)


def _tens(tokens: Sequence[_Token], at: int) -> tuple[int, int] | None:
    word = tokens[at].word
    following = tokens[at + 1].word if at + 1 < len(tokens) else ""
    if word == "mười":
        one = _AFTER_TEN.get(following)
        return (10, at + 1) if one is None else (10 + one, at + 2)
    if word not in _ONES:
        return None
    value = _ONES[word]
    if value and following == "mươi":
        one = _AFTER_TENS.get(tokens[at + 2].word) if at + 2 < len(tokens) else None
        return (value * 10, at + 2) if one is None else (value * 10 + one, at + 3)
    if value > 1 and following in _SHORT:
        return value * 10 + _SHORT[following], at + 2
    return value, at + 1


def _decimals(tokens: Sequence[_Token], at: int) -> tuple[str, int] | None:
    """What follows "phẩy": figure by figure after a zero or when there are many, else a number."""
    run = at
    while (
        run < len(tokens) and tokens[run].word in _ONES and not _is(tokens, run + 1, "mươi", "trăm")
    ):
        run += 1
    if run > at and (run - at > 3 or tokens[at].word == "không"):
        return "".join(str(_ONES[t.word]) for t in tokens[at:run]), run
    found = _hundreds(tokens, at) if at < len(tokens) else None
    return None if found is None else (str(found[0]), found[1])


def _power(tokens: Sequence[_Token], at: int) -> int:
    """3, 6 or 9 for nghìn, triệu, tỷ; 0 for another word, or a name in capitals."""
    if at >= len(tokens) or (tokens[at].text.istitle() and len(tokens[at].text) > 1):
        return 0
    if _is(tokens, at + 1, *_NOT_POWER):
        return 0
    return _POWERS.get(tokens[at].word, 0)


def _is(tokens: Sequence[_Token], at: int, *words: str) -> bool:
    return 0 <= at < len(tokens) and tokens[at].word in words


def _plain(number: str) -> str:
    """No exponent, no needless zeros behind the point of something that was multiplied."""
    value = Decimal(number)
    return str(int(value)) if value == value.to_integral_value() else number


def forms_of(written: str) -> tuple[Form, ...]:
    """The ways to say one number in figures: whole, with decimals, or piece by piece."""
    pieces = tuple(re.split(r"[., \u00a0]", written))
    if len(pieces) == 1:
        return ((written,),)
    if not {".", ","} & set(written):  # thousands with spaces between them, or pieces of a code
        return (("".join(pieces),), pieces)
    forms: list[Form] = []
    head, _, tail = written.partition(",")
    if _GROUPED.fullmatch(written):
        dotted = "." in written
        whole = (head if dotted else written).replace(".", "").replace(",", "")
        forms.append((f"{whole}.{tail}" if dotted and tail else whole,))
    if len(pieces) == 2:
        forms.append((f"{pieces[0]}.{pieces[1]}",))
    return (*forms, pieces)
