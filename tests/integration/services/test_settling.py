"""What a person's word about a loudspeaker item becomes in the log."""

from __future__ import annotations

from pathlib import Path

import pytest
from commune import Commune, found

from broadcaster.domain.delivery import Delivery, State
from broadcaster.services import dispatching, reporting
from broadcaster.services.stations import enrolling, syncing


@pytest.fixture
def unproved(tmp_path: Path) -> Commune:
    """A station was handed its item, and never said what became of it."""
    xa = found(tmp_path)
    xa.schedule(xa.approved(), on="23/11/2026", at="17:00")
    xa.plan()
    token = enrolling.take_in(xa.context, "loa-dong", xa.clock())
    station = syncing.who(xa.context.database, token)
    assert station is not None
    syncing.rundown(xa.context, station, xa.clock())
    xa.clock.move(days=1)
    xa.tick()
    assert xa.one().state == State.UNKNOWN
    return xa


def settled(xa: Commune, posted: str | None) -> tuple[Delivery, str]:
    one = dispatching.settle(xa.context, xa.lan, xa.one().id, xa.clock(), posted=posted)
    (line,) = reporting.lines(xa.context)
    return one, line.proof()


def test_heard_by_somebody_is_shown_with_who_heard_and_who_wrote_it(unproved: Commune) -> None:
    one, proof = settled(unproved, "ông Ba nghe lúc 17 giờ")
    assert one.state == State.CONFIRMED
    assert proof == "ông Ba nghe lúc 17 giờ (lan)", "and no seconds of a device that said nothing"


def test_heard_by_nobody_is_missed_on_a_persons_word_not_on_a_look_up(unproved: Commune) -> None:
    one, _ = settled(unproved, None)
    assert one.state == State.MISSED
    assert one.cause is not None
    assert "Người trực xác nhận" in one.cause.vi
    assert "tra cứu" not in one.cause.vi
