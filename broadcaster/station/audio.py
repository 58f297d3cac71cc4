"""Audio files by digest on the station's disk: fetched aside, verified, synced, then renamed."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import soundfile

from broadcaster.errors import Text
from broadcaster.station import causes
from broadcaster.wire import Cue

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one file: how long it sounds, and its sample rate in Hz."""

    length: timedelta
    rate: int


class Vault:
    """DIR/audio. A file called <digest>.wav was whole and right when it got that name."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "audio"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._known: dict[str, Facts] = {}

    def path(self, digest: str) -> Path:
        return self._folder / f"{digest}.wav"

    def part(self, digest: str) -> Path:
        return self._folder / f"{digest}.part"

    def has(self, digest: str) -> bool:
        return self._facts(digest) is not None

    def keep(self, digest: str, size: int) -> Text | None:
        """Make a fetched part a held file, or tell why not. A short part stays, to be gone on with;
        a wrong one is removed."""
        part = self.part(digest)
        if part.stat().st_size < size:
            return causes.AUDIO_MISSING
        if fault := fault_of(part, digest):
            part.unlink(missing_ok=True)
            return fault
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(self.path(digest))
        _sync_folder(self._folder)
        return None

    def length(self, cues: Iterable[Cue]) -> timedelta:
        """How long the cues sound: what the plan says or what the files hold, the longer."""
        return sum((self._length_of(cue) for cue in cues), timedelta())

    def _length_of(self, cue: Cue) -> timedelta:
        facts = self._facts(cue.digest)
        held = facts.length if facts else timedelta()
        return max(held, timedelta(milliseconds=cue.duration_ms))

    def _facts(self, digest: str) -> Facts | None:
        """None when it is not held. A file never changes under its name, so it is opened once."""
        path = self.path(digest)
        if not path.is_file():
            self._known.pop(digest, None)
        elif digest not in self._known:
            try:
                info = soundfile.info(path)
            except soundfile.SoundFileError:
                path.unlink(missing_ok=True)  # rotten: to be fetched again
                return None
            length = timedelta(seconds=info.frames / info.samplerate)
            self._known[digest] = Facts(length, int(info.samplerate))
        return self._known.get(digest)

    def trouble(self, cues: list[Cue]) -> Text | None:
        """Why the cues cannot be played as far as a glance shows, or None."""
        if not cues:
            return causes.EMPTY
        facts = [self._facts(cue.digest) for cue in cues]
        if None in facts:
            return causes.AUDIO_MISSING
        rates = {known.rate for known in facts if known}
        return causes.MIXED_RATES if len(rates) > 1 else None

    def verify(self, cues: list[Cue]) -> Text | None:
        """Read every byte again, as the last thing before the cues are played. A bad file goes."""
        for cue in cues:
            path = self.path(cue.digest)
            if fault := fault_of(path, cue.digest):
                path.unlink(missing_ok=True)
                return fault
        return None

    def sweep(self, in_use: set[str]) -> int:
        """Delete what no item needs any more; how many files went."""
        gone = [p for p in self._folder.iterdir() if p.stem not in in_use]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def free_mb(self) -> int:
        return shutil.disk_usage(self._folder).free // 1_000_000


def fault_of(path: Path, digest: str) -> Text | None:
    """Whether `path` is, byte for byte, a playable WAV file with this SHA-256."""
    if not path.is_file():
        return causes.AUDIO_MISSING
    if sha256(path) != digest or not is_whole_wav(path):
        return causes.AUDIO_WRONG
    return None


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def is_whole_wav(path: Path) -> bool:
    """RIFF says how long it is: a file cut short would otherwise be read without complaint."""
    with path.open("rb") as file:
        head = file.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return False
    (claimed,) = struct.unpack("<I", head[4:8])
    if claimed + 8 > path.stat().st_size:
        return False
    try:
        info = soundfile.info(path)
    except (soundfile.SoundFileError, OSError):
        return False
    return bool(info.frames > 0 and 1 <= info.channels <= 2 and 8_000 <= info.samplerate <= 192_000)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
