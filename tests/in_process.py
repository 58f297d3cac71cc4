"""The command line within the test's own process: no start-up to pay for, a clock set by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from broadcaster.cli.group import group


@dataclass(frozen=True)
class Told:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)

    @property
    def all(self) -> str:
        return self.out + self.err


def run(home: Path, *words: str, stdin: str = "") -> Told:
    """`broadcaster --home HOME words…`. An error that the program does not expect is raised."""
    done = CliRunner(mix_stderr=False).invoke(group, ["--home", str(home), *words], input=stdin)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Told(done.exit_code, done.stdout, done.stderr)
