"""How an error of ours becomes an answer."""

from __future__ import annotations

from fastapi.responses import JSONResponse

from broadcaster.errors import BroadcasterError


def in_words(error: BroadcasterError) -> JSONResponse:
    """What to do next, in both languages; 503, so that a station comes again."""
    return JSONResponse({"vi": error.text.vi, "en": error.text.en}, status_code=503)
