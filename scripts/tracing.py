"""strace, from Debian's package: kills a program at a chosen file-sync. Standard library only."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence

import debian

_PACKAGES = ["strace"]


class NotTraced(Exception):
    """Says why, and what to type."""


def missing() -> str:
    """Nothing when strace is there or could be installed (as root), else what to type."""
    if shutil.which("strace") is None:
        said = debian.install(_PACKAGES)
        if shutil.which("strace") is None:
            line = debian.line_to_type(_PACKAGES)
            return f"{said}\nChưa có strace / strace is missing: {line}".strip()
    return ""


def check() -> None:
    """Raise NotTraced unless a program can be traced here; a container may forbid it."""
    reason = missing()
    if reason:
        raise NotTraced(reason)
    tried = subprocess.run(killed_at_sync(1, ["true"]), capture_output=True, check=False)
    if tried.returncode != 0:
        raise NotTraced(f"ptrace is not allowed here: {tried.stderr.decode(errors='replace')}")


def killed_at_sync(n: int, command: Sequence[str]) -> list[str]:
    """The command, killed with -9 as it enters its n-th fsync or fdatasync; -f: threads, too."""
    calls = "fsync,fdatasync"
    inject = f"inject={calls}:signal=KILL:when={n}"
    return ["strace", "-f", "-qq", "-o", "/dev/null", f"-etrace={calls}", "-e", inject, *command]
