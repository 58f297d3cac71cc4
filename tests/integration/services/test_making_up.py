"""What was missed is offered the nearest free time, and plays only if a person takes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from commune import Commune, found

from broadcaster.domain.delivery import Delivery, State
from broadcaster.errors import Conflict, NotFound, PolicyRefused
from broadcaster.services.timetable import making_up


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return found(tmp_path, more='[policy]\nprofile = "15-phut"\n')


def missed(xa: Commune, seconds: float = 60) -> Delivery:
    """Of 17:00 on Monday; it is 17:20 now."""
    number = xa.approved(seconds=seconds)
    xa.schedule(number, on="23/11/2026", at="17:00")
    xa.plan()
    xa.clock.move(hours=9, minutes=20)
    while xa.tick():
        pass
    one = xa.one(number)
    assert one.state == State.MISSED
    return one


def offered(xa: Commune, one: Delivery) -> str:
    (date,) = making_up.offer(xa.context, one.id, xa.clock()).dates
    return f"{xa.context.policy.local(date):%H:%M:%S %d/%m}"


def test_it_is_offered_the_next_free_minute_and_waits_for_a_person(xa: Commune) -> None:
    one = missed(xa)
    assert offered(xa, one) == "17:25:00 23/11"
    xa.plan()
    assert xa.states() == {State.MISSED: 1}, "nothing is played late by itself"
    xa.keep(making_up.offer(xa.context, one.id, xa.clock()))
    xa.plan()
    assert xa.states() == {State.MISSED: 1, State.PLANNED: 1}


def test_a_taken_minute_and_a_closed_window_are_stepped_over(xa: Commune) -> None:
    one = missed(xa)
    xa.schedule(xa.approved(text="Tin khác\nKhác.", seconds=60), on="23/11/2026", at="17:25")
    assert offered(xa, one) == "17:26:02 23/11"
    xa.clock.move(hours=2)
    assert offered(xa, one) == "06:00:00 24/11"


def test_an_approval_of_named_hours_asks_for_a_new_one(xa: Commune) -> None:
    number = xa.draft()
    xa.render(number, 30)
    xa.schedule(number, on="23/11/2026", at="17:00")
    xa.approve(number)
    xa.plan()
    xa.clock.move(hours=9, minutes=20)
    while xa.tick():
        pass
    change = making_up.offer(xa.context, xa.one(number).id, xa.clock())
    assert any("17:25:00 23/11/2026" in differs for differs in change.voids)


def test_what_was_not_missed_is_not_made_up(xa: Commune) -> None:
    number = xa.approved(("loa-dong", "fanpage"))
    xa.schedule(number, on="23/11/2026", at="17:00")
    xa.plan()
    by_target = {one.target: one for one in xa.rows()}
    with pytest.raises(Conflict, match="không cần phát bù"):
        making_up.offer(xa.context, by_target["loa-dong"].id, xa.clock())
    with pytest.raises(NotFound, match="là bài đăng"):
        making_up.offer(xa.context, by_target["fanpage"].id, xa.clock())


def test_without_room_in_two_weeks_it_says_so(xa: Commune) -> None:
    one = missed(xa)
    xa.edit(xa.show(1).announcement.number, "Tin dài\n" + "Nội dung rất dài của tin. " * 700)
    with pytest.raises(PolicyRefused, match="không còn giờ trống để phát bù"):
        making_up.offer(xa.context, one.id, xa.clock())
