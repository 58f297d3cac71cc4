"""Servers of a province as programs of their own: what an operator starts, and may kill."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import requests
from commune import Commune, found
from province_processes import right_now

from broadcaster.sandbox import running
from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.settings import Settings
from broadcaster.sandbox.state import SandboxState

TO_START_S = 90.0
"""Three programs at once, on a machine that tests other things beside them."""

_BRISK = "[delivery]\nquarantine = 1\nlook_up = [1]\nverify = 1"
_SLOW_S = 5.0


@contextlib.contextmanager
def slow_page() -> Iterator[str]:
    """A Page that has its first post at once and says so seconds later; the sandbox's address."""
    state = SandboxState(Settings())
    state.add_faults([Fault("graph", "delay", "feed.create", after=True, seconds=_SLOW_S)])
    with running(state) as url:
        yield url


def public(page: str) -> list[object]:
    """What everybody sees there."""
    seen: list[object] = requests.get(f"{page}/_control/public", timeout=10).json()["graph"]
    return seen


def province(home: Path, url: str, page: str) -> Commune:
    """The only commune of a new province in the database at `url`, with that Page."""
    settings = f'database_url = "{url}"\n[server]\nport = 0\n'
    (home / "province.toml").write_text(settings, encoding="utf-8")
    return found(home / "communes" / "an-binh", sandbox=page, more=_BRISK, at=right_now())


class Server:
    """`said`: what it wrote on stderr; the address is in there once it answers."""

    def __init__(self, home: Path, name: str, *words: str) -> None:
        self._said = home / f"{name}.log"
        with self._said.open("w", encoding="utf-8") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "broadcaster", "--home", home, "run", *words],
                stdout=subprocess.DEVNULL,
                stderr=file,
            )

    @property
    def said(self) -> str:
        return self._said.read_text("utf-8")

    @property
    def url(self) -> str:
        address = re.search(r"http://[\d.]+:\d+", self.said)
        assert address is not None
        return address[0]

    @property
    def ready(self) -> bool:
        assert self.process.poll() is None, self.said
        return "Ctrl-C" in self.said

    @property
    def plans(self) -> bool:
        return "is the planner now" in self.said

    def ended_well(self) -> bool:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15) == 0 and "Traceback" not in self.said

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(10)
