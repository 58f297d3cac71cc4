"""Sound to programme: join, pauses, chime, loudness, limiter, encode."""

from broadcaster.studio.model import Layout, Measurement, Profile, Programme, Segment
from broadcaster.studio.producing import produce
from broadcaster.studio.writing import measure

__all__ = ["Layout", "Measurement", "Profile", "Programme", "Segment", "measure", "produce"]
