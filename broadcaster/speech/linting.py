"""The editor's help: what to look at before a broadcast, each remark named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from broadcaster.speech.model import Finding


@dataclass(frozen=True, slots=True)
class Expectations:
    """What the place of broadcast asks of a text; None asks nothing."""

    template: str = ""  # "meeting", "outage", "health" ...: what must be named
    loudspeaker: bool = True
    slot_seconds: float | None = None


def lint(text: str, today: date, expect: Expectations | None = None) -> tuple[Finding, ...]:
    """See `broadcaster.speech.lint`."""
    del text, today, expect
    return ()
