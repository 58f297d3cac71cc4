"""Taking pictures in: checked, then stored under their digest, before any revision names them."""

from __future__ import annotations

from broadcaster import durable
from broadcaster.domain.picture import Picture, picture_of
from broadcaster.domain.picture_traces import without_traces
from broadcaster.services.context import Context


def keep(context: Context, content: bytes, alt: str) -> Picture:
    """Store one picture, without what a telephone wrote into it; the same again changes nothing.

    Raises InputError, or OSError.
    """
    clean = without_traces(content, picture_of(content, alt).kind)
    found = picture_of(clean, alt)
    path = context.file(found.digest, found.kind)
    if not path.exists() or path.read_bytes() != clean:
        durable.write(path, clean)
    return found
