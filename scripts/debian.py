"""Install Debian packages when root; tell the line to type when not. Standard library only."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

# Another apt may be at work on a machine that has just started.
_APT = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]


def is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def has_apt() -> bool:
    return shutil.which("apt-get") is not None


def line_to_type(packages: Sequence[str]) -> str:
    return "sudo apt-get install -y " + " ".join(packages)


def install(packages: Sequence[str]) -> str:
    """Install when root, then look again whether it is there: the answer is what apt complained of.

    Nothing is tried, and nothing answered, without the right to.
    """
    if not (has_apt() and is_root()):
        return ""
    print(f"  · apt-get install {' '.join(packages)} …", file=sys.stderr, flush=True)
    _update()
    return _apt("install", "-y", "--no-install-recommends", *packages)


@functools.cache
def _update() -> str:
    """Lists may be absent on a fresh machine. Its failure is shown by the install that follows."""
    return _apt("update", "-q")


def _apt(*arguments: str) -> str:
    run = subprocess.run(
        [*_APT, *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return "" if run.returncode == 0 else "\n".join(run.stdout.splitlines()[-5:])
