"""Stand-ins for Facebook, Zalo and WordPress, for the demo, for training staff, and for tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI

    from broadcaster.sandbox.state import SandboxState


def create_app(state: SandboxState) -> FastAPI:
    """All stand-ins, the public page and the control door over one state."""
    from broadcaster.sandbox import app  # noqa: PLC0415 - a web server is slow to import

    return app.create_app(state)


def running(
    state: SandboxState, host: str = "127.0.0.1", sockets: Sequence[socket] = ()
) -> AbstractContextManager[str]:
    """The sandbox in a thread of this process; the context's value is its base URL."""
    from broadcaster.sandbox import server  # noqa: PLC0415 - a web server is slow to import

    return server.running(state, host, sockets)


def serve(
    host: str,
    port: int,
    *,
    fault_script: Path | None = None,
    data: Path | None = None,
    on_ready: Callable[[str], None] = lambda _url: None,
    on_end: Callable[[dict[str, Any]], None] = lambda _summary: None,
) -> None:
    """Run until interrupted; `on_ready` gets the base URL once the port is listening, `on_end`
    the summary of what the public saw.

    Port 0 picks a free one. Raises `Unavailable` (port taken, data file cannot be written) and
    `InputError` (script or data file cannot be read) before anything starts.
    """
    from broadcaster.sandbox import server  # noqa: PLC0415 - a web server is slow to import

    server.serve(host, port, fault_script=fault_script, data=data, on_ready=on_ready, on_end=on_end)
