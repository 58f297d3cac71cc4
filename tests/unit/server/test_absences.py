"""Whose attempts are given up: only of owners that nobody has seen for a while, look after look."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.server.presence import Absences
from broadcaster.store.session import number_of

GONE_AFTER_S, GAP_S = 6.0, 3.0


def absences() -> Absences:
    return Absences(GONE_AFTER_S, GAP_S)


def numbers(*owners: str) -> set[int]:
    return {number_of(owner) for owner in owners}


def test_an_owner_that_stays_away_is_gone_after_a_while() -> None:
    looks = absences()
    assert [bool(looks.gone({"a", "b"}, numbers("b"), at)) for at in range(8)] == [
        False, False, False, False, False, False, True, True,
    ]  # fmt: skip
    assert looks.gone({"a", "b"}, numbers("b"), 8) == {"a"}


def test_one_look_at_which_it_was_there_begins_the_wait_anew() -> None:
    looks = absences()
    for at in range(6):
        assert not looks.gone({"a"}, set(), at)
    assert not looks.gone({"a"}, numbers("a"), 6)
    for at in range(7, 13):
        assert not looks.gone({"a"}, set(), at)
    assert looks.gone({"a"}, set(), 13) == {"a"}


def test_after_a_gap_the_living_get_their_time_to_come_back() -> None:
    """The database was gone for a minute, and with it the lock of everybody."""
    looks = absences()
    for at in range(6):
        assert not looks.gone({"a"}, set(), at)
    assert not looks.gone({"a"}, set(), 66)
    assert not looks.gone({"a"}, numbers("a"), 68)


@given(
    st.lists(
        st.tuples(st.floats(0.01, 10), st.sampled_from(["there", "away", "no look"])), max_size=60
    )
)
def test_whoever_is_back_within_the_time_is_never_taken_for_dead(
    steps: list[tuple[float, str]],
) -> None:
    """Model: gone only if all looks of the last six seconds, none of them far apart, missed it."""
    looks, now = absences(), 0.0
    seen: list[tuple[float, bool]] = []
    for wait, what in steps:
        now += wait
        if what == "no look":
            continue
        there = what == "there"
        seen.append((now, there))
        gone = looks.gone({"a"}, numbers("a") if there else set(), now)
        assert gone == ({"a"} if _missed_throughout(seen) else set())


def _missed_throughout(seen: list[tuple[float, bool]]) -> bool:
    first = last = seen[-1][0]
    for at, there in reversed(seen):
        if there or last - at > GAP_S:
            break
        first = last = at
    return seen[-1][0] - first >= GONE_AFTER_S
