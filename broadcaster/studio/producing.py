"""Make a programme from segments; measure a sound file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from broadcaster.studio.model import Layout, Measurement, Profile, Programme, Progress, Segment


def produce(
    segments: Sequence[Segment],
    layout: Layout,
    profile: Profile,
    out_dir: Path,
    *,
    progress: Progress | None = None,
) -> Programme:
    """Build, level and encode a programme into `out_dir` as <sha256>.wav and <sha256>.mp3."""
    raise NotImplementedError


def measure(path: Path) -> Measurement:
    """Measure any readable sound file."""
    raise NotImplementedError
