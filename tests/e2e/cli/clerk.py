"""The command line as a clerk meets it: real processes on a folder of their own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import warm

AUTHOR, APPROVER, BOTH = "lan", "minh", "hoa"
TEXT = "Họp thôn\nTối mai mời bà con đi họp.\n"

SETTINGS = """\
[commune]
name = "xã An Bình"
opening = ""
closing = ""

[sound]
chime = ""
closing_chime = ""

[server]
port = {port}

[voice]
order = ["espeak"]

[policy]
quiet_hours = "none"

[delivery]
quarantine = 2
look_up = [1, 1, 1]
verify = 1

[station]
target = "loa"
player = "file"
quiet_hours = "none"

[[targets]]
key = "loa"
channel = "loudspeaker"
name = "Cụm loa trung tâm"

[[targets]]
key = "fanpage"
channel = "facebook_page"
name = "Fanpage xã"
options = {{ base_url = "{graph}", page_id = "104756390012345", read_timeout = 30 }}
"""
NOWHERE = "http://127.0.0.1:9/graph"
_PATIENCE_S = 90


@dataclass(frozen=True)
class Result:
    """What a command answered: exit code, data on stdout, talk on stderr."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Stdout as JSON; anything beside it there is an error."""
        return json.loads(self.out)

    def ok(self) -> Result:
        assert self.code == 0, self
        return self


def environment(**extra: str) -> dict[str, str]:
    """Of a person who has set nothing but what is given."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BROADCASTER_", "LC_", "LANG", "COLUMNS"))
    }
    return {
        **kept,
        "LANG": "C.UTF-8",
        "COLUMNS": "80",
        "BROADCASTER_SECRET_FANPAGE_PAGE_TOKEN": "x" * 40,
        **extra,
    }


def command(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "broadcaster", "--home", str(home), *words]


def run_cli(
    home: Path, *words: str, env: Mapping[str, str] | None = None, stdin: str = ""
) -> Result:
    """Run one command to its end. A Python traceback is never an answer."""
    extra = env or {}
    ended = _forked if warm.fits(words, extra) else _started
    done = ended(home, words, environment(**extra), stdin)
    assert "Traceback" not in done.out + done.err, done.err
    return done


def _forked(home: Path, words: Sequence[str], env: Mapping[str, str], stdin: str) -> Result:
    return Result(*warm.run(["--home", str(home), *words], env, stdin, _PATIENCE_S))


def _started(home: Path, words: Sequence[str], env: Mapping[str, str], stdin: str) -> Result:
    done = subprocess.run(
        command(home, *words),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        env=env,
        timeout=_PATIENCE_S,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def run_all(home: Path, *calls: Sequence[str]) -> list[Result]:
    """Several commands at once, as in an office; each must stand alone."""
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda words: run_cli(home, *words), calls))


def write_settings(home: Path, *, port: int = 0, graph: str = NOWHERE) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / "broadcaster.toml").write_text(SETTINGS.format(port=port, graph=graph), "utf-8")


def contents(home: Path) -> tuple[dict[str, int], dict[str, list[tuple[Any, ...]]]]:
    """Every file with its size and every row of the database, to compare before and after."""
    rows: dict[str, list[tuple[Any, ...]]] = {}
    with tempfile.TemporaryDirectory() as aside:  # the disk may be too full to open it there
        for part in (home / "data").glob("broadcaster.db*"):
            shutil.copy(part, aside)
        with contextlib.closing(sqlite3.connect(Path(aside) / "broadcaster.db")) as database:
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (name,) in tables.fetchall():
                rows[name] = database.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608 - a name of the database's own
    # The database's own files change with every look at it; its rows are what counts. Sentences
    # once spoken stay in the cache, each file whole.
    skipped = ("broadcaster.db", "voice-cache", "run.lock")
    files = {
        str(path.relative_to(home)): path.stat().st_size
        for path in sorted(home.rglob("*"))
        if path.is_file() and not any(part.startswith(skipped) for part in path.parts)
    }
    return files, rows
