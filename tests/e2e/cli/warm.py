"""A process that has everything imported and forks itself for each command.

Every command still has a process, an environment and files of its own; what it does not have is
the better part of a second of imports. Without fork (Windows) each is started anew.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path

from broadcaster.cli.main import run as door

_POSSIBLE = "forkserver" in multiprocessing.get_all_start_methods()
_COLD = {"PYTHONPATH", "BROADCASTER_LANG", "LANG", "LC_ALL", "LC_MESSAGES"}
"""Who sets these wants a start from nothing."""
_one_at_a_time = threading.Lock()


def fits(words: Sequence[str], extra: Mapping[str, str]) -> bool:
    """Whether the command may be forked: all is imported already there, in Vietnamese."""
    return _POSSIBLE and "--lang" not in words and not _COLD & extra.keys()


def run(
    words: Sequence[str], env: Mapping[str, str], stdin: str, patience_s: float
) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `broadcaster words…`. Raises TimeoutError."""
    with tempfile.TemporaryDirectory(prefix="cli-") as name:
        given, out, err = (Path(name, part) for part in ("in", "out", "err"))
        given.write_text(stdin, "utf-8")
        here = (list(words), dict(env), Path.cwd(), given, out, err)
        with _one_at_a_time:
            server = _server()
        process = server.Process(target=_command, args=here)
        process.start()
        process.join(patience_s)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"{words} did not end; it said: {err.read_text('utf-8')}")
        said = [path.read_text("utf-8") for path in (out, err)]
        return process.exitcode, said[0], said[1]


@cache
def _server() -> ForkServerContext:
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["warm_all", __name__])
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)  # where it finds this file
    try:
        forkserver.ensure_running()
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before
    return server


def _command(
    words: Sequence[str], env: Mapping[str, str], folder: Path, given: Path, out: Path, err: Path
) -> None:
    """In the forked process: what `python -m broadcaster words…` does."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    for number, path in enumerate((given, out, err)):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False, buffering=1)
    sys.argv = ["broadcaster", *words]
    try:
        door()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
