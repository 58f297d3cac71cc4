"""Bytes of pictures, sounds and videos, named by digest; beside the data file when there is one."""

from __future__ import annotations

import hashlib
from pathlib import Path


class Blobs:
    """A store of bytes by SHA-256; in memory, and in `folder` if given."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self._known and self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            aside = self._folder / f"{digest}.part"
            aside.write_bytes(content)
            aside.replace(self._folder / digest)
        self._known[digest] = content
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes; empty when somebody has deleted the file."""
        if digest not in self._known and self._folder is not None:
            path = self._folder / digest
            self._known[digest] = path.read_bytes() if path.exists() else b""
        return self._known.get(digest, b"")
