"""How fast written Vietnamese is read, beside other libraries when they are installed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from broadcaster.speech import to_spoken

_CASES = Path(__file__).parents[1] / "tests" / "data" / "speech" / "tune.tsv"
_IMPORT = (
    "import time; t = time.perf_counter(); import broadcaster.speech; "
    "print(time.perf_counter() - t)"
)


def _lines() -> list[str]:
    rows = (row.split("\t") for row in _CASES.read_text(encoding="utf-8").splitlines())
    return [row[1] for row in rows if len(row) > 2 and not row[0].startswith("#")]


def _lines_per_second(say: Callable[[str], object], lines: list[str]) -> float:
    """On one core: processor time, so that a busy machine does not count."""
    say(lines[0])
    start = time.process_time()
    for line in lines:
        say(line)
    return len(lines) / max(1e-9, time.process_time() - start)


def _seconds(size: int, lines: list[str]) -> float:
    one = " ".join(lines)
    text = (one * (size // len(one) + 1))[:size]
    start = time.process_time()
    to_spoken(text)
    return time.process_time() - start


def _import_seconds() -> float:
    """The best of five fresh interpreters."""
    runs = (
        subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=True)
        for _ in range(5)
    )
    return min(float(run.stdout) for run in runs)


def _others() -> dict[str, Callable[[str], object]]:
    """Libraries for comparison; none of them is a dependency."""
    found: dict[str, Callable[[str], object]] = {}
    for module, name in (("sea_g2p", "Normalizer"), ("vietnormalizer", "VietnameseNormalizer")):
        try:
            found[module] = getattr(import_module(module), name)().normalize
        except (ImportError, AttributeError):
            continue
    return found


def run(as_json: bool) -> dict[str, object]:
    """The figures; `bench.py` shows them, so nothing is printed here in either form."""
    del as_json
    lines = _lines()
    figures: dict[str, object] = {
        "import_ms": round(_import_seconds() * 1000, 1),
        "lines_per_second": round(_lines_per_second(to_spoken, lines * 3)),
        "seconds_for_25000": round(_seconds(25_000, lines), 2),
        "seconds_for_50000": round(_seconds(50_000, lines), 2),
        "seconds_for_100000": round(_seconds(100_000, lines), 2),
    }
    for name, say in _others().items():
        figures[f"lines_per_second_{name}"] = round(_lines_per_second(say, lines * 3))
    return figures
