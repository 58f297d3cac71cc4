"""What the two programs of a station share: their log, how they are stopped, and their seats."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from filelock import FileLock, Timeout

from broadcaster.errors import Unavailable

LOG = "station.log"
LARGEST_LOG = 2_000_000
"""Bytes; one older file of that size is kept beside it."""


def set_up_logging(home: Path) -> None:
    """To stderr; to DIR/station.log for a program of Windows without a window, which has none."""
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if sys.stderr is None:
        home.mkdir(parents=True, exist_ok=True)
        path = home / LOG
        handler = RotatingFileHandler(path, maxBytes=LARGEST_LOG, backupCount=1, encoding="utf-8")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", handlers=[handler])


def set_on_signal(stop: threading.Event) -> None:
    """A signal sets `stop`, and everything ends in good order."""
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if number := getattr(signal, name, None):
            signal.signal(number, lambda *_: stop.set())


class Seat:
    """The place of the one `name` (station, engine) of a folder: a lock, held while it lives."""

    def __init__(self, home: Path, name: str) -> None:
        self._home = home
        self._lock = home / f"{name}.lock"
        self._pid = home / f"{name}.pid"
        self._beat = home / f"{name}.beat"
        self._leave = home / f"{name}.stop"

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Sit down; raises Unavailable, naming the process, when somebody else sits there."""
        lock = FileLock(self._lock)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            owner = self.pid() or "?"
            raise Unavailable(
                f"Một máy phát khác (tiến trình {owner}) đang dùng thư mục {self._home}.",
                f"Another station (process {owner}) is using the folder {self._home}.",
            ) from None
        except OSError as error:
            raise Unavailable(
                f"Không ghi được vào thư mục {self._home}: {error.strerror}",
                f"Cannot write to the folder {self._home}: {error.strerror}",
            ) from None
        try:
            self._leave.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # a full disk: it can do without
                self._pid.write_text(f"{os.getpid()}\n")
            yield
        finally:
            self._pid.unlink(missing_ok=True)
            lock.release()

    def is_taken(self) -> bool:
        lock = FileLock(self._lock)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        return False

    def pid(self) -> int:
        """Of who sits there, 0 if unknown."""
        try:
            return int(self._pid.read_text())
        except (OSError, ValueError):
            return 0

    def beat(self) -> None:
        """A sign of life."""
        self._beat.touch()

    def last_beat(self) -> int:
        """A number that changes with every sign of life."""
        try:
            return self._beat.stat().st_mtime_ns
        except OSError:
            return 0

    def ask_to_leave(self) -> None:
        """The same way on every system: Windows has no gentle signal for a process."""
        with contextlib.suppress(OSError):  # a full disk: whoever asks has stronger means
            self._leave.write_text(str(self.pid()))

    def is_asked_to_leave(self) -> bool:
        """Whether the request means this very process and not one before it.

        Asked many times a second, and mostly nothing is there: that raises nothing.
        """
        if not os.access(self._leave, os.F_OK):
            return False
        try:
            return self._leave.read_text() == str(os.getpid())
        except OSError:
            return False
