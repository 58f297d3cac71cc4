"""Make a programme: assemble and analyse it, plan its gain, then write and measure it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from broadcaster.errors import InputError, Unavailable
from broadcaster.studio.analysing import Spool, analyse
from broadcaster.studio.aside import making
from broadcaster.studio.assembling import assemble, expected_s, kinds
from broadcaster.studio.cutting import Spans, spans
from broadcaster.studio.dynamics import HOPS_A_SECOND, Analysis, plan
from broadcaster.studio.encoding import publish
from broadcaster.studio.model import Layout, Profile, Programme, Progress, Segment
from broadcaster.studio.writing import Form, Written, write

_MARGIN_DB = 0.6  # coding to MP3 raises peaks by about this much
_NEAR_LU = 0.3
_SILENT_PEAK = 1e-4
_TRIES = 3
_RATES = (24000, 32000, 48000)
_KBPS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160)  # in MP3 of every sample rate from 16 kHz


def produce(
    segments: Sequence[Segment],
    layout: Layout,
    profile: Profile,
    out_dir: Path,
    *,
    progress: Progress | None = None,
) -> Programme:
    """Build, level and encode a programme into `out_dir` as <sha256>.wav and <sha256>.mp3.

    The same input gives the same bytes. Raises InputError for sound that cannot be used and
    Unavailable when the disk does not take the files; nothing half-written stays.
    """
    _check(segments, profile)
    steps = _Steps(progress, expected_s(segments, layout))
    try:
        with making(out_dir) as aside:
            written, spans = _Making(profile, aside, steps).make(segments, layout)
            return _publish(written, spans, out_dir)
    except OSError as fault:
        raise Unavailable(
            f"Không ghi được chương trình vào “{out_dir}” ({fault.strerror or fault}). "
            "Hãy kiểm tra dung lượng trống và quyền ghi của ổ đĩa, rồi làm lại.",
            f"Cannot write the programme to “{out_dir}” ({fault.strerror or fault}). "
            "Check the free space and the permissions of the disk, then try again.",
        ) from fault


def _check(segments: Sequence[Segment], profile: Profile) -> None:
    low, high = profile.band
    if not segments:
        raise InputError("Chương trình không có câu nào.", "The programme has no segment.")
    if profile.sample_rate not in _RATES or profile.mp3_kbps not in _KBPS:
        raise InputError(
            f"Không hỗ trợ {profile.sample_rate} Hz hay MP3 {profile.mp3_kbps} kbit/s; "
            f"hãy chọn trong {_RATES} và {_KBPS}.",
            f"{profile.sample_rate} Hz or MP3 of {profile.mp3_kbps} kbit/s is not supported; "
            f"choose from {_RATES} and {_KBPS}.",
        )
    if not 20 <= low < high <= profile.sample_rate / 2.2:
        raise InputError(
            f"Dải tần {low:g}–{high:g} Hz không hợp với tần số mẫu {profile.sample_rate} Hz.",
            f"A band of {low:g}–{high:g} Hz does not fit {profile.sample_rate} samples a second.",
        )


def _publish(written: Written, spans: Spans, out_dir: Path) -> Programme:
    measured = written.measured
    return Programme(
        wav_digest=written.wav_digest,
        wav_path=publish(written.wav, written.wav_digest, out_dir),
        mp3_digest=written.mp3_digest,
        mp3_path=publish(written.mp3, written.mp3_digest, out_dir),
        duration_ms=round(measured.duration_s * 1000),
        lufs=measured.integrated_lufs,
        true_peak_dbtp=measured.true_peak_dbtp,
        longest_silence_s=measured.longest_silence_s,
        spans=spans,
    )


class _Steps:
    """Counts seconds of sound gone through, twice; another try to write does not count again."""

    def __init__(self, progress: Progress | None, seconds: float) -> None:
        self._progress, self._seconds, self._most = progress, seconds, 0.0

    def at(self, seconds: float) -> None:
        self._most = max(self._most, seconds)
        if self._progress:
            total = round(2 * self._seconds)
            self._progress(min(round(self._most), total), total)

    def second(self, seconds: float) -> None:
        self.at(self._seconds + seconds)


@dataclass(frozen=True, slots=True)
class _Making:
    """One programme being made in the folder `aside`."""

    profile: Profile
    aside: Path
    steps: _Steps

    def make(self, segments: Sequence[Segment], layout: Layout) -> tuple[Written, Spans]:
        rate = self._rate()
        with Spool(self.aside / "spool") as spool:
            parts = assemble(segments, layout, rate)
            analysis = analyse(parts, rate, self.profile.band, spool, self.steps.at)
            if not analysis.peaks.max() > _SILENT_PEAK:
                raise InputError(
                    "Chương trình chỉ có im lặng: hãy kiểm tra các tệp âm thanh đưa vào.",
                    "The programme is silent: check the sound files that it is made of.",
                )
            written = self._write(spool, analysis, rate)
            hop = self.profile.sample_rate // HOPS_A_SECOND
            samples = spool.samples * self.profile.sample_rate // rate
            return written, spans(kinds(segments, layout), analysis.parts, hop, samples)

    def _rate(self) -> int:
        """Half the samples are half the work, where the band leaves the upper half empty."""
        full, half = self.profile.sample_rate, self.profile.sample_rate // 2
        return half if self.profile.band[1] <= half * 0.3 and half % HOPS_A_SECOND == 0 else full

    def _write(self, spool: Spool, analysis: Analysis, rate: int) -> Written:
        """Write, measure, and once more with a better aim if the files are not as ordered."""
        profile = self.profile
        form = Form(rate, profile.sample_rate, profile.mp3_kbps, profile.tags)
        target, ceiling = profile.target_lufs, profile.true_peak_dbtp - _MARGIN_DB
        for _ in range(_TRIES):
            gain = plan(analysis, target, ceiling)
            written = write(spool, gain, form, self.aside, self.steps.second)
            off = written.measured.integrated_lufs - profile.target_lufs
            over = written.measured.true_peak_dbtp - profile.true_peak_dbtp
            if over <= 0 and abs(off) <= _NEAR_LU:
                break
            target -= off if abs(off) < 3 else 0.0
            ceiling -= over + 0.1 if over > 0 else 0.0
        return written
