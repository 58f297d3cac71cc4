"""Written administrative Vietnamese to spoken Vietnamese, traced, with editable dictionaries."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # as in typing, whose import costs more than this whole file
if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from broadcaster.speech.lexicon import Lexicon
    from broadcaster.speech.linting import Expectations
    from broadcaster.speech.model import Finding, Flag, Reading, Sentence, Word

__all__ = [
    "Expectations",
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

# Everything behind this door loads on first use: programs that import it start at once.
_HOMES = {
    "Expectations": "linting",
    "Finding": "model",
    "Flag": "model",
    "Lexicon": "lexicon",
    "Reading": "model",
    "Sentence": "model",
    "Word": "model",
}


def to_spoken(text: str) -> str:
    """`text` as it is read aloud by the shipped dictionaries; one output line per input line."""
    return read(text).spoken


def read(text: str, lexicon: Lexicon | None = None, voice: str = "default") -> Reading:
    """Read `text` with its trace and flags. Any text can be read; doubts become flags.

    `voice` picks the column of respellings: an offline voice needs "phan pây" for "Fanpage".
    """
    from broadcaster.speech.lexicon import shipped  # noqa: PLC0415 - loads late
    from broadcaster.speech.reader import read as read_  # noqa: PLC0415 - loads late

    return read_(text, shipped() if lexicon is None else lexicon, voice)


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
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(name)
