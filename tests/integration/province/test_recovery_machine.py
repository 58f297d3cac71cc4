"""Workers that begin, end, die, lose their line and come back: whose attempts are given up?

Never those of one that lives and whose line was never away for long; always those of the dead.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from commune import found
from databases import NOW, Shelf
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from broadcaster.domain import delivery as machine
from broadcaster.domain.delivery import Delivery, State
from broadcaster.server.presence import GONE_AFTER_S
from broadcaster.server.province import Recovery
from broadcaster.services.communes import Communes
from broadcaster.store import deliveries
from broadcaster.store.session import number_of

_ROWS = 8
_LOOK_EVERY_S = 1.0


class Recovering(RuleBasedStateMachine):
    """`cut` and `gone`: since when a living one was unseen, and a dead one dead, with somebody
    there to look."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.xa = found(Path(self.folder.name) / "xa", at=NOW)
        with self.xa.context.database.write() as connection:
            shelf = Shelf(connection)
            for n in range(_ROWS):
                due = NOW - timedelta(minutes=n + 1)
                late = NOW + timedelta(hours=6)
                shelf.planned(channel="website", due_at=due, next_at=due, expires_at=late)
        self.at, self.born = 0.0, 0
        self.lives: set[str] = set()
        self.cut: dict[str, float] = {}
        self.gone: dict[str, float] = {}
        self.may_be_lost: set[str] = set()  # living, but nobody could know
        self.whose: dict[int, str] = {}  # by delivery
        communes = Communes.only(self.xa.context)
        self.recovery = Recovery(communes, self.others, steady=lambda: self.at)

    def teardown(self) -> None:
        self.xa.context.database.close()
        self.folder.cleanup()

    def others(self) -> set[int]:
        return {number_of(owner) for owner in self.lives if owner not in self.cut}

    def swap(self, old: Delivery, new: Delivery) -> None:
        with self.xa.context.database.write() as connection:
            assert deliveries.swap(connection, old, new)

    @rule()
    def a_worker_is_born(self) -> None:
        self.born += 1
        self.lives.add(f"host:1:{self.born}")

    @precondition(lambda self: self.lives - set(self.cut))
    @rule(data=st.data())
    def it_begins_to_post(self, data: st.DataObject) -> None:
        planned = [row for row in self.xa.rows() if row.state == State.PLANNED]
        if planned:
            owner = data.draw(st.sampled_from(sorted(self.lives - set(self.cut))))
            self.whose[planned[0].id] = owner
            self.swap(planned[0], machine.claim(planned[0], owner, NOW))

    @rule(data=st.data())
    def it_is_answered(self, data: st.DataObject) -> None:
        mine = [r for r in self.xa.rows() if r.state == State.SENDING and r.owner in self.lives]
        if mine:
            row = data.draw(st.sampled_from(mine))
            self.swap(row, machine.accept(row, "bài", "", NOW, NOW + timedelta(hours=1)))

    @precondition(lambda self: self.lives)
    @rule(data=st.data())
    def it_is_killed(self, data: st.DataObject) -> None:
        owner = data.draw(st.sampled_from(sorted(self.lives)))
        self.lives.discard(owner)
        self.gone[owner] = self.cut.pop(owner, self.at)

    @precondition(lambda self: self.lives - set(self.cut))
    @rule(data=st.data())
    def its_line_is_cut(self, data: st.DataObject) -> None:
        self.cut[data.draw(st.sampled_from(sorted(self.lives - set(self.cut))))] = self.at

    @precondition(lambda self: self.cut)
    @rule(data=st.data())
    def its_line_is_back(self, data: st.DataObject) -> None:
        self.cut.pop(data.draw(st.sampled_from(sorted(self.cut))))

    @rule(seconds=st.integers(1, 12))
    def time_goes_by_with_a_look_a_second(self, seconds: int) -> None:
        for _ in range(seconds):
            self.at += _LOOK_EVERY_S
            self.recovery()
            since = self.at - GONE_AFTER_S
            self.may_be_lost |= {owner for owner, cut in self.cut.items() if cut <= since}

    @rule(seconds=st.integers(4, 90))
    def nobody_looks_as_the_database_is_away(self, seconds: int) -> None:
        """All lines with it; the living come back before the six seconds are over."""
        self.at += seconds
        self.cut = dict.fromkeys(self.cut, self.at)
        self.gone = dict.fromkeys(self.gone, self.at)

    @invariant()
    def only_attempts_of_those_who_were_away_for_long_are_given_up(self) -> None:
        for row in self.xa.rows():
            if row.state == State.UNKNOWN:
                owner = self.whose[row.id]
                assert owner in self.gone or owner in self.may_be_lost
            if row.state == State.SENDING and row.owner in self.gone:
                waited = self.at - self.gone[row.owner]
                assert waited <= GONE_AFTER_S + 2 * _LOOK_EVERY_S


TestRecovering = Recovering.TestCase
TestRecovering.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
