"""What the studio is given and what it hands back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Progress = Callable[[int, int], None]  # done, total: both in seconds of sound


CueKind = Literal["lead_in", "chime", "opening", "item", "closing"]
"""The stretches of a programme that may be played without the others."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of speech (any readable sound file) and the silence after it."""

    path: Path
    pause_ms: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands around the body of a programme."""

    lead_in_ms: int = 500  # silence while amplifier relays open
    chime: Path | None = None
    opening: tuple[Segment, ...] = ()
    repeat: Literal[1, 2] = 1
    repeat_pause_ms: int = 1500
    closing: tuple[Segment, ...] = ()
    closing_chime: Path | None = None
    bed: Path | None = None  # quiet music under the speech, looped
    bed_db: float = -24.0
    tail_ms: int = 500


@dataclass(frozen=True, slots=True)
class Profile:
    """How a programme must sound for one kind of outlet. The defaults suit horn loudspeakers."""

    band: tuple[float, float] = (250.0, 7000.0)  # Hz
    target_lufs: float = -16.0
    true_peak_dbtp: float = -2.0
    sample_rate: int = 48000  # of the WAV: 24000, 32000 or 48000
    mp3_kbps: int = 96
    tags: Mapping[str, str] = field(default_factory=dict)  # title, artist, album, date, comment


# For the kinds of outlets; a commune changes a copy with `dataclasses.replace`.
PROFILES: Mapping[str, Profile] = {
    "horn": Profile(),
    "fm": Profile(band=(60.0, 15000.0)),
    "web": Profile(band=(60.0, 16000.0), true_peak_dbtp=-1.0),
    "phone_line": Profile(band=(300.0, 3400.0)),
}


@dataclass(frozen=True, slots=True)
class Programme:
    """Finished sound: immutable files named by their SHA-256, and what a meter says of them.

    `spans`: which samples of the WAV are which cue, in order and without a gap: (kind, first, end).
    """

    wav_digest: str
    wav_path: Path
    mp3_digest: str
    mp3_path: Path
    duration_ms: int
    lufs: float
    true_peak_dbtp: float
    longest_silence_s: float
    spans: tuple[tuple[CueKind, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """A stretch of a programme as a WAV file of its own, named by its SHA-256."""

    kind: CueKind
    digest: str
    size: int  # bytes
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """A sound file as a loudness meter sees it (ITU-R BS.1770, EBU Tech 3341 and 3342)."""

    integrated_lufs: float
    true_peak_dbtp: float
    loudness_range_lu: float
    duration_s: float
    longest_silence_s: float

    def as_dict(self) -> dict[str, float | None]:
        """For JSON: silence has no loudness, so its minus infinity becomes null."""
        names = self.__slots__
        values = {name: float(getattr(self, name)) for name in names}
        return {k: None if v in (float("inf"), float("-inf")) else v for k, v in values.items()}
