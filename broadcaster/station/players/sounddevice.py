"""The sound card: a stream held open on silence, samples placed by the card's own clock."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from broadcaster.errors import Text, Unavailable
from broadcaster.station import causes
from broadcaster.station.clock import Clock
from broadcaster.station.players import POLL, Halt, Job, PlayResult
from broadcaster.station.players.mixer import Block, Voice
from broadcaster.station.players.outlet import Watch, find_source
from broadcaster.station.settings import StationSettings
from broadcaster.station.tape import Tape

log = logging.getLogger(__name__)

RATE = 48_000
LATENCY = 0.07
"""Seconds of sound in the card: less breaks up on a busy PC, more delays an emergency."""

PERIODS = 2
"""So many times in LATENCY the card asks for more; oftener costs an idle PC more work."""

TICK = 0.02
"""Seconds between two looks at what plays."""

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


@dataclass(frozen=True, slots=True)
class OnAir:
    """What the callback mixes. `leaving` was cut short and fades out under what comes next."""

    voice: Voice | None = None
    leaving: Voice | None = None

    @property
    def silent(self) -> bool:
        return self.voice is None and (self.leaving is None or self.leaving.done)


class SounddevicePlayer:
    """PortAudio. The device that was named is the only one that is ever played on."""

    def __init__(self, settings: StationSettings, home: Path, clock: Clock) -> None:  # noqa: ARG002 — the signature of every player
        self._name = settings.device
        self._volume = settings.volume
        self._clock = clock
        self._stream: Any = None
        self._rate = RATE
        self._channels = 2
        self._on_air = OnAir()
        self._zeros = b""
        self._beats = 0
        self._xruns = 0
        self._seen = (0, 0.0)
        self._sluggish_until = 0.0
        self._tried = float("-inf")
        self._pause = REOPEN_EVERY
        self._fault = causes.NO_DEVICE
        self._watch: Watch | None = None
        self.device = settings.device or "loa mặc định"

    # --- the device ------------------------------------------------------------------------------

    def open(self) -> None:
        try:
            self._open()
        except Unavailable as error:
            self._fault = error.text
            raise

    def _open(self) -> None:
        sounddevice = _library()
        self._tried = self._clock.monotonic()
        try:
            device = self._find(sounddevice)
            self._channels = min(2, int(device["max_output_channels"]))
            # Raw: an array made for each callback is a third of what an idle one costs.
            self._stream = sounddevice.RawOutputStream(
                samplerate=self._rate,
                channels=self._channels,
                dtype="float32",
                device=device["index"],
                latency=LATENCY,
                blocksize=round(self._rate * LATENCY / PERIODS),
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
        self._look_at_outlet()

    def _await_first_callback(self) -> None:
        """A device that opens and never asks for sound does not work."""
        self._seen = beats, began = self._beats, self._clock.monotonic()
        while self._beats == beats:
            if self._clock.monotonic() > began + SLUGGISH + DEAF_AFTER:
                self._drop()
                raise Unavailable(causes.NO_DEVICE.vi, causes.NO_DEVICE.en)
            self._clock.wait(POLL / 2)
        self._sluggish_until = self._clock.monotonic() + 2 * SLUGGISH

    def _look_at_outlet(self) -> None:
        """Opened under its name, the stream may still have been put on another output."""
        if self._watch is None:
            self._watch = Watch(find_source(self.device, os.getpid()), self._name)
        self._watch.look()
        if self._watch.is_elsewhere:
            cause = self._watch.trouble or causes.NO_DEVICE
            self._drop()
            raise Unavailable(cause.vi, cause.en)

    def _find(self, sounddevice: Any) -> dict[str, Any]:
        """By exact name, or the default one if none was named; never the next best."""
        if not self._name:
            return dict(sounddevice.query_devices(kind="output"))
        for device in sounddevice.query_devices():
            if device["name"] == self._name and device["max_output_channels"] > 0:
                return dict(device)
        raise ValueError("không có thiết bị tên này / no device of that name")

    def trouble(self) -> Text | None:
        if self._stream is not None:
            if not self._deaf(DEAF_AFTER) and not self._is_elsewhere():
                return self._watch.trouble if self._watch else None
            log.warning("Mất thiết bị âm thanh “%s”.", self.device)
            self._drop()
        self._beats += 1  # away, and known to be: nobody hangs
        if self._clock.monotonic() < self._tried + self._pause:
            return self._fault
        return self._reopen()

    def _reopen(self) -> Text | None:
        try:
            self._rescan()
            self.open()
        except Unavailable as error:
            self._fault = error.text  # also of the rescan
            self._pause = min(2 * self._pause, SELDOM)
            return self._fault
        self._fault, self._pause = causes.NO_DEVICE, REOPEN_EVERY
        log.info("Đã mở lại thiết bị âm thanh “%s”.", self.device)
        return None

    def _is_elsewhere(self) -> bool:
        return self._watch is not None and self._watch.is_elsewhere

    @property
    def pulse(self) -> int:
        return self._beats

    @property
    def level(self) -> tuple[int | None, bool | None]:
        outlet = self._watch.outlet if self._watch else None
        return (outlet.volume, outlet.muted) if outlet else (None, None)

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
        self._await_silence()
        self._drop()
        if self._watch is not None:
            self._watch.close()

    def _callback(self, raw: Any, _frames: int, when: Any, status: Any) -> None:
        self._beats += 1
        if status.output_underflow:
            self._xruns += 1
        on_air = self._on_air  # read once: it may be replaced meanwhile
        if on_air.silent:
            raw[:] = self._silence(len(raw))
            return
        out = np.frombuffer(raw, np.float32).reshape(-1, self._channels)
        self._mix(on_air, out, when.outputBufferDacTime)

    def _silence(self, size: int) -> bytes:
        if len(self._zeros) != size:
            self._zeros = bytes(size)
        return self._zeros

    @staticmethod
    def _mix(on_air: OnAir, out: Block, heard_at: float) -> None:
        voice, leaving = on_air.voice, on_air.leaving
        if voice is None:
            out.fill(0)
        else:
            voice.fill(out, heard_at)
        if leaving is not None and not leaving.done:
            rest = np.empty_like(out)
            leaving.fill(rest, heard_at)
            out += rest

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
        feed = self._feed(tape, voice, np.float32(min(self._volume, job.volume) / 100))
        next(feed)
        self._on_air = OnAir(voice, self._on_air.leaving)
        fault: Text | None = causes.DEVICE_LOST
        try:
            fault = self._follow(voice, feed, halt)
        finally:
            self._release(voice)
        first = voice.first_heard
        heard = min(voice.heard_frames + voice.frames_to_fade, tape.frames)
        return PlayResult(
            frames_played=heard,
            seconds=heard / tape.rate,
            started_at=None if first is None else zero + timedelta(seconds=first),
            device=self.device,
            underruns=voice.underruns + self._xruns - xruns,
            finished=heard >= tape.frames and not fault,
            cause=fault,
        )

    def _suit(self, rate: int) -> None:
        """The stream has the rate of the files, so nothing is resampled. They seldom differ."""
        if self._stream is None or self._rate != rate:
            self._rate = rate
            self._drop()
            self.open()

    def _feed(self, tape: Tape, voice: Voice, gain: np.float32) -> Iterator[None]:
        """Each `next` fills the voice up to AHEAD seconds."""
        for block in tape.blocks(self._rate // 10):
            voice.put(self._shaped(block, gain))
            while voice.waiting_frames > AHEAD * self._rate:
                yield
        voice.complete()
        while True:
            yield

    def _shaped(self, block: Any, gain: np.float32) -> Block:
        sound = block.astype(np.float32) * (gain / np.float32(32768))
        if sound.shape[1] < self._channels:
            return np.asarray(np.repeat(sound, self._channels, axis=1))
        if sound.shape[1] > self._channels:
            return np.asarray(sound.mean(axis=1, keepdims=True), dtype=np.float32)
        return np.asarray(sound)

    def _follow(self, voice: Voice, feed: Iterator[None], halt: Halt) -> Text | None:
        """Until all has been heard, or it is to fall silent; why nobody hears it any more."""
        while not self._deaf(PATIENCE):
            if voice.done and self._stream.time >= voice.end_heard:
                return None
            next(feed)
            if self._watch is not None and self._watch.trouble:
                return self._watch.trouble
            if not voice.done and halt(voice.heard_frames / self._rate):
                return None
            self._clock.wait(TICK)
        return causes.DEVICE_LOST

    def _release(self, voice: Voice) -> None:
        """What was cut short is not waited for: the next item sounds while this one fades."""
        if voice.done:
            self._on_air = OnAir()
        else:
            voice.fade()
            self._on_air = OnAir(None, voice)

    def _await_silence(self) -> None:
        """A stream that is given back at once would end with a crack."""
        leaving, until = self._on_air.leaving, self._clock.monotonic() + 3 * LATENCY
        while leaving is not None and self._stream is not None and self._stream.active:
            if leaving.done and self._stream.time >= leaving.end_heard:
                return
            if self._clock.monotonic() > until:
                return
            time.sleep(TICK)  # the clock does not wait any more when the program is to end


def _library() -> Any:
    try:
        import sounddevice  # noqa: PLC0415 — fails where PortAudio is missing
    except OSError:
        raise Unavailable(
            "Máy chưa có PortAudio (trên Debian: apt-get install libportaudio2).",
            "PortAudio is missing (on Debian: apt-get install libportaudio2).",
        ) from None
    return sounddevice
