"""Measurements, each as a ratio against another way in the same run: `bench.py NAME [--json]`.

A measurement is a file bench_NAME.py beside this one with `run(as_json) -> dict`. Machines are
noisy: figures are shown here, and no test asserts them.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from pathlib import Path

import setup

HERE = Path(__file__).resolve().parent


def main() -> int:
    names = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=names)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    given, rest = parser.parse_known_args()
    _in_the_environment()
    sys.argv[1:] = rest
    figures = importlib.import_module(f"bench_{given.name}").run(given.json)
    if given.json:
        print(json.dumps(figures, ensure_ascii=False, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name:32} {value}")
    return 0


def _in_the_environment() -> None:
    """Go on with the project's own Python, set up from the lock if need be."""
    wanted = setup.ensure("requirements-dev.lock", sound=True)
    if Path(sys.prefix).resolve() != wanted.parent.parent.resolve():
        os.execv(str(wanted), [str(wanted), *sys.argv])  # noqa: S606 - our own Python, no shell


if __name__ == "__main__":
    sys.exit(main())
