"""Servers of a province as programs of their own: what an operator starts, and may kill."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
from pathlib import Path

TO_START_S = 90.0
"""Three programs at once, on a machine that tests other things beside them."""


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
