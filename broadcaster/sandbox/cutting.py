"""Open connections by their two ends, so that a script can cut one without an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

_OPEN: dict[object, asyncio.Transport] = {}


class CuttableProtocol(H11Protocol):
    """Uvicorn's HTTP protocol that leaves a note of each open connection."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        _OPEN[self.client, self.server] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _OPEN.pop((self.client, self.server), None)
        super().connection_lost(exc)


def cut(scope: Mapping[str, Any]) -> None:
    """Close the connection of that request at once; nothing more is sent over it."""
    transport = _OPEN.get((scope["client"], scope["server"]))
    if transport is not None:
        transport.abort()
