"""Files that are whole or not there, whatever happens to the program or the power."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_PREFIX = ".making-"


def write(path: Path, content: bytes) -> None:
    """Replace the file: written aside, synced, renamed. Raises OSError; the old one stays then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=_PREFIX)
    aside = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.chmod(0o644)  # as others' programs may have to read it; mkstemp makes it private
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    sync(path.parent)


def sweep(folder: Path) -> None:
    """Remove what killed writers left; only while nobody else can be writing there."""
    for left in folder.glob(f"{_PREFIX}*"):
        if left.is_file():
            left.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Make the names in the folder last; elsewhere than on POSIX a folder cannot be synced."""
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
