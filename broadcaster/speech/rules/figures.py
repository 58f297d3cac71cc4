"""Pieces that many rules share: how figures are written, how an amount is said, word lists."""

from __future__ import annotations

import re
from collections.abc import Iterable

from broadcaster.speech.numbers import cardinal, digits, fraction_part, whole

# Thousands with dots (or English commas), a decimal comma, or a plain run.
NUM = r"(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3}){2,}|\d+(?:[.,]\d+)?)"
START = r"(?<!\w)(?<!\d[.,/])"
DASH = r"\s*[-–—−÷~]\s*"

_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3}){2,}")


def amount(written: str) -> str:
    """ "1.500" một nghìn năm trăm, "6,4" sáu phẩy bốn, "01" một."""
    head, comma, tail = written.partition(",")
    if _THOUSANDS.fullmatch(written) and not written.startswith("0"):
        return whole(written)
    if _THOUSANDS.fullmatch(head) and comma and not head.startswith("0"):
        return f"{whole(head)} phẩy {fraction_part(tail)}"
    for mark in ",.":
        head, found, tail = written.partition(mark)
        if found and tail.isdecimal() and head.isdecimal():
            return f"{whole(head)} phẩy {fraction_part(tail)}"
    return whole(written)


def sum_of_money(written: str) -> str:
    """As `amount`, but a group of three after a comma is thousands: no price has three decimals."""
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+", written):
        return whole(written)
    return amount(written)


def any_of(words: str) -> str:
    """A pattern for the words of a table that is laid out with "|" and line breaks."""
    return "(?:" + "|".join(word.strip() for word in words.split("|")) + ")"


def spell(code: str, letters: dict[str, str] | None = None) -> str:
    """Letters by name and figures one by one; separators are silent."""
    names = letters or LETTERS
    words = []
    for c in code:
        if c.isdecimal():
            words.append(digits(c))
        elif c.isalpha():
            words.append(names.get(c.upper(), c))
    return " ".join(words)


def ordinal(value: int) -> str:
    """After "thứ": nhất, hai, ba, tư, năm."""
    return {1: "nhất", 4: "tư"}.get(value) or cardinal(value)


LETTERS = {
    "A": "a", "Ă": "á", "Â": "ớ", "B": "bê", "C": "xê", "D": "đê", "Đ": "đê", "E": "e", "Ê": "ê",
    "F": "ép", "G": "gờ", "H": "hát", "I": "i", "J": "gi", "K": "ca", "L": "lờ", "M": "mờ",
    "N": "nờ", "O": "o", "Ô": "ô", "Ơ": "ơ", "P": "pê", "Q": "quy", "R": "rờ", "S": "ét",
    "T": "tê", "U": "u", "Ư": "ư", "V": "vê", "W": "vê kép", "X": "ích", "Y": "i", "Z": "dét",
}  # fmt: skip


def trie(words: Iterable[str]) -> str:
    """A pattern for any of `words`, longest first, that looks at each character once."""
    root: dict[str, dict[str, object]] = {}
    for word in words:
        node = root
        for c in word:
            node = node.setdefault(c, {})  # type: ignore[assignment]  # a recursive dict type
        node[""] = {}
    return _branch(root)


def _branch(node: dict[str, dict[str, object]]) -> str:
    arms = [
        re.escape(c) + _branch(below)  # type: ignore[arg-type]  # a recursive dict type
        for c, below in sorted(node.items())
        if c
    ]
    if not arms:
        return ""
    body = arms[0] if len(arms) == 1 else f"(?:{'|'.join(arms)})"
    return f"(?:{body})?" if "" in node else body
