"""The file of a backup: a ZIP in which a manifest names every entry with its SHA-256.

Any program opens it: settings, sounds and keys as they are, each table as one JSON object a line.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from broadcaster import durable
from broadcaster.errors import InputError

FORMAT = 1
MANIFEST = "manifest.json"
_CHUNK = 1 << 20
_PACKED = frozenset({".jsonl", ".json", ".toml", ".txt", ".md", ".csv"})


@dataclass
class Writer:
    """Entries one after the other; `entries` is what the manifest says of them."""

    file: zipfile.ZipFile
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        packed = PurePosixPath(name).suffix in _PACKED
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        size, digest = 0, hashlib.sha256()
        with self.file.open(info, "w", force_zip64=True) as out:
            for piece in pieces:
                out.write(piece)
                digest.update(piece)
                size += len(piece)
        self.entries[name] = {"size": size, "sha256": digest.hexdigest()}

    def add_file(self, name: str, path: Path) -> None:
        with path.open("rb") as source:
            self.add(name, iter(lambda: source.read(_CHUNK), b""))

    def finish(self, about: Mapping[str, Any]) -> str:
        """Write the manifest; its SHA-256, by which the whole file is known."""
        whole = {"format": FORMAT, **about, "entries": self.entries}
        text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True).encode()
        self.file.writestr(zipfile.ZipInfo(MANIFEST, (1980, 1, 1, 0, 0, 0)), text)
        return hashlib.sha256(text).hexdigest()


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Written aside, synced and renamed: a file that is there is whole. Raises OSError."""
    aside = path.with_name(f".making-{path.name}")
    try:
        descriptor = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w+b") as out:
            with zipfile.ZipFile(out, "w", allowZip64=True) as file:
                yield Writer(file)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    durable.sync(path.parent)


@dataclass(frozen=True)
class Reader:
    """A backup whose manifest could be read; `check` looks at all the rest."""

    path: Path
    file: zipfile.ZipFile
    manifest: Mapping[str, Any]
    digest: str

    def check(self) -> None:
        """Raises InputError naming every entry that is missing, damaged or not in the manifest."""
        entries: Mapping[str, Mapping[str, Any]] = self.manifest["entries"]
        there = set(self.file.namelist()) - {MANIFEST}
        wrong = [name for name in sorted(there | set(entries)) if not self._is_whole(name, entries)]
        if wrong:
            listed = "\n".join(f"  - {name}" for name in wrong[:20])
            more = f"\n  … {len(wrong)}" if len(wrong) > 20 else ""
            raise InputError(
                f"{self.path}: bản sao lưu bị hỏng hoặc thiếu ở:\n{listed}{more}\n"
                "Hãy dùng bản sao lưu khác.",
                f"{self.path}: the backup is damaged or incomplete:\n{listed}{more}\n"
                "Use another one.",
            )

    def _is_whole(self, name: str, entries: Mapping[str, Mapping[str, Any]]) -> bool:
        known = entries.get(name)
        if known is None or not _is_inside(name):
            return False
        size, digest = 0, hashlib.sha256()
        try:
            for piece in self.pieces(name):
                size += len(piece)
                if size > known["size"]:
                    return False
                digest.update(piece)
        except (KeyError, OSError, EOFError, zipfile.BadZipFile, ValueError):
            return False
        return (size, digest.hexdigest()) == (known["size"], known["sha256"])

    def pieces(self, name: str) -> Iterator[bytes]:
        with self.file.open(name) as source:
            yield from iter(lambda: source.read(_CHUNK), b"")

    def lines(self, name: str) -> Iterator[bytes]:
        if name in self.manifest["entries"]:
            with self.file.open(name) as source:
                yield from source

    def unpack(self, name: str, to: Path) -> None:
        """Write one entry to a file, on the disk when this returns."""
        to.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with self.file.open(name) as source, os.fdopen(descriptor, "wb") as out:
            _pour(source, out)
            os.fsync(out.fileno())
        to.chmod(0o644)


def _pour(source: IO[bytes], out: IO[bytes]) -> None:
    shutil.copyfileobj(source, out, _CHUNK)
    out.flush()


def _is_inside(name: str) -> bool:
    """A backup from a stranger must not write beside the folder that it is restored into."""
    path = PurePosixPath(name)
    return (
        not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
    )


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Raises InputError for what is not there or no backup of ours."""
    reader = _opened(path)
    with reader.file:
        yield reader


_NEEDED = ("schema", "made_at", "commune", "rows", "entries")


def _opened(path: Path) -> Reader:
    try:
        file = zipfile.ZipFile(path)
        text = file.read(MANIFEST)
        manifest = json.loads(text)
        if manifest["format"] != FORMAT or not all(manifest[name] for name in _NEEDED):
            raise ValueError(manifest["format"])
    except FileNotFoundError:
        raise InputError(f"Không thấy tệp {path}.", f"There is no {path}.") from None
    except (zipfile.BadZipFile, EOFError, KeyError, ValueError, TypeError):
        raise InputError(
            f"{path} không phải bản sao lưu của Broadcaster, hoặc đã bị hỏng.",
            f"{path} is no backup of Broadcaster, or is damaged.",
        ) from None
    return Reader(path, file, manifest, hashlib.sha256(text).hexdigest())
