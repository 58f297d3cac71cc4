"""Write requirements.lock and requirements-dev.lock from pyproject.toml. Needs `uv` on the PATH.

Both hold exact versions with hashes for every platform and Python from 3.11 on, and no
download address: pip takes the packages from wherever it is set up to look.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMON = [
    "uv", "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11",
    "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header",
    "--no-annotate", "--quiet",
]  # fmt: skip


def main() -> int:
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    runtime = [*COMMON, *upgrade, "--group", "build", "-o", "requirements.lock"]
    tests = [
        *COMMON, *upgrade, "--group", "build", "--group", "dev",
        "-c", "requirements.lock", "-o", "requirements-dev.lock",
    ]  # fmt: skip
    for command in (runtime, tests):
        subprocess.run(command, cwd=ROOT, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
