"""Alarms raised and closed by themselves: looked at every few seconds, one row for each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from broadcaster.domain.alarm import AHEAD, Alarm, Expected, Heard, Kind, Refused, alarms
from broadcaster.domain.delivery import LOUDSPEAKER, Delivery, State
from broadcaster.domain.people import Person, Right
from broadcaster.errors import Text
from broadcaster.services.context import Context
from broadcaster.store import alarms as store
from broadcaster.store import deliveries, events, stations
from broadcaster.store.alarms import Standing
from broadcaster.store.stations import Reported

_WAITING = {State.PLANNED, State.SENDING, State.ACCEPTED, State.UNKNOWN}
_LOOK_BACK = timedelta(days=35)
_INCIDENTS_FOR = timedelta(days=7)
_SETTLED = timedelta(seconds=30)
"""A sound that was planned a moment ago is on its way: it is too soon to call it missed."""


class Watch:
    """Remembers only since when something stands, so that what passes at once raises nothing."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._since: dict[tuple[Kind, str], datetime] = {}

    def look(self, now: datetime) -> bool:
        """Whether anything was raised or closed. Writes nothing when nothing has changed."""
        with self._context.database.read() as connection:
            wanted = self._settled(_wanted(connection, self._context, now), now)
            known = {(one.kind, one.subject) for one in self._open(connection)}
        if known == set(wanted):
            return False
        with self._context.database.write() as connection:
            for one in self._open(connection):
                if (one.kind, one.subject) not in wanted:
                    _close(connection, self._context, one, now)
            known = {(one.kind, one.subject) for one in self._open(connection)}
            for key, alarm in wanted.items():
                if key not in known:
                    _raise(connection, self._context, alarm, now)
        return True

    def _open(self, connection: Connection) -> list[Standing]:
        return store.open_ones(connection, self._context.commune_id)

    def _settled(self, found: Iterable[Alarm], now: datetime) -> dict[tuple[Kind, str], Alarm]:
        every = {(one.kind, one.subject): one for one in found}
        self._since = {key: self._since.get(key, now) for key in every}
        return {
            key: one
            for key, one in every.items()
            if one.kind != Kind.WILL_BE_MISSED or now >= self._since[key] + _SETTLED
        }


def _wanted(connection: Connection, context: Context, now: datetime) -> list[Alarm]:
    waiting = deliveries.find(
        connection,
        context.commune_id,
        states=_WAITING,
        after=now - _LOOK_BACK,
        before=now + AHEAD + timedelta(minutes=1),
    )
    seen = store.seen_subjects(connection, context.commune_id, Kind.INCIDENT)
    refused = [
        Refused(one["entry"], one["station"], Text(**one["text"]))
        for one in stations.incidents(connection, context.commune_id, now - _INCIDENTS_FOR)
        if one["entry"] not in seen
    ]
    heard = [_heard(one) for one in stations.every(connection, context.commune_id)]
    expected = [_expected(one) for one in waiting if one.channel == LOUDSPEAKER]
    return alarms(heard, expected, refused, now)


def _expected(one: Delivery) -> Expected:
    # Unknown: it was handed over, and its time has passed.
    held = one.state in {State.ACCEPTED, State.UNKNOWN}
    return Expected(one.uid, one.id, one.target, one.due_at, held)


def _heard(one: Reported) -> Heard:
    status = one.status
    return Heard(
        key=one.key,
        seen_at=one.seen_at,
        playing=status.get("playing", ""),
        clock_offset_ms=status.get("clock_offset_ms"),
        output_trouble=status.get("trouble", ""),
        muted=bool(status.get("muted")),
    )


_OVER = {
    Kind.NO_PROOF: Text("Đã có kết quả của lượt phát.", "The outcome of the delivery is known."),
    Kind.WILL_BE_MISSED: Text(
        "Không còn gì cản, hoặc đã đến giờ.", "Nothing stands in the way, or its time has come."
    ),
    Kind.SILENT: Text(
        "Trạm đã liên lạc lại, hoặc không còn lượt nào.", "It is back, or nothing is planned on it."
    ),
    Kind.CLOCK: Text("Đồng hồ đã đúng, hoặc trạm im.", "The clock is right, or it is silent."),
    Kind.OUTPUT: Text("Loa đã dùng được, hoặc trạm im.", "The output works, or it is silent."),
    Kind.INCIDENT: Text("Đã có người xem, hoặc quá 7 ngày.", "Somebody saw to it, or it is old."),
}


def _close(connection: Connection, context: Context, one: Standing, now: datetime) -> None:
    cause = _OVER[one.kind]
    store.close(connection, one.id, cause, now)
    events.note(
        connection, context.commune_id, "alarm", "alarm.closed", f"alarm {one.id}", now,
        kind=one.kind.value, cause=cause.vi,
    )  # fmt: skip


def _raise(connection: Connection, context: Context, one: Alarm, now: datetime) -> None:
    number = store.raise_new(connection, context.commune_id, one, now)
    events.note(
        connection, context.commune_id, "alarm", "alarm.raised", f"alarm {number}", now,
        kind=one.kind.value, station=one.station, text=one.text.vi,
    )  # fmt: skip


def standing(context: Context, now: datetime, days: int = 0) -> list[Standing]:
    """Open alarms, and those closed within the last `days`; newest first."""
    with context.database.read() as connection:
        return store.since(connection, context.commune_id, now - timedelta(days=days))


def ack(context: Context, person: Person, alarm_id: int, now: datetime) -> Standing:
    """Somebody has seen it. It stays open until what raised it is over; an incident then is."""
    if not person.may(Right.APPROVE):
        person.must_have(Right.SETTLE)
    with context.database.write() as connection:
        store.by_id(connection, context.commune_id, alarm_id)
        store.ack(connection, alarm_id, person.name, now)
        events.note(
            connection, context.commune_id, person.name, "alarm.seen", f"alarm {alarm_id}", now
        )
        return store.by_id(connection, context.commune_id, alarm_id)
