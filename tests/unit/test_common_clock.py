"""A machine whose clock is off goes by the database's; whatever is set on it meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.common_clock import CommonClock

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@dataclass
class Machine:
    """True time runs in `steady`; `wrong` is how far its time of day is ahead of it."""

    steady: float = 0.0
    wrong: float = 0.0
    line_s: float = 0.0

    def true(self) -> datetime:
        return NOON + timedelta(seconds=self.steady)

    def local(self) -> datetime:
        return self.true() + timedelta(seconds=self.wrong)

    def ask(self) -> datetime:
        """There and back takes `line_s`; the answer is of the middle."""
        self.steady += self.line_s / 2
        answer = self.true()
        self.steady += self.line_s / 2
        return answer

    def clock(self) -> CommonClock:
        return CommonClock(self.ask, self.local, lambda: self.steady)


@given(st.floats(-86_400, 86_400), st.floats(-86_400, 86_400), st.floats(0, 0.9))
def test_it_is_right_whatever_the_machine_says(wrong: float, set_to: float, line_s: float) -> None:
    machine = Machine(wrong=wrong, line_s=line_s)
    clock = machine.clock()
    machine.wrong = set_to
    machine.steady += 50
    assert abs(clock() - machine.true()) < timedelta(milliseconds=1)
    clock.measure(machine.ask)
    assert abs(clock() - machine.true()) < timedelta(milliseconds=1)
    assert abs(clock.off_by - timedelta(seconds=set_to)) < timedelta(milliseconds=1)


def test_five_minutes_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine(wrong=300)
    clock = machine.clock()
    for _ in range(3):
        clock.measure(machine.ask)
    (record,) = caplog.records
    assert "lệch +300 giây" in record.getMessage()
    assert "đồng bộ giờ" in record.getMessage()


def test_a_slow_answer_replaces_no_better_one() -> None:
    machine = Machine()
    clock = machine.clock()

    def late() -> datetime:
        answer = machine.true()
        machine.steady += 8
        return answer

    clock.measure(late)
    assert abs(clock() - machine.true()) < timedelta(milliseconds=1)
