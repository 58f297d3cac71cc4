"""Waits grow, never shrink below the plain ones, and spread without dice."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain import outlet as circuit
from broadcaster.domain.outlet import FAILURES_ALLOWED, Outlet
from broadcaster.domain.patience import BACK_OFF, SPREAD, back_off
from broadcaster.errors import Text

NOW = datetime(2026, 11, 23, tzinfo=UTC)
WHY = Text("Hỏng.", "Broken.")


@given(st.integers(0, 1000), st.text(max_size=40))
def test_a_wait_lies_between_the_plain_one_and_its_spread(attempt_no: int, uid: str) -> None:
    plain = BACK_OFF[min(max(attempt_no, 1), len(BACK_OFF)) - 1]
    assert plain <= back_off(attempt_no, uid) <= plain * (1 + SPREAD)
    assert back_off(attempt_no, uid) == back_off(attempt_no, uid)


def test_what_failed_together_does_not_return_together() -> None:
    waits = [back_off(1, f"delivery-{n}") for n in range(200)]
    assert len(set(waits)) == 200
    assert max(waits) - min(waits) > BACK_OFF[0] * SPREAD * 0.9


@given(st.lists(st.sampled_from(["failed", "broken", "well", "answered", "probing"]), max_size=30))
def test_it_rests_exactly_while_it_failed_and_every_rest_has_an_end(events: list[str]) -> None:
    one = Outlet(1, "fanpage")
    for event in events:
        if event in {"failed", "broken"}:
            one = getattr(circuit, event)(one, WHY, NOW)
        elif event == "probing":
            one = circuit.probing(one, NOW) if one.resting else one
        else:
            one = getattr(circuit, event)(one)
        assert one.rests_until is None or one.rests_until > NOW
        assert not one.resting or one.failures >= FAILURES_ALLOWED
        assert event not in {"well", "answered"} or not one.resting
        assert event != "broken" or one.resting


def test_rests_grow_with_every_failure_up_to_half_an_hour() -> None:
    one, rests = Outlet(1, "fanpage"), []
    for _ in range(4):
        one = circuit.broken(one, WHY, NOW)
        assert one.rests_until is not None
        rests.append(one.rests_until - NOW)
    assert rests == sorted(set(rests))


def test_failures_of_a_target_that_rests_already_do_not_make_its_rest_longer() -> None:
    one = circuit.broken(Outlet(1, "fanpage"), WHY, NOW)
    for _ in range(100):
        assert circuit.failed(one, WHY, NOW) == one
