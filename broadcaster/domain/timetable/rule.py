"""A rule of the timetable, and the instants that come of it.

Expansion runs on naive local time and attaches the zone afterwards, so a wall-clock hour stays that
hour. An hour that a clock change skips or repeats is read as RFC 5545 §3.3.5 says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import islice
from zoneinfo import ZoneInfo

from broadcaster.domain.policy import ZONE
from broadcaster.domain.timetable import holidays, recurrence
from broadcaster.domain.timetable.expansion import EARLIEST, LATEST, local_times
from broadcaster.domain.timetable.holidays import Holidays
from broadcaster.domain.timetable.moments import to_instant

HORIZON = timedelta(days=366 * 2)
"""Nobody plans further ahead; a date beyond it is a slip of the finger."""
_MARGIN = timedelta(days=2)
"""More than any zone is away from UTC, and than any clock change skips (Samoa: a day)."""
_parse = lru_cache(maxsize=4096)(recurrence.parse)


@dataclass(frozen=True, slots=True)
class Rule:
    """One hour of the day, or several, on some days. `rrule` is RFC 5545 text, empty for "once".

    `dtstart` is naive local time in `zone`. `added` and `skipped` are times, naive local or aware
    UTC; a date in `skipped` is that whole day. `avoids` names holidays out of `days_off`.
    With `slot_id` the time of day is the slot's, and planning finds the minute in it.
    """

    rrule: str
    dtstart: datetime
    zone: str = ZONE
    added: tuple[datetime, ...] = ()
    skipped: tuple[date, ...] = ()
    avoids: tuple[str, ...] = ()
    days_off: Holidays = field(default=holidays.NONE, compare=False, repr=False)
    slot_id: int | None = None

    def occurrences(self, after: datetime, before: datetime) -> Iterator[datetime]:
        """Instants (aware UTC) with after <= instant < before, in order, each once.

        What is skipped wins over what is added, and what is added over a holiday.
        """
        zone = ZoneInfo(self.zone)
        gone = {to_instant(one, zone) for one in self.skipped if isinstance(one, datetime)}
        days = {one for one in self.skipped if not isinstance(one, datetime)}
        last = None
        for instant in self._in_order(after, before, zone):
            if instant == last or not after <= instant < before or instant in gone:
                continue
            if not days or instant.astimezone(zone).date() not in days:
                last = instant
                yield instant

    def _in_order(self, after: datetime, before: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """02:30 in a skipped hour is later than the 03:00 that follows it: wait before yielding."""
        waiting = [to_instant(one, zone) for one in self.added]
        heapify(waiting)
        for local in self._locals(_wall(after, zone, -_MARGIN), _wall(before, zone, _MARGIN), zone):
            if self.days_off.skips(local.date(), self.avoids):
                continue
            instant = to_instant(local, zone)
            heappush(waiting, instant)
            while waiting[0] < instant - _MARGIN:
                yield heappop(waiting)
        while waiting:
            yield heappop(waiting)

    def _locals(self, low: datetime, high: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        if not self.rrule:
            return iter([self.dtstart])
        return local_times(_parse(self.rrule), self.dtstart, zone, low, high)

    def first(self, count: int, now: datetime) -> list[datetime]:
        """The next `count` instants from `now` on, looking two years ahead."""
        return list(islice(self.occurrences(now, now + HORIZON), count))

    def last(self, now: datetime) -> datetime | None:
        """The last instant, or None for a rule that has none within two years."""
        instants = list(self.occurrences(now, now + HORIZON))
        return instants[-1] if instants else None

    @property
    def endless(self) -> bool:
        """Whether nothing in the rule ends it."""
        parsed = _parse(self.rrule) if self.rrule else None
        return parsed is not None and parsed.count is None and parsed.until is None


def _wall(moment: datetime, zone: ZoneInfo, shift: timedelta) -> datetime:
    """The wall clock `shift` away from an instant, within what a calendar can hold."""
    naive = moment.astimezone(UTC).replace(tzinfo=None)
    if not EARLIEST + 2 * _MARGIN < naive < LATEST - 2 * _MARGIN:
        return EARLIEST if naive < EARLIEST + 2 * _MARGIN else LATEST
    return moment.astimezone(zone).replace(tzinfo=None) + shift
