"""Taking pictures in: checked, then stored under their digest, before any revision names them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from broadcaster.domain.picture import Picture, picture_of
from broadcaster.services.context import Context


def keep(context: Context, content: bytes, alt: str) -> Picture:
    """Store one picture; the same bytes again change nothing. Raises InputError."""
    found = picture_of(content, alt)
    _write(context.file(found.digest, found.kind), content)
    return found


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, whatever happens to the power."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    number, aside = tempfile.mkstemp(dir=path.parent, prefix=".making-")
    try:
        with open(number, "wb") as file:  # noqa: PTH123 - an open descriptor
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    finally:
        Path(aside).unlink(missing_ok=True)
