"""A folder beside the finished files where unfinished ones lie, and never stay."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX = ".making-"
_LOCK = "lock"


@contextmanager
def making(folder: Path) -> Iterator[Path]:
    """A fresh folder inside `folder`, gone at the end however it ends.

    What a killed process left behind is swept away first: its lock is free.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    aside = tempfile.TemporaryDirectory(dir=folder, prefix=_PREFIX)
    with aside as name, FileLock(Path(name) / _LOCK):
        yield Path(name)


def _sweep(folder: Path) -> None:
    for left in folder.glob(f"{_PREFIX}*"):
        # One with nothing but its lock may be about to be locked by its owner.
        if (left / _LOCK).exists() and len(list(left.iterdir())) > 1:
            try:
                with FileLock(left / _LOCK, timeout=0):
                    pass
            except Timeout:
                continue
            shutil.rmtree(left, ignore_errors=True)
