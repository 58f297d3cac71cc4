"""Running the sandbox on a real port."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn

from broadcaster.errors import Unavailable
from broadcaster.sandbox.app import create_app
from broadcaster.sandbox.cutting import CuttableProtocol
from broadcaster.sandbox.scripts import Script, read_script
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.summary import summary

_TIME_TO_START = 30.0


class _Server(uvicorn.Server):
    """Says when it listens, and when it has answered its last request."""

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[], None], on_end: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_end = on_end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Not after `run`: a SIGTERM ends the process before that returns.
        await super().shutdown(sockets=sockets)
        self._on_end()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_ready()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises `Unavailable` when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol left open asyncio would not switch Nagle off: 40 ms more for every reply.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":  # there it would let two programs share one port
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(128)
    except (OSError, OverflowError) as error:
        sock.close()
        raise Unavailable(
            f"Không mở được cổng {port} trên {host}: cổng đang được chương trình khác dùng "
            "hoặc địa chỉ không thuộc máy này. Hãy chọn cổng khác, hoặc 0 để máy tự chọn.",
            f"Cannot listen on {host}:{port}: in use, or not an address of this machine. "
            "Choose another port, or 0 for any free one.",
        ) from error
    return sock


def url_of(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


def server_for(
    state: SandboxState, on_ready: Callable[[], None], on_end: Callable[[], None] = lambda: None
) -> _Server:
    # Headers about proxies are not believed: a connection is known by its real two ends.
    config = uvicorn.Config(
        create_app(state),
        http=CuttableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    return _Server(config, on_ready, on_end)


def serve(
    host: str,
    port: int,
    *,
    fault_script: Path | None,
    data: Path | None,
    on_ready: Callable[[str], None],
    on_end: Callable[[dict[str, Any]], None],
) -> None:
    """Run until interrupted; `on_ready` gets the base URL once the port is listening, `on_end`
    the summary of what the public saw.

    Port 0 picks a free one. Raises `Unavailable` (port taken, data file cannot be written) and
    `InputError` (script or data file cannot be read) before anything starts.
    """
    script = read_script(fault_script) if fault_script else Script()
    state = SandboxState(script.settings, data=data)
    if fault_script:
        state.world.faults = list(script.faults)
        state.world.settings = script.settings
    if script.start is not None:
        state.world.shift_seconds = (script.start - state.clock()).total_seconds()
    sock = listen(host, port)
    with closing(sock), suppress(KeyboardInterrupt):  # Ctrl-C is the usual way to end it
        state.save()
        server = server_for(state, lambda: on_ready(url_of(sock)), lambda: on_end(summary(state)))
        server.run(sockets=[sock])


@contextmanager
def running(
    state: SandboxState, host: str = "127.0.0.1", sockets: Sequence[socket.socket] = ()
) -> Iterator[str]:
    """The sandbox in a thread of this process, for tests; yields its base URL.

    `sockets`: where it listens, if somebody has opened them; the URL is that of the first.
    """
    socks, ready = list(sockets) or [listen(host, 0)], threading.Event()
    server = server_for(state, ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": socks}, daemon=True)
    thread.start()
    try:
        if not ready.wait(_TIME_TO_START):
            raise Unavailable("Môi trường thử không khởi động được.", "The sandbox did not start.")
        yield url_of(socks[0])
    finally:
        server.should_exit = True
        thread.join(_TIME_TO_START)
        for sock in socks:
            sock.close()
