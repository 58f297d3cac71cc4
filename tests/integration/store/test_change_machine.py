"""Corrections and withdrawals under kills, late answers, two recoverers and a clock that steps."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    rule,
)
from machines import CAUSE, QUARANTINE, SOON, Machine, Worker, database, workers

from broadcaster.domain import changing
from broadcaster.domain import delivery as machine
from broadcaster.domain.delivery import Action, Delivery, State
from broadcaster.errors import Conflict
from broadcaster.store import deliveries

CHANGE_MOVES = {
    State.PLANNED: {State.SENDING, State.MISSED, State.CANCELLED},
    State.SENDING: {State.ACCEPTED, State.CONFIRMED, State.PLANNED, State.UNKNOWN, State.FAILED,
                    State.MISSED},
    State.UNKNOWN: {State.PLANNED, State.MISSED},
    State.ACCEPTED: {State.CONFIRMED},
    State.FAILED: {State.CONFIRMED},
    State.MISSED: {State.CONFIRMED},
}  # fmt: skip
ANSWERS = ["ok", "ok", "done, no answer", "nothing, no answer", "no", "later"]


class Changing(Machine):
    """A post that stands and is corrected or withdrawn: doing it twice changes nothing more."""

    target = "fanpage"
    moves = CHANGE_MOVES

    def begin(self) -> None:
        super().begin()
        self.done: set[int] = set()
        """The attempts that reached the far side, by number."""

    @rule(action=st.sampled_from([Action.CORRECT, Action.WITHDRAW]))
    def becomes(self, action: Action) -> None:
        seen = self.read()
        if seen.state == State.PLANNED and seen.action == Action.POST and seen.about_id is None:
            aimed = changing.aim(seen, seen.id, self.now)
            self.swap(seen, replace(aimed, action=action))

    @rule(
        worker=workers,
        answer=st.sampled_from(
            ["ok", "ok", "done, no answer", "nothing, no answer", "no", "later"]
        ),
        steps=st.integers(1, 6),
    )
    def goes_on(self, worker: int, answer: str, steps: int) -> None:
        """Some steps of a worker's life, before anybody else comes in between."""
        if self.last.final:
            self.somebody_removed_it(worker)
            if not any(w.claimed for w in self.workers):
                return self.begin()
        for n in range(steps):
            if n % 2:
                self.its_time_comes(worker)
            self.takes_a_step(worker, answer)
            self.the_rows_are_in_order()
        return None

    def somebody_removed_it(self, worker: int) -> None:
        """A person who looks at what a worker saw, perhaps long ago, and at the row itself."""
        for seen in filter(None, (self.workers[worker].seen, self.read())):
            try:
                done = changing.removed_by_hand(seen, "lan", self.now)
            except Conflict:
                continue
            assert self.swap(seen, done) == (seen == self.last)
            self.the_rows_are_in_order()

    def told_by_a_person(self, before: Delivery, now: Delivery) -> bool:
        return before.action == Action.WITHDRAW and now.proof.get("settled_by") == "lan"

    def takes_a_step(self, worker: int, answer: str) -> None:
        me = self.workers[worker]
        if me.answer:
            self.writes_what_came_of_it(me)
        elif me.claimed:
            if answer in {"ok", "done, no answer"}:
                self.done.add(me.claimed.attempt_no)
            me.answer = answer
        else:
            seen, me.seen = me.seen, None
            if seen is None or seen.final:
                self.looks_at_the_row(worker)
            elif seen.action != Action.POST:
                self.goes_on_with(me, seen)

    def goes_on_with(self, me: Worker, seen: Delivery) -> None:
        if seen.state == State.PLANNED:
            self.claims(me, seen)
        elif seen.next_at is None or seen.next_at > self.now:
            return
        elif seen.state == State.SENDING:
            self.swap(seen, machine.lose(seen, CAUSE, self.now + QUARANTINE), "lost")
        elif seen.state == State.UNKNOWN:
            self.swap(seen, changing.repeat(seen, self.now))
        else:
            self.swap(seen, machine.confirm(seen, {"seen": True}))

    def claims(self, me: Worker, seen: Delivery) -> None:
        try:
            claimed = machine.claim(seen, me.name, self.now)
        except Conflict:
            return
        with database()[0].write() as connection:
            if deliveries.swap(connection, seen, claimed):
                deliveries.begin_attempt(connection, claimed, self.now)
                me.claimed = claimed

    def writes_what_came_of_it(self, me: Worker) -> None:
        assert me.claimed
        one, told = me.claimed, me.answer
        me.claimed, me.answer = None, ""
        if told == "ok" and one.action == Action.WITHDRAW:
            new = changing.taken_back(one, {"how": "deleted"}, self.now)
        elif told == "ok":
            new = machine.accept(one, "id", "link", self.now, self.now + SOON)
        elif told == "no":
            new = machine.refuse(one, CAUSE)
        elif told == "later":
            new = machine.try_later(one, CAUSE, self.now + SOON)
        else:
            new = machine.lose(one, CAUSE, self.now + QUARANTINE)
        self.swap(one, new, told)

    @invariant()
    def what_is_confirmed_was_done(self) -> None:
        if self.id and self.last.state == State.CONFIRMED:
            assert self.done or "settled_by" in self.last.proof

    @invariant()
    def the_fence_holds_for_what_it_is_about(self) -> None:
        """Nobody who saw it as a post may claim what has become a change since."""
        if not self.id or self.last.action == Action.POST:
            return
        stale = replace(self.last, action=Action.POST)
        with database()[0].write() as connection:
            assert not deliveries.swap(connection, stale, stale)


TestChanging = Changing.TestCase
TestChanging.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
