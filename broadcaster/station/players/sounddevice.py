"""The sound card: a stream held open on silence, samples placed by the card's own clock."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from broadcaster.errors import Text, Unavailable
from broadcaster.station import causes
from broadcaster.station.clock import Clock
from broadcaster.station.players import POLL, Halt, Job, PlayResult
from broadcaster.station.players.mixer import Block, Voice
from broadcaster.station.settings import StationSettings
from broadcaster.station.tape import Tape

log = logging.getLogger(__name__)

RATE = 48_000
LATENCY = 0.1
"""Seconds of sound in the card: less breaks up on a busy PC, more delays a stop."""

AHEAD = 3.0
"""Seconds of sound kept ready for the callback, which never reads a disk."""

DEAF_AFTER = 1.0
"""Seconds without a callback that mean a lost device. No library tells it reliably."""

PATIENCE = 3.0
"""The same while an item plays: a PC that was choked for a moment goes on after a gap, and an
announcement with a gap is better than half a one."""

SLUGGISH = 2.0
"""Seconds more, right after opening: an idle PulseAudio device works in steps of 2 s at first."""

REOPEN_EVERY = 2.0
SELDOM = 15.0
"""Seconds: each try makes the sound system write to the log."""


class SounddevicePlayer:
    """PortAudio. The device that was named is the only one that is ever played on."""

    def __init__(self, settings: StationSettings, home: Path, clock: Clock) -> None:  # noqa: ARG002 — the signature of every player
        self._name = settings.device
        self._gain = np.float32(settings.volume / 100)
        self._clock = clock
        self._stream: Any = None
        self._rate = RATE
        self._channels = 2
        self._voice: Voice | None = None
        self._beats = 0
        self._xruns = 0
        self._seen = (0, 0.0)
        self._sluggish_until = 0.0
        self._tried = float("-inf")
        self._pause = REOPEN_EVERY
        self._fault = causes.NO_DEVICE
        self.device = settings.device or "loa mặc định"

    # --- the device ------------------------------------------------------------------------------

    def open(self) -> None:
        sounddevice = _library()
        self._tried = self._clock.monotonic()
        try:
            device = self._find(sounddevice)
            self._channels = min(2, int(device["max_output_channels"]))
            self._stream = sounddevice.OutputStream(
                samplerate=self._rate,
                channels=self._channels,
                dtype="float32",
                device=device["index"],
                latency=LATENCY,
                callback=self._callback,
            )
            self._stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            self._drop()
            raise Unavailable(
                f"Không mở được thiết bị âm thanh “{self.device}”: {error}",
                f"Cannot open the sound device {self.device}: {error}",
            ) from None
        self.device = str(device["name"])
        self._await_first_callback()

    def _await_first_callback(self) -> None:
        """A device that opens and never asks for sound does not work."""
        self._seen = beats, began = self._beats, self._clock.monotonic()
        while self._beats == beats:
            if self._clock.monotonic() > began + SLUGGISH + DEAF_AFTER:
                self._drop()
                raise Unavailable(causes.NO_DEVICE.vi, causes.NO_DEVICE.en)
            self._clock.wait(POLL / 2)
        self._sluggish_until = self._clock.monotonic() + 2 * SLUGGISH

    def _find(self, sounddevice: Any) -> dict[str, Any]:
        """By exact name, or the default one if none was named; never the next best."""
        if not self._name:
            return dict(sounddevice.query_devices(kind="output"))
        for device in sounddevice.query_devices():
            if device["name"] == self._name and device["max_output_channels"] > 0:
                return dict(device)
        raise ValueError("không có thiết bị tên này / no device of that name")

    def trouble(self) -> Text | None:
        if self._stream is not None and not self._deaf(DEAF_AFTER):
            return None
        if self._stream is not None:
            log.warning("Mất thiết bị âm thanh “%s”.", self.device)
            self._drop()
        if self._clock.monotonic() < self._tried + self._pause:
            return self._fault
        return self._reopen()

    def _reopen(self) -> Text | None:
        try:
            self._rescan()
            self.open()
        except Unavailable as error:
            self._fault = error.text
            self._pause = min(2 * self._pause, SELDOM)
            return self._fault
        self._fault, self._pause = causes.NO_DEVICE, REOPEN_EVERY
        log.info("Đã mở lại thiết bị âm thanh “%s”.", self.device)
        return None

    def _deaf(self, after: float) -> bool:
        beats, now = self._beats, self._clock.monotonic()
        if beats != self._seen[0]:
            self._seen = (beats, now)
        limit = after + (SLUGGISH if now < self._sluggish_until else 0)
        return bool(not self._stream.active or now - self._seen[1] > limit)

    def _rescan(self) -> None:
        """PortAudio lists its devices once, at the start: a card that came back is not in it."""
        sounddevice = _library()
        self._tried = self._clock.monotonic()
        try:
            sounddevice._terminate()
            sounddevice._initialize()
        except sounddevice.PortAudioError as error:
            raise Unavailable(
                f"PortAudio không chạy được: {error}", f"PortAudio does not run: {error}"
            ) from None

    def _drop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            # abort, not stop: stop waits for a device that may be gone.
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)

    def close(self) -> None:
        self._drop()

    def _callback(self, out: Block, _frames: int, time: Any, status: Any) -> None:
        self._beats += 1
        if status.output_underflow:
            self._xruns += 1
        voice = self._voice
        if voice is None:
            out.fill(0)
        else:
            voice.fill(out, time.outputBufferDacTime)

    # --- one item --------------------------------------------------------------------------------

    def recording_of(self, job: Job) -> str:  # noqa: ARG002 — the signature of every player
        return ""

    def play(self, job: Job, halt: Halt) -> PlayResult:
        tape = Tape(job.paths)
        try:
            self._suit(tape.rate)
        except Unavailable as error:
            return PlayResult(0, 0.0, None, self.device, 0, False, error.text)
        xruns = self._xruns
        # From here on only the card's clock counts: the wall clock may be set meanwhile.
        zero = self._clock.now() - timedelta(seconds=float(self._stream.time))
        voice = Voice((job.at - zero).total_seconds(), self._rate)
        feed = self._feed(tape, voice)
        next(feed)
        self._voice = voice
        try:
            lost = self._follow(voice, feed, halt)
        finally:
            self._voice = None
        first = voice.first_heard
        return PlayResult(
            frames_played=voice.heard_frames,
            seconds=voice.heard_frames / tape.rate,
            started_at=None if first is None else zero + timedelta(seconds=first),
            device=self.device,
            underruns=voice.underruns + self._xruns - xruns,
            finished=voice.heard_frames >= tape.frames and not lost,
            cause=causes.DEVICE_LOST if lost else None,
        )

    def _suit(self, rate: int) -> None:
        """The stream has the rate of the files, so nothing is resampled. They seldom differ."""
        if self._stream is None or self._rate != rate:
            self._rate = rate
            self._drop()
            self.open()

    def _feed(self, tape: Tape, voice: Voice) -> Iterator[None]:
        """Each `next` fills the voice up to AHEAD seconds."""
        for block in tape.blocks(self._rate // 10):
            voice.put(self._shaped(block))
            while voice.waiting_frames > AHEAD * self._rate:
                yield
        voice.complete()
        while True:
            yield

    def _shaped(self, block: Any) -> Block:
        sound = block.astype(np.float32) * (self._gain / np.float32(32768))
        if sound.shape[1] < self._channels:
            return np.asarray(np.repeat(sound, self._channels, axis=1))
        if sound.shape[1] > self._channels:
            return np.asarray(sound.mean(axis=1, keepdims=True), dtype=np.float32)
        return np.asarray(sound)

    def _follow(self, voice: Voice, feed: Iterator[None], halt: Halt) -> bool:
        """Until all has been heard; True when the device was lost meanwhile."""
        while not self._deaf(PATIENCE):
            if voice.done and self._stream.time >= voice.end_heard:
                return False
            next(feed)
            if not voice.done and halt(voice.heard_frames / self._rate):
                voice.fade()
            self._clock.wait(POLL / 2)
        return True


def _library() -> Any:
    try:
        import sounddevice  # noqa: PLC0415 — fails where PortAudio is missing
    except OSError:
        raise Unavailable(
            "Máy chưa có PortAudio (trên Debian: apt-get install libportaudio2).",
            "PortAudio is missing (on Debian: apt-get install libportaudio2).",
        ) from None
    return sounddevice
