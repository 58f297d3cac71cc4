"""A loudspeaker PC needs nothing but what its own lock holds."""

from __future__ import annotations

import re
import subprocess
import sys

import setup

STRANGERS = """
import importlib, importlib.abc, pkgutil, sys
from importlib.metadata import packages_distributions

held = set(sys.argv[1:])

class Absent(importlib.abc.MetaPathFinder):
    def __init__(self, names):
        self.names = names

    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"not on a loudspeaker PC: {name}", name=name)

def plain(name):
    return name.lower().replace("_", "-")

modules = {
    module for module, owners in packages_distributions().items()
    if not {plain(owner) for owner in owners} & held
}
assert {"sqlalchemy", "fastapi", "click", "dateutil"} <= modules, "nothing would be tested"
sys.meta_path.insert(0, Absent(modules))
import broadcaster.station
for found in pkgutil.walk_packages(broadcaster.station.__path__, "broadcaster.station."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
        print(found.name)
"""


def test_every_part_of_the_station_loads_with_only_what_its_lock_holds() -> None:
    lock = (setup.ROOT / "requirements-station.lock").read_text("utf-8")
    held = re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)
    run = subprocess.run(
        [sys.executable, "-c", STRANGERS, *held, "commune-broadcaster"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert {"broadcaster.station.engine_main", "broadcaster.station.main"} <= set(
        run.stdout.split()
    )
