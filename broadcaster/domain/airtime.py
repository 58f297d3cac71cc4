"""What sounds on one station, and whether one more may: every limit of the policy, in one place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from broadcaster.domain import breaches
from broadcaster.domain.announcement import Priority
from broadcaster.domain.breaches import Breach
from broadcaster.domain.policy import Limit, Policy

LONGEST = timedelta(hours=2)
"""No programme sounds longer than that."""
WEEK = timedelta(days=7)
_DAYS_SEARCHED = 14
_SHIFTS_TRIED = 20


@dataclass(frozen=True, slots=True)
class Sound:
    """One item on the air. `item` is its announcement's id, `number` what people call it by."""

    begins: datetime
    length: timedelta
    item: int
    number: int
    priority: str = Priority.NORMAL
    waived: frozenset[Limit] = frozenset()

    @property
    def ends(self) -> datetime:
        return self.begins + self.length


def yields(sounding: str, to: str) -> bool:
    """Whether what is to sound gives way by itself: stations cut it short for an emergency."""
    return to == Priority.EMERGENCY != sounding


class Airtime:
    """The sounds of one station under one policy, kept in order of time."""

    def __init__(self, policy: Policy, station: str, sounds: Iterable[Sound] = ()) -> None:
        self.policy, self.station = policy, station
        self._zone = ZoneInfo(policy.zone)
        self._sounds: list[Sound] = []
        self._starts: list[datetime] = []  # of the sounds, to be searched quickly
        self._days: dict[date, list[Sound]] = {}
        self._items: dict[int, list[datetime]] = {}
        for sound in sounds:
            self.add(sound)

    def add(self, sound: Sound) -> None:
        place = bisect_right(self._starts, sound.begins)
        self._starts.insert(place, sound.begins)
        self._sounds.insert(place, sound)
        if sound.priority != Priority.EMERGENCY:  # what must be said now takes nobody's minutes
            insort(self._days.setdefault(self._day(sound), []), sound, key=_begins)
            insort(self._items.setdefault(sound.item, []), sound.begins)

    def discard(self, sound: Sound) -> None:
        """Take back what was added: it will not sound, or not like this."""
        place = self._sounds.index(sound)
        del self._sounds[place], self._starts[place]
        if sound.priority != Priority.EMERGENCY:
            self._days[self._day(sound)].remove(sound)
            self._items[sound.item].remove(sound.begins)

    def breaches(self, new: Sound) -> Iterator[Breach]:
        """Why `new` may not sound, the strongest reason first; nothing when it may."""
        policy, local = self.policy, new.begins.astimezone(self._zone)
        routine = new.priority != Priority.EMERGENCY
        quiet = policy.quiet_hours
        if routine and quiet and quiet.touched_by(local, new.length):
            yield breaches.quiet(policy, local)
        if other := self.clash(new):
            yield breaches.overlap(policy, self.station, other, new)
        for breach in self._waivable(new, local) if routine else ():
            if breach.limit not in new.waived:
                yield breach

    def clash(self, new: Sound) -> Sound | None:
        """What else sounds there at that time, or so close that they would run together."""
        gap = self.policy.gap
        first = bisect_left(self._starts, new.begins - LONGEST)
        last = bisect_left(self._starts, new.ends + gap)
        earliest = new.begins - gap
        for other in self._sounds[first:last]:
            if other.begins + other.length > earliest and not yields(other.priority, new.priority):
                return other
        return None

    @property
    def sounds(self) -> Sequence[Sound]:
        """Everything that sounds there, by time."""
        return self._sounds

    def copy(self) -> Airtime:
        return Airtime(self.policy, self.station, self._sounds)

    def first_free(self, wanted: Sound, now: datetime) -> datetime | None:
        """The free time nearest to the one that is wanted, that one included, from `now` on."""
        for begins in [wanted.begins, *self.candidates(wanted, now)]:
            if next(self.breaches(replace(wanted, begins=begins)), None) is None:
                return begins
        return None

    def candidates(self, wanted: Sound, now: datetime) -> list[datetime]:
        """Times at which an item may best begin, the nearest to the wanted one first."""
        day = self._day(wanted)
        days = [day + timedelta(days=n) for n in range(-_DAYS_SEARCHED, _DAYS_SEARCHED + 1)]
        found = {begins for one in days for begins in self._points(wanted, one) if begins >= now}
        return sorted(found, key=lambda at: (abs(at - wanted.begins), at < wanted.begins))

    def _points(self, wanted: Sound, day: date) -> Iterator[datetime]:
        """Where on a day an item may best begin: when it opens, as wanted, beside what is there."""
        policy, clock = self.policy, wanted.begins.astimezone(self._zone).time()
        opens = [window.start for window in policy.windows]
        opens += [policy.quiet_hours.end] if policy.quiet_hours else []
        opens += [policy.earliest] if policy.earliest else []
        for at in {clock, *opens}:
            yield datetime.combine(day, at, self._zone).astimezone(wanted.begins.tzinfo)
        for window in policy.windows:
            closes = datetime.combine(day, window.end, self._zone).astimezone(wanted.begins.tzinfo)
            yield (closes - wanted.length).replace(second=0, microsecond=0)
        for other in self._days.get(day, []):
            yield whole_second(other.ends + policy.gap)
            yield (other.begins - policy.gap - wanted.length).replace(microsecond=0)

    def _waivable(self, new: Sound, local: datetime) -> Iterator[Breach]:
        policy = self.policy
        if policy.earliest and local.time() < policy.earliest:
            yield breaches.earliest(policy, local)
        if policy.windows and not any(w.holds(local, new.length) for w in policy.windows):
            yield breaches.window(policy, local, new.length)
        if policy.weekdays and local.weekday() not in policy.weekdays:
            yield breaches.weekday(policy, local)
        if policy.sessions_a_day or policy.session_length or policy.day_length:
            yield from self._of_day(new, local)
        if policy.repeats_in_7_days:
            times = sorted([*self._items.get(new.item, ()), new.begins])
            if self._most_in_a_week(times, new.begins) > policy.repeats_in_7_days:
                yield breaches.repeats(policy, self.station, local)

    def _of_day(self, new: Sound, local: datetime) -> Iterator[Breach]:
        policy = self.policy
        before = self._days.get(local.date(), [])
        after = sorted([*before, new], key=_begins)
        sessions = list(self._sessions(after))
        most = max(policy.sessions_a_day or len(sessions), len(list(self._sessions(before))))
        if len(sessions) > most:
            yield breaches.sessions(policy, self.station, local)
        if policy.session_length:
            (mine,) = [session for session in sessions if any(s is new for s in session)]
            if _total(mine) > policy.session_length:
                yield breaches.session_length(policy, self.station, local, _total(mine))
        if policy.day_length and _total(after) > policy.day_length:
            yield breaches.day_length(policy, self.station, local, _total(after))

    def _sessions(self, day: Sequence[Sound]) -> Iterator[list[Sound]]:
        """Sounds with less silence between them than parts two sessions."""
        session: list[Sound] = []
        for sound in day:
            ends = max((one.ends for one in session), default=sound.begins)
            if session and sound.begins - ends >= self.policy.session_break:
                yield session
                session = []
            session.append(sound)
        if session:
            yield session

    def _most_in_a_week(self, times: Sequence[datetime], new: datetime) -> int:
        """The most repeats in any seven days on end that hold `new`."""
        first = bisect_left(times, new - WEEK + timedelta.resolution)
        last = bisect_left(times, new + timedelta.resolution)
        return max(bisect_left(times, times[n] + WEEK) - n for n in range(first, last))

    def _day(self, sound: Sound) -> date:
        return sound.begins.astimezone(self._zone).date()


