"""Sound to programme: join, pauses, chime, loudness, limiter, encode."""

from broadcaster.studio.cutting import cut
from broadcaster.studio.model import PROFILES, Cue, Layout, Measurement, Profile, Programme, Segment
from broadcaster.studio.producing import produce
from broadcaster.studio.recording import Finding, Recording, take
from broadcaster.studio.writing import flac, measure

__all__ = [
    "PROFILES",
    "Cue",
    "Finding",
    "Layout",
    "Measurement",
    "Profile",
    "Programme",
    "Recording",
    "Segment",
    "cut",
    "flac",
    "measure",
    "produce",
    "take",
]
