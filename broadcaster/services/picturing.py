"""Taking pictures in: checked, then stored under their digest, before any revision names them."""

from __future__ import annotations

from broadcaster import durable
from broadcaster.domain.picture import Picture, picture_of
from broadcaster.services.context import Context


def keep(context: Context, content: bytes, alt: str) -> Picture:
    """Store one picture; the same bytes again change nothing. Raises InputError, or OSError."""
    found = picture_of(content, alt)
    path = context.file(found.digest, found.kind)
    if not path.exists() or path.read_bytes() != content:
        durable.write(path, content)
    return found
