"""Second pass: change the gain, write WAV and MP3, and measure what was written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
import soxr  # type: ignore[import-untyped]  # it publishes no types

from broadcaster.studio import reading
from broadcaster.studio.analysing import Spool
from broadcaster.studio.aside import making
from broadcaster.studio.dynamics import HOPS_A_SECOND, Curve
from broadcaster.studio.encoding import Mp3, Pcm16, Wav, int16, publish
from broadcaster.studio.filters import Flat
from broadcaster.studio.meter import Meter
from broadcaster.studio.model import Measurement

_BLOCK_HOPS = 10 * HOPS_A_SECOND


@dataclass(frozen=True, slots=True)
class Form:
    """How the files are written; `rate` is the sound's own, `wav_rate` a multiple of it."""

    rate: int
    wav_rate: int
    mp3_kbps: int
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Written:
    """Two finished files that have no name yet."""

    wav: Path
    wav_digest: str
    mp3: Path
    mp3_digest: str
    measured: Measurement  # of the WAV, with the higher true peak of both


def write(
    spool: Spool, gain: Curve, form: Form, folder: Path, at: Callable[[float], None]
) -> Written:
    """Write the spooled sound, with its gain at the edges of the hops, into `folder`."""
    finer, meter = _Finer(form), _WavMeter(form)
    with (
        Wav(folder / "programme.wav", form.wav_rate, spool.samples * finer.factor) as wav,
        Mp3(folder / "programme.mp3", form.rate, form.mp3_kbps, form.tags) as mp3,
    ):
        for level, seconds in _levelled(spool, gain, form.rate):
            mp3.feed(level)
            fine = int16(finer.feed(level, last=False))
            wav.feed(fine)
            meter.feed(fine)
            at(seconds)
        rest = int16(finer.feed(np.zeros(0, np.float32), last=True))
        wav.feed(rest)
        meter.feed(rest)
        wav_digest, mp3_digest = wav.finish(), mp3.finish()
    measured, coded = meter.result(), measure(mp3.path)
    peak = max(measured.true_peak_dbtp, coded.true_peak_dbtp)
    measured = replace(measured, true_peak_dbtp=peak)
    return Written(wav.path, wav_digest, mp3.path, mp3_digest, measured)


def flac(wav: Path, out_dir: Path) -> Path:
    """The same sound as FLAC, half the size for a thin line to a station: <sha256>.flac."""
    with making(out_dir) as aside:
        copy = aside / "programme.flac"
        with reading.opened(wav) as source:
            form = (source.samplerate, source.channels, source.subtype)
            with soundfile.SoundFile(copy, "w", *form, format="FLAC") as target:
                for block in reading.blocks(source):
                    target.write(block.T)
        with copy.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return publish(copy, digest, out_dir)


def measure(path: Path) -> Measurement:
    """Measure any readable sound file. Raises InputError when it is none."""
    with reading.opened(path) as file:
        meter = Meter(file.samplerate, file.channels)
        for block in reading.blocks(file):
            meter.feed(block)
        return meter.result()


def _levelled(spool: Spool, gain: Curve, rate: int) -> Iterator[tuple[Flat, float]]:
    """Blocks of the sound with its gain, and the seconds done with each."""
    hop = rate // HOPS_A_SECOND
    ramp = np.arange(hop, dtype=np.float32) / hop
    for number, block in enumerate(spool.blocks(_BLOCK_HOPS * hop)):
        start = number * _BLOCK_HOPS
        stop = start + block.size // hop
        edges = gain[start : stop + 1, None]
        curve = np.asarray(edges[:-1] + (edges[1:] - edges[:-1]) * ramp, np.float32)
        yield block * curve.reshape(-1), stop / HOPS_A_SECOND


class _Finer:
    """Brings a stream to the sample rate of the WAV file, to the very sample."""

    def __init__(self, form: Form) -> None:
        self.factor = form.wav_rate // form.rate
        self._stream = soxr.ResampleStream(form.rate, form.wav_rate, 1, dtype="float32")
        self._owed = 0

    def feed(self, samples: Flat, *, last: bool) -> Flat:
        if self.factor == 1:
            return samples
        out: Flat = self._stream.resample_chunk(samples, last=last)
        self._owed += samples.size * self.factor - out.size
        if not last:
            return out
        missing = max(0, self._owed)  # the resampler may end a sample early or late
        return np.concatenate([out[: out.size + min(0, self._owed)], np.zeros(missing, np.float32)])


class _WavMeter:
    """Measures the WAV by as many of its samples as hold all of its band."""

    def __init__(self, form: Form) -> None:
        self._every = form.wav_rate // form.rate
        self._meter = Meter(form.rate, 1, form.wav_rate)
        self._skip = 0

    def feed(self, samples: Pcm16) -> None:
        taken = samples[self._skip :: self._every].astype(np.float32)
        self._skip = (self._skip - len(samples)) % self._every
        self._meter.feed(taken[None, :] / np.float32(32768))

    def result(self) -> Measurement:
        return self._meter.result()
