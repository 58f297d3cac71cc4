"""Sound to programme: join, pauses, chime, loudness, limiter, encode."""

from broadcaster.studio.model import Layout, Measurement, Profile, Programme, Segment
from broadcaster.studio.producing import produce
from broadcaster.studio.recording import Finding, Recording, take
from broadcaster.studio.writing import measure

__all__ = [
    "Finding",
    "Layout",
    "Measurement",
    "Profile",
    "Programme",
    "Recording",
    "Segment",
    "measure",
    "produce",
    "take",
]
