"""A target in trouble rests: nothing is burnt on it, nobody waits for it, and it comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from commune import Commune, found
from scripted import BAD, GOOD, Scripted, fine

from broadcaster.channels import Usage
from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import Delivery, State
from broadcaster.errors import OutcomeUnknown, Refused, TryAgain
from broadcaster.services import dispatching


@pytest.fixture
def page() -> Scripted:
    return Scripted()


@pytest.fixture
def xa(tmp_path: Path, page: Scripted) -> Commune:
    made = found(tmp_path, more="[policy]\npost_grace_hours = 20\n[delivery]\ntries_per_day = 8")
    return Commune(replace(made.context, channel=lambda _key: page), made.clock)


def planned(xa: Commune, count: int, priority: Priority = Priority.NORMAL) -> list[int]:
    """So many posts on the Page, one each minute from now on; their announcements' numbers."""
    numbers = []
    for n in range(count):
        number = xa.approved(("fanpage",), text=f"Tin {n}\nNội dung {n}.", priority=priority)
        at = xa.context.policy.local(xa.clock()) + timedelta(minutes=n + 1)
        xa.schedule(number, on=f"{at:%d/%m/%Y}", at=f"{at:%H:%M}")
        numbers.append(number)
    xa.plan()
    return numbers


def go_to(xa: Commune, number: int) -> Delivery:
    """To when that post is looked at next, and handle what is due by then."""
    xa.clock.now = max(xa.clock.now, xa.one(number).next_at or xa.clock.now)
    while xa.tick():
        pass
    return xa.one(number)


def raising(error: Exception) -> Callable[[], None]:
    def answer() -> None:
        raise error

    return answer


def no_line() -> Callable[[], None]:
    return raising(TryAgain("Không có mạng.", "No line.", target_wide=True))


def dead_token() -> Callable[[], None]:
    return raising(Refused("Mã hết hạn.", "Token expired.", code="190", target_wide=True))


def test_after_three_failures_in_a_row_nothing_more_is_tried(xa: Commune, page: Scripted) -> None:
    numbers = planned(xa, 5)
    page.answer, page.health = no_line(), BAD
    for number in numbers[:3]:
        go_to(xa, number)
    waiting = go_to(xa, numbers[3])
    assert (waiting.state, waiting.attempt_no) == (State.PLANNED, 0)
    assert waiting.cause is not None
    assert "tạm nghỉ" in waiting.cause.vi
    assert page.tries == 3


def test_unclear_answers_count_and_a_single_good_one_forgives_all(
    xa: Commune, page: Scripted
) -> None:
    numbers = planned(xa, 4)
    page.answer = raising(OutcomeUnknown("Quá lâu.", "Time-out."))
    go_to(xa, numbers[0])
    assert dispatching.states(xa.context)["fanpage"].failures == 1
    page.answer = fine
    go_to(xa, numbers[1])
    assert dispatching.states(xa.context)["fanpage"].failures == 0


def test_a_dead_token_is_met_once_and_its_return_lets_everything_go_out(
    xa: Commune, page: Scripted
) -> None:
    numbers = planned(xa, 4)
    page.answer, page.health = dead_token(), BAD
    assert go_to(xa, numbers[0]).state == State.FAILED
    for number in numbers[1:]:
        assert go_to(xa, number).attempt_no == 0
    assert page.tries == 1
    xa.clock.move(hours=1)
    xa.tick()
    assert (page.tries, page.checks > 0) == (1, True), "it is asked, and nothing is burnt on it"
    page.answer, page.health = fine, GOOD
    last = go_to(xa, numbers[1])
    assert last.state == State.CONFIRMED
    assert xa.states() == {State.FAILED: 1, State.CONFIRMED: 3}, "the others did not wait longer"


def test_an_outlet_that_answers_well_but_takes_nothing_costs_one_post_not_one_a_question(
    xa: Commune, page: Scripted
) -> None:
    """The first has failed, and a person must act; what asks again later asks for all of them."""
    numbers = planned(xa, 2)
    page.answer, page.health = dead_token(), GOOD
    assert go_to(xa, numbers[0]).state == State.FAILED
    for tries in (2, 3):
        asking = go_to(xa, numbers[1])
        assert page.tries == tries
        assert (asking.state, asking.attempt_no) == (State.PLANNED, tries - 1)
        assert asking.cause is not None
        assert "Mã hết hạn" in asking.cause.vi
        assert asking.next_at == dispatching.states(xa.context)["fanpage"].rests_until
    assert [row["outcome"] for row in xa.tries(asking)] == ["again", "again"]
    page.answer = fine
    go_to(xa, numbers[1])
    assert xa.states() == {State.FAILED: 1, State.CONFIRMED: 1}


