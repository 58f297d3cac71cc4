"""`broadcaster run`: the server, its loops and this machine's own station, until told to stop."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from filelock import FileLock, Timeout

from broadcaster.errors import Unavailable
from broadcaster.loops import Loops
from broadcaster.services import syncing
from broadcaster.services.context import Context
from broadcaster.station.settings import TOKEN_FILE, StationSettings, write_settings
from broadcaster.web.app import create_app

log = logging.getLogger(__name__)


def serve(context: Context, *, on_ready: Callable[[str], None], station: bool = True) -> None:
    """Block until SIGINT or SIGTERM. Raises Unavailable for a second run or a port in use."""
    with _only_one(context.home), _listening(context) as listener:
        url = "http://{}:{}".format(*listener.getsockname()[:2])
        loops = Loops(context)
        loops.start()
        child = _Station(context, url) if station and context.config.station.target else None
        try:
            if child:
                child.start()
            on_ready(url)
            server = uvicorn.Server(
                uvicorn.Config(create_app(context), log_level="warning", access_log=False)
            )
            server.run(sockets=[listener])
        finally:
            if child:
                child.stop()
            loops.stop()


@contextmanager
def _only_one(home: Path) -> Iterator[None]:
    """The operating system gives the lock back when the process dies, however it dies."""
    lock = FileLock(home / "data" / "run.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Unavailable(
            f"Broadcaster đang chạy trên dữ liệu {home} rồi. Chỉ được chạy một lần; "
            "hãy dùng cửa sổ đang chạy hoặc tắt nó trước.",
            f"Broadcaster is already running on {home}. Use that one, or stop it first.",
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _listening(context: Context) -> Iterator[socket.socket]:
    settings = context.config.server
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there it would let two programs share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with listener:
        try:
            listener.bind((settings.host, settings.port))
            listener.listen(128)
        except OSError as error:
            raise Unavailable(
                f"Không mở được cổng {settings.port} trên {settings.host}: {error.strerror}. "
                "Có chương trình khác đang dùng? Đổi [server] port trong broadcaster.toml.",
                f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}. "
                "Change [server] port in broadcaster.toml.",
            ) from None
        yield listener


class _Station:
    """This machine's station: a process of its own, started again when it dies.

    It goes on playing when the server is killed. The next server leaves it alone: the station's
    own lock refuses a second one, and the old one finds the server again by itself.
    """

    def __init__(self, context: Context, url: str) -> None:
        self._home = context.home / "station"
        self._done = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="station", daemon=True)
        _prepare(context, self._home, url)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        if self._child and self._child.poll() is None:
            self._child.terminate()
        self._thread.join(timeout=15)

    def _keep(self) -> None:
        command = [sys.executable, "-m", "broadcaster.station", "--home", str(self._home)]
        while not self._done.is_set():
            with (self._home / "station.log").open("ab") as out:
                self._child = subprocess.Popen(command, stdout=out, stderr=out)
                code = self._child.wait()
            if not self._done.is_set():
                log.warning("the station ended with %s; starting it again", code)
                self._done.wait(2)


def _prepare(context: Context, home: Path, url: str) -> None:
    local = context.config.station
    token = ""
    if not (home / TOKEN_FILE).exists():
        token = syncing.enroll(context, None, local.target, context.clock())
    quiet = local.quiet_hours or context.config.policy.quiet_hours
    settings = StationSettings(
        server=url,
        station=local.target,
        player=local.player,
        device=local.device,
        quiet="" if quiet == "none" else quiet,
        poll_seconds=1.0,
    )
    write_settings(home, settings, token)
