"""Take a person's recording: say in words what is wrong with it, then trim and level it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from broadcaster.errors import InputError, Text, Unavailable
from broadcaster.studio import reading
from broadcaster.studio.aside import making
from broadcaster.studio.encoding import Wav, int16, publish
from broadcaster.studio.hearing import Hearing, hear
from broadcaster.studio.model import Measurement

Code = Literal["clipping", "hum", "low", "noise", "silence"]

LONGEST_S = 3600.0
_RATE = 48000
_LEVEL = -20.0  # LUFS; the programme that uses it brings it to its own target
_CEILING = 0.89  # -1 dBFS
_EDGE_S = 0.25  # of silence that stays at both ends


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a listener would notice, with what to do about it."""

    code: Code
    text: Text


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that can be used as a segment of a programme."""

    digest: str
    path: Path  # 48 kHz mono WAV, trimmed and levelled
    duration_s: float
    before: Measurement
    findings: tuple[Finding, ...]


def take(path: Path, out_dir: Path, *, longest_s: float = LONGEST_S) -> Recording:
    """Check, trim and level the recording `path` into `out_dir` as <sha256>.wav.

    Takes what soundfile reads (WAV, MP3, OGG, FLAC) and, where ffmpeg is installed, M4A, 3GP and
    the like. Raises InputError when it cannot be used at all; everything else is a finding.
    """
    try:
        with making(out_dir) as aside:
            source = _readable(path, aside, longest_s)
            heard = hear(source)
            _check(path, heard)
            return _write(source, heard, aside, out_dir)
    except OSError as fault:
        raise Unavailable(
            f"Không ghi được bản thu vào “{out_dir}” ({fault.strerror or fault}). "
            "Hãy kiểm tra dung lượng trống và quyền ghi của ổ đĩa.",
            f"Cannot write the recording to “{out_dir}” ({fault.strerror or fault}). "
            "Check the free space and the permissions of the disk.",
        ) from fault


def findings(heard: Hearing) -> Iterator[Finding]:
    """What a listener would notice."""
    if heard.clipped_share > 0.0005:
        yield Finding("clipping", _CLIPPING)
    if heard.hum:
        yield Finding("hum", _HUM)
    if heard.measured.integrated_lufs < -35:
        yield Finding("low", _LOW)
    if heard.noise_db > -45 and heard.speech_db - heard.noise_db < 15:
        yield Finding("noise", _NOISE)
    if (gap := heard.longest_gap_s) > 3:
        vi = f"Có đoạn im lặng {gap:.0f} giây giữa bản thu: hãy nghe lại, cắt bớt nếu thừa."
        en = f"There is a silence of {gap:.0f} s inside: listen again and cut it if unwanted."
        yield Finding("silence", Text(vi, en))


def _readable(path: Path, aside: Path, longest_s: float) -> Path:
    """`path`, or a WAV copy of what only ffmpeg can read."""
    source = path
    if path.is_file() and path.suffix.lower() in _BY_FFMPEG:
        source = _converted(path, aside / "source.wav", longest_s)
    seconds = reading.duration_s(source)
    if seconds > longest_s:
        raise InputError(
            f"Bản thu “{path.name}” dài {seconds / 60:.0f} phút, tối đa {longest_s / 60:.0f} phút: "
            "hãy cắt thành nhiều phần.",
            f"The recording “{path.name}” lasts {seconds / 60:.0f} min, at most "
            f"{longest_s / 60:.0f}: cut it into parts.",
        )
    return source


_BY_FFMPEG = frozenset((".m4a", ".aac", ".3gp", ".amr", ".mp4", ".wma", ".webm", ".mka"))


def _converted(path: Path, wav: Path, longest_s: float) -> Path:
    """A second more than allowed is kept, so that what is too long is told and not cut."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise InputError(
            f"Muốn đọc “{path.name}” cần cài ffmpeg; hoặc xuất bản thu ra WAV, MP3 rồi chọn lại.",
            f"Reading “{path.name}” needs ffmpeg; or export the recording as WAV or MP3.",
        )
    source = ["-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-i"]
    target = ["-vn", "-ac", "1", "-ar", str(_RATE), "-t", f"{longest_s + 1:.0f}"]
    command = [program, *source, str(path.resolve()), *target, str(wav)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=600)
    except subprocess.SubprocessError as fault:
        raise InputError(
            f"Không đọc được âm thanh trong “{path.name}”: tệp hỏng hoặc không phải âm thanh.",
            f"Cannot read sound from “{path.name}”: broken, or not a sound file.",
        ) from fault
    return wav


def _check(path: Path, heard: Hearing) -> None:
    if heard.measured.duration_s < 0.5 or heard.measured.integrated_lufs < -60:
        raise InputError(
            f"Bản thu “{path.name}” không có tiếng: hãy kiểm tra micrô rồi thu lại.",
            f"The recording “{path.name}” holds no sound: check the microphone and record again.",
        )


def _write(source: Path, heard: Hearing, aside: Path, out_dir: Path) -> Recording:
    start = max(0, round((heard.first_s - _EDGE_S) * _RATE))
    stop = round((heard.last_s + _EDGE_S) * _RATE)
    length = min(stop, int(heard.measured.duration_s * _RATE)) - start
    measured = heard.measured
    loud = 10 ** ((_LEVEL - measured.integrated_lufs) / 20)
    gain = np.float32(min(loud, _CEILING / 10 ** (measured.true_peak_dbtp / 20)))
    with Wav(aside / "recording.wav", _RATE, length) as wav:
        at = 0
        for block in reading.mono(source, _RATE):
            piece = block[max(0, start - at) : max(0, start + length - at)]
            wav.feed(int16(piece * gain))
            at += len(block)
        digest = wav.finish()
    path = publish(wav.path, digest, out_dir)
    return Recording(digest, path, length / _RATE, measured, tuple(findings(heard)))


_CLIPPING = Text(
    "Tiếng bị vỡ vì thu quá to: hãy để micrô xa hơn hoặc giảm mức thu rồi thu lại.",
    "The sound is clipped: move away from the microphone or lower its level, and record again.",
)
_HUM = Text(
    "Có tiếng ù của điện lưới 50 Hz: hãy kiểm tra dây nối đất hoặc đổi nguồn rồi thu lại.",
    "There is mains hum at 50 Hz: check the earth wire or change the supply, and record again.",
)
_LOW = Text(
    "Thu quá nhỏ: máy đã nâng lên, tiếng ồn nền cũng to theo; nên thu lại gần micrô hơn.",
    "The level is too low: it was raised, noise with it; better record closer to the microphone.",
)
_NOISE = Text(
    "Tiếng ồn nền to: hãy thu ở nơi yên tĩnh, tắt quạt và đóng cửa.",
    "There is much background noise: record in a quiet place, fans off and doors shut.",
)