@dataclass(frozen=True, slots=True)
class Wish:
    """The dates of a rule on one station; those of several stations stand in the same order."""

    airtime: Airtime
    sounds: Sequence[Sound]

    def may(self, n: int, shift: timedelta) -> bool:
        moved = replace(self.sounds[n], begins=self.sounds[n].begins + shift)
        return next(self.airtime.breaches(moved), None) is None

    def all_may(self, shift: timedelta, now: datetime) -> bool:
        trial = Wish(self.airtime.copy(), self.sounds)
        for n, sound in enumerate(self.sounds):
            if sound.begins + shift < now or not trial.may(n, shift):
                return False
            trial.airtime.add(replace(sound, begins=sound.begins + shift))
        return True


@dataclass(frozen=True, slots=True)
class Refusal:
    """What may not be, why, and the nearest time at which it might."""

    sound: Sound
    breach: Breach
    free: datetime | None


def refusal(wishes: Sequence[Wish], now: datetime) -> Refusal | None:
    """The first breach among the wishes; None when all may be."""
    for place, wish in enumerate(wishes):
        trial = Wish(wish.airtime.copy(), wish.sounds)
        for n, sound in enumerate(wish.sounds):
            for breach in trial.airtime.breaches(sound):
                trials = [*wishes[:place], trial, *wishes[place + 1 :]]
                return Refusal(sound, breach, _nearest(wishes, trials, place, n, now))
            trial.airtime.add(sound)
    return None


def _nearest(
    wishes: Sequence[Wish], trials: Sequence[Wish], place: int, n: int, now: datetime
) -> datetime | None:
    """Free on every station; if there is one, an hour at which all dates of the rule are free."""
    wanted = trials[place].sounds[n]
    free = [
        begins
        for begins in trials[place].airtime.candidates(wanted, now)
        if all(trial.may(n, begins - wanted.begins) for trial in trials)
    ]
    for begins in free[:_SHIFTS_TRIED] if len(wishes[place].sounds) > 1 else ():
        if all(wish.all_may(begins - wanted.begins, now) for wish in wishes):
            return begins
    return free[0] if free else None


def whole_second(moment: datetime) -> datetime:
    """The first whole second from `moment` on: what people can write down."""
    floor = moment.replace(microsecond=0)
    return floor if floor == moment else floor + timedelta(seconds=1)


def _begins(sound: Sound) -> datetime:
    return sound.begins


def _total(sounds: Iterable[Sound]) -> timedelta:
    return sum((sound.length for sound in sounds), timedelta())
