"""Keep plan and audio as the server wants them, and hand in proof: one round at a time."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from broadcaster import __version__
from broadcaster.errors import BroadcasterError, Unavailable
from broadcaster.signature import Forged
from broadcaster.station import causes
from broadcaster.station.audio import Vault
from broadcaster.station.clock import LONGEST_WAIT, Clock
from broadcaster.station.journal import Journal
from broadcaster.station.link import Fetched, Link, Unreachable
from broadcaster.station.offset import Exchange, Offset
from broadcaster.station.plan import OddRundown, Plan, WantedFile
from broadcaster.station.settings import StationSettings
from broadcaster.wire import StationStatus

log = logging.getLogger(__name__)

SWEEP_EVERY = 3600.0
FETCH_BUDGET = 20.0
RESERVE_MB = 200
NOTE_LENGTH = 4000
NOTED = timedelta(seconds=0.5)
"""A measured offset is written down when it has changed by so much, or grown old."""

VOUCHED = timedelta(seconds=5)
"""A clock this near to the server's may be believed although it went backwards."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two rounds, and at most between two tries of a server that is not there."""

    poll: float
    longest: float
    beat: float = 30.0  # at least so often a status is sent that has not changed

    @classmethod
    def of(cls, settings: StationSettings) -> Pace:
        """Thousands may wait for a server on the net; nobody is bothered on this machine."""
        if settings.is_local:
            return cls(settings.poll_seconds, 3.0)
        return cls(settings.poll_seconds, 60.0, 120.0)

    def after(self, failures: int) -> float:
        return max(self.poll, min(self.poll * 2.0 ** min(failures, 10), self.longest))


@dataclass(frozen=True, slots=True)
class PutOff:
    """A file that could not be fetched: when to try again (steady seconds), and what was wrong."""

    until: float
    note: str


class Waiting(Protocol):
    """Between two rounds."""

    def wait(self, seconds: float) -> bool:
        """True when the next round is wanted at once."""

    def is_ringing(self) -> bool:
        """Whether the next `wait` would say so."""


