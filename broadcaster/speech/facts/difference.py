"""Where two versions of one announcement do not say the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """What stands in the one version (with its span) and what in the other; one may be empty.

    `kind`: "date", "time", "money", "phone", "document", "weekday", "part", "place" or "number".
    """

    kind: str
    written: str
    other: str
    span: tuple[int, int] = (0, 0)
