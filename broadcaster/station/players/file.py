"""A machine without a sound card: what would be heard, as a WAV file that grows in real time."""

from __future__ import annotations

import re
import wave
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from broadcaster.errors import Text, Unavailable
from broadcaster.station import causes
from broadcaster.station.clock import Clock
from broadcaster.station.players import POLL, Halt, Job, PlayResult, wait_until
from broadcaster.station.settings import StationSettings
from broadcaster.station.tape import Samples, Tape

PLAYING = ".playing.wav"


class FilePlayer:
    """DIR/played/<local time>-<uid>.wav. The file is valid after every block, so a killed process
    leaves a shorter recording; it has its final name only when it was closed."""

    def __init__(self, settings: StationSettings, home: Path, clock: Clock) -> None:
        self._folder = home / "played"
        self._zone = ZoneInfo(settings.zone)
        self._volume = settings.volume
        self._clock = clock
        self._speed = settings.file_speed
        self.device = "tệp WAV" if self._speed == 1 else f"tệp WAV, nhanh gấp {self._speed:g}"

    @property
    def pulse(self) -> int:
        return round(self._clock.monotonic())

    @property
    def level(self) -> tuple[int | None, bool | None]:
        return None, None

    def open(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for left in self._folder.glob(f"*{PLAYING}"):
                left.replace(left.with_name(left.name.replace(PLAYING, ".wav")))
        except OSError as error:
            raise Unavailable(
                f"Không ghi được vào {self._folder}: {error.strerror}",
                f"Cannot write to {self._folder}: {error.strerror}",
            ) from None

    def trouble(self) -> Text | None:
        return None

    def recording_of(self, job: Job) -> str:
        safe = re.sub(r"[^A-Za-z0-9._-]", "_", job.uid)[:80]
        local = job.at.astimezone(self._zone)
        return str(self._folder / f"{local:%Y%m%d-%H%M%S}-{safe}.wav")

    def play(self, job: Job, halt: Halt) -> PlayResult:
        final = Path(self.recording_of(job))
        aside = final.with_name(final.name.removesuffix(".wav") + PLAYING)
        if not wait_until(job.at, self._clock, halt):
            return PlayResult(0, 0.0, None, self.device, 0, False)
        try:
            gain = min(self._volume, job.volume) / 100
            return self._record(Tape(job.paths), gain, aside, final, halt)
        except (OSError, RuntimeError) as error:  # soundfile's errors are RuntimeErrors
            cause = causes.player_failed(type(error).__name__)
            return PlayResult(0, 0.0, None, self.device, 0, False, cause, str(aside))

    def _record(self, tape: Tape, gain: float, aside: Path, final: Path, halt: Halt) -> PlayResult:
        started_at, begin = self._clock.now(), self._clock.monotonic()
        frames, halted = 0, False
        with aside.open("wb") as file, wave.open(file, "wb") as out:
            out.setnchannels(tape.channels)
            out.setsampwidth(2)
            out.setframerate(tape.rate)
            for block in tape.blocks(round(tape.rate * POLL)):
                out.writeframes(_louder(block, gain).tobytes())  # corrects the head's length too
                file.flush()
                frames += len(block)
                heard_at = begin + frames / tape.rate / self._speed
                while not halted and (left := heard_at - self._clock.monotonic()) > 0:
                    self._clock.wait(min(left, POLL))
                    halted = halt(frames / tape.rate)
                if halted:
                    break
        aside.replace(final)
        done = not halted or frames == tape.frames
        return PlayResult(
            frames,
            frames / tape.rate,
            started_at,
            self.device,
            0,
            done,
            recording=str(final),
            pace=self._speed,
        )

    def close(self) -> None:
        pass


def _louder(block: Samples, gain: float) -> Samples:
    if gain == 1:
        return block
    return np.asarray(np.round(block * gain), dtype="<i2")
