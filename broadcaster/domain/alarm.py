"""What somebody must be told about the stations: pure, from what they said and what is planned.

Missing proof is what counts, not a missing heartbeat: a station without a line plays, too, and one
that answers may be mute. So every planned sound is asked for by itself, before and after its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from broadcaster.errors import Text

PROOF_AFTER = timedelta(minutes=5)
"""Planned 06:00, nothing heard of at 06:05: that is an alarm."""

AHEAD = timedelta(hours=1)
"""So long before its time somebody is told that a sound will be missed."""

SILENT_AFTER = timedelta(minutes=5)
PLAYING_FRESH = timedelta(minutes=3)
TROUBLE_FRESH = timedelta(minutes=10)
CLOCK_LIMIT_MS = 60_000
"""Beyond it a station plays nothing routine: see station.playout.OFFSET_LIMIT."""


class Kind(StrEnum):
    NO_PROOF = "no_proof"
    WILL_BE_MISSED = "will_be_missed"
    SILENT = "silent"
    CLOCK = "clock"
    OUTPUT = "output"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True)
class Alarm:
    """`subject` with `kind` says which one it is; a delivery's uid, a station or an incident."""

    kind: Kind
    subject: str
    station: str
    text: Text


@dataclass(frozen=True, slots=True)
class Heard:
    """A station as it last told of itself; `seen_at` None: never."""

    key: str
    seen_at: datetime | None
    playing: str = ""
    clock_offset_ms: int | None = None
    output_trouble: str = ""
    muted: bool = False

    def silent(self, now: datetime) -> bool:
        return self.seen_at is None or now >= self.seen_at + SILENT_AFTER

    def plays(self, uid: str, now: datetime) -> bool:
        return (
            self.playing == uid and self.seen_at is not None and now < self.seen_at + PLAYING_FRESH
        )


@dataclass(frozen=True, slots=True)
class Expected:
    """A sound that is planned and not proved. `held`: plan and audio are on the station's disk."""

    uid: str
    number: int
    station: str
    due_at: datetime
    held: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """An incident that nobody has seen to yet."""

    entry: str
    station: str
    text: Text


def alarms(
    stations: Sequence[Heard],
    expected: Iterable[Expected],
    refused: Iterable[Refused],
    now: datetime,
) -> list[Alarm]:
    """Everything that stands now; each kind and subject once."""
    known = {one.key: one for one in stations}
    waiting = list(expected)
    found = [*_of_sounds(known, waiting, now), *_of_stations(stations, waiting, now)]
    found += [Alarm(Kind.INCIDENT, one.entry, one.station, one.text) for one in refused]
    return found


def _of_sounds(
    known: Mapping[str, Heard], expected: Iterable[Expected], now: datetime
) -> Iterator[Alarm]:
    for one in expected:
        station = known.get(one.station) or Heard(one.station, None)
        if now >= one.due_at + PROOF_AFTER:
            if not station.plays(one.uid, now):
                yield Alarm(Kind.NO_PROOF, one.uid, one.station, _no_proof(one))
        elif now < one.due_at <= now + AHEAD and (why := _hindrance(station, one, now)):
            text = Text(
                f"Lượt phát số {one.number} sắp lỡ: {why.vi}",
                f"Delivery {one.number} will be missed: {why.en}",
            )
            yield Alarm(Kind.WILL_BE_MISSED, one.uid, one.station, text)


def _no_proof(one: Expected) -> Text:
    return Text(
        f"Lượt phát số {one.number} đã quá giờ mà trạm “{one.station}” chưa báo có phát.",
        f"Delivery {one.number} is past its time, and station “{one.station}” has not proved it.",
    )


def _hindrance(station: Heard, one: Expected, now: datetime) -> Text | None:
    if not one.held:
        if station.silent(now):
            return Text("trạm không liên lạc và chưa nhận đủ.", "the station is silent.")
        return Text("trạm chưa tải xong lịch hoặc âm thanh.", "plan or audio is not there yet.")
    if station.silent(now):
        return None  # it plays without a line; that it is silent is told by itself
    return _trouble(station)


def _trouble(station: Heard) -> Text | None:
    if station.clock_offset_ms is not None and abs(station.clock_offset_ms) > CLOCK_LIMIT_MS:
        seconds = round(station.clock_offset_ms / 1000)
        return Text(
            f"đồng hồ của trạm lệch {seconds:+d} giây.",
            f"the station's clock is {seconds:+d} s off.",
        )
    if station.muted:
        return Text("loa của trạm đang bị tắt tiếng.", "the station's output is muted.")
    if station.output_trouble:
        return Text(station.output_trouble, station.output_trouble)
    return None


def _of_stations(
    stations: Iterable[Heard], expected: Sequence[Expected], now: datetime
) -> Iterator[Alarm]:
    """A silent station matters while something is planned on it."""
    busy = {one.station for one in expected}
    for one in stations:
        if one.silent(now):
            if one.key in busy:
                yield Alarm(Kind.SILENT, one.key, one.key, _silence(one))
            continue
        if why := _trouble(one):
            is_clock = one.clock_offset_ms is not None and abs(one.clock_offset_ms) > CLOCK_LIMIT_MS
            kind = Kind.CLOCK if is_clock else Kind.OUTPUT
            yield Alarm(
                kind, one.key, one.key,
                Text(f"Trạm “{one.key}”: {why.vi}", f"Station “{one.key}”: {why.en}"),
            )  # fmt: skip


def _silence(one: Heard) -> Text:
    return Text(
        f"Trạm “{one.key}” không liên lạc. Nếu máy còn chạy thì vẫn phát lịch đã có.",
        f"Station “{one.key}” is silent. If it runs, it still plays what it has.",
    )
