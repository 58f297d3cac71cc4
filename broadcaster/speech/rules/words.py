"""Abbreviations, places and foreign words: what the dictionaries say, by the words around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from broadcaster.speech.clean import LOWER, UPPER
from broadcaster.speech.draft import Hit, Rule
from broadcaster.speech.lexicon import Entry, Lexicon
from broadcaster.speech.numbers import digits, whole
from broadcaster.speech.rules.figures import spell, trie
from broadcaster.speech.rules.syllables import is_syllable

_NUMBER, _NAME, _START = "#", "@", "^"
# A word ends where its letters end: a figure or a mark that touches it changes nothing.
_LETTER = r"[^\W\d_²³]"
_NOT_AFTER, _NOT_BEFORE = rf"(?<!{_LETTER})", rf"(?!{_LETTER})"
_SPECIAL = {
    (_NUMBER, False): r"\d\s*",
    (_NUMBER, True): r"[\s.]*(?:số\s*)?\d{1,4}(?![\d\s.]*\d)",
    (_NAME, True): rf"\s*(?-i:[{UPPER}][{LOWER}])",
    (_START, False): r"^\W*",
}


@lru_cache(maxsize=4096)
def _cue(cell: str, right: bool) -> re.Pattern[str]:
    """The pattern of a cue cell: any of its words, right before or right after."""
    arms = []
    for cue in filter(None, (part.strip() for part in cell.split("|"))):
        if special := _SPECIAL.get((cue, right)):
            arms.append(special)
        elif right:
            arms.append(
                rf"[\s.:]*{re.escape(cue)}(?!\w)" if cue[-1].isalpha() else rf"\s*{re.escape(cue)}"
            )
        else:
            arms.append(rf"(?<!\w){re.escape(cue)}[\s(]*")
    body = "|".join(arms)
    return re.compile(f"(?:{body})" if right else f"(?:{body})$", re.IGNORECASE)


def _fits(entry: Entry, hit: Hit) -> bool:
    left, right = entry.cell("cue_left"), entry.cell("cue_right")
    text = hit.draft.text
    if left and not _cue(left, False).search(text[max(0, hit.start - 40) : hit.start]):
        return False
    return not right or bool(_cue(right, True).match(text[hit.end : hit.end + 40]))


class _Abbreviations:
    """One abbreviation, several readings: the first line whose cues hold, else the plain one."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries: dict[str, list[Entry]] = {}
        for entry in entries:
            self._entries.setdefault(entry.written, []).append(entry)
        self.pattern = trie(self._entries) if self._entries else r"(?!)"

    def __call__(self, hit: Hit) -> str | None:
        entries = self._entries[hit[0]]
        cued = (e for e in entries if _has_cue(e) and _fits(e, hit))
        entry = next(cued, None) or next((e for e in entries if not _has_cue(e)), None)
        if entry is None or (not _has_cue(entry) and _is_word(hit)):
            return None
        hit.rule = entry.source
        return entry.spoken


def _has_cue(entry: Entry) -> bool:
    return entry.table == "abbreviations" and bool(
        entry.cell("cue_left") or entry.cell("cue_right")
    )


def _is_word(hit: Hit) -> bool:
    """In a line of capitals "CA" may be a syllable: without a cue it stays one."""
    return hit.draft.shouts and is_syllable(hit[0])


