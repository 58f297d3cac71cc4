"""The main job in one command: set up what is missing, then run the demonstration.

Everything after the file's name goes to `python -m broadcaster.demo`; try --help.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

import setup  # tells an old Python what is needed: this file must be readable for it too


def main() -> int:
    python = str(setup.ensure("requirements.lock", sound=True))
    # -P: a file of the same name in the folder where the person stands is none of ours.
    command = [python, "-P", "-m", "broadcaster.demo", *sys.argv[1:]]
    if os.name != "nt":
        os.execv(python, command)  # noqa: S606 - our own Python, no shell wanted
    # Windows has no exec that keeps the console: wait, and let the demo answer Ctrl-C itself.
    demo = subprocess.Popen(command)
    while demo.poll() is None:
        with contextlib.suppress(KeyboardInterrupt):
            demo.wait()
    return demo.returncode


if __name__ == "__main__":
    sys.exit(main())
