"""What sounds on the commune's loudspeakers: the rows that there are, and what rules will add."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from broadcaster.domain.airtime import LONGEST, WEEK, Airtime, Sound, whole_second
from broadcaster.domain.breaches import Breach
from broadcaster.domain.delivery import State
from broadcaster.domain.policy import Limit
from broadcaster.domain.programme import Lengths, Part, Place, Programme, Slot, lengths
from broadcaster.domain.waiver import Waiver, waived
from broadcaster.services.context import Context
from broadcaster.services.timetable import calendar
from broadcaster.services.timetable.calendar import to_rule
from broadcaster.store import announcements, approvals, deliveries, publicity, slots, waivers
from broadcaster.store import subjects as store
from broadcaster.store.subjects import Subject

SILENT = frozenset({State.CANCELLED, State.FAILED, State.MISSED})
"""What ended like this was not heard, and takes nobody's place."""
_SPEECH_PER_CHARACTER = timedelta(milliseconds=75)
_NOTHING = timedelta()
_NO_LIMIT: frozenset[Limit] = frozenset()
_RANKS = {"emergency": 0, "priority": 1, "normal": 2}
_COUNTED = 0
"""In the place of an approval: the sound is on the board already."""


def rank(priority: str) -> int:
    """Which class comes first where several want the same place."""
    return _RANKS[priority]


def subjects(
    connection: Connection, context: Context, ids: Collection[int], now: datetime
) -> Iterator[Subject]:
    """Announcements with all that says when and how they sound, approved as at `now`."""
    for one in store.load(connection, ids, now):
        yield replace(one, rules=calendar.knowing(connection, context, one.rules))


def stretches(subject: Subject, target: str) -> Lengths:
    """How long it sounds there; guessed from the text before it has been rendered."""
    if target in subject.lengths:
        return subject.lengths[target]
    spoken = _SPEECH_PER_CHARACTER * len(subject.revision.text_for(target))
    return Lengths(_NOTHING, timedelta(seconds=20), spoken, _NOTHING)


def sound(context: Context, subject: Subject, target: str, begins: datetime) -> Sound:
    """A whole programme at that time."""
    owner = subject.announcement
    return Sound(
        begins,
        stretches(subject, target).lasts(first=True, last=True),
        owner.id,
        owner.number,
        owner.priority,
        allowed(context, subject.waivers, begins, mandatory=subject.mandatory),
    )


def allowed(
    context: Context, given: Sequence[Waiver], begins: datetime, *, mandatory: bool = False
) -> frozenset[Limit]:
    """Which limits do not bind a sound: by exceptions of that day, or by the law."""
    found = waived(given, context.policy.local(begins).date()) if given else _NO_LIMIT
    return found | {Limit.REPEATS} if mandatory else found


@dataclass
class Board:
    """The stations' sounds, and the programmes that slots make of some of them.

    `rows`: the approvals under which (announcement, target, slot, occurrence) has a row.
    """

    context: Context
    slots: dict[int, Slot]
    stations: dict[str, Airtime]
    rows: dict[tuple[int, str, int | None, datetime], set[int]] = field(default_factory=dict)
    _programmes: dict[tuple[str, int, datetime], Programme] = field(default_factory=dict)
    _heard: dict[int, Sound] = field(default_factory=dict)

    def programme(self, target: str, slot_id: int, occurs: datetime) -> Programme:
        """That of one slot on one day; empty before anything is in it."""
        found = self._programmes.get((target, slot_id, occurs))
        if found is None:
            opens = occurs + self.context.offset(target)
            closes = self.slots[slot_id].closes(opens, self.context.policy.zone)
            found = Programme(opens, closes, self.context.policy.gap)
            self._programmes[target, slot_id, occurs] = found
        return found

    def room(
        self, subject: Subject, target: str, slot_id: int, occurs: datetime
    ) -> tuple[Sound, Lengths] | None:
        """Where an item has its place in a slot, beside what is in it and around it."""
        wanted = stretches(subject, target)
        programme = self.programme(target, slot_id, occurs)
        begins = programme.room(wanted)
        while begins is not None:
            lasts = wanted.lasts(first=not programme.places, last=True)
            found = replace(sound(self.context, subject, target, begins), length=lasts)
            with self._beside(target, programme) as station:
                other = station.clash(found)
            if other is None:
                return found, wanted
            begins = whole_second(other.ends + programme.gap)
            begins = begins if begins + lasts <= programme.closes else None
        return None

    def take(
        self, target: str, slot_id: int, occurs: datetime, found: Sound, wanted: Lengths
    ) -> None:
        """Give it that place: the one before it hands the closing on."""
        programme = self.programme(target, slot_id, occurs)
        key = -len(self._heard) - 1  # it has no row yet
        self._heard[key] = found
        before = [place.key for place in programme.places]
        programme.add(Place(key, found.begins, wanted))
        for one in before:
            self.stations[target].discard(self._heard[one])
        self.sounding(target, programme)

    def parts(self) -> dict[int, Part]:
        """What each item of a slot plays of its rendition, by the id of its row."""
        return {
            key: part
            for programme in self._programmes.values()
            for key, part in programme.parts().items()
        }

    def put(self, row: Row[Any], heard: Sound, content: Any) -> None:
        """A row of a slot; its programme sounds once all of it is there."""
        programme = self.programme(row.target, row.slot_id, row.occurs_at)
        self._heard[row.id] = heard
        programme.add(Place(row.id, row.due_at, lengths(content, row.duration_ms)))

    def sounding(self, target: str, programme: Programme) -> None:
        for key, part in programme.parts().items():
            self._heard[key] = replace(self._heard[key], length=part.lasts)
            self.stations[target].add(self._heard[key])

    def finish(self) -> None:
        for (target, _, _), programme in self._programmes.items():
            self.sounding(target, programme)

    def breach(self, target: str, slot_id: int, occurs: datetime, found: Sound) -> Breach | None:
        """Why an item may not be at the place that `room` found, or None."""
        with self._beside(target, self.programme(target, slot_id, occurs)) as station:
            return next(station.breaches(found), None)

    @contextmanager
    def _beside(self, target: str, programme: Programme) -> Iterator[Airtime]:
        """The station without the closing that the last item of the programme would hand on."""
        station = self.stations[target]
        if not programme.places:
            yield station
            return
        last = programme.places[-1]
        whole = self._heard[last.key]
        shorter = replace(whole, length=whole.length - last.lengths.closing)
        station.discard(whole)
        station.add(shorter)
        try:
            yield station
        finally:
            station.discard(shorter)
            station.add(whole)


