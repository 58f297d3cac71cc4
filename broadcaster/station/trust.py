"""The server's public key as this station has pinned it: DIR/server.key."""

from __future__ import annotations

from pathlib import Path

from broadcaster.station.settings import write_private

FILE = "server.key"


class Trust:
    """Read anew each time: the line may pin a successor while the engine runs."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE

    def pinned(self) -> str:
        """The key in base64, or "" when nothing was pinned yet."""
        try:
            return self._path.read_text("ascii").strip()
        except (OSError, UnicodeError):
            return ""

    def pin(self, key: str) -> None:
        if key != self.pinned():
            write_private(self._path, key + "\n")
