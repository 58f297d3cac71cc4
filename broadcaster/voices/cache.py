"""Keep every sentence that was ever spoken, by the digest of all that decides its sound."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from broadcaster.errors import Unavailable
from broadcaster.voices import wav
from broadcaster.voices.port import Pcm, Voice

_FORMAT = "wav-s16-mono-1"


@dataclass(frozen=True, slots=True)
class Cache:
    """Sentences as WAV files under `folder`; a file is whole or it is not there."""

    folder: Path

    def path(self, sentence: str, voice: Voice, speed: float) -> Path:
        key = [sentence, voice.name, voice.version, voice.variant, f"{speed:.3f}", _FORMAT]
        digest = hashlib.sha256(json.dumps(key).encode()).hexdigest()
        return self.folder / digest[:2] / f"{digest}.wav"

    def holds(self, path: Path) -> bool:
        try:
            return wav.unpack(path.read_bytes()) is not None
        except OSError:
            return False

    def prepare(self) -> None:
        """Raises Unavailable when there can be no such folder."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise self._refused(fault) from fault

    def keep(self, path: Path, pcm: Pcm) -> None:
        """Write aside, then rename. Raises Unavailable when the disk does not take it."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, wav.pack(pcm))
        except OSError as fault:
            raise self._refused(fault) from fault

    def _refused(self, fault: OSError) -> Unavailable:
        return Unavailable(
            f"Không ghi được âm thanh vào “{self.folder}” ({fault.strerror}). "
            "Hãy kiểm tra dung lượng trống và quyền ghi của ổ đĩa.",
            f"Cannot write sound to “{self.folder}” ({fault.strerror}). "
            "Check the free space and the permissions of the disk.",
        )


def _write(path: Path, content: bytes) -> None:
    handle, aside = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
