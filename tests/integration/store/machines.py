"""What the tests of all kinds of delivery share: workers that die, a clock that steps, one file."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import commune
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from broadcaster.domain import delivery as machine
from broadcaster.domain.delivery import Delivery, State
from broadcaster.errors import Conflict, Text
from broadcaster.store import deliveries
from broadcaster.store.database import Database, file_url
from broadcaster.store.schema import attempt, delivery

CAUSE = Text("Lý do.", "A reason.")
SOON = timedelta(seconds=15)
QUARANTINE = timedelta(seconds=90)


@cache
def database() -> tuple[Database, dict[str, Delivery]]:
    """One real file for all examples, with what planning made in it for each target."""
    home = Path(tempfile.mkdtemp(prefix="broadcaster-test-"))
    town = commune.found(home)
    number = town.approved(("loa-dong", "fanpage"))
    town.schedule(number, on="23/11/2026", at="08:01")
    town.plan()
    made = {one.target: one for one in town.rows()}
    town.context.database.close()
    return Database(file_url(home / "data" / "broadcaster.db")), made


def planned(target: str) -> Delivery:
    """The delivery as it was planned, alone in the file."""
    store, made = database()
    with store.write() as connection:
        connection.execute(attempt.delete())
        connection.execute(delivery.delete())
        assert deliveries.plan(connection, made[target])
        (found,) = deliveries.find(connection, 1)
    return found


@dataclass
class Worker:
    """A process: all it has is memory, and a kill empties that."""

    name: str
    seen: Delivery | None = None
    claimed: Delivery | None = None
    answer: str = ""
    looked: tuple[Delivery, Any] | None = None

    def die(self) -> None:
        self.seen = self.claimed = self.looked = None
        self.answer = ""


workers = st.integers(0, 1)
EVENTS = [
    "looks_at_the_row", "looks_at_the_row", "looks_at_the_row",
    "its_time_comes", "its_time_comes", "its_time_comes", "time_passes", "time_passes",
    "the_clock_steps", "is_killed", "cancels", "misses_what_is_overdue", "is_held_back",
    "everything_restarts",
]  # fmt: skip


class Machine(RuleBasedStateMachine):
    """What both kinds of delivery have in common."""

    target = ""
    moves: dict[State, set[State]]
    id = 0

    @initialize()
    def first(self) -> None:
        self.begin()

    def begin(self) -> None:
        new = planned(self.target)
        self.id, self.last = new.id, new
        self.now = new.due_at
        self.workers = [Worker(f"worker-{n}") for n in range(2)]

    def read(self) -> Delivery:
        with database()[0].read() as connection:
            return deliveries.by_id(connection, 1, self.id)

    def tries(self) -> list[Any]:
        with database()[0].read() as connection:
            return list(deliveries.attempts(connection, self.id))

    def swap(self, old: Delivery, new: Delivery, outcome: str = "") -> bool:
        with database()[0].write() as connection:
            if not deliveries.swap(connection, old, new):
                return False
            if outcome:
                deliveries.end_attempt(connection, old, outcome, {}, self.now)
        return True

    def looks_at_the_row(self, worker: int) -> None:
        self.workers[worker].seen = self.read()

    def is_killed(self, worker: int) -> None:
        self.workers[worker].die()

    def its_time_comes(self, _worker: int) -> None:
        self.now = max(self.now, self.last.next_at or self.now)

    def time_passes(self, worker: int) -> None:
        self.now += timedelta(seconds=20 if worker else 700)

    def the_clock_steps(self, worker: int) -> None:
        self.now += timedelta(hours=1 if worker else -1)

    @rule(worker=workers, event=st.sampled_from(EVENTS))
    def something_happens(self, worker: int, event: str) -> None:
        getattr(self, event)(worker)

    def is_held_back(self, worker: int) -> None:
        seen = self.workers[worker].seen
        if seen and seen.state == State.PLANNED and not seen.pulled:
            self.swap(seen, machine.hold_back(seen, CAUSE, self.now + SOON))

    def everything_restarts(self, _worker: int) -> None:
        for worker in self.workers:
            worker.die()
        left = self.read()
        if left.state == State.SENDING and not left.pulled:
            self.swap(left, machine.lose(left, CAUSE, self.now + QUARANTINE), "lost")

    def cancels(self, worker: int) -> None:
        seen = self.workers[worker].seen
        if seen and (seen.state == State.PLANNED or seen.pulled):
            try:
                self.swap(seen, machine.cancel(seen, CAUSE, self.now))
            except Conflict:
                return

    def misses_what_is_overdue(self, worker: int) -> None:
        seen = self.workers[worker].seen
        if seen and seen.state == State.PLANNED and self.now >= seen.expires_at:
            self.swap(seen, machine.miss(seen, CAUSE))

    def told_by_a_person(self, _before: Delivery, _now: Delivery) -> bool:
        """Whether a final row may have become this one on a person's word."""
        return False

    @invariant()
    def the_rows_are_in_order(self) -> None:
        if not self.id:
            return
        before = self.last
        with database()[0].read() as connection:
            now = self.last = deliveries.by_id(connection, 1, self.id)
            tries = deliveries.attempts(connection, self.id)
        if before.state != now.state:
            assert now.state in self.moves.get(before.state, set())
        if before.final and not self.told_by_a_person(before, now):
            assert now == before, "a final row is never touched"
        if before.cancel_asked_at is not None:
            assert now.cancel_asked_at is not None, "a call-back is never forgotten"
        assert [t["n"] for t in tries] == list(range(1, now.attempt_no + 1))
        under_way = [t for t in tries if t["outcome"] == ""]
        assert len(under_way) <= 1, "one attempt under way at most"
        if under_way and not now.pulled:
            assert now.state == State.SENDING
        settled_by_word = now.pulled and now.state == State.UNKNOWN
        somebody_will_look = now.next_at is not None
        assert somebody_will_look == (not now.final and not settled_by_word)
