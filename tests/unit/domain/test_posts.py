"""Which posts stand: read from any history of deliveries, corrections and withdrawals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.delivery import Action, Delivery, State
from broadcaster.domain.posts import posts

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def row(n: int, action: Action, state: State, about: int | None) -> Delivery:
    return Delivery(
        id=n, uid=f"u{n}", commune_id=1, announcement_id=1, revision_id=n, rendition_id=n,
        approval_id=n, rule_id=1, channel="facebook_page", target="fanpage", priority="normal",
        due_at=NOW, expires_at=NOW + timedelta(hours=6), state=state, next_at=NOW, action=action,
        about_id=about,
    )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Delivery]:
    """Rows as the engine makes them: a change is about the delivery that made its post."""
    rows: list[Delivery] = []
    for n in range(1, draw(st.integers(1, 8)) + 1):
        made = [one.id for one in rows if one.action == Action.POST]
        action = draw(st.sampled_from(list(Action))) if made else Action.POST
        about = draw(st.sampled_from(made)) if action != Action.POST else None
        rows.append(row(n, action, draw(st.sampled_from(list(State))), about))
    return rows


@given(histories())
def test_every_row_belongs_to_exactly_one_post(rows: list[Delivery]) -> None:
    found = posts(rows)
    ids = [one.id for post in found for one in (*post.chain, *post.withdrawals)]
    assert sorted(ids) == [one.id for one in rows]
    assert [post.id for post in found] == [one.id for one in rows if one.action == Action.POST]


@given(histories())
def test_what_is_gone_does_not_stand_and_is_not_withdrawn_again(rows: list[Delivery]) -> None:
    for post in posts(rows):
        assert not (post.stands and post.gone)
        assert not (post.to_withdraw and post.gone)
        if post.to_withdraw:
            assert post.newest is not None or post.unsettled is not None
            assert all(one.final for one in post.withdrawals)
        if post.newest is not None:
            assert post.newest.state in {State.ACCEPTED, State.CONFIRMED}


@given(histories())
def test_the_order_in_which_rows_are_read_says_nothing(rows: list[Delivery]) -> None:
    assert posts(rows) == posts(list(reversed(rows)))


def test_a_correction_that_found_its_post_gone_made_another_one() -> None:
    first = row(1, Action.POST, State.CONFIRMED, None)
    second = row(2, Action.POST, State.CONFIRMED, 1)
    old, new = posts([first, second])
    assert (old.gone, old.stands) == (True, False)
    assert (new.id, new.stands) == (2, True)


def test_a_refused_withdrawal_may_be_begun_anew() -> None:
    first = row(1, Action.POST, State.CONFIRMED, None)
    refused = row(2, Action.WITHDRAW, State.FAILED, 1)
    (post,) = posts([first, refused])
    assert post.to_withdraw
    (post,) = posts([first, refused, row(3, Action.WITHDRAW, State.SENDING, 1)])
    assert not post.to_withdraw
