"""Broadcasts to an OA's followers, and messages to its groups: what no look-up can find again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.channels.port import Gone
from broadcaster.channels.zalo.broadcast import ZaloBroadcast
from broadcaster.channels.zalo.group import ZaloGroup, without_mentions
from broadcaster.errors import InputError, OutcomeUnknown, Refused, TryAgain
from broadcaster.sandbox import running
from broadcaster.sandbox.state import SandboxState
from channels.far_side import DRAFT, REFERENCE, Outlet, Sandbox, settled, zalo

MORNING = datetime.fromisoformat("2026-11-24T09:00:00+07:00")
NIGHT = datetime.fromisoformat("2026-11-24T22:30:00+07:00")
FOLLOWER = "8000000000000000001"
GROUP = "9000000000000000001"


class Clock:
    now = MORNING

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def far() -> Iterator[tuple[str, SandboxState]]:
    state = SandboxState(clock=Clock())
    with running(state) as url:
        yield url, state


@pytest.fixture
def sandbox(far: tuple[str, SandboxState]) -> Sandbox:
    url, state = far
    state.clock.now = MORNING  # type: ignore[attr-defined]  # the Clock above
    found = Sandbox(url)
    found.clear()
    found.settings("zalo", processing_polls=0)
    return found


def at(far: tuple[str, SandboxState], now: datetime) -> datetime:
    far[1].clock.now = now  # type: ignore[attr-defined]  # the Clock above
    return now


@pytest.fixture
def oa(sandbox: Sandbox, tmp_path: Path) -> Outlet:
    return zalo(sandbox.url, tmp_path)


def broadcast(oa: Outlet, **options: Any) -> ZaloBroadcast:
    return ZaloBroadcast(replace(oa.settings(**options), account="zalo"))


def group(oa: Outlet, **options: Any) -> ZaloGroup:
    settings = oa.settings(**{"group_id": GROUP, **options})
    return ZaloGroup(replace(settings, account="zalo"))


def sent(far: tuple[str, SandboxState]) -> int:
    return len(far[1].world.zalo.broadcasts)


def with_article(oa: Outlet, now: datetime = MORNING) -> str:
    channel = oa.channel()
    article = settled(channel, channel.publish(channel.compose(DRAFT), REFERENCE, now), now)
    return article.remote_id


# --- broadcasts ----------------------------------------------------------------------------------


def test_it_waits_for_its_article_and_then_names_it(
    oa: Outlet, far: tuple[str, SandboxState]
) -> None:
    channel = broadcast(oa)
    content = channel.compose(DRAFT)
    with pytest.raises(TryAgain, match=REFERENCE) as caught:
        channel.publish(content, REFERENCE, MORNING)
    assert caught.value.code == "no-article"
    assert sent(far) == 0
    article = with_article(oa)
    receipt = channel.publish(content, REFERENCE, MORNING)
    assert far[1].world.zalo.broadcasts[0].article_ids == [article]
    assert not receipt.visible
    assert article in receipt.link


def test_an_article_kept_hidden_is_not_sent_around(
    oa: Outlet, far: tuple[str, SandboxState]
) -> None:
    channel = oa.channel()
    hidden = {**channel.compose(DRAFT), "status": "hide"}
    channel.publish(hidden, REFERENCE, MORNING)
    with pytest.raises(TryAgain):
        broadcast(oa).publish(broadcast(oa).compose(DRAFT), REFERENCE, MORNING)
    assert sent(far) == 0


def test_zalo_reviews_first_and_tells_no_result(oa: Outlet, sandbox: Sandbox) -> None:
    with_article(oa)
    channel = broadcast(oa)
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, MORNING)
    with pytest.raises(TryAgain) as caught:
        channel.verify(receipt, MORNING + timedelta(minutes=29))
    assert caught.value.at == MORNING + timedelta(minutes=30)
    seen = channel.verify(receipt, MORNING + timedelta(minutes=30))
    assert seen is not None
    assert seen.visible
    assert "tells no result" in seen.proof["basis"]
    assert sandbox.calls("zalo", "broadcast.create") == 1


@pytest.mark.parametrize("make", [broadcast, group])
@pytest.mark.parametrize("kind", ["store_then_500", "store_then_drop", "drop"])
def test_a_lost_answer_stays_unknown_for_a_person(
    oa: Outlet, sandbox: Sandbox, make: Any, kind: str
) -> None:
    with_article(oa)
    channel = make(oa)
    operation = "broadcast.create" if make is broadcast else "group.message"
    sandbox.fault("zalo", kind, operation)
    content = channel.compose(DRAFT)
    with pytest.raises(OutcomeUnknown):
        channel.publish(content, REFERENCE, MORNING)
    for days in (0, 1, 30):
        with pytest.raises(TryAgain, match="delivery resolve") as caught:
            channel.look_up(content, REFERENCE, MORNING, MORNING + timedelta(days=days))
        assert caught.value.code == "no-look-up"


def test_at_night_it_waits_for_the_morning_without_a_call(
    oa: Outlet, sandbox: Sandbox, far: tuple[str, SandboxState]
) -> None:
    with_article(oa)
    now = at(far, NIGHT)
    channel = broadcast(oa)
    with pytest.raises(TryAgain, match="06:00") as caught:
        channel.publish(channel.compose(DRAFT), REFERENCE, now)
    opens = datetime.fromisoformat("2026-11-25T06:00:00+07:00")
    assert caught.value.at is not None
    assert opens <= caught.value.at < opens + timedelta(minutes=15)
    assert sandbox.calls("zalo", "broadcast.create") == 0
    channel.publish(channel.compose(DRAFT), REFERENCE, at(far, caught.value.at))
    assert sent(far) == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"broadcasts_per_month": 0}, "-224"),
        ({"verified": False}, "-221"),
        ({"package": "free"}, "-224"),
    ],
)
def test_what_the_account_may_not_is_refused(
    oa: Outlet, sandbox: Sandbox, settings: dict[str, Any], said: str
) -> None:
    with_article(oa)
    sandbox.settings("zalo", **settings)
    channel = broadcast(oa)
    with pytest.raises(Refused, match=said):
        channel.publish(channel.compose(DRAFT), REFERENCE, MORNING)


def test_a_quota_that_zalo_holds_to_be_used_up_is_no_reason_to_try_again(
    oa: Outlet, far: tuple[str, SandboxState]
) -> None:
    with_article(oa)
    channel = broadcast(oa)
    channel.publish(channel.compose(DRAFT), REFERENCE, MORNING)
    with pytest.raises(Refused, match="bài viết vẫn còn"):
        channel.publish(channel.compose(DRAFT), REFERENCE, MORNING)
    assert sent(far) == 1


def test_the_quota_follows_the_package_and_what_zalo_says_is_left(
    oa: Outlet, sandbox: Sandbox
) -> None:
    channel = broadcast(oa, quota_user_id=FOLLOWER)
    assert channel.ration(MORNING).per_month == 1  # nothing is known yet: the fewest
    channel.ask_ration(MORNING)
    figures = channel.ration(MORNING)
    assert (figures.per_month, figures.report and figures.report.left) == (4, 4)
    assert "advanced" in figures.basis.vi
    with_article(oa)
    channel.publish(channel.compose(DRAFT), REFERENCE, MORNING)
    later = MORNING + timedelta(hours=1)
    channel.ask_ration(later)
    assert broadcast(oa).ration(later).used(later, []) == 1
    sandbox.settings("zalo", package="premium")
    health = channel.check(later)
    assert health.ok
    channel.ask_ration(later)
    assert channel.ration(later).per_month == 6
    assert broadcast(oa, monthly_quota=2).ration(later).per_month == 2
    assert broadcast(oa, quota_by_package={"premium": 9}).ration(later).per_month == 9


def test_an_audience_is_sent_as_zalo_writes_it(oa: Outlet, far: tuple[str, SandboxState]) -> None:
    with_article(oa)
    channel = broadcast(oa, audience={"ages": "3,4", "cities": 4})
    content = channel.compose(DRAFT)
    assert "ages 3,4" in channel.show(content)
    channel.publish(content, REFERENCE, MORNING)
    assert sent(far) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"audience": {"village": "1"}}, {"audience": {"ages": "trẻ"}}, {"audience": "0"},
        {"opens": "6h"}, {"zone": "Sao/Hoa"}, {"quota_by_package": {"x": "1"}},
        {"monthly_quota": "bốn"},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_settings_are_named(oa: Outlet, options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(options))):
        broadcast(oa, **options)


def test_neither_has_a_pair_of_its_own(oa: Outlet) -> None:
    for make in (ZaloBroadcast, ZaloGroup):
        with pytest.raises(InputError, match="account"):
            make(oa.settings(group_id=GROUP))


def test_neither_can_be_taken_back_and_both_say_what_to_do(oa: Outlet) -> None:
    with_article(oa)
    for channel in (broadcast(oa), group(oa)):
        receipt = channel.publish(channel.compose(DRAFT), REFERENCE, MORNING)
        answer = channel.withdraw(receipt, MORNING)
        assert answer.how is Gone.CANNOT
        assert answer.todo is not None


# --- groups --------------------------------------------------------------------------------------


def messages(far: tuple[str, SandboxState]) -> list[str]:
    return [one.text for one in far[1].world.zalo.group_messages]


def test_a_group_gets_the_text_at_once_at_any_hour(
    oa: Outlet, far: tuple[str, SandboxState]
) -> None:
    channel, now = group(oa), at(far, NIGHT)
    content = channel.compose(DRAFT)
    receipt = channel.publish(content, REFERENCE, now)
    assert receipt.visible
    assert messages(far) == [channel.show(content)]
    assert REFERENCE in messages(far)[0]
    assert channel.verify(receipt, now) == replace(receipt, usage=None)


def test_no_text_mentions_anybody(oa: Outlet, far: tuple[str, SandboxState]) -> None:
    channel = group(oa)
    body = "Họp [@tất cả] lúc 7h [[@a]@b] ở nhà văn hóa [1]"
    channel.publish(channel.compose(replace(DRAFT, body=body)), REFERENCE, MORNING)
    assert "[@" not in messages(far)[0]
    assert "[1]" in messages(far)[0]


@given(st.text(st.sampled_from("[]@ab \n"), max_size=40))
def test_whatever_is_nested_no_mention_is_left(text: str) -> None:
    kept = without_mentions(text)
    assert without_mentions(kept) == kept
    assert not any(f"[@{word}]" in kept for word in ("", "a", "b", "ab", " "))


def test_a_text_too_long_for_the_group_is_not_cut(oa: Outlet) -> None:
    with pytest.raises(InputError, match="giới hạn là 2000"):
        group(oa).compose(replace(DRAFT, body="x" * 2000))
    with pytest.raises(InputError, match="giới hạn là 50"):
        group(oa, max_characters=50).compose(DRAFT)


def test_the_check_looks_for_the_group(oa: Outlet, far: tuple[str, SandboxState]) -> None:
    good = group(oa).check(MORNING)
    assert good.ok
    assert good.details["members"] == 4
    other = group(oa, group_id="9000000000000000002").check(MORNING)
    assert not other.ok
    assert GROUP in other.message.vi  # it says which there are
    far[1].world.zalo.groups[GROUP].enabled = False
    assert not group(oa).check(MORNING).ok
    with pytest.raises(Refused, match="nhóm GMF"):
        group(oa).publish(group(oa).compose(DRAFT), REFERENCE, MORNING)


def test_all_of_one_account_refresh_through_one_pair(oa: Outlet, sandbox: Sandbox) -> None:
    later = MORNING + timedelta(hours=21)
    for channel in (oa.channel(), broadcast(oa), group(oa)):
        channel.check(MORNING)
    for channel in (oa.channel(), broadcast(oa), group(oa)):
        assert channel.check(later).ok
    assert sandbox.calls("zalo", "oauth.token") == 1
