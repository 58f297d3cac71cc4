"""The three calls of an engine: wake, cancel, health.

It carries nothing but "look at delivery N of commune C". It may repeat that, come late with it, or
forget it: every step of a delivery is compare-and-set, and the sweep wakes again what is still due.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

Lane = tuple[int, str, str]
"""Commune, target and class: a few at a time go there. A dead outlet holds up no other lane."""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody shall look at that delivery at `at` (aware UTC). `priority`: its class."""

    commune_id: int
    delivery_id: int
    target: str
    priority: str
    at: datetime
    pulled: bool = False

    @property
    def lane(self) -> Lane:
        """What stations have or have not done needs no far side: that is one lane a commune."""
        if self.pulled:
            return self.commune_id, "", ""
        return self.commune_id, self.target, self.priority


Handle = Callable[[int, int], bool]
"""Looks at a delivery (commune id, delivery id): whether anything changed. It never raises."""


@dataclass(frozen=True, slots=True)
class Health:
    """`waiting` and `in_hand`: deliveries handed over. `said`: what is wrong, empty when well."""

    waiting: int
    in_hand: int
    said: str = ""


class Engine(Protocol):
    @property
    def ahead(self) -> timedelta:
        """How long before its time it wants to be told of a delivery."""
        ...

    def wake(self, looks: Sequence[Look]) -> None:
        """Have each looked at, by class and not before its time. What waits already waits once."""
        ...

    def cancel(self, delivery_id: int) -> None:
        """Nobody need look; what is in hand already goes on."""
        ...

    def health(self) -> Health:
        """Asked by people and by monitoring; raises nothing."""
        ...
