"""A real WordPress for tests, from Debian's packages: `start DIR`, `stop DIR`.

Everything it writes lies in DIR. The site listens on 127.0.0.1 only, its database on a socket in
DIR, which is closed to other users. It sends no mail and calls nobody. Linux, standard library
only. `start` prints NAME='value' lines with the address and the login of an editor.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import wordpress_php as php
from wordpress_files import FILES, NotStarted, environment, missing, run

__all__ = ["NotStarted", "Site", "missing", "running", "start", "stop"]

USER = "truyenthanh"
_FOLDER = re.compile(r"/[A-Za-z0-9/._+-]{1,80}")  # MariaDB's installer, and the socket's limit
_KEYS = ("AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE")
_START_S = 60


@dataclass(frozen=True)
class Site:
    """A running site and its editor's login."""

    folder: Path
    url: str
    app_password: str = field(repr=False)
    user: str = USER

    def start_web(self) -> None:
        """Open the door; returns when the site answers."""
        _start_web(self.folder)

    def kill_web(self) -> None:
        """Cut the site off in the middle of whatever it does; the database goes on."""
        _end(self.folder, "web", signal.SIGKILL)

    def permalinks(self, structure: str) -> None:
        """How addresses look: `/%postname%/`, or nothing for a site without pretty ones."""
        _php(self.folder, php.PERMALINKS % structure)

    def let_its_time_come(self, article: int) -> None:
        """A scheduled article is due since a minute ago; the next visit will find that out."""
        _php(self.folder, php.DUE % article)

    def pause(self, when: str, seconds: float) -> Path:
        """Be slow once: "before-get", "before-post" or "after-storing" an article.

        The answer is a file that exists as soon as the site has come to that point.
        """
        file = self.folder / f"pause-{when}"
        reached = file.with_name(f"{file.name}.reached")
        reached.unlink(missing_ok=True)
        file.write_text(str(seconds))
        return reached


@contextlib.contextmanager
def running() -> Iterator[Site]:
    """A fresh site; it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="broadcaster-wp-"))
    try:
        yield start(folder)
    finally:
        stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


def start(folder: Path) -> Site:
    """Start the site of `folder`, made on first use. Raises NotStarted."""
    folder = folder.resolve()
    if reason := missing():
        raise NotStarted(reason)
    if not _FOLDER.fullmatch(str(folder)):
        raise NotStarted(f"{folder}: take a short path of letters, digits and . _ + - only")
    _prepare(folder)
    _start_database(folder)
    password = folder / "app-password"
    if not password.exists():
        _write(password, _php(folder, php.INSTALL).split()[-1])
        _php(folder, php.PERMALINKS % "/%postname%/")
    _start_web(folder)
    return Site(folder, _url(folder), password.read_text())


def stop(folder: Path) -> None:
    """End both servers of `folder`; nothing happens when there are none."""
    for name in ("web", "db"):
        _end(folder.resolve(), name, signal.SIGTERM)


def _prepare(folder: Path) -> None:
    """The files of a new site."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "router.php").exists():
        return
    if any(folder.iterdir()):
        raise NotStarted(f"{folder} is not empty and not a site of ours")
    folder.chmod(0o700)
    shutil.copytree(FILES, folder / "site")
    content = folder / "site" / "wp-content"
    for name in ("mu-plugins", "uploads"):
        (content / name).mkdir()
    (content / "mu-plugins" / "for-tests.php").write_text(php.PLUGIN)
    (folder / "site" / "wp-config.php").write_text(php.CONFIG)
    names = [f"{key}_{end}" for key in _KEYS for end in ("KEY", "SALT")]
    _write(folder / "keys.json", json.dumps({name: secrets.token_hex(24) for name in names}))
    with socket.create_server(("127.0.0.1", 0)) as free:
        (folder / "port").write_text(str(free.getsockname()[1]))
    (folder / "router.php").write_text(php.ROUTER)


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


# --- the two servers ------------------------------------------------------------------------------


