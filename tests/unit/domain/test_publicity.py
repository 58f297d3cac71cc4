"""Three days in a row in every village: counted against a slow and obvious way to count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.publicity import progress, reached

START = date(2026, 11, 23)


def day(n: int) -> date:
    return START + timedelta(days=n)


days = st.sets(st.integers(-3, 14)).map(lambda some: {day(n) for n in some})


@given(days, st.integers(1, 5), st.integers(-2, 16))
def test_it_is_done_on_the_last_day_of_the_first_long_run(
    aired: set[date], needed: int, today: int
) -> None:
    runs = [
        day(n + needed - 1)
        for n in range(20)
        if all(day(n + k) in aired for k in range(needed)) and n + needed - 1 <= today
    ]
    found = progress(aired, START, needed, day(today))
    assert found.completed_on == (runs[0] if runs else None)
    assert found.run == needed if runs else found.run < needed


@given(days, st.integers(2, 5), st.integers(0, 16))
def test_a_missed_day_restarts_the_count(aired: set[date], needed: int, today: int) -> None:
    found = progress(aired, START, needed, day(today))
    for gone in found.missed:
        assert gone not in aired
        assert gone < day(today), "today may still come"
        assert gone - timedelta(days=1) in aired
    if not found.aired:
        until = today if day(today) in aired else today - 1
        still = 0
        while until - still >= 0 and day(until - still) in aired:
            still += 1
        assert found.run == still


@given(days, st.integers(2, 5), st.integers(0, 12), st.integers(0, 3))
def test_what_is_done_stays_done_as_days_pass(
    aired: set[date], needed: int, today: int, later: int
) -> None:
    found = progress(aired, START, needed, day(today))
    if found.aired:
        assert progress(aired, START, needed, day(today + later)) == found


@pytest.mark.parametrize(
    ("aired", "today", "run", "done", "missed"),
    [
        ([], 0, 0, None, []),
        ([0], 0, 1, None, []),
        ([0], 1, 1, None, []),  # the second day is not over
        ([0], 2, 0, None, [1]),
        ([0, 1, 2], 2, 3, 2, []),
        ([0, 1, 3, 4], 4, 2, None, [2]),
        ([0, 1, 3, 4, 5], 9, 3, 5, [2]),
        ([-2, -1, 0, 1], 1, 2, None, []),  # before the first day nothing counts
    ],
)
def test_told_by_examples(
    aired: list[int], today: int, run: int, done: int | None, missed: list[int]
) -> None:
    found = progress({day(n) for n in aired}, START, 3, day(today))
    assert found.run == run
    assert found.completed_on == (None if done is None else day(done))
    assert found.missed == tuple(day(n) for n in missed)


@given(st.dictionaries(st.sampled_from("abc"), days, min_size=1))
def test_a_village_is_reached_on_days_when_all_its_stations_were_heard(
    aired: dict[str, set[date]],
) -> None:
    stations = ["a", "b"]
    expected = aired.get("a", set()) & aired.get("b", set())
    assert reached(aired, stations) == expected
    assert reached(aired, []) == frozenset()
