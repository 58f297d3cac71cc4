"""Written administrative Vietnamese to spoken Vietnamese, traced, with editable dictionaries."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster.speech.model import Finding, Flag, Reading, Sentence, Word

if TYPE_CHECKING:
    from broadcaster.speech.lexicon import Lexicon
    from broadcaster.speech.linting import Expectations

__all__ = [
    "Finding",
    "Flag",
    "Lexicon",
    "Reading",
    "Sentence",
    "Word",
    "lint",
    "load_lexicon",
    "read",
    "to_spoken",
]

# The tables and rules load on first use: every program that imports this starts at once.


def to_spoken(text: str) -> str:
    """`text` as it is read aloud by the shipped dictionaries; one output line per input line."""
    return read(text).spoken


def read(text: str, lexicon: Lexicon | None = None, voice: str = "default") -> Reading:
    """Read `text` with its trace and flags. Any text can be read; doubts become flags.

    `voice` picks the column of respellings: an offline voice needs "phan pây" for "Fanpage".
    """
    from broadcaster.speech.reader import read as read_  # noqa: PLC0415 - loads late

    return read_(text, lexicon if lexicon is not None else load_lexicon(), voice)


def load_lexicon(*folders: Path) -> Lexicon:
    """The shipped dictionaries, then those of `folders`: a later line wins.

    Raises InputError naming file and line of the first fault.
    """
    from broadcaster.speech.lexicon import load  # noqa: PLC0415 - loads late

    return load(folders)


def lint(text: str, today: date, expect: Expectations | None = None) -> tuple[Finding, ...]:
    """What an editor should look at before this text is broadcast on or after `today`."""
    from broadcaster.speech.linting import lint as lint_  # noqa: PLC0415 - loads late

    return lint_(text, today, expect)


def __getattr__(name: str) -> object:
    if name == "Lexicon":
        from broadcaster.speech.lexicon import Lexicon  # noqa: PLC0415 - loads late

        return Lexicon
    raise AttributeError(name)
