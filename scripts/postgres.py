"""A private PostgreSQL for tests, from Debian's packages: `start DIR`, `stop DIR`.

Fast and unsafe on purpose: it does not wait for the disk, so a power cut may cost all of its
data. It listens on a socket inside its folder only, which is closed to other users; there is no
port and no password. The system's own cluster, which Debian's package starts, is left alone.
Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import debian

_USER = _DATABASE = "broadcaster"
_PACKAGES = ["postgresql"]
_SOCKET_LIMIT = 90  # bytes; the system allows 107 with the socket's own name
_SETTINGS = """
listen_addresses = ''
timezone = 'UTC'
"""
_UNSAFE = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
"""


class NotStarted(Exception):
    """Says why, and what to type."""


def missing() -> str:
    """Nothing when PostgreSQL is there or could be installed (as root), else what to type."""
    if _programs() is None:
        said = debian.install(_PACKAGES)
        if _programs() is None:
            line = debian.line_to_type(_PACKAGES)
            return f"{said}\nChưa có PostgreSQL / PostgreSQL is missing: {line}".strip()
    return ""


@contextlib.contextmanager
def running(*, durable: bool = False) -> Iterator[str]:
    """A fresh server; yields the URL of its empty database. It is gone afterwards.

    `durable`: it waits for the disk and looks after its tables, as one in earnest does.
    """
    folder = Path(tempfile.mkdtemp(prefix="broadcaster-pg-"))
    try:
        yield start(folder, durable=durable)
    finally:
        stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


def start(folder: Path, *, durable: bool = False) -> str:
    """Start the server of `folder`, made on first use; answers with its URL. Raises NotStarted."""
    folder = folder.resolve()
    if reason := missing():
        raise NotStarted(reason)
    if len(os.fsencode(folder)) > _SOCKET_LIMIT:
        raise NotStarted(f"{folder}: too long for a socket, take a shorter path")
    data = folder / "data"
    if not data.exists():
        _create(folder, durable=durable)
    if not _is_running(data):
        _run("pg_ctl", "start", "-w", "-t", "60", "-s", "-D", data, "-l", folder / "log")
    url = f"postgresql+psycopg://{_USER}@/{_DATABASE}?host={quote(str(folder), safe='')}"
    listed = _run("psql", "-h", folder, "-U", _USER, "-d", "postgres", "-Atlq")
    if not any(line.startswith(f"{_DATABASE}|") for line in listed.splitlines()):
        _run("createdb", "-h", folder, "-U", _USER, _DATABASE)
    return url


def stop(folder: Path) -> None:
    """Stop the server of `folder`; nothing happens when there is none."""
    data = folder.resolve() / "data"
    if data.exists() and _is_running(data):
        _run("pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", data)


def _create(folder: Path, *, durable: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise NotStarted(f"{folder} is not empty and not a server of ours")
    folder.chmod(0o700)
    if user := _unprivileged():
        shutil.chown(folder, user, user)
    data = folder / "data"
    # Trust is bound to the socket, and the socket's folder is closed to everybody else.
    auth = ["--auth-local=trust", "--auth-host=reject", "-U", _USER]
    _run("initdb", "-D", data, *auth, "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
    socket = str(folder).replace("'", "''")
    with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
        safety = "" if durable else _UNSAFE
        file.write(f"{_SETTINGS}{safety}unix_socket_directories = '{socket}'\n")


def _is_running(data: Path) -> bool:
    try:
        _run("pg_ctl", "status", "-D", data)
    except NotStarted:
        return False
    return True


def _programs() -> Path | None:
    """The folder of initdb; Debian keeps it off the PATH, one a version."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(versions, key=lambda path: int(path.parent.name), default=None)


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root; Debian's package makes a user for it."""
    return "postgres" if debian.is_root() else None


def _run(program: str, *arguments: str | Path) -> str:
    """What the program printed. Raises NotStarted with it when it fails."""
    user = _unprivileged()
    folder = _programs()
    assert folder is not None, "start() has looked"  # noqa: S101 - for the type checker
    with tempfile.TemporaryFile() as output:  # a pipe would stay open in the server's hands
        run = subprocess.run(
            [folder / program, *arguments],
            cwd="/",
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output.seek(0)
        said = output.read().decode(errors="replace")
    if run.returncode != 0:
        raise NotStarted(f"{program}: {said.strip()}")
    return said


def main(arguments: list[str]) -> int:
    match arguments:
        case ["start", folder]:
            print(start(Path(folder)))
        case ["stop", folder]:
            stop(Path(folder))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except NotStarted as error:
        sys.exit(str(error))
