"""What a person did by hand in the outlet's place: from which row, once, what it says then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain import changing
from broadcaster.domain.delivery import FINAL, Action, Delivery, State
from broadcaster.domain.posts import posts
from broadcaster.errors import Conflict, Text

NOW = datetime(2026, 11, 23, tzinfo=UTC)
POST = Delivery(
    id=1, uid="u1", commune_id=1, announcement_id=1, revision_id=1, rendition_id=1, approval_id=1,
    rule_id=1, channel="zalo_broadcast", target="zalo", priority="normal", due_at=NOW,
    expires_at=NOW + timedelta(hours=6), state=State.CONFIRMED, next_at=None,
    link="https://zalo.example/1",
)  # fmt: skip


@given(st.sampled_from(list(Action)), st.sampled_from(list(State)))
def test_only_a_withdrawal_that_was_not_done_is_done_by_hand(action: Action, state: State) -> None:
    next_at = None if state in FINAL else NOW
    cause = Text("Zalo không cho gỡ.", "Zalo offers no way.")
    one = replace(POST, id=2, action=action, about_id=1, state=state, next_at=next_at, cause=cause)
    if action != Action.WITHDRAW or state not in {State.FAILED, State.MISSED}:
        with pytest.raises(Conflict):
            changing.removed_by_hand(one, "lan", NOW)
        return
    done = changing.removed_by_hand(one, "lan", NOW)
    assert (done.state, done.next_at, done.cause) == (State.CONFIRMED, None, None)
    assert done.actual_at == NOW
    assert done.proof == {
        "how": "by_hand", "settled_by": "lan", "settled_at": NOW.isoformat(), "link": POST.link,
    }  # fmt: skip
    (before,), (after,) = posts([POST, one]), posts([POST, done])
    assert (before.stands, after.stands, after.to_withdraw) == (True, False, False)
    with pytest.raises(Conflict):
        changing.removed_by_hand(done, "minh", NOW)


@given(st.sampled_from(list(Action)), st.sampled_from(list(State)))
def test_only_a_correction_that_was_not_done_is_done_by_hand(action: Action, state: State) -> None:
    there = replace(POST, remote_id="zalo-1")
    cause = Text("Bài bị khóa.", "The post is locked.")
    one = replace(POST, id=2, action=action, about_id=1, state=state, cause=cause, link="")
    if action != Action.CORRECT or state not in {State.FAILED, State.MISSED}:
        with pytest.raises(Conflict):
            changing.corrected_by_hand(one, there, "lan", NOW)
        return
    done = changing.corrected_by_hand(one, there, "lan", NOW)
    assert (done.state, done.next_at, done.cause, done.actual_at) == (
        State.CONFIRMED, None, None, NOW,
    )  # fmt: skip
    assert done.proof["how"] == "by_hand"
    (post,) = posts([there, done])
    assert (post.newest, post.stands) == (done, True)
    assert (done.remote_id, done.link) == ("zalo-1", POST.link), "what withdraws it finds it"
    with pytest.raises(Conflict):
        changing.corrected_by_hand(done, there, "minh", NOW)
