"""Where a server listens and where its database is: said by a commune on its own or a province."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from broadcaster.settings.file import Strict


def _database(value: str) -> str:
    try:
        parts = urlsplit(value)
        known = parts.scheme in {"sqlite", "postgresql", "postgresql+psycopg"}
        right = known and "://" in value and (parts.port is None or parts.port > 0)
    except ValueError:
        right = False
    if value and not right:
        raise ValueError("viết như sqlite:////đường/dẫn.db hoặc postgresql://người@máy/tên")
    return value


DatabaseUrl = Annotated[str, AfterValidator(_database)]


class Server(Strict):
    """Where stations find the server; 127.0.0.1 serves this machine only."""

    host: str = "127.0.0.1"
    port: int = Field(default=8765, ge=0, le=65535)
