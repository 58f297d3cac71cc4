"""Files for their owner's eyes only, whole on the disk before the old one goes."""

from __future__ import annotations

import os
from pathlib import Path

from broadcaster.errors import InputError

ASIDE = ".new"


def write_private(path: Path, text: str) -> None:
    """Replace a file. When this returns it survives a power cut.

    A process killed in between leaves the old file, and the new one beside it, perhaps in part:
    see `take_up`.
    """
    aside = path.with_suffix(ASIDE)
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    sync_folder(path.parent)


def take_up(path: Path) -> None:
    """Finish what a killed writer began: the file beside, known to be whole, takes its place."""
    aside = path.with_suffix(ASIDE)
    with aside.open("rb+") as file:
        os.fsync(file.fileno())
    aside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """A new name in the folder survives a power cut; where folders cannot be synced, nothing."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def must_be_private(path: Path) -> None:
    """Raises InputError when others may read the file. Windows has no such rights to look at."""
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise InputError(
            f"{path} đang cho người khác đọc. Hãy chạy: chmod 600 {path}",
            f"{path} can be read by others. Run: chmod 600 {path}",
        )
