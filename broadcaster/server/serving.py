"""`broadcaster run`: the server, its loops and this machine's own station, until told to stop."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from broadcaster.errors import Unavailable
from broadcaster.server.current import Current
from broadcaster.server.ending import told_to_end
from broadcaster.server.local_station import LocalStation
from broadcaster.server.loops import Loops
from broadcaster.server.presence import Presence
from broadcaster.server.running import only_one
from broadcaster.services.communes import Communes
from broadcaster.web.app import create_app

KEEP_ALIVE_S = 75
"""A station that asks every half a minute finds its connection still open, a proxy too."""


def serve(
    communes: Communes, *, on_ready: Callable[[str], None], station: bool = True, port: int = 0
) -> None:
    """For data of its own: server, loops and this machine's station, until SIGINT or SIGTERM.

    Raises Unavailable for a second run or a port in use.
    """
    with (
        told_to_end() as told,
        only_one(communes.home),
        _alone(communes),
        listening(communes, port) as listener,
    ):
        url = "http://{}:{}".format(*listener.getsockname()[:2])
        # Ended from the last to the first: the station still finds a server for its last proof.
        with (
            answering(create_app(communes), listener) as web,
            _playing(communes, url, station),
            _ticking(communes),
        ):
            on_ready(url)
            current = Current(communes.database)
            while not told.wait(0.5):
                current.look()
                if not web.is_alive():
                    raise Unavailable(
                        "Máy chủ đã ngừng ngoài dự kiến; hãy chạy lại: broadcaster run",
                        "The server ended unexpectedly; start it again: broadcaster run",
                    )


@contextmanager
def _alone(communes: Communes) -> Iterator[None]:
    """A lock on a folder says nothing about other machines, or about the roles of a province.

    What they are sending would be taken for left over by the dead. Raises Unavailable.
    """
    if communes.database.is_sqlite:
        yield
        return
    presence = Presence(communes.database, communes.owner, plans=False)
    try:
        if not presence.alone():
            raise Unavailable(
                "Đang có tiến trình khác phục vụ cơ sở dữ liệu này, ở đây hoặc trên máy khác. Hãy "
                "dừng nó trước; nếu nó vừa chết thì đợi 15 giây rồi chạy lại. Nhiều tiến trình "
                "cùng lúc: xem docs/van-hanh-tinh.md.",
                "Another process serves this database, here or on another machine. Stop it first; "
                "if it has just died, wait 15 seconds and start again.",
            )
        presence.start()
        yield
    finally:
        presence.stop()


@contextmanager
def _ticking(communes: Communes) -> Iterator[None]:
    loops = Loops(communes)
    loops.start()
    try:
        yield
    finally:
        loops.stop()


@contextmanager
def answering(app: FastAPI, listener: socket.socket) -> Iterator[threading.Thread]:
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="web", daemon=True
    )
    thread.start()
    try:
        yield thread
    finally:
        server.should_exit = True
        thread.join(timeout=5)


@contextmanager
def _playing(communes: Communes, url: str, wanted: bool) -> Iterator[None]:
    context = communes.alone
    if context is None or not (wanted and context.config.station.target):
        yield
        return
    station = LocalStation(context, url)
    station.start()
    try:
        yield
    finally:
        station.stop()


@contextmanager
def listening(communes: Communes, port: int = 0) -> Iterator[socket.socket]:
    """`port`: in place of the one in the settings. Raises Unavailable for one that is in use."""
    settings = communes.settings.server
    port = port or settings.port
    # Naming the protocol lets asyncio switch Nagle off: without it every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":  # there it would let two programs share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with listener:
        try:
            listener.bind((settings.host, port))
            listener.listen(1024)  # after an outage, thousands come back in a few seconds
        except OSError as error:
            raise Unavailable(
                f"Không mở được cổng {port} trên {settings.host}: {error.strerror}. "
                "Có chương trình khác đang dùng? Đổi [server] port trong broadcaster.toml.",
                f"Cannot listen on {settings.host}:{port}: {error.strerror}. "
                "Change [server] port in broadcaster.toml.",
            ) from None
        yield listener
