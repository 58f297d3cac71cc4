"""Several workers, late answers, two recoverers, odd clocks and kills: no delivery ends twice."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import commune
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from broadcaster.domain import delivery as machine
from broadcaster.domain.delivery import ABSENT_NEEDED, FINAL, Delivery, State
from broadcaster.errors import Conflict, Text
from broadcaster.store import deliveries
from broadcaster.store.database import Database, file_url
from broadcaster.store.schema import attempt, delivery

CAUSE = Text("Lý do.", "A reason.")
SOON = timedelta(seconds=15)
QUARANTINE = timedelta(seconds=90)
OPEN_MOVES = {
    State.PLANNED: {State.SENDING, State.MISSED, State.CANCELLED},
    State.SENDING: set(State) - {State.CANCELLED, State.PARTLY_AIRED},
    State.UNKNOWN: {State.ACCEPTED, State.PLANNED, State.MISSED, State.CONFIRMED},
    State.ACCEPTED: {State.CONFIRMED, State.FAILED},
}
PULLED_MOVES = {
    State.PLANNED: {State.SENDING, State.MISSED, State.CANCELLED},
    State.SENDING: {State.ACCEPTED, State.UNKNOWN, *FINAL} - {State.FAILED},
    State.ACCEPTED: {State.UNKNOWN, *FINAL} - {State.FAILED},
    State.UNKNOWN: {*FINAL} - {State.FAILED},
}


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
class Post:
    attempt_no: int
    hidden: int
    """So many look-ups do not see it yet: lists lag."""


@dataclass
class Worker:
    """A process: all it has is memory, and a kill empties that."""

    name: str
    seen: Delivery | None = None
    claimed: Delivery | None = None
    answer: str = ""
    looked: tuple[Delivery, Post | None] | None = None

    def die(self) -> None:
        self.seen = self.claimed = self.looked = None
        self.answer = ""


workers = st.integers(0, 1)


class Machine(RuleBasedStateMachine):
    """What both kinds of delivery have in common."""

    target = ""
    moves: dict[State, set[State]]

    @initialize()
    def begin(self) -> None:
        self.id = 0
        new = planned(self.target)
        self.id, self.last = new.id, new
        self.now = commune.START
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

    @rule(worker=workers)
    def looks_at_the_row(self, worker: int) -> None:
        self.workers[worker].seen = self.read()

    @rule(worker=workers)
    def is_killed(self, worker: int) -> None:
        self.workers[worker].die()

    @rule(seconds=st.sampled_from([1, 20, 100, 700, 4000]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(hours=st.sampled_from([-30, -1, 1, 30]))
    def the_clock_steps(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(worker=workers)
    def cancels(self, worker: int) -> None:
        seen = self.workers[worker].seen
        if seen and (seen.state == State.PLANNED or seen.pulled):
            try:
                self.swap(seen, machine.cancel(seen, CAUSE, self.now))
            except Conflict:
                return

    @rule(worker=workers)
    def misses_what_is_overdue(self, worker: int) -> None:
        seen = self.workers[worker].seen
        if seen and seen.state == State.PLANNED and self.now >= seen.expires_at:
            self.swap(seen, machine.miss(seen, CAUSE))

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
        if before.final:
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


class Pushed(Machine):
    """A post to a far side that has no idempotency key."""

    target = "fanpage"
    moves = OPEN_MOVES

    def __init__(self) -> None:
        super().__init__()
        self.id = 0
        self.posts: list[Post] = []
        self.asked_about: set[int] = set()
        self.wrong_word = False

    @rule(worker=workers)
    def claims(self, worker: int) -> None:
        me = self.workers[worker]
        if me.seen is None or me.claimed is not None:
            return
        try:
            claimed = machine.claim(me.seen, me.name, self.now)
        except Conflict:
            return
        with database()[0].write() as connection:
            if deliveries.swap(connection, me.seen, claimed):
                deliveries.begin_attempt(connection, claimed, self.now)
                me.claimed = claimed

    @rule(
        worker=workers,
        answer=st.sampled_from(["ok", "stored, no answer", "nothing, no answer", "no", "later"]),
        hidden=st.integers(0, ABSENT_NEEDED - 1),
    )
    def calls(self, worker: int, answer: str, hidden: int) -> None:
        me = self.workers[worker]
        # Lease and quarantine outlast every time-out: nobody looks while the call may still begin.
        if me.claimed is None or me.answer or me.claimed.attempt_no in self.asked_about:
            return
        row = self.tries()[me.claimed.attempt_no - 1]
        assert row["owner"] == me.name, "the attempt's row is committed before the call"
        if answer in {"ok", "stored, no answer"}:
            self.posts.append(Post(me.claimed.attempt_no, hidden))
        me.answer = answer

    @rule(worker=workers)
    def writes_what_came_of_it(self, worker: int) -> None:
        me = self.workers[worker]
        if me.claimed is None or not me.answer:
            return
        one, told = me.claimed, me.answer
        me.claimed, me.answer = None, ""
        if told == "ok":
            new = machine.accept(one, "id", "link", self.now, self.now + SOON)
        elif told == "no":
            new = machine.refuse(one, CAUSE)
        elif told == "later":
            new = machine.try_later(one, CAUSE, self.now + SOON)
        else:
            new = machine.lose(one, CAUSE, self.now + QUARANTINE)
        self.swap(one, new, told)

    @rule(worker=workers)
    def finds_a_lease_run_out(self, worker: int) -> None:
        seen = self.workers[worker].seen
        if seen and seen.state == State.SENDING and seen.next_at and seen.next_at <= self.now:
            self.swap(seen, machine.lose(seen, CAUSE, self.now + QUARANTINE), "lost")

    @rule()
    def everything_restarts(self) -> None:
        for worker in self.workers:
            worker.die()
        left = self.read()
        if left.state == State.SENDING:
            self.swap(left, machine.lose(left, CAUSE, self.now + QUARANTINE), "lost")

    @rule(worker=workers)
    def asks_the_far_side(self, worker: int) -> None:
        me = self.workers[worker]
        seen = me.seen
        if seen and seen.state == State.UNKNOWN and seen.next_at and seen.next_at <= self.now:
            self.asked_about.add(seen.attempt_no)
            shown = next((p for p in self.posts if p.hidden == 0), None)
            for post in self.posts:
                post.hidden = max(0, post.hidden - 1)
            me.looked = seen, shown

    @rule(worker=workers)
    def writes_what_it_found(self, worker: int) -> None:
        me = self.workers[worker]
        if me.looked is None:
            return
        (one, post), me.looked = me.looked, None
        if post is None:
            self.swap(one, machine.not_seen(one, self.now, self.now + SOON))
        else:
            self.swap(one, machine.accept(one, "id", "link", self.now, self.now))

    @rule(worker=workers, visible=st.booleans())
    def verifies(self, worker: int, visible: bool) -> None:
        seen = self.workers[worker].seen
        if seen and seen.state == State.ACCEPTED:
            done = machine.confirm(seen, {"seen": True})
            self.swap(seen, done if visible else machine.look_again(seen, self.now + SOON))

    @rule(worker=workers)
    def is_held_back(self, worker: int) -> None:
        seen = self.workers[worker].seen
        if seen and seen.state == State.PLANNED:
            self.swap(seen, machine.hold_back(seen, CAUSE, self.now + SOON))

    @precondition(lambda self: self.id and self.last.state == State.UNKNOWN)
    @rule(posted=st.booleans())
    def a_person_settles(self, posted: bool) -> None:
        one = self.read()
        if posted:
            new = machine.settle_posted(one, "link", "lan", self.now)
        else:
            new = machine.settle_not_posted(one, self.now)
            self.wrong_word = self.wrong_word or bool(self.posts)
        self.swap(one, new)

    @invariant()
    def the_public_sees_one_post_at_most(self) -> None:
        assert self.wrong_word or len(self.posts) <= 1

    @invariant()
    def what_is_confirmed_is_there(self) -> None:
        if self.id and self.last.state == State.CONFIRMED and "settled_by" not in self.last.proof:
            assert self.posts


class Pulled(Machine):
    """An item that a station fetches and plays by itself."""

    target = "loa-dong"
    moves = PULLED_MOVES

    def __init__(self) -> None:
        super().__init__()
        self.id = 0

    @rule()
    def all_look_and_the_first_hands_over(self) -> None:
        """Most of life is after this; left to chance, an example seldom gets there."""
        self.looks_at_the_row(0)
        self.is_handed_over(0)
        for worker in range(2):
            self.looks_at_the_row(worker)

    @rule(worker=workers)
    def is_handed_over(self, worker: int) -> None:
        seen = self.workers[worker].seen
        if seen and seen.state == State.PLANNED and self.now < seen.expires_at:
            handed = machine.hand_over(seen, "station", seen.expires_at + SOON)
            with database()[0].write() as connection:
                if deliveries.swap(connection, seen, handed):
                    deliveries.begin_attempt(connection, handed, self.now)

    @rule(worker=workers)
    def is_held_by_the_station(self, worker: int) -> None:
        seen = self.workers[worker].seen
        if seen and seen.state == State.SENDING:
            self.swap(seen, machine.held(seen))

    @rule(worker=workers)
    def proof_is_late(self, worker: int) -> None:
        seen = self.workers[worker].seen
        if (
            seen
            and seen.state in {State.SENDING, State.ACCEPTED}
            and seen.next_at
            and seen.next_at <= self.now
        ):
            self.swap(seen, machine.no_proof(seen, CAUSE), "unknown")

    @rule(
        worker=workers,
        outcome=st.sampled_from(
            [State.CONFIRMED, State.PARTLY_AIRED, State.MISSED, State.CANCELLED]
        ),
    )
    def proof_arrives(self, worker: int, outcome: State) -> None:
        seen = self.workers[worker].seen
        if seen and seen.state in {State.SENDING, State.ACCEPTED, State.UNKNOWN}:
            self.swap(seen, machine.as_run(seen, outcome, {}, self.now), outcome.value)

    @precondition(lambda self: self.id and self.last.state == State.UNKNOWN)
    @rule(heard=st.booleans())
    def a_person_settles(self, heard: bool) -> None:
        one = self.read()
        self.swap(
            one,
            machine.settle_posted(one, "", "lan", self.now)
            if heard
            else machine.settle_not_posted(one, self.now),
        )


_SETTINGS = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestPushed = Pushed.TestCase
TestPushed.settings = _SETTINGS
TestPulled = Pulled.TestCase
TestPulled.settings = _SETTINGS
