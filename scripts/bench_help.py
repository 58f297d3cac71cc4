"""How long the clerk waits for `broadcaster --help`, beside a bare Python and an eager import."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

_EAGER = (
    "import broadcaster.server.serving, broadcaster.services.content.rendering,"
    " broadcaster.sandbox.app"
)
_WAYS = {
    "help_ms": [sys.executable, "-m", "broadcaster", "--help"],
    "bare_python_ms": [sys.executable, "-c", "pass"],
    "eager_import_ms": [sys.executable, "-c", _EAGER],
}
_TIMES = 15


def run(as_json: bool) -> dict[str, object]:
    """Medians of wall time, taken in turns so that noise falls on all alike."""
    del as_json
    seen: dict[str, list[float]] = {name: [] for name in _WAYS}
    for _ in range(_TIMES):
        for name, command in _WAYS.items():
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seen[name].append((time.perf_counter() - began) * 1000)
    median = {name: round(statistics.median(times), 1) for name, times in seen.items()}
    return {
        **median,
        "help_worst_ms": round(max(seen["help_ms"]), 1),
        "help_to_bare_python": round(median["help_ms"] / median["bare_python_ms"], 2),
        "eager_to_help": round(median["eager_import_ms"] / median["help_ms"], 2),
    }