class _Lowered:
    """ "ubnd", "Bhyt", "U.B.N.D": typed in another way, but no word of any kind."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._entries = {
            entry.written: entry
            for entry in lexicon.table("abbreviations")
            if not _has_cue(entry) and len(entry.written) > 2
        }

    def __call__(self, hit: Hit) -> str | None:
        word = hit[0].replace(".", "")
        entry = self._entries.get(word.upper())
        short = len(word) < 4 and re.search(r"[aeiouy]", word)
        if entry is None or short or (is_syllable(word) and word == hit[0]):
            return None
        hit.rule = entry.source
        return entry.spoken


class _Numbered:
    """ "QL5", "ĐT.390", "BĐ3", "TP1": an abbreviation that takes a number."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._entries = {
            entry.written: entry
            for entry in lexicon.table("abbreviations")
            if _NUMBER in entry.cell("cue_right").split("|") and not entry.cell("cue_left")
        }
        self.pattern = trie(self._entries) if self._entries else r"(?!)"

    def __call__(self, hit: Hit) -> str:
        entry = self._entries[hit["k"]]
        hit.rule = entry.source
        number = (
            digits(hit["n"]) if hit["n"].startswith("0") and len(hit["n"]) > 2 else whole(hit["n"])
        )
        return f"{entry.spoken} {number} {spell(hit['s'])}".strip()


class _Respelled:
    """Words that this voice says only when they are respelled."""

    def __init__(self, lexicon: Lexicon, voice: str) -> None:
        self._entries: dict[str, Entry] = {}
        for entry in lexicon.table("pronunciations"):
            if entry.cell("voice") in ("", voice):
                self._entries[entry.written] = entry
        self.pattern = trie(self._entries) if self._entries else r"(?!)"

    def __call__(self, hit: Hit) -> str:
        entry = self._entries[hit[0]]
        hit.rule = entry.source
        return entry.spoken


def _dictionary(name: str, entries: Iterable[Entry], not_after: str = r"\w") -> Rule:
    readings = _Abbreviations(entries)
    pattern = rf"(?<![{not_after}])(?:{readings.pattern})(?:(?<=\.)|(?!\w))"
    return Rule(name, pattern, readings, needs="", ignore_case=False)


def _glued(name: str, entries: Iterable[Entry]) -> Rule:
    """ "7GMT", "12UBND", "Stk0123": as with a space between, but for two capitals.

    Those are a code, as "29LD" is, and so is a single letter.
    """
    readings = _Abbreviations(e for e in entries if _is_glued_word(e.written))
    pattern = rf"{_NOT_AFTER}(?:{readings.pattern})(?:(?<=\.)|{_NOT_BEFORE})"
    return Rule(name, pattern, readings, needs="", ignore_case=False)


def _is_glued_word(written: str) -> bool:
    return written[0].isalpha() and len(written.strip(".")) > (2 if written.isupper() else 1)


def slashed(lexicon: Lexicon) -> Sequence[Rule]:
    """ "đ/c" and "t/h" come first: their slash and letters would be a unit."""
    entries = lexicon.table("abbreviations")
    return (_dictionary("word.slashed", (e for e in entries if "/" in e.written), r"\w/"),)


def rules(lexicon: Lexicon, voice: str) -> Sequence[Rule]:
    numbered = _Numbered(lexicon)
    foreign = _Respelled(lexicon, voice)
    return (
        Rule(
            "word.numbered",
            rf"(?<!\w)(?P<k>{numbered.pattern})[.\s-]?\s?(?P<n>\d{{1,4}})(?P<s>[A-Z]?)(?![\w.])",
            numbered,
            ignore_case=False,
        ),
        _dictionary("word.place", lexicon.table("places")),
        Rule(
            "word.foreign",
            rf"{_NOT_AFTER}(?:{foreign.pattern}){_NOT_BEFORE}",
            foreign,
            needs="",
            ignore_case=False,
        ),
        _glued("word.glued", (*lexicon.table("places"), *lexicon.table("abbreviations"))),
        _dictionary("word.abbreviation", lexicon.table("abbreviations")),
        Rule(
            "word.lowered",
            rf"{_NOT_AFTER}[A-ZĐ]?[a-zđ]{{2,9}}{_NOT_BEFORE}"
            r"|(?<![\w./@-])(?:[A-ZĐ]\.){2,8}[A-ZĐ]?(?![\w@])",
            _Lowered(lexicon),
            needs="",
            ignore_case=False,
        ),
    )
