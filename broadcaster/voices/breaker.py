"""Remember on disk that an engine asked for a rest, so that nobody calls it before that is over."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

_LONGEST_S = 6 * 3600.0


class Breaker:
    """One small file shared by all processes; `wall` gives seconds since 1970."""

    def __init__(self, path: Path, wall: Callable[[], float]) -> None:
        self._path, self._wall = path, wall

    def rest_s(self) -> float:
        """Seconds of rest still to go; 0 when calls are allowed."""
        try:
            until = float(json.loads(self._path.read_text("ascii"))["until"])
        except (OSError, ValueError, TypeError, KeyError):
            return 0.0
        left = until - self._wall()
        return left if 0 < left <= _LONGEST_S else 0.0  # more means that the clock was set back

    def trip(self, seconds: float) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        aside = self._path.with_suffix(".part")
        aside.write_text(json.dumps({"until": self._wall() + min(seconds, _LONGEST_S)}), "ascii")
        aside.replace(self._path)