def _start_database(folder: Path) -> None:
    # In the common folder a server that starts would take away what another has there for now.
    (folder / "tmp").mkdir(exist_ok=True)
    aside = f"--tmpdir={folder / 'tmp'}"
    if not (folder / "mysql").exists():
        made = folder / "mysql.new"
        shutil.rmtree(made, ignore_errors=True)
        options = ["--skip-test-db", "--auth-root-authentication-method=normal"]
        run(
            [
                "mariadb-install-db",
                "--no-defaults",
                f"--user={_me()}",
                f"--datadir={made}",
                aside,
                *options,
            ]
        )
        made.rename(folder / "mysql")
    if _pid(folder, "db") is None:
        _launch(
            folder,
            "db",
            [
                "mariadbd", "--no-defaults", f"--user={_me()}", f"--datadir={folder / 'mysql'}",
                aside, f"--socket={folder / 'db.sock'}", f"--pid-file={folder / 'mariadb.pid'}",
                "--skip-networking", "--skip-log-bin", "--character-set-server=utf8mb4",
                "--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=0",
            ],
        )  # fmt: skip
    client = ["mariadb", "--no-defaults", f"--socket={folder / 'db.sock'}", "--user=root", "-e"]
    _wait(folder, "db", lambda: run([*client, "SELECT 1"]))
    run([*client, "CREATE DATABASE IF NOT EXISTS wordpress CHARACTER SET utf8mb4"])


def _start_web(folder: Path) -> None:
    url = _url(folder)
    if _pid(folder, "web") is None:
        # Without workers a site that asks itself, or is slow once, would stand still.
        log = ["-d", "display_errors=0", "-d", "log_errors=1", "-d", "memory_limit=256M"]
        size = ["-d", "upload_max_filesize=32M", "-d", "post_max_size=33M"]
        root = ["-t", str(folder / "site"), str(folder / "router.php")]
        workers = {"PHP_CLI_SERVER_WORKERS": "4"}
        command = ["php", "-S", url.removeprefix("http://"), *log, *size, *root]
        _launch(folder, "web", command, workers)
    _wait(folder, "web", lambda: _answers(f"{url}/?rest_route=/"))


def _answers(url: str) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        direct.open(url, timeout=20).close()
    except urllib.error.HTTPError as error:
        raise NotStarted(f"{url}: {error.code}") from None
    except OSError as error:
        raise NotStarted(f"{url}: {error}") from None


def _launch(
    folder: Path, name: str, command: Sequence[str], more: dict[str, str] | None = None
) -> None:
    """Start a server in a group of its own, which outlives us."""
    with (folder / f"{name}.log").open("ab") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=environment() | (more or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (folder / f"{name}.pid").write_text(str(server.pid))
    _children[server.pid] = server


_children: dict[int, subprocess.Popen[bytes]] = {}
"""Servers that this very process started: it takes note of their end."""


def _wait(folder: Path, name: str, ready: Callable[[], object]) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            ready()
        except NotStarted as error:
            if _pid(folder, name) is None or time.monotonic() > deadline:
                raise NotStarted(f"{error}; see {folder / name}.log") from None
            time.sleep(0.1)
        else:
            return


def _end(folder: Path, name: str, how: signal.Signals) -> None:
    """End a server with all its workers; returns when none of them holds the port any more."""
    pid = _pid(folder, name)
    if pid is None:
        return
    os.killpg(pid, how)
    deadline = time.monotonic() + 15
    while _group_lives(pid):
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
        time.sleep(0.02)
    if pid in _children:
        _children.pop(pid).wait()
    (folder / f"{name}.pid").unlink()


def _group_lives(group: int) -> bool:
    """Whether a process of the group does anything yet; the ended may wait to be taken note of."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                return True
    return False


def _pid(folder: Path, name: str) -> int | None:
    """The server's process, if it lives and is not another one under the same number."""
    try:
        pid = int((folder / f"{name}.pid").read_text())
        if pid in _children:  # a program that has just begun does not show its command yet
            return pid if _children[pid].poll() is None else None
        ours = os.fsencode(folder) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if ours else None


# --- running programs -----------------------------------------------------------------------------


def _php(folder: Path, code: str) -> str:
    """Run PHP inside the site. The code goes by a pipe: nothing of it is in the process list."""
    quiet = ["-d", "error_reporting=E_ALL&~E_DEPRECATED", "-d", "display_errors=stderr"]
    return run(["php", *quiet], cwd=folder, given=f"<?php {code}")


def _me() -> str:
    import pwd  # noqa: PLC0415 - not on Windows, where this file must still be readable

    return pwd.getpwuid(os.geteuid()).pw_name


def _url(folder: Path) -> str:
    return f"http://127.0.0.1:{(folder / 'port').read_text()}"


def main(arguments: list[str]) -> int:
    match arguments:
        case ["start", folder]:
            site = start(Path(folder))
            found = {"URL": site.url, "USER": site.user, "APP_PASSWORD": site.app_password}
            for name, value in found.items():
                print(f"WORDPRESS_{name}={shlex.quote(value)}")
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