def planned(
    connection: Connection,
    context: Context,
    targets: Collection[str],
    after: datetime,
    before: datetime,
    without: Collection[int] = (),
) -> Board:
    """The stations as the rows have them, from a week before for the repeats.

    What has been called back takes nobody's place, nor what is to come of rules `without`, which
    are about to go.
    """
    stations = {target: Airtime(context.policy_at(target), target) for target in sorted(targets)}
    board = Board(context, slots.known(connection, context.commune_id), stations)
    heard = _heard(connection, context)
    rows = deliveries.sounding(
        connection, context.commune_id, targets, after - WEEK - LONGEST, before + WEEK
    )
    in_slots = {row.rendition_id for row in rows if row.slot_id is not None}
    contents = announcements.contents(connection, in_slots) if in_slots else {}
    for row in rows:
        occurrence = row.occurs_at or row.due_at
        under = board.rows.setdefault(
            (row.announcement_id, row.target, row.slot_id, occurrence), set()
        )
        under.add(row.approval_id)
        going = row.rule_id in without and row.due_at > after
        if row.state in SILENT or row.cancel_asked_at is not None or going:
            continue
        under.add(_COUNTED)
        if row.slot_id is None:
            stations[row.target].add(heard(row))
        else:
            board.put(row, heard(row), contents[row.rendition_id])
    board.finish()
    return board


def _heard(connection: Connection, context: Context) -> Callable[[Row[Any]], Sound]:
    """What makes a sound of a row: whole, and with the limits that do not bind it."""
    excepted = waivers.of_commune(connection, context.commune_id)
    mandatory = {one.announcement_id for one in publicity.every(connection, context.commune_id)}

    def heard(row: Row[Any]) -> Sound:
        owner = row.announcement_id
        free = allowed(context, excepted.get(owner, ()), row.due_at, mandatory=owner in mandatory)
        lasts = timedelta(milliseconds=row.duration_ms)
        return Sound(row.due_at, lasts, owner, row.number, row.priority, free)

    return heard


def parts(
    connection: Connection, context: Context, target: str, first: datetime, last: datetime
) -> dict[int, Part]:
    """What each delivery of a slot plays of its rendition, by the delivery's id."""
    return planned(connection, context, [target], first, last).parts()


def with_rules(
    connection: Connection,
    context: Context,
    targets: Collection[str],
    now: datetime,
    until: datetime,
    without: Collection[int] = (),
) -> Board:
    """The same with what the timetable will add, approved or not: it holds its place.

    Rules `without` are about to go, and add nothing.
    """
    board = planned(connection, context, targets, now, until, without)
    owners = approvals.scheduled(connection, context.commune_id, now)
    waiting = []
    for subject in subjects(connection, context, owners, now):
        for target, slot_id, occurs in _ahead(subject, targets, now, until, without):
            if not _is_there(board, subject, target, slot_id, occurs):
                waiting.append((subject, target, slot_id, occurs))
    # Items with a minute of their own stand fast; slots go around them.
    for subject, target, slot_id, occurs in sorted(waiting, key=_turn):
        if slot_id is None:
            begins = occurs + context.offset(target)
            board.stations[target].add(sound(context, subject, target, begins))
        elif room := board.room(subject, target, slot_id, occurs):
            board.take(target, slot_id, occurs, *room)
    return board


_Waiting = tuple[Subject, str, int | None, datetime]


def _turn(one: _Waiting) -> tuple[bool, datetime, int, int]:
    subject, _, slot_id, occurs = one
    owner = subject.announcement
    return slot_id is not None, occurs, rank(owner.priority), owner.id


def _is_there(
    board: Board, subject: Subject, target: str, slot_id: int | None, occurs: datetime
) -> bool:
    """Whether it has a row that counts, or one that this very approval has ended with."""
    granted = subject.approval.id if subject.approval else _COUNTED
    under = board.rows.get((subject.announcement.id, target, slot_id, occurs), set())
    return bool(under & {_COUNTED, granted})


def _ahead(
    subject: Subject,
    targets: Collection[str],
    now: datetime,
    until: datetime,
    without: Collection[int],
) -> Iterator[tuple[str, int | None, datetime]]:
    for rule in subject.rules:
        shared = sorted(set(rule.targets) & set(targets)) if rule.id not in without else []
        for occurs in to_rule(rule).occurrences(now, until) if shared else ():
            for target in shared:
                yield target, rule.slot_id, occurs
