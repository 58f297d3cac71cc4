"""The lesson that the sandbox's manual tells from beginning to end comes out as it says."""

from __future__ import annotations

import re
from pathlib import Path

from commune import found

from broadcaster.domain.delivery import State
from broadcaster.sandbox import running
from broadcaster.sandbox.scripts import read_script
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.summary import summary

MANUAL = Path(__file__).parents[3] / "docs" / "sandbox.md"


def test_the_worked_example_ends_as_the_manual_says(tmp_path: Path) -> None:
    manual = MANUAL.read_text("utf-8")
    lesson = tmp_path / "buoi-tap.toml"
    lesson.write_text(re.findall(r"```toml\n(.*?)```", manual, re.DOTALL)[1], "utf-8")
    state = SandboxState(read_script(lesson).settings)
    state.add_faults(read_script(lesson).faults)
    with running(state) as url:
        xa = found(tmp_path / "xa", sandbox=url)
        number = xa.approved(("fanpage",))
        xa.schedule(number, on="24/11/2026", at="09:00")
        xa.plan()
        xa.clock.now = xa.one(number).due_at
        seen = set()
        for _ in range(30):
            xa.tick()
            seen.add(xa.one(number).state)
            xa.clock.move(seconds=60)
    assert State.UNKNOWN in seen
    assert xa.one(number).state == State.CONFIRMED
    told = summary(state)
    assert told["public"]["graph"] == {"seen": 1, "doubled": 0}
    assert [one["struck"] for one in told["faults"]] == [1]
