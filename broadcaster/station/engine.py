"""The playing side: asks playout what is next, does it, and writes down what became of it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from broadcaster.errors import Text
from broadcaster.station import causes
from broadcaster.station.audio import Vault
from broadcaster.station.clock import Clock
from broadcaster.station.database import Database, NoRoom
from broadcaster.station.ending import ending
from broadcaster.station.journal import Journal, Row
from broadcaster.station.local import muted_here, stopped_here
from broadcaster.station.orders import Orders, Standing
from broadcaster.station.players import Job, Player, PlayResult
from broadcaster.station.playout import (
    ARM_AHEAD,
    RETRY,
    Arm,
    Guards,
    Hold,
    Limits,
    Miss,
    Quiet,
    Slot,
    Start,
    Status,
    Wait,
    clock_trouble,
    decide,
    interruption,
)
from broadcaster.station.unwritten import Unwritten
from broadcaster.station.watch import Watch

log = logging.getLogger(__name__)

JUMP = 2.0
"""Seconds by which the two clocks may part within one step before it is called a jump."""

SETTLING = 30.0
"""Seconds after a jump in which the server may say whether the new time is right. A clock set
forward by mistake would else have every item of that time missed at once, and for good."""

A_DAY_AND_MORE = timedelta(hours=50)

TICK = 0.05
"""Seconds within which a changed plan is noticed: an emergency waits for nothing else."""


class Engine:
    """One at a time on one folder. Knows no network: what it plays from is on the disk."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        player: Player,
        orders: Orders,
        own_quiet: Quiet | None,
        clock: Clock,
        going: Callable[[], bool],
        own_limits: Limits | None = None,
    ) -> None:
        self._db = database
        self._orders = orders
        self._own_limits = own_limits
        self._journal = Journal(database)
        self._unwritten = Unwritten(self._journal)
        self._vault = vault
        self._player = player
        self._own_quiet = own_quiet
        self._clock = clock
        self._going = going
        self._seen: tuple[datetime, float] | None = None
        self._settled_at = float("-inf")
        self._generation = -1

    def begin(self) -> None:
        """Close the books of the run before; on a full disk as soon as there is room."""
        with contextlib.suppress(NoRoom):
            self._unwritten.write(self._recover)

    def _recover(self) -> None:
        now = self._clock.now()

        def goes_on(row: Row) -> bool:
            return self._orders.may_break_silence(row) and self._orders.rounds(row).go_on(now)

        for uid in self._journal.recover(goes_on):
            log.warning("Tin %s đã bị ngắt giữa chừng lần trước; không phát lại.", uid)

    def run(self) -> None:
        self.begin()
        while self._going():
            self._rest(self.step())

    def _rest(self, seconds: float) -> None:
        """Wait, but notice within TICK that the plan has changed."""
        generation = self._db.generation()
        until = self._clock.monotonic() + seconds
        while self._going() and (left := until - self._clock.monotonic()) > 0:
            self._clock.wait(min(left, TICK))
            if self._db.generation() != generation:
                return

    def step(self) -> float:
        """Do the one next thing; seconds until there may be another, at most 1."""
        try:
            self._unwritten.catch_up()
            seconds = self._do_next()
        except NoRoom:
            self._unwritten.note(self._clock.now())
            return RETRY.total_seconds()
        self._unwritten.note_room()
        return seconds

    def _do_next(self) -> float:
        now = self._clock.now()
        self._watch_clock(now)
        guards = self._guards(now, self._player.trouble())
        decision = decide(self._slots(now), now, guards)
        if isinstance(decision, Start):
            self._start(decision.uid, decision.at, partial(self._note, now, guards, decision.uid))
            return 0.0
        self._note(now, guards)
        if isinstance(decision, Wait):
            return min(1.0, max(0.0, (decision.until - now).total_seconds()))
        match decision:
            case Arm(uid):
                self._arm(uid)
            case Miss(uid, cause, is_incident):
                log.warning("Tin %s không phát: %s", uid, cause.vi)
                self._journal.miss(uid, cause, now)
                if is_incident:
                    self._journal.note_incident("guard", uid, cause, now)
            case Hold(uid, cause):
                log.warning("Tin %s chưa phát được: %s", uid, cause.vi)
                self._journal.hinder(uid, cause)
                self._note_plan_trouble(uid, cause, now)
        return 0.0

    def _note_plan_trouble(self, subject: str, cause: Text | None, now: datetime) -> None:
        if cause in {causes.NOT_APPROVED, causes.OUT_OF_DATE}:
            self._journal.note_incident("guard", subject, cause, now)
        elif cause == causes.PLAN_TAMPERED:
            if self._journal.note_incident("tampered", subject, cause, now):
                log.error("%s (%s)", cause.vi, subject)
            self._db.put("etag", "")  # so that the line fetches the plan anew, whole

    def _slots(self, now: datetime) -> list[Slot]:
        standing = self._orders.standing()
        return [self._slot(row, standing) for row in self._journal.due(now + ARM_AHEAD)]

    def _slot(self, row: Row, standing: Standing) -> Slot:
        return Slot(
            uid=row.uid,
            title=row.title,
            emergency=self._orders.may_break_silence(row),
            urgent=row.priority == "priority",
            starts_at=row.starts_at,
            expires_at=row.expires_at,
            length=self._vault.length(row.cues),
            status=row.status,
            plan_trouble=self._orders.trouble(row, standing),
            audio_trouble=self._audio_trouble(row),
            hindrance=row.cause,
            withdrawn=row.withdrawn,
            waived=self._orders.waived(row),
        )

    def _audio_trouble(self, row: Row) -> Text | None:
        trouble = self._vault.trouble(row.cues)
        # A damaged file is deleted to be fetched again: until then it is more than just missing.
        known = row.cause == causes.AUDIO_WRONG and trouble == causes.AUDIO_MISSING
        return row.cause if known else trouble

    def _guards(self, now: datetime, device_trouble: Text | None) -> Guards:
        standing = self._orders.standing()
        limits = tuple(one for one in (self._own_limits, standing.limits) if one)
        return Guards(
            quiet=tuple(one for one in (self._own_quiet, standing.quiet) if one),
            limits=limits,
            mutes=tuple(one for one in (standing.mute, muted_here(self._db)) if one),
            heard=tuple(self._journal.heard(now - A_DAY_AND_MORE)) if limits else (),
            stopped=standing.stopped or stopped_here(self._db),
            clock_trouble=self._clock_trouble(now),
            device_trouble=device_trouble,
        )

    def _clock_trouble(self, now: datetime) -> Text | None:
        known = clock_trouble(now, self._journal.highest(), self._journal.offset(now))
        settling = self._clock.monotonic() < self._settled_at
        return known or (causes.CLOCK_JUMPED if settling else None)

    def _watch_clock(self, now: datetime) -> None:
        mono = self._clock.monotonic()
        if self._seen:
            jump = (now - self._seen[0]).total_seconds() - (mono - self._seen[1])
            if abs(jump) > JUMP:
                log.warning("Đồng hồ máy vừa nhảy %+.0f giây.", jump)
                self._settled_at = mono + SETTLING
        self._seen = now, mono

    def _note(self, now: datetime, guards: Guards, playing: str = "") -> None:
        """What the line is to tell the server."""
        if guards.clock_trouble is None:
            self._journal.note_clock(now)
        volume, muted = self._player.level
        with self._db.lightly():
            self._db.put("playing", playing)
            self._db.put("clock_note", guards.clock_trouble.vi if guards.clock_trouble else "")
            self._db.put("device", self._player.device)
            self._db.put("device_note", guards.device_trouble.vi if guards.device_trouble else "")
            self._db.put("volume", "" if volume is None else str(volume))
            self._db.put("muted", "" if muted is None else str(int(muted)))
        self._note_plan_trouble("", self._orders.standing().trouble, now)

    def _arm(self, uid: str) -> None:
        row = self._journal.row(uid)
        if row is None:
            return
        if fault := self._vault.verify(row.cues):
            self._journal.hinder(uid, fault)
        else:
            self._journal.arm(uid)

    def _start(self, uid: str, at: datetime, note: Callable[[], None]) -> None:
        """`note` is done when the sound is on its way: an emergency does not wait for it."""
        row = self._journal.row(uid)
        if row is None:
            return
        # A school next door bounds what is routine; a flood is told as loud as it goes.
        loud = self._orders.may_break_silence(row)
        volume = 100 if loud else self._orders.standing().max_volume
        round_length = self._vault.length(row.cues)
        rounds = self._orders.rounds(row).from_now(at, round_length)
        paths = tuple(self._vault.path(cue.digest) for cue in row.cues)
        job = Job(uid, paths * rounds, at, volume)
        recording = self._player.recording_of(job)
        if not self._journal.start(uid, at, self._player.device, recording):
            return
        log.info("Phát “%s” (%s).", row.title, uid)
        watch = Watch(self, row, at, note)
        try:
            result = self._player.play(job, watch)
        except Exception as error:  # a player of somebody else may raise anything
            log.exception("Cách phát bị lỗi.")
            cause = causes.player_failed(type(error).__name__)
            result = PlayResult(0, watch.heard, at, self._player.device, 0, False, cause, recording)
        self._finish(row, result, watch.cause, round_length)
        self._hinder_waiting(row)

    def _finish(self, row: Row, result: PlayResult, halted: Text | None, whole: timedelta) -> None:
        status, outcome, cause = ending(result, halted, whole.total_seconds())
        begun = result.started_at
        if result.unproved:
            log.warning("Tin %s: không có hồi báo.", row.uid)
            unproved = result.cause or causes.UNPROVED
            self._unwritten.write(lambda: self._journal.leave_unproved(row.uid, unproved))
            return
        self._unwritten.write(
            lambda: self._journal.finish(
                row.uid,
                status,
                outcome,
                started_at=begun,
                ended_at=begun + timedelta(seconds=result.seconds / result.pace) if begun else None,
                seconds=round(result.seconds, 3),
                recording=result.recording,
                cause=cause,
            )
        )
        log.info("Tin %s: %s, %.1f giây.", row.uid, outcome, result.seconds)

    def _hinder_waiting(self, played: Row) -> None:
        """Whatever became due meanwhile waited for this one: the log shall say so. An emergency
        does not wait, and least of all for this to be written."""
        now = self._clock.now()
        for row in self._journal.due(now):
            if row.cause is None and row.priority != "emergency":
                self._journal.hinder(row.uid, causes.busy(played.title))

    def cause_to_stop(self, row: Row, at: datetime) -> Text | None:
        """Asked many times a second while `row` plays."""
        if not self._going():
            return causes.SHUT_DOWN
        now = self._clock.now()
        current = self._journal.row(row.uid)
        others = self._emergencies(now)
        unarmed = [
            s
            for s in others
            if s.status == Status.PLANNED and not (s.audio_trouble or s.plan_trouble)
        ]
        with contextlib.suppress(NoRoom):  # what cannot be begun interrupts nothing
            for slot in unarmed:
                self._arm(slot.uid)
        if unarmed:
            others = self._emergencies(now)
        playing = self._slot(current or row, self._orders.standing())
        return interruption(playing, at, others, now, self._guards(now, None))

    def _emergencies(self, now: datetime) -> list[Slot]:
        return [slot for slot in self._slots(now) if slot.emergency]

    def plan_has_changed(self) -> bool:
        """Since the last time that this was asked."""
        known, self._generation = self._generation, self._db.generation()
        return self._generation != known

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def progress(self, uid: str, seconds: float) -> None:
        with contextlib.suppress(NoRoom):
            self._journal.progress(uid, seconds)
