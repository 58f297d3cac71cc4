"""Corrections and withdrawals over HTTP: the public sees one post with the new words, then none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from commune import POSTS
from outlets import Outlets, found_with_outlets

from broadcaster.channels.facebook.page import FacebookPage
from broadcaster.channels.wordpress.site import WordPress
from broadcaster.channels.zalo.articles import ZaloOA
from broadcaster.domain.delivery import Action, Delivery, State
from broadcaster.sandbox import running
from broadcaster.sandbox.settings import Settings
from broadcaster.sandbox.state import SandboxState
from broadcaster.services.content import withdrawing as taking_back

FAULTS = ["store_then_500", "drop"]
MADE: dict[str, type] = {"fanpage": FacebookPage, "website": WordPress, "zalo": ZaloOA}
ABLE = [key for key in POSTS if {"update", "withdraw"} <= set(dir(MADE[key]))]


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    with running(SandboxState(Settings())) as url:
        yield url


@pytest.fixture(params=ABLE)
def outlets(
    request: pytest.FixtureRequest, sandbox_url: str, tmp_path: Path
) -> tuple[Outlets, str, int]:
    """Everything, which target, and the number of the announcement that stands there."""
    made = found_with_outlets(tmp_path / "xa", sandbox_url)
    number = made.planned(request.param)
    assert made.run(number).state == State.CONFIRMED
    return made, request.param, number


def settled(made: Outlets, number: int, most: int = 60) -> Delivery:
    for _ in range(most):
        made.xa.tick()
        waiting = [one.next_at for one in made.xa.rows(number) if one.next_at]
        if not waiting:
            break
        made.go_to(max(min(waiting), made.xa.clock() + timedelta(seconds=1)))
    return max(made.xa.rows(number), key=lambda one: one.id)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_new_text_takes_the_place_of_the_old_one(
    outlets: tuple[Outlets, str, int], fault: str
) -> None:
    made, target, number = outlets
    xa = made.xa
    xa.edit(number, "Họp thôn\nĐổi giờ họp sang 20 giờ tối mai, mời bà con.")
    xa.render(number)
    at = xa.context.policy.local(xa.clock() + timedelta(minutes=2))
    xa.schedule(number, on=f"{at:%d/%m/%Y}", at=f"{at:%H:%M}")
    xa.approve(number)
    xa.plan()
    made.fault(target, fault, call=2)
    done = settled(made, number)
    assert (done.action, done.state) == (Action.CORRECT, State.CONFIRMED)
    (public,) = made.posts(target)
    assert done.marker in str(public)
    assert "20 giờ" in str(public)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_withdrawn_post_is_seen_by_nobody(outlets: tuple[Outlets, str, int], fault: str) -> None:
    made, target, number = outlets
    taking_back.withdraw(made.xa.context, made.xa.minh, number, "sai giờ", made.xa.clock())
    made.fault(target, fault)
    done = settled(made, number)
    assert (done.action, done.state) == (Action.WITHDRAW, State.CONFIRMED)
    assert made.posts(target) == []
