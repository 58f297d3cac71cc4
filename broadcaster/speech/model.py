"""What comes out of a reading: words with their origin, flags, sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from broadcaster.errors import Text

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word, the source text [start, end) it stands for, and what made it."""

    text: str
    start: int
    end: int
    rule: str
    pause: str = ""  # the mark after the word: "", "," or "."


@dataclass(frozen=True, slots=True)
class Flag:
    """Something an editor should see; a blocking one must be decided by a person."""

    kind: str
    span: Span
    written: str
    spoken: str
    message: Text
    blocking: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words for a voice, with no mark but comma and full stop, and the silence after them."""

    text: str
    pause_ms: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it will be heard. `spoken` has one line for each line that was written."""

    spoken: str
    trace: tuple[Word, ...]
    flags: tuple[Flag, ...]
    syllables: int
    seconds: float

    @property
    def blocked(self) -> bool:
        return any(flag.blocking for flag in self.flags)

    def sentences(self) -> tuple[Sentence, ...]:
        from broadcaster.speech.sentences import split  # noqa: PLC0415 - keeps the import light

        return split(self.spoken)


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark of the editor's help; `rule` is a stable name that reports may use."""

    rule: str
    span: Span
    written: str
    message: Text
    on: date | None = None
