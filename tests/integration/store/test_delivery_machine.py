"""Several workers, late answers, two recoverers, odd clocks and kills: no delivery ends twice."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
)
from machines import CAUSE, QUARANTINE, SOON, Machine, Worker, database, workers

from broadcaster.domain import delivery as machine
from broadcaster.domain.delivery import FINAL, Delivery, State
from broadcaster.errors import Conflict
from broadcaster.store import deliveries

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


@dataclass
class Post:
    attempt_no: int
    hidden: int
    """So many look-ups do not see it yet: lists lag."""


class Pushed(Machine):
    """A post to a far side that has no idempotency key."""

    target = "fanpage"
    moves = OPEN_MOVES

    def begin(self) -> None:
        super().begin()
        self.posts: list[Post] = []
        self.asked_about: set[int] = set()
        self.wrong_word = False

    @rule(
        worker=workers,
        answer=st.sampled_from(["ok", "stored, no answer", "nothing, no answer", "no", "later"]),
        hidden=st.integers(0, 2),
        visible=st.booleans(),
        steps=st.integers(1, 6),
    )
    def goes_on(self, worker: int, answer: str, hidden: int, visible: bool, steps: int) -> None:
        """Some steps of a worker's life, before anybody else comes in between."""
        if self.last.final and not any(w.claimed or w.looked for w in self.workers):
            return self.begin()
        for n in range(steps):
            if n % 2:
                self.its_time_comes(worker)
            self.takes_a_step(worker, answer, hidden, visible)
            self.the_rows_are_in_order()
        return None

    def takes_a_step(self, worker: int, answer: str, hidden: int, visible: bool) -> None:
        """Whatever comes next after what the worker has in memory."""
        me = self.workers[worker]
        if me.answer:
            return self.writes_what_came_of_it(me)
        if me.claimed:
            return self.calls(me, answer, hidden)
        if me.looked:
            return self.writes_what_it_found(me)
        seen = me.seen
        if seen is None or seen.final:
            return self.looks_at_the_row(worker)
        if seen.state == State.PLANNED:
            self.claims(me)
        elif seen.state == State.SENDING:
            self.finds_a_lease_run_out(seen)
        elif seen.state == State.UNKNOWN:
            self.asks_the_far_side(me, seen)
        else:
            self.verifies(seen, visible)
        me.seen = None
        return None

    def claims(self, me: Worker) -> None:
        assert me.seen
        try:
            claimed = machine.claim(me.seen, me.name, self.now)
        except Conflict:
            return
        with database()[0].write() as connection:
            if deliveries.swap(connection, me.seen, claimed):
                deliveries.begin_attempt(connection, claimed, self.now)
                me.claimed = claimed

    def calls(self, me: Worker, answer: str, hidden: int) -> None:
        assert me.claimed
        # Lease and quarantine outlast every time-out: nobody looks while the call may still begin.
        if me.claimed.attempt_no in self.asked_about:
            return me.die()
        row = self.tries()[me.claimed.attempt_no - 1]
        assert row["owner"] == me.name, "the attempt's row is committed before the call"
        if answer in {"ok", "stored, no answer"}:
            self.posts.append(Post(me.claimed.attempt_no, hidden))
        me.answer = answer
        return None

    def writes_what_came_of_it(self, me: Worker) -> None:
        assert me.claimed
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

    def finds_a_lease_run_out(self, seen: Delivery) -> None:
        if seen.next_at and seen.next_at <= self.now:
            self.swap(seen, machine.lose(seen, CAUSE, self.now + QUARANTINE), "lost")

    def asks_the_far_side(self, me: Worker, seen: Delivery) -> None:
        if seen.next_at and seen.next_at <= self.now:
            self.asked_about.add(seen.attempt_no)
            shown = next((p for p in self.posts if p.hidden == 0), None)
            for post in self.posts:
                post.hidden = max(0, post.hidden - 1)
            me.looked = seen, shown

    def writes_what_it_found(self, me: Worker) -> None:
        assert me.looked
        (one, post), me.looked = me.looked, None
        if post is None:
            self.swap(one, machine.not_seen(one, self.now, self.now + SOON))
        else:
            self.swap(one, machine.accept(one, "id", "link", self.now, self.now))

    def verifies(self, seen: Delivery, visible: bool) -> None:
        done = machine.confirm(seen, {"seen": True})
        self.swap(seen, done if visible else machine.look_again(seen, self.now + SOON))

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
        assert not self.id or self.wrong_word or len(self.posts) <= 1

    @invariant()
    def what_is_confirmed_is_there(self) -> None:
        if self.id and self.last.state == State.CONFIRMED and "settled_by" not in self.last.proof:
            assert self.posts


class Pulled(Machine):
    """An item that a station fetches and plays by itself."""

    target = "loa-dong"
    moves = PULLED_MOVES

    @rule(
        worker=workers,
        outcome=st.none()
        | st.none()
        | st.sampled_from([State.CONFIRMED, State.PARTLY_AIRED, State.MISSED, State.CANCELLED]),
        steps=st.integers(1, 3),
    )
    def goes_on(self, worker: int, outcome: State | None, steps: int) -> None:
        """What a station, or the tick that waits for its proof, brings about next."""
        if self.last.final and not any(w.seen for w in self.workers):
            return self.begin()
        for n in range(steps):
            if n == 2:
                self.its_time_comes(worker)
            self.takes_a_step(worker, outcome)
            self.the_rows_are_in_order()
        return None

    def takes_a_step(self, worker: int, outcome: State | None) -> None:
        me = self.workers[worker]
        seen, me.seen = me.seen, None
        if seen is None or (seen.final and not self.last.final):
            self.looks_at_the_row(worker)
        elif seen.final:
            return
        elif seen.state == State.PLANNED:
            self.is_handed_over(seen)
        elif outcome:
            self.swap(seen, machine.as_run(seen, outcome, {}, self.now), outcome.value)
        elif seen.next_at and seen.next_at <= self.now:
            self.swap(seen, machine.no_proof(seen, CAUSE), "unknown")
        elif seen.state == State.SENDING:
            self.swap(seen, machine.held(seen))

    def is_handed_over(self, seen: Delivery) -> None:
        if self.now < seen.expires_at:
            handed = machine.hand_over(seen, "station", seen.expires_at + SOON)
            with database()[0].write() as connection:
                if deliveries.swap(connection, seen, handed):
                    deliveries.begin_attempt(connection, handed, self.now)

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


_SETTINGS = settings(max_examples=50, stateful_step_count=40, deadline=None)
TestPushed = Pushed.TestCase
TestPushed.settings = _SETTINGS
TestPulled = Pulled.TestCase
TestPulled.settings = _SETTINGS
