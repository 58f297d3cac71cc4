"""Figures to Vietnamese words, in the northern standard (nghìn, linh, mốt, tư, lăm)."""

from __future__ import annotations

from functools import lru_cache

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("", "nghìn", "triệu")
_LONGEST = 15  # figures; a longer run is a code, and is read figure by figure


def digits(text: str) -> str:
    """Figure by figure: "0912" is "không chín một hai"."""
    return " ".join(DIGITS[int(c)] for c in text)


def _tens(value: int, *, after_hundred: bool) -> str:
    ten, one = divmod(value, 10)
    if ten == 0:
        return ("linh " if after_hundred else "") + DIGITS[one]
    head = "mười" if ten == 1 else f"{DIGITS[ten]} mươi"
    if one == 0:
        return head
    if one == 1 and ten > 1:
        return f"{head} mốt"
    if one == 4 and ten > 1:
        return f"{head} tư"
    return f"{head} {'lăm' if one == 5 else DIGITS[one]}"


def _group(value: int, *, full: bool) -> str:
    """A group of three figures; `full` says the hundreds even when they are zero."""
    hundred, rest = divmod(value, 100)
    if not hundred and not full:
        return _tens(rest, after_hundred=False)
    head = f"{DIGITS[hundred]} trăm"
    return f"{head} {_tens(rest, after_hundred=True)}" if rest else head


@lru_cache(maxsize=4096)
def cardinal(value: int) -> str:
    """2026 is "hai nghìn không trăm hai mươi sáu"; past a thousand million it counts in "tỷ"."""
    if value == 0:
        return DIGITS[0]
    high, low = divmod(value, 10**9)
    words = [cardinal(high), "tỷ"] if high else []
    for power in (2, 1, 0):
        if group := low // 1000**power % 1000:
            words.append(_group(group, full=bool(words)))
            words.append(_GROUPS[power])
    return " ".join(filter(None, words))


def whole(text: str) -> str:
    """A whole number as written, dots and spaces between thousands allowed; no leading zero."""
    figures = "".join(c for c in text if c.isdecimal())
    if len(figures) > _LONGEST:
        return digits(figures)
    return cardinal(int(figures))


def fraction_part(figures: str) -> str:
    """What follows the decimal comma: "75" bảy mươi lăm, "05" không năm."""
    bare = figures.lstrip("0")
    zeros = len(figures) - len(bare)
    if not bare or zeros or len(figures) > 3:
        return digits(figures)
    return cardinal(int(figures))


def code_number(text: str) -> str:
    """A number of a document: leading zeros are said, the rest as a number."""
    bare = text.lstrip("0")
    zeros = digits(text[: len(text) - len(bare)])
    if not bare:
        return zeros
    return f"{zeros} {whole(bare)}".strip()


def month(value: int) -> str:
    return "tư" if value == 4 else cardinal(value)
