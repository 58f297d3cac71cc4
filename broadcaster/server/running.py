"""Whether a server runs on a folder's data: one at most, known by its lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from broadcaster.errors import Unavailable
from broadcaster.settings import folders


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """The operating system gives the lock back when the process dies, however it dies.

    Raises Unavailable when another server runs.
    """
    lock = _lock(home)
    Path(lock.lock_file).parent.mkdir(exist_ok=True)
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


def is_running(home: Path) -> bool:
    """Of a province's commune it is taken for granted: its server may be another machine."""
    if folders.above(home) is not None:
        return True
    lock = _lock(home)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def _lock(home: Path) -> FileLock:
    return FileLock(home / "data" / "run.lock")
