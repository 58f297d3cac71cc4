"""Write requirements.lock, -dev.lock and -station.lock from pyproject.toml. Needs `uv` on the PATH.

All hold exact versions with hashes for every platform and Python from 3.11 on, and no
download address: pip takes the packages from wherever it is set up to look.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMON = [
    "uv", "pip", "compile", "--universal", "--python-version", "3.11",
    "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header",
    "--no-annotate", "--quiet",
]  # fmt: skip


def main() -> int:
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    project = [*COMMON, *upgrade, "pyproject.toml", "--group", "build"]
    runtime = [*project, "-o", "requirements.lock"]
    tests = [*project, "--group", "dev", "-c", "requirements.lock", "-o", "requirements-dev.lock"]
    # Only its group and what builds the project: a loudspeaker PC installs little.
    station = [
        *COMMON, *upgrade, "--group", "station", "--group", "build",
        "-c", "requirements-dev.lock", "-o", "requirements-station.lock",
    ]  # fmt: skip
    for command in (runtime, tests, station):
        subprocess.run(command, cwd=ROOT, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
