"""Planning looks at little, and takes the write lock only when there is something to write."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from commune import Commune, found

from broadcaster.services.timetable import planning
from broadcaster.store import approvals


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return found(tmp_path)


def test_planning_again_needs_no_write_lock(xa: Commune) -> None:
    xa.schedule(xa.approved(("loa-dong", "fanpage")))
    assert xa.plan() > 0
    with xa.context.database.write():  # a clerk in the middle of something
        assert xa.plan() == 0


def test_a_tick_sees_a_rule_or_an_approval_of_the_last_minute(xa: Commune) -> None:
    number = xa.draft()
    xa.render(number)
    xa.schedule(number)
    xa.clock.move(minutes=5)
    since = xa.clock() - timedelta(minutes=1)
    assert planning.plan(xa.context, xa.clock(), since) == 0
    xa.approve(number)
    assert planning.plan(xa.context, xa.clock(), since) == 7
    second = xa.approved(("loa-doai",))
    xa.clock.move(minutes=5)
    assert planning.plan(xa.context, xa.clock(), xa.clock() - timedelta(minutes=1)) == 0
    xa.schedule(second, at="17:30")
    assert planning.plan(xa.context, xa.clock(), xa.clock() - timedelta(minutes=1)) == 7


def test_the_gone_through_rules_do_not_grow_with_the_years(xa: Commune) -> None:
    for day in range(24, 29):
        xa.schedule(xa.approved(), on=f"{day}/11/2026", at="17:00")
    xa.schedule(xa.approved(text="Lịch gom rác\nThu gom rác lúc 16 giờ."), at="16:00")
    over = xa.clock.move(days=40)
    with xa.context.database.read() as connection:
        assert approvals.scheduled(connection, xa.context.commune_id, over) == [6]


def test_a_post_of_two_rules_goes_out_once_at_the_earlier_hour(xa: Commune) -> None:
    number = xa.approved(("loa-dong", "fanpage"))
    xa.schedule(number, on="24/11/2026", at="17:00")
    xa.schedule(number, on="24/11/2026", at="06:30")
    xa.plan()
    xa.plan()
    posts = [one for one in xa.rows(number) if one.target == "fanpage"]
    assert [f"{xa.context.policy.local(one.due_at):%H:%M}" for one in posts] == ["06:30"]
