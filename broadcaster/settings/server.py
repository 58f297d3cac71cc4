"""Where a server listens and where its database is: said by a commune on its own or a province."""

from __future__ import annotations

import ipaddress
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


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise ValueError('viết như "10.0.0.5" hoặc "10.0.0.0/24"') from None
    return value


Network = Annotated[str, AfterValidator(_network)]


class Server(Strict):
    """Where stations find the server; 127.0.0.1 serves this machine only."""

    host: str = "127.0.0.1"
    port: int = Field(default=8765, ge=0, le=65535)
    monitors: list[Network] = Field(default_factory=list)
    """Who besides this machine may read /metrics: addresses or networks ("10.0.0.0/24")."""
