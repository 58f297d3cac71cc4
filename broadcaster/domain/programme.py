"""A slot and the programme that one day makes of it: which item when, and which cues each plays.

The first item carries chime and opening, the last one the closing; every item stays a delivery of
its own, with its own proof. What a station has been given keeps its time: later items come after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.domain.airtime import whole_second
from broadcaster.errors import Text

LEAD_IN, ITEM, CLOSING = "lead_in", "item", "closing"
HEAD = frozenset({"chime", "opening"})


@dataclass(frozen=True, slots=True)
class Slot:
    """Local times of a day; empty `targets`: every loudspeaker. Unchangeable: another is added."""

    id: int
    commune_id: int
    key: str
    start: time
    end: time
    targets: tuple[str, ...]
    author: str
    created_at: datetime
    removed_at: datetime | None = None

    def holds(self, target: str) -> bool:
        return not self.targets or target in self.targets

    def closes(self, opens: datetime, zone: str) -> datetime:
        """When the slot that opens then is over; `opens` may be staggered."""
        local = opens.astimezone(ZoneInfo(zone))
        length = datetime.combine(local, self.end) - datetime.combine(local, self.start)
        return opens + length

    def __str__(self) -> str:
        return f"{self.key} ({self.start:%H:%M}–{self.end:%H:%M})"


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long the stretches of one rendition sound. Without cues all of it is the item."""

    lead_in: timedelta
    head: timedelta
    item: timedelta
    closing: timedelta

    def lasts(self, *, first: bool, last: bool) -> timedelta:
        whole = self.lead_in + self.item
        return whole + self.head * first + self.closing * last


def lengths(content: Mapping[str, Any], duration_ms: int) -> Lengths:
    """Of a loudspeaker's rendition."""
    found = {LEAD_IN: 0, "head": 0, ITEM: 0, CLOSING: 0}
    for cue in content.get("cues", ()):
        found["head" if cue["kind"] in HEAD else cue["kind"]] += cue["duration_ms"]
    if not found[ITEM]:
        found = {LEAD_IN: 0, "head": 0, ITEM: duration_ms, CLOSING: 0}
    return Lengths(*(timedelta(milliseconds=ms) for ms in found.values()))


@dataclass(frozen=True, slots=True)
class Place:
    """One item of a programme; `key` is whatever the caller knows it by."""

    key: int
    begins: datetime
    lengths: Lengths


@dataclass(frozen=True, slots=True)
class Part:
    """What an item plays of its rendition."""

    first: bool
    last: bool
    lasts: timedelta


@dataclass
class Programme:
    """What one slot holds on one station on one day, by time."""

    opens: datetime
    closes: datetime
    gap: timedelta
    places: list[Place] = field(default_factory=list)

    def room(self, wanted: Lengths) -> datetime | None:
        """When one more item would begin, after all others; None when it does not fit."""
        begins = self._free()
        ends = begins + wanted.lasts(first=not self.places, last=True)
        return begins if ends <= self.closes else None

    def left(self) -> timedelta:
        return max(self.closes - self._free(), timedelta())

    def add(self, place: Place) -> None:
        self.places.append(place)
        self.places.sort(key=lambda one: one.begins)

    def parts(self) -> dict[int, Part]:
        """What each item plays, by key.

        The first one opens the programme, also when that is another than was planned first: as
        far as the opening does not run into the next item.
        """
        found = {}
        for n, place in enumerate(self.places):
            last = n == len(self.places) - 1
            until = self.closes if last else self.places[n + 1].begins - self.gap
            opened = place.lengths.lasts(first=True, last=last)
            first = n == 0 and place.begins + opened <= until
            found[place.key] = Part(first, last, place.lengths.lasts(first=first, last=last))
        return found

    def _free(self) -> datetime:
        """The first second after everything that is there but the closing, which moves on."""
        if not self.places:
            return self.opens
        parts = self.parts()
        ends = [
            place.begins + place.lengths.lasts(first=parts[place.key].first, last=False)
            for place in self.places
        ]
        return whole_second(max(ends) + self.gap)


def kinds(part: Part | None, *, urgent: bool) -> frozenset[str] | None:
    """The cues that are played; None for the whole programme. An emergency skips the music."""
    if urgent:
        return frozenset({LEAD_IN, ITEM})
    if part is None:
        return None
    head = HEAD if part.first else frozenset[str]()
    return frozenset({LEAD_IN, ITEM}) | head | ({CLOSING} if part.last else frozenset[str]())


def no_room(slot: Slot, programme: Programme, wanted: Lengths, local: datetime) -> Text:
    """Why an item does not fit into the slot of that day; `local`: when the slot opens."""
    left = _clock(programme.left())
    needs = _clock(wanted.lasts(first=not programme.places, last=True))
    return Text(
        f"Khung giờ {slot} ngày {local:%d/%m/%Y} còn {left}, tin này cần {needs}.",
        f"Slot {slot} has {left} left on {local:%d/%m/%Y}, this item needs {needs}.",
    )


def _clock(length: timedelta) -> str:
    minutes, seconds = divmod(-(-length // timedelta(seconds=1)), 60)
    return f"{minutes}:{seconds:02d}"


def in_order(slots: Sequence[Slot]) -> list[Slot]:
    return sorted(slots, key=lambda slot: (slot.start, slot.end, slot.key))
