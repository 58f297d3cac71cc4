"""Refreshes one OA's tokens in processes that die where they are told to.

    python refresher.py URL FOLDER

Every line on stdin, "STEP MINUTES", is one refresh by a process of its own, that many minutes after
the sandbox's first pair was made. Before its STEP-th line of our code it kills itself with -9; 0
lets it live. The answer on stdout: where it died ("file:function"), or "done". "once" instead of
lines: one refresh by this very process.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from broadcaster.channels.http import Limits
from broadcaster.channels.options import Options
from broadcaster.channels.zalo.tokens import ZaloTokens
from channels.far_side import zalo

START = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
OURS = {"zalo/tokens.py", "zalo/pair.py", "secrecy/files.py"}


def refresh(url: str, folder: Path, minutes: float) -> None:
    options = Options(zalo(url, folder).settings())
    limits = Limits(connect=5, read=5, upload=5, total=20)
    ZaloTokens(options, "OA", limits).current(START + timedelta(minutes=minutes))


class Reaper:
    """Counts the lines of our code, and kills the process before the one that was named."""

    def __init__(self, step: int, answer: int) -> None:
        self.left = step
        self.answer = answer

    def __call__(self, frame: FrameType, event: str, _arg: Any) -> Reaper | None:
        name = "/".join(Path(frame.f_code.co_filename).parts[-2:])
        if name not in OURS:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                os.write(self.answer, f"{name}:{frame.f_code.co_name}\n".encode())
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def attempt(url: str, folder: Path, step: int, minutes: float) -> None:
    """In a child of this process, which is single-threaded and so may fork."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    sys.settrace(Reaper(step, 1) if step else None)
    try:
        refresh(url, folder, minutes)
        os.write(1, b"done\n")
    except BaseException as error:
        os.write(1, f"failed: {type(error).__name__}\n".encode())
    finally:
        os._exit(0)


def main() -> None:
    url, folder, *once = sys.argv[1:]
    if once:
        refresh(url, Path(folder), float(once[0]))
        return
    for line in sys.stdin:
        step, minutes = line.split()
        attempt(url, Path(folder), int(step), float(minutes))


if __name__ == "__main__":
    main()
