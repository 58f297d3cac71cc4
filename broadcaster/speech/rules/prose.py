"""What no stage has claimed: plain words pass, marks become pauses, the rest is spelled out."""

from __future__ import annotations

import re

from broadcaster.speech.clean import LOWER, UPPER
from broadcaster.speech.draft import Hit, Rule
from broadcaster.speech.numbers import cardinal, digits
from broadcaster.speech.rules.doubts import guessed, unknown, unreadable
from broadcaster.speech.rules.figures import NUM, amount, spell
from broadcaster.speech.rules.headings import ROMAN, roman
from broadcaster.speech.rules.syllables import is_syllable

_SYMBOLS = {
    "%": "phần trăm", "‰": "phần nghìn", "&": "và", "+": "cộng", "=": "bằng",
    "≥": "lớn hơn hoặc bằng", "≤": "nhỏ hơn hoặc bằng", ">": "trên", "<": "dưới",
    "±": "cộng trừ", "×": "nhân", "÷": "chia",
    "@": "a còng", "#": "thăng", "$": "đô la", "€": "ơ rô", "£": "bảng Anh", "¥": "yên", "°": "độ,",
    "≈": "xấp xỉ", "√": "căn", "∞": "vô cùng", "≠": "khác", "§": "mục,", "²": "bình phương",
    "³": "lập phương", "µ": "mi crô", "№": "số",
}  # fmt: skip


def _as_written(hit: Hit) -> str | None:
    text = hit[0]
    return text if all(map(_is_latin, text)) else None


def _word(hit: Hit) -> str:
    word = hit[0]
    if any(c.isdecimal() for c in word):
        return _code(hit)
    if not all(map(_is_latin, word)):
        hit.doubt = unreadable(word)
        return word
    return _capitals(hit) if word.isupper() and len(word) > 1 else word


def _capitals(hit: Hit) -> str:
    """A word of a title, a numeral, a foreign word, or letters that nobody has explained."""
    word = hit[0]
    if is_syllable(word):
        return word.lower()
    if re.fullmatch(ROMAN, word):
        hit.doubt = guessed("guessed", word)
        return cardinal(roman(word))
    if _speakable(word):
        hit.doubt = guessed("guessed", word)
        return word.lower()
    hit.doubt = unknown(word)
    return spell(word)


def _is_latin(c: str) -> bool:
    return ord(c) < 0x250 or 0x1E00 <= ord(c) < 0x1F00


def _speakable(word: str) -> bool:
    """A foreign word in capitals, not a row of first letters: vowels apart, few consonants."""
    low = word.lower()
    vowels = re.findall(r"[aeiouyàáảãạăâèéẻẽẹêìíỉĩịòóỏõọôơùúủũụưỳýỷỹỵ]+", low)
    return len(low) >= 4 and len(vowels) >= 2 and not re.search(r"[^aeiouy\W]{4}", low)


def _is_code_number(part: str) -> bool:
    return len(part) > 3 or (part[0] == "0" and len(part) > 1)


def _code(hit: Hit) -> str:
    """Letters and figures grown together: "A1", "D200", "5K"."""
    words = []
    for part in re.findall(r"[^\W\d_]+|\d+|\.", hit[0]):
        if part == ".":
            words.append("chấm")
        elif part.isdecimal():
            words.append(digits(part) if _is_code_number(part) else amount(part))
        elif len(part) > 3 and not part.isupper():
            words.append(part)
        else:
            words.append(spell(part) if part.isupper() or len(part) == 1 else part)
            hit.doubt = guessed("spelled_out", hit[0])
    return " ".join(words)


def _symbol(hit: Hit) -> str:
    """ "#" is a key of a telephone after a figure, else the sign of a title."""
    if hit[0] == "#" and not hit.before()[-1:].isdecimal():
        return ""
    return _SYMBOLS[hit[0]]


def _mark(hit: Hit) -> str:
    return "." if re.search(r"[.!?…]", hit[0]) else ","


def _negative(hit: Hit) -> str | None:
    """At the start of a line it is a bullet."""
    return f"âm {amount(hit['n'])}" if hit.before().strip() else None


def _end(_: Hit) -> str:
    return "."


def _amount(hit: Hit) -> str:
    return amount(hit[0])


PLAIN = "prose.plain"
# Words of the language in running text need no look at each of them.
_PLAIN_WORD = rf"[{UPPER}{LOWER}][{LOWER}]+|[{LOWER}]"

RULES = (
    Rule(
        PLAIN,
        rf"(?<![^\W_])(?:{_PLAIN_WORD})(?: (?:{_PLAIN_WORD}))*(?![^\W_])",
        _as_written,
        needs="",
        ignore_case=False,
    ),
    Rule("prose.end", r"\./\.", _end, needs="/"),
    Rule("prose.below_zero", rf"(?<![\w)/.,-])[-−](?P<n>{NUM})(?!\w)", _negative),
    Rule("prose.number", rf"(?<!\w)(?:{NUM}(?!\w)|\d+,\d+(?=[A-Z](?!\w)))", _amount),
    Rule("prose.code", r"(?<!\w)[A-Z]{1,3}\d{0,3}(?:\.\d{1,4})+(?!\w)", _code, ignore_case=False),
    Rule("prose.word", r"[^\W_²³]+", _word, needs=""),
    Rule("prose.symbol", rf"[{re.escape(''.join(_SYMBOLS))}]", _symbol, needs=""),
    Rule("prose.mark", r"[^\w\s'’‘\"“”«»*_`|\\^~#]+|_{2,}", _mark, needs=""),
)
