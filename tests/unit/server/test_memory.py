"""A server that has settled still lets go of what nobody holds."""

from __future__ import annotations

import subprocess
import sys

_SETTLED = """
import gc, weakref
from broadcaster.server.memory import settle

class Row: pass

before = gc.get_freeze_count()
settle()
assert gc.isenabled() and gc.get_freeze_count() > before
in_a_circle = Row()
in_a_circle.itself = in_a_circle
alive = weakref.ref(in_a_circle)
del in_a_circle
kept = []
while alive() is not None:
    kept.append([])
    assert len(kept) < 1_000_000
print(len(kept))
"""


def test_what_loaded_is_left_alone_and_what_came_later_is_still_let_go() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _SETTLED], capture_output=True, text=True, check=True
    )
    assert int(told.stdout) > 700, "looked for circles no more often than before"