class Unhurried:
    """Nobody rings: every round waits for its time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def wait(self, seconds: float) -> bool:
        self._clock.wait(seconds)
        return False

    def is_ringing(self) -> bool:
        return False


class Sync:
    """Owns the line. The plan it writes is all that the playing side ever sees of the server."""

    def __init__(
        self,
        station: str,
        pace: Pace,
        plan: Plan,
        vault: Vault,
        link: Link,
        clock: Clock,
        engine_note: Callable[[], str],
        bell: Waiting | None = None,
    ) -> None:
        self._station = station
        self._pace = pace
        self._plan = plan
        self._journal = Journal(plan.database)
        self._vault = vault
        self._link = link
        self._clock = clock
        self._engine_note = engine_note
        self._bell = bell or Unhurried(clock)
        self._random = random.Random()  # noqa: S311 — spreads load, guards nothing
        self._failures = 0
        self._plan_note = ""
        self._sent: StationStatus | None = None
        self._sent_at = self._swept_at = float("-inf")
        self._bad_audio: dict[str, PutOff] = {}
        self._offset = Offset()

    def run(self, going: Callable[[], bool]) -> None:
        while going():
            until = self._clock.monotonic() + self.round(going)
            while going() and (left := until - self._clock.monotonic()) > 0:
                if self._bell.wait(min(left, LONGEST_WAIT)):
                    break

    def finish(self) -> None:
        """The last proof before the program ends; if it does not get through, it is kept."""
        try:
            self._send_proof(lambda: True)
        except BroadcasterError as error:
            log.warning("%s", error)

    def round(self, going: Callable[[], bool]) -> float:
        """One exchange with the server; seconds to wait before the next."""
        failed: Exception | None = None
        for step in (
            self._send_proof,
            self._send_incidents,
            self._pull_plan,
            self._fetch_missing,
            self._send_status,
        ):
            try:
                step(going)
            except Unreachable as error:
                return self._back_off(error)
            except (BroadcasterError, OSError, sqlite3.OperationalError) as error:
                failed = failed or error  # proof that is refused must not hold up the plan
        if failed:
            return self._back_off(failed)
        if self._failures:
            log.info("Đã liên lạc lại được máy chủ.")
        self._failures = 0
        return self._jitter(self._pace.poll)

    def _back_off(self, error: Exception) -> float:
        if not self._failures:
            log.warning("%s Trạm vẫn phát theo lịch đã có.", error)
        self._failures += 1
        return self._jitter(self._pace.after(self._failures))

    def _jitter(self, seconds: float) -> float:
        return seconds * self._random.uniform(0.8, 1.2)

    def _send_proof(self, going: Callable[[], bool]) -> None:
        while going() and (entries := self._journal.outbox()):
            stored = set(self._link.send_as_run(entries)) & {entry.entry for entry in entries}
            self._journal.receipted(stored, self._clock.now())
            if not stored:
                return

    def _send_incidents(self, going: Callable[[], bool]) -> None:
        while going() and (incidents := self._journal.incidents()):
            stored = set(self._link.send_incidents(incidents)) & {one.entry for one in incidents}
            self._journal.incidents_receipted(stored, self._clock.now())
            if not stored:
                return

    def _pull_plan(self, _going: Callable[[], bool]) -> None:
        asked, steady = self._clock.now(), self._clock.monotonic()
        fetched = self._link.rundown(self._plan.etag())
        self._compare_clocks(fetched, asked, self._clock.monotonic() - steady)
        if fetched.signed is None:
            return
        now = self._clock.now()
        try:
            self._plan.apply(fetched.signed, fetched.etag, self._station, now)
        except (OddRundown, Forged) as error:
            if error.text.vi != self._plan_note:
                log.warning("%s", error)
            self._plan_note = error.text.vi
            if isinstance(error, Forged):
                subject = hashlib.sha256(fetched.signed.payload.encode()).hexdigest()
                self._journal.note_incident("forged", subject, error.text, now)
        else:
            self._plan_note = ""
            log.info("Đã nhận lịch bản %d.", self._plan.version())

    def _compare_clocks(self, fetched: Fetched, asked: datetime, rtt: float) -> None:
        if fetched.server_time is None:
            return
        now = self._clock.now()
        one = Exchange.of(fetched.server_time, asked, timedelta(seconds=rtt))
        offset = self._offset.add(one)
        known = self._journal.offset(now)
        if known is None or abs(known - offset) > NOTED:
            self._journal.note_offset(offset, now)
        highest = self._journal.highest()
        if abs(offset) < VOUCHED and highest is not None and now < highest:
            self._journal.reset_clock(now)

    def _fetch_missing(self, going: Callable[[], bool]) -> None:
        """Fetch for a while: a long file goes on in the next round, after proof and changes."""
        until = self._clock.monotonic() + FETCH_BUDGET

        def go_on() -> bool:
            hurry = self._bell.is_ringing()  # an emergency does not wait for a long file
            return going() and not hurry and self._clock.monotonic() < until

        for wanted in self._plan.wanted():
            if not go_on():
                return
            if not self._vault.has(wanted.digest) and not self._is_put_off(wanted.digest):
                self._fetch(wanted, go_on)

    def _fetch(self, wanted: WantedFile, go_on: Callable[[], bool]) -> None:
        try:
            if self._vault.free_mb() < RESERVE_MB + wanted.size // 1_000_000:
                raise Unavailable("Đĩa sắp đầy: không tải thêm âm thanh.", "The disk is full.")
            part = self._vault.part(wanted.digest)
            self._link.fetch_audio(wanted.digest, wanted.size, part, go_on)
            if not go_on() and part.stat().st_size < wanted.size:
                return
            if fault := self._vault.keep(wanted.digest, wanted.size):
                self._journal.hinder_audio(wanted.digest, fault)
        except Unavailable as error:
            fault = error.text
        except OSError as error:
            is_full = error.errno == errno.ENOSPC
            fault = causes.DISK_FULL if is_full else causes.cannot_write(error.strerror or "")
            with contextlib.suppress(OSError):  # what it took is room that the journal needs
                self._vault.part(wanted.digest).unlink()
        if fault is None:
            self._bad_audio.pop(wanted.digest, None)
        else:
            self._put_off(wanted.digest, f"{fault.vi} ({wanted.digest[:12]})")

    def _is_put_off(self, digest: str) -> bool:
        known = self._bad_audio.get(digest)
        return known is not None and self._clock.monotonic() < known.until

    def _put_off(self, digest: str, note: str) -> None:
        if digest not in self._bad_audio:
            log.warning("%s", note)
        self._bad_audio[digest] = PutOff(
            self._clock.monotonic() + self._jitter(self._pace.poll * 5), note
        )

    def _send_status(self, _going: Callable[[], bool]) -> None:
        status = self._status()
        mono = self._clock.monotonic()
        self._sweep(mono)
        unchanged = (
            self._sent is not None
            and status.model_copy(
                update={"clock": self._sent.clock, "free_disk_mb": self._sent.free_disk_mb}
            )
            == self._sent
        )
        if unchanged and mono < self._sent_at + self._pace.beat:
            return
        self._link.send_status(status)
        self._sent, self._sent_at = status, mono

    def _status(self) -> StationStatus:
        meta = self._plan.database
        wanted = {file.digest for file in self._plan.wanted()}
        audio = [put_off.note for d, put_off in self._bad_audio.items() if d in wanted]
        free = self._vault.free_mb()
        full = "" if free else causes.DISK_FULL.vi
        notes = [
            self._plan_note,
            *audio,
            self._engine_note(),
            meta.get("device_note") or meta.get("player_note"),
            meta.get("clock_note"),
            full,
        ]
        return StationStatus(
            version=max(self._plan.version(), 0),
            held=sorted(self._held()),
            device=meta.get("device"),
            volume=int(volume) if (volume := meta.get("volume")) else None,
            muted=bool(int(muted)) if (muted := meta.get("muted")) else None,
            clock_offset_ms=self._offset_ms(),
            trouble=meta.get("device_note") or meta.get("clock_note") or full,
            playing=meta.get("playing"),
            clock=self._clock.now(),
            free_disk_mb=free,
            program=f"commune-broadcaster {__version__}",
            note=" ".join(filter(None, dict.fromkeys(notes)))[:NOTE_LENGTH],
        )

    def _offset_ms(self) -> int | None:
        """As it was written down: it does not change with every exchange."""
        offset = self._journal.offset(self._clock.now())
        return None if offset is None else round(offset.total_seconds() * 1000)

    def _held(self) -> list[str]:
        return [
            uid
            for uid, digests in self._plan.open_items().items()
            if digests and all(map(self._vault.has, digests))
        ]

    def _sweep(self, mono: float) -> None:
        if mono >= self._swept_at + SWEEP_EVERY:
            self._swept_at = mono
            self._vault.sweep(self._plan.digests_in_use(self._clock.now()))
