"""Mandatory publicity: aired on consecutive days in every village, and confirmed by each.

Law on grassroots democracy 10/2022/QH15, Articles 11 and 13: at least three consecutive days on the
commune's broadcasting system, and sent to the village heads, who pass it on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

CONSECUTIVE_DAYS = 3
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Publicity:
    """What an announcement has to reach. Days are local."""

    announcement_id: int
    legal_basis: str
    starts_on: date
    days: int
    villages: tuple[str, ...]
    person: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A village's word that it has passed the announcement on."""

    village: str
    person: str
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one village is. `run` counts the days in a row that still stand.

    `completed_on` is the last day of the first run that was long enough; None while open.
    `missed` are the days that broke a run.
    """

    run: int
    completed_on: date | None
    missed: tuple[date, ...]

    @property
    def aired(self) -> bool:
        return self.completed_on is not None


def progress(days: Collection[date], starts_on: date, needed: int, today: date) -> Progress:
    """From the days on which a village was reached. Today may still come; yesterday may not."""
    run, day = 0, starts_on
    missed: list[date] = []
    while day <= today:
        if day in days:
            run += 1
            if run == needed:
                return Progress(run, day, tuple(missed))
        elif day < today:
            if run:
                missed.append(day)
            run = 0
        day += _DAY
    return Progress(run, None, tuple(missed))


def reached(aired: Mapping[str, Collection[date]], stations: Sequence[str]) -> frozenset[date]:
    """The days on which every station of a village has proof; `aired`: days by station.

    One cluster that was silent means that a part of the village has not heard it.
    """
    if not stations:
        return frozenset()
    first, *others = (frozenset(aired.get(station, ())) for station in stations)
    return first.intersection(*others)
