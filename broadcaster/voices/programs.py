"""Run a voice program: text in, bytes out, with a time-out and a size cap."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from broadcaster.voices.port import TemporaryFault

_MOST_BYTES = 64 * 1024 * 1024
# A console window must not flash up on Windows for every sentence.
_FLAGS = getattr(subprocess, "CREATE_NO_WINDOW", 0)


def run(command: Sequence[str], text: str, *, deadline_s: float) -> bytes:
    """What `command` writes for `text`. Raises TemporaryFault when it fails or takes too long."""
    name = os.path.basename(command[0])  # noqa: PTH119  a program name, not a file that is opened
    try:
        done = subprocess.run(
            command,
            input=text.encode(),
            capture_output=True,
            timeout=deadline_s,
            check=False,
            creationflags=_FLAGS,
        )
    except subprocess.TimeoutExpired as fault:
        raise TemporaryFault(
            f"Bộ đọc {name} không trả lời sau {deadline_s:g} giây.",
            f"The voice program {name} did not answer within {deadline_s:g} s.",
        ) from fault
    except OSError as fault:
        raise TemporaryFault(
            f"Không chạy được bộ đọc {name}: {fault.strerror}.",
            f"Cannot run the voice program {name}: {fault.strerror}.",
        ) from fault
    if done.returncode != 0 or not done.stdout or len(done.stdout) > _MOST_BYTES:
        why = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no sound"]
        raise TemporaryFault(
            f"Bộ đọc {name} báo lỗi (mã {done.returncode}): {why[0]}",
            f"The voice program {name} failed (code {done.returncode}): {why[0]}",
        )
    return done.stdout


PYTHON = sys.executable
