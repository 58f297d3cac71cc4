"""One line on its way to speech: rules claim spans of it, and the rest is prose."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from broadcaster.errors import Text
from broadcaster.speech.clean import Line
from broadcaster.speech.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a claim should be seen by the editor."""

    kind: str
    message: Text
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """Clean characters [start, end) are spoken as `spoken`; "," and "." in it are pauses."""

    start: int
    end: int
    spoken: str
    rule: str
    doubt: Doubt | None = None


class Draft:
    """The clean text, what has been claimed of it, and the dictionaries."""

    def __init__(self, line: Line, lexicon: Lexicon, whole_text: str) -> None:
        self.line = line
        self.text = line.text
        self.lexicon = lexicon
        self.whole_text = whole_text
        self.claims: list[Claim] = []
        self._taken = bytearray(len(self.text))

    @cached_property
    def characters(self) -> frozenset[str]:
        return frozenset(self.text)

    @cached_property
    def shouts(self) -> bool:
        """A line in capitals: there a capital word is no sign of an abbreviation."""
        letters = [c for c in self.text if c.isalpha()]
        capitals = sum(c.isupper() for c in letters)
        return len(letters) > 3 and capitals >= 0.8 * len(letters)

    def free(self, start: int, end: int) -> bool:
        return self._taken.find(1, start, end) < 0

    def next_free(self, at: int) -> int:
        found = self._taken.find(0, at)
        return len(self.text) if found < 0 else found

    def claim(
        self, start: int, end: int, spoken: str, rule: str, doubt: Doubt | None = None
    ) -> None:
        self.claims.append(Claim(start, end, spoken, rule, doubt))
        self._taken[start:end] = b"\1" * (end - start)

    def gaps(self) -> Iterator[tuple[int, int]]:
        """Stretches that no rule has claimed."""
        at = 0
        for claim in sorted(self.claims, key=lambda c: c.start):
            if at < claim.start:
                yield at, claim.start
            at = claim.end
        if at < len(self.text):
            yield at, len(self.text)


class Hit:
    """A match in its line: its groups, and lower-case text on both sides of what it claims."""

    __slots__ = ("doubt", "draft", "end", "match", "rule", "start")

    def __init__(self, match: re.Match[str], draft: Draft, span: tuple[int, int]) -> None:
        self.match, self.draft = match, draft
        self.start, self.end = span
        self.doubt: Doubt | None = None
        self.rule = ""  # a dictionary line that names itself in the trace

    def __getitem__(self, group: str | int) -> str:
        """The text of a group; "" when it took no part."""
        return self.match[group] or ""

    def before(self, size: int = 40) -> str:
        return self.draft.text[max(0, self.start - size) : self.start].lower()

    def after(self, size: int = 40) -> str:
        return self.draft.text[self.end : self.end + size].lower()


Say = Callable[[Hit], str | None]


class Rule:
    """A pattern and what is said for it. The group `x`, if there is one, is what it claims.

    `say` may decline with None. Lines without any character of `needs` are skipped at once.
    """

    def __init__(
        self,
        name: str,
        pattern: str,
        say: Say,
        *,
        needs: str = "0123456789",
        ignore_case: bool = True,
    ) -> None:
        flags = re.IGNORECASE if ignore_case else 0
        self.name, self.say, self._needs = name, say, frozenset(needs)
        self.pattern = re.compile(pattern, flags)
        self._group: str | int = "x" if "x" in self.pattern.groupindex else 0

    def apply(self, draft: Draft) -> None:
        """Claim every free match in the line."""
        if not self._needs or not self._needs.isdisjoint(draft.characters):
            self._scan(draft, 0, len(draft.text))

    def apply_in_gaps(self, draft: Draft) -> None:
        """Claim matches inside what nobody has claimed, cut at the borders of claims."""
        for start, end in list(draft.gaps()):
            self._scan(draft, start, end)

    def _scan(self, draft: Draft, at: int, stop: int) -> None:
        while found := self.pattern.search(draft.text, at, stop):
            start, end = found.span(self._group)
            at = found.start() + 1
            if start == end:
                continue
            if not draft.free(start, end):
                at = max(at, draft.next_free(start))
                continue
            hit = Hit(found, draft, (start, end))
            spoken = self.say(hit)
            if spoken is not None:
                draft.claim(start, end, spoken, hit.rule or self.name, hit.doubt)
                at = max(end, at)
