"""What is due: emergencies first, and no target hidden behind another's pile-up."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from commune import found

from broadcaster.domain.announcement import Priority
from broadcaster.services import dispatching


def test_a_pile_up_on_one_target_hides_neither_the_others_nor_an_emergency(tmp_path: Path) -> None:
    xa = found(tmp_path)
    for n in range(60):
        number = xa.approved(("fanpage",), text=f"Tin {n}\nNội dung {n}.")
        xa.schedule(number, on="23/11/2026", at="09:00")
    late = xa.approved(("zalo",), text="Tin muộn\nNội dung.")
    xa.schedule(late, on="23/11/2026", at="09:30")
    urgent = xa.approved(("fanpage",), text="Bão\nBão khẩn cấp.", priority=Priority.EMERGENCY)
    xa.schedule(urgent, on="23/11/2026", at="09:45")
    xa.plan()
    xa.clock.move(hours=2)
    due = dispatching.due(xa.context, xa.clock())
    assert due[0].priority == Priority.EMERGENCY
    assert Counter(one.target for one in due) == {"fanpage": 6, "zalo": 1}