def test_an_emergency_that_is_refused_says_so_at_once(xa: Commune, page: Scripted) -> None:
    numbers = planned(xa, 1)
    page.answer, page.health = dead_token(), GOOD
    go_to(xa, numbers[0])
    (urgent,) = planned(xa, 1, Priority.EMERGENCY)
    assert go_to(xa, urgent).state == State.FAILED


def test_a_person_who_mended_it_need_not_wait(xa: Commune, page: Scripted) -> None:
    numbers = planned(xa, 3)
    page.answer, page.health = dead_token(), BAD
    go_to(xa, numbers[0])
    go_to(xa, numbers[1])
    page.answer, page.health = fine, GOOD
    assert dispatching.seen_well(xa.context, "fanpage", xa.clock())
    xa.tick()
    assert xa.one(numbers[1]).state == State.CONFIRMED


def test_a_rate_limit_rests_the_whole_target_and_no_question_is_asked(
    xa: Commune, page: Scripted
) -> None:
    numbers = planned(xa, 3)
    until = xa.clock() + timedelta(hours=3)
    page.answer = raising(TryAgain("Quá lượt.", "Too many.", at=until, target_wide=True))
    for number in numbers:
        one = go_to(xa, number)
        assert one.next_at is not None
        assert one.next_at >= until
    assert (page.tries, page.checks) == (1, 0)
    page.answer = fine
    xa.clock.now = until
    xa.tick()
    go_to(xa, numbers[0])
    assert xa.states() == {State.CONFIRMED: 3}
    assert page.checks == 0


def test_a_limit_of_tries_counts_only_what_ended_that_way(xa: Commune, page: Scripted) -> None:
    (number,) = planned(xa, 1)
    line = TryAgain("Đứt mạng.", "No line.", code="no-connection")
    fast = TryAgain("Quá nhanh.", "Too fast.", code="368", tries=2)
    for error in (line, line, fast, line):
        page.answer = raising(error)
        assert go_to(xa, number).state == State.PLANNED
    page.answer = raising(fast)
    one = go_to(xa, number)
    assert (one.state, one.attempt_no, page.posts) == (State.FAILED, 5, [])
    assert one.cause is not None
    assert (
        one.cause.en == "Too fast. Sent 2 times with this answer; it is not sent again by itself."
    )
    assert go_to(xa, number) == one


def test_near_its_allowance_it_rests_before_it_meets_the_limit(xa: Commune, page: Scripted) -> None:
    numbers = planned(xa, 2)
    regained = xa.clock() + timedelta(hours=2)
    page.usage = Usage(92.0, regained)
    assert go_to(xa, numbers[0]).state == State.CONFIRMED
    one = go_to(xa, numbers[1])
    assert (one.state, one.next_at) == (State.PLANNED, regained)
    assert one.cause is not None
    assert "92%" in one.cause.vi


def test_an_emergency_does_not_wait_for_a_resting_target(xa: Commune, page: Scripted) -> None:
    numbers = planned(xa, 1)
    page.answer = dead_token()
    go_to(xa, numbers[0])
    (urgent,) = planned(xa, 1, Priority.EMERGENCY)
    page.answer = fine
    assert go_to(xa, urgent).state == State.CONFIRMED


def test_when_the_days_budget_is_used_the_rest_waits_for_tomorrow(
    xa: Commune, page: Scripted
) -> None:
    numbers = planned(xa, 9)
    for number in numbers:
        one = go_to(xa, number)
    assert page.tries == 8
    assert one.cause is not None
    assert "tries_per_day" in one.cause.vi
    assert one.next_at is not None
    at = xa.context.policy.local(one.next_at)
    assert f"{at:%H:%M %d/%m/%Y}" == "00:00 24/11/2026"
    (urgent,) = planned(xa, 1, Priority.EMERGENCY)
    assert go_to(xa, urgent).state == State.CONFIRMED, "an emergency is not held back by it"


def test_what_waited_too_long_is_missed_with_the_targets_own_reason(
    xa: Commune, page: Scripted
) -> None:
    numbers = planned(xa, 2)
    page.answer, page.health = dead_token(), BAD
    go_to(xa, numbers[0])
    for _ in range(60):
        if go_to(xa, numbers[1]).final:
            break
    one = xa.one(numbers[1])
    assert (one.state, one.attempt_no) == (State.MISSED, 0)
    assert one.cause is not None
    assert "Mã vẫn hỏng" in one.cause.vi
