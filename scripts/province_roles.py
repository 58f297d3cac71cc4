"""The processes of a province that is measured, and what each of them uses."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from processes import cpu_seconds, resident_mb

_SCRIPT = """
[settings.graph]
refuse_duplicates = false
[[faults]]
platform = "graph"
kind = "delay"
operation = "feed.create"
times = 0
seconds = 0.01
"""
_TICKS = 100


@dataclass(frozen=True)
class Process:
    """`url` of who listens; `family`: those that it has started count as well."""

    name: str
    pid: int
    url: str = ""
    family: bool = False

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0 if self.url else 0

    def pids(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [self.pid, *map(int, children.read_text().split())] if self.family else [self.pid]

    def cpu_s(self) -> float:
        """With what children that are gone have used; one may go while this is read."""
        there = 0.0
        for pid in self.pids():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                there += cpu_seconds(pid)
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return there + (int(fields[13]) + int(fields[14])) / _TICKS

    def memory_mb(self) -> float:
        """The most that a process had; of a family what it has now, shared memory once."""
        if not self.family:
            return resident_mb(self.pid)
        return round(sum(map(_proportional_mb, self.pids())), 1)


def _proportional_mb(pid: int) -> float:
    """Of one that has gone meanwhile nothing."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def used(processes: Sequence[Process]) -> dict[str, float]:
    """CPU seconds so far, by process."""
    return {one.name: one.cpu_s() for one in processes}


@contextlib.contextmanager
def far_side(folder: Path) -> Iterator[Process]:
    """The sandbox, which takes 10 ms for a post."""
    script = folder / "far.toml"
    script.write_text(_SCRIPT, encoding="utf-8")
    command = ["sandbox", "--port", "0", "--script", str(script)]
    with _started("sandbox", command, folder) as made:
        yield made


@contextlib.contextmanager
def running(home: Path, url: str, webs: int, workers: int) -> Iterator[list[Process]]:
    """All roles of the province at `url`; without it, the one program of a commune."""
    base, logs = ["--home", str(home), "run"], home.parent
    with contextlib.ExitStack() as stack:
        if not url:
            yield [stack.enter_context(_started("all", [*base, "--no-station"], logs))]
            return
        made = [_database(url)]
        for role, count in (("planner", 1), ("worker", workers), ("web", webs)):
            for n in range(count):
                name = role if count == 1 else f"{role}-{n + 1}"
                made.append(stack.enter_context(_started(name, [*base, "--role", role], logs)))
        yield made


def _database(url: str) -> Process:
    (folder,) = parse_qs(urlsplit(url).query)["host"]
    pid = (Path(folder) / "data" / "postmaster.pid").read_text().split()[0]
    return Process("postgresql", int(pid), family=True)


@contextlib.contextmanager
def _started(name: str, command: list[str], logs: Path) -> Iterator[Process]:
    """What it says goes into a file, and from there to stderr when something was wrong."""
    line, said = [sys.executable, "-m", "broadcaster", *command, "--json"], logs / f"{name}.log"
    with said.open("w") as errors:
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None  # noqa: S101 - it was asked for
    with process:
        try:
            ready = process.stdout.readline()
            if not ready:
                raise SystemExit(said.read_text())
            yield Process(name, process.pid, json.loads(ready)["url"])
        finally:
            process.terminate()
            text = said.read_text()
            if "ERROR" in text or "Traceback" in text:
                print(f"--- {name}\n{text[-4000:]}", file=sys.stderr, flush=True)
