"""From approved rules to rows: as often as one likes, with nothing lost and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from commune import TEXT, Commune, found
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain import delivery as machine
from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import FINAL, State
from broadcaster.errors import Text
from broadcaster.services.timetable.calendar import to_rule
from broadcaster.store import deliveries


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return found(tmp_path)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commune]:
    """One commune for many examples; each writes an announcement of its own."""
    xa = found(tmp_path_factory.mktemp("xa"))
    yield xa
    xa.context.database.close()


def test_nothing_is_planned_without_an_approval_in_force(xa: Commune) -> None:
    drafted = xa.draft()
    xa.render(drafted)
    xa.schedule(drafted)
    edited = xa.approved(("loa-doai",))
    xa.schedule(edited)
    xa.edit(edited, TEXT + " Xin cảm ơn.")
    over = xa.approved(("loa-doai",), text="Tin khác\nNội dung.")
    xa.clock.move(days=31)
    xa.schedule(over, at="16:00", until="31/12/2026")
    assert (xa.plan(), xa.rows()) == (0, [])


def test_a_rule_may_name_an_outlet_that_the_text_is_no_longer_for(xa: Commune) -> None:
    other = xa.approved(("loa-doai",), text="Tin khác\nNội dung.")
    number = xa.draft(targets=("loa-dong", "fanpage"))
    xa.schedule(number)
    xa.schedule(other, at="16:00")
    xa.edit(number, TEXT + " Xin cảm ơn.", targets=["loa-dong"])
    xa.render(number)
    xa.approve(number)
    assert xa.plan() == 14
    assert {one.target for one in xa.rows(number)} == {"loa-dong"}


def test_what_fell_into_a_stand_still_that_outlasted_the_approval_is_told_as_missed(
    xa: Commune,
) -> None:
    number = xa.approved()
    xa.schedule(number, until="20/12/2026")
    xa.plan()
    xa.clock.now = datetime(2026, 12, 25, tzinfo=UTC)  # valid until 23/12
    xa.plan()
    while xa.tick():
        pass
    assert xa.states(number) == {State.MISSED: 28}
    assert all(one.cause for one in xa.rows(number))


def test_a_post_whose_hour_was_missed_goes_out_at_the_next(xa: Commune) -> None:
    number = xa.approved(("fanpage",))
    xa.schedule(number)
    xa.clock.now = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    xa.plan()
    while xa.tick():
        pass
    xa.plan()
    xa.plan()
    local = [(f"{xa.context.policy.local(one.due_at):%d %H}", one.state) for one in xa.rows()]
    assert local == [("23 17", State.MISSED), ("25 17", State.PLANNED)]


def test_a_refused_post_waits_for_a_person_who_makes_another_rule(xa: Commune) -> None:
    number = xa.approved(("fanpage",))
    xa.schedule(number)
    xa.schedule(number, at="18:00")
    xa.plan()
    one = xa.one()
    with xa.context.database.write() as connection:
        claimed = machine.claim(one, "w", one.due_at)
        assert deliveries.swap(connection, one, claimed)
        assert deliveries.swap(connection, claimed, machine.refuse(claimed, Text("a", "a")))
    xa.clock.move(days=2)
    assert xa.plan() == 0, "its own rules do not repeat what was refused"
    xa.schedule(number, on="26/11/2026", at="09:00")
    assert xa.plan() == 1
    assert xa.states() == {State.FAILED: 1, State.PLANNED: 1}


def test_an_emergency_finds_the_loudspeakers_free(xa: Commune) -> None:
    xa.schedule(xa.approved(seconds=120), at="17:00")
    urgent = xa.approved(text="Bão\nSơ tán ngay.", priority=Priority.EMERGENCY)
    xa.schedule(urgent, on="23/11/2026", at="17:00")
    again = xa.approved(text="Lũ\nSơ tán ngay.", priority=Priority.EMERGENCY)
    xa.schedule(again, on="23/11/2026", at="17:01")
    xa.plan()
    assert [one.state for one in xa.rows(urgent)] == [State.PLANNED]
    assert [one.state for one in xa.rows(again)] == [State.PLANNED]


def test_a_cancelled_row_is_never_planned_again(xa: Commune) -> None:
    number = xa.approved(("loa-dong", "fanpage"))
    xa.schedule(number)
    xa.plan()
    with xa.context.database.write() as connection:
        for one in deliveries.find(connection, xa.context.commune_id):
            cancelled = machine.cancel(one, Text("Hủy.", "Off."), xa.clock())
            assert deliveries.swap(connection, one, cancelled)
    before = len(xa.rows())
    xa.plan()
    assert (len(xa.rows()), set(xa.states())) == (before, {State.CANCELLED})


_announcements = count(1)
hours = st.lists(st.integers(6, 20), min_size=1, max_size=3, unique=True)
steps = st.lists(
    st.sampled_from(["plan", "plan", "tick", "day", "hour", "stand still"]), min_size=1, max_size=8
)


@settings(max_examples=10)
@given(on=st.sampled_from(["hằng ngày", "thứ hai, thứ năm", "chủ nhật"]), hours=hours, steps=steps)
def test_every_instant_of_a_rule_is_one_row_that_is_open_or_final(
    many: Commune, on: str, hours: list[int], steps: list[str]
) -> None:
    xa = many
    n = next(_announcements)
    xa.clock.now = datetime(2027, 1, 4, 1, 0, tzinfo=UTC) + timedelta(days=70 * n)
    began = xa.clock()
    number = xa.approved(("loa-dong",), text=f"Tin {n}\nNội dung số {n}.", seconds=1)
    at = ",".join(f"{hour:02d}:30" for hour in hours)
    end = xa.context.policy.local(began + timedelta(days=20))
    xa.schedule(number, on=on, at=at, until=f"{end:%d/%m/%Y}")
    for step in steps:
        if step == "plan":
            xa.plan()
        elif step == "tick":
            xa.tick()
        else:
            xa.clock.move(**{"day": {"days": 1}, "hour": {"hours": 1}}.get(step, {"days": 9}))
    xa.plan()
    rows = xa.rows(number)
    horizon = xa.clock() + timedelta(days=7)
    wanted = [t for r in xa.show(number).rules for t in to_rule(r).occurrences(began, horizon)]
    assert sorted(one.due_at for one in rows if one.due_at < horizon) == sorted(wanted)
    counted = xa.states(number)
    assert sum(counted.values()) == len(rows)
    assert all((one.next_at is None) == (one.state in FINAL) for one in rows)
    assert all(one.cause for one in rows if one.state in {State.MISSED, State.CANCELLED})
