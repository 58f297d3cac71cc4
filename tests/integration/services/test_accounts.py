"""Whatever people, stations and clocks do: every planned sound is one row, and none is forbidden.

A state machine over the real services and a SQLite file. What may sound is judged by an oracle of
its own, minute by minute, that shares no code with the rules it checks.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import count, pairwise
from pathlib import Path

from commune import SPEAKERS, START, Commune, HandClock, found
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from broadcaster import wire
from broadcaster.bootstrap import connect
from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import FINAL, Delivery, State
from broadcaster.domain.policy import Limit
from broadcaster.errors import PolicyRefused
from broadcaster.services.policy import excepting
from broadcaster.services.stations import syncing
from broadcaster.services.timetable import slotting
from broadcaster.services.timetable.calendar import to_rule
from broadcaster.services.timetable.planning import HORIZON
from broadcaster.store import stations
from broadcaster.store.stations import Station

SILENT = {State.CANCELLED, State.MISSED, State.FAILED}
AHEAD = {State.PLANNED, State.SENDING, State.ACCEPTED, State.UNKNOWN}
CUES = {"lead_in": 0.5, "chime": 3.0, "opening": 4.0, "item": 60.0, "closing": 5.0}
HOURS = ["04:30", "06:10", "12:00", "17:00", "17:01", "17:01", "17:02", "17:20", "18:29"]
DAYS = ["thứ hai, thứ tư", "thứ hai, thứ tư", "thứ bảy", "thứ năm, thứ hai", "hằng ngày"]
_HERE = timedelta(hours=7)


@cache
def template() -> Path:
    """A commune made once; each example begins with a copy of its folder."""
    home = Path(tempfile.mkdtemp(prefix="xa-")) / "home"
    xa = found(home, more='[policy]\nprofile = "15-phut"\n')
    for key, start, end in (("sang", time(6), time(6, 12)), ("chieu", time(17), time(17, 6))):
        slotting.add(xa.context, xa.lan, key, start, end, (), xa.clock())
    with xa.context.database.write() as connection:
        for key in SPEAKERS:
            stations.enroll(connection, xa.context.commune_id, key, f"digest-{key}")
    xa.context.database.close()
    return home


class Accounts(RuleBasedStateMachine):
    """What people, stations, clocks and crashes do to one commune."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="xa-"))
        shutil.copytree(template(), self.folder / "home")
        self.clock = HandClock(START)
        self.xa = self.opened()
        self.numbers: list[int] = []
        self.texts = count(1)
        self.entries = count(1)

    def opened(self) -> Commune:
        home = self.folder / "home"
        return Commune(replace(connect(home, {}), clock=self.clock, owner="w"), self.clock)

    def teardown(self) -> None:
        self.xa.context.database.close()
        shutil.rmtree(self.folder)

    # --- people

    @initialize()
    def begin(self) -> None:
        for seconds in (30.0, 100.0, 60.0):
            self.announce(seconds, Priority.NORMAL, SPEAKERS)

    @rule(
        item=st.sampled_from([10.0, 60.0, 240.0, 900.0]),
        priority=st.sampled_from([Priority.NORMAL, Priority.NORMAL, Priority.PRIORITY]),
        where=st.sampled_from([SPEAKERS, SPEAKERS[:1], SPEAKERS[1:]]),
    )
    def announce(self, item: float, priority: Priority, where: tuple[str, ...]) -> None:
        cues = {**CUES, "item": item}
        n = next(self.texts)
        self.numbers.append(
            self.xa.approved(
                where, text=f"Tin thứ {n}\nNội dung.", priority=priority, cues=cues,
                seconds=sum(cues.values()),
            )
        )  # fmt: skip

    @rule(
        wishes=st.lists(
            st.tuples(st.integers(0, 5), st.sampled_from(DAYS), st.sampled_from(HOURS)),
            min_size=2, max_size=5,
        )
    )  # fmt: skip
    def schedule(self, wishes: list[tuple[int, str, str]]) -> None:
        until = f"{self.clock() + timedelta(days=20):%d/%m/%Y}"
        for n, on, at in wishes:
            with suppress(PolicyRefused):
                self.xa.schedule(self.number(n), on=on, at=at, until=until)

    @rule(n=st.integers(0, 30), on=st.sampled_from(DAYS), slot=st.sampled_from(["sang", "chieu"]))
    def collect(self, n: int, on: str, slot: str) -> None:
        until = f"{self.clock() + timedelta(days=20):%d/%m/%Y}"
        with suppress(PolicyRefused):
            self.xa.collect(self.number(n), on=on, slot=slot, until=until)

    @rule(n=st.integers(0, 30), limit=st.sampled_from([Limit.WEEKDAY, Limit.REPEATS]))
    def allow(self, n: int, limit: Limit) -> None:
        today = self.clock().date()
        last = today + timedelta(days=30)
        number, why, now = self.number(n), "lễ hội", self.clock()
        excepting.allow(self.xa.context, self.xa.minh, number, limit, today, last, why, now)

    @rule(n=st.integers(0, 30))
    def revoke(self, n: int) -> None:
        for given in excepting.every(self.xa.context)[: n % 2]:
            excepting.revoke(self.xa.context, self.xa.minh, given.waiver.id, self.clock())

    @rule(n=st.integers(0, 30), again=st.booleans())
    def edit(self, n: int, again: bool) -> None:
        number = self.number(n)
        self.xa.edit(number, f"Tin sửa {next(self.texts)}\nNội dung khác.")
        if again:
            self.xa.render(number, sum(CUES.values()), CUES)
            with suppress(PolicyRefused):  # all its hours may have passed
                self.xa.approve(number)

    @rule(n=st.integers(0, 30))
    def take_out(self, n: int) -> None:
        for one in self.xa.show(self.number(n)).rules[:1]:
            self.xa.remove_rule(one.id)

    def number(self, n: int) -> int:
        return self.numbers[n % len(self.numbers)]

    # --- the program, its stations and the clock

    @rule(ask=st.booleans())
    def plan(self, ask: bool) -> None:
        self.xa.plan()
        assert self.xa.plan() == 0, "planning again changes nothing"
        self.every_occurrence_has_its_row()
        for key in SPEAKERS if ask else ():
            self.may_sound(
                syncing.rundown(self.xa.context, self.station(key), self.clock()).rundown
            )

    def station(self, key: str) -> Station:
        with self.xa.context.database.read() as connection:
            known = stations.every(connection, self.xa.context.commune_id)
        (there,) = [one for one in known if one.key == key]
        return there

    @rule()
    def tick(self) -> None:
        self.xa.tick()

    @rule(
        key=st.sampled_from(SPEAKERS), outcome=st.sampled_from(["aired", "partly_aired", "missed"])
    )
    def station_calls(self, key: str, outcome: str) -> None:
        """Fetches its plan, holds it, and accounts for what was due."""
        there = self.station(key)
        plan = syncing.rundown(self.xa.context, there, self.clock()).rundown
        self.may_sound(plan)
        status = wire.StationStatus(
            version=plan.version, held=[item.uid for item in plan.items], device="loa",
            clock=self.clock(), free_disk_mb=1, program="1",
        )  # fmt: skip
        syncing.report(self.xa.context, there, status, self.clock())
        done = [(i.uid, outcome, i.starts_at) for i in plan.items if i.starts_at <= self.clock()]
        done += [(uid, "cancelled", self.clock()) for uid in plan.withdrawn]
        entries = [
            wire.AsRunEntry(
                entry=f"e{next(self.entries)}", uid=uid, outcome=said, planned_at=at, cause_vi="–"
            )
            for uid, said, at in done
        ]
        batch = wire.AsRunBatch(entries=entries)
        syncing.take_entries(self.xa.context, there, batch, self.clock())

    @rule(hours=st.sampled_from([1, 1, 9, 24, 24, 60, -2]))
    def time_passes(self, hours: int) -> None:
        self.clock.move(hours=hours)

    @precondition(lambda self: self.clock() < START + timedelta(days=20))
    @rule()
    def stand_still(self) -> None:
        self.clock.move(days=9)

    @rule()
    def crash(self) -> None:
        """A new process on the same folder."""
        self.xa.context.database.close()
        self.xa = self.opened()

    # --- what always holds

    @invariant()
    def accounts_are_even(self) -> None:
        rows = self.xa.rows()
        states = Counter(row.state for row in rows)
        ended = sum(states[state] for state in FINAL)
        assert len(rows) == ended + sum(states[state] for state in AHEAD)
        for row in rows:
            assert (row.next_at is None) or row.state not in FINAL
            assert row.cause or row.state not in SILENT
        places = Counter((r.approval_id, r.target, r.slot_id, r.occurrence) for r in rows)
        assert set(places.values()) <= {1}

    @invariant()
    def nothing_forbidden_is_planned(self) -> None:
        for key in SPEAKERS:
            live = [row for row in self.xa.rows() if row.target == key and sounds(row)]
            self.judge([(row.due_at, row.announcement_id) for row in live])

    def every_occurrence_has_its_row(self) -> None:
        now, rows = self.clock(), self.xa.rows()
        there = {(row.approval_id, row.target, row.slot_id, row.occurrence) for row in rows}
        waiting = {(row.target, row.due_at) for row in rows if row.cancel_asked_at}
        for number in self.numbers:
            dossier = self.xa.show(number)
            if dossier.approval is None:
                continue
            for stored in dossier.rules:
                since = max(
                    stored.created_at, dossier.approval.decided_at, now - timedelta(days=35)
                )
                until = min(now + HORIZON, dossier.approval.valid_until)
                for occurs in to_rule(stored).occurrences(since, until):
                    for target in set(stored.targets) & set(dossier.revision.targets):
                        place = (dossier.approval.id, target, stored.slot_id, occurs)
                        called_back = stored.slot_id is None and (target, occurs) in waiting
                        assert place in there or called_back

    def may_sound(self, plan: wire.Rundown) -> None:
        """Of the plan as the station gets it: lengths by its cues."""
        spans = sorted(
            (i.starts_at, i.starts_at + timedelta(milliseconds=i.duration_ms)) for i in plan.items
        )
        assert all(before[1] <= after[0] for before, after in pairwise(spans)), "two at once"
        for begins, ends in spans:
            for moment in minutes(begins, ends):
                clock = (moment + _HERE).time()
                assert time(6) <= clock <= time(7, 30) or time(17) <= clock <= time(18, 30)

    def judge(self, times: list[tuple[datetime, int]]) -> None:
        given = [one.waiver for one in excepting.every(self.xa.context)]
        excepted = {(one.limit, one.announcement_id) for one in given}
        for begins, item in times:
            day = begins + _HERE
            assert day.weekday() < 5 or (Limit.WEEKDAY, item) in excepted
            week = [
                t
                for t, other in times
                if other == item and begins <= t < begins + timedelta(days=7)
            ]
            assert len(week) <= 4 or (Limit.REPEATS, item) in excepted
        assert all(len(sessions) <= 2 for sessions in by_day(times))


def sounds(row: Delivery) -> bool:
    return row.state not in SILENT and row.cancel_asked_at is None


def minutes(begins: datetime, ends: datetime) -> Iterator[datetime]:
    while begins < ends:
        yield begins
        begins += timedelta(seconds=20)
    yield ends


def by_day(times: list[tuple[datetime, int]]) -> list[list[datetime]]:
    """The beginnings of the sessions of each day: at this distance no two are one session."""
    days: dict[date, list[datetime]] = {}
    for begins, _ in sorted(times):
        session = days.setdefault((begins + _HERE).date(), [])
        if not session or begins - session[-1] > timedelta(hours=2):
            session.append(begins)
    return list(days.values())


TestAccounts = Accounts.TestCase
TestAccounts.settings = settings(max_examples=12, stateful_step_count=18)
