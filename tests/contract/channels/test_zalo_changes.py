"""Zalo articles corrected and taken back, and what the account itself warns of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from broadcaster.channels import Receipt
from broadcaster.channels.port import Gone
from broadcaster.channels.zalo.articles import ZaloOA
from broadcaster.errors import InputError, NotThere, OutcomeUnknown, Refused, TryAgain
from channels.far_side import DRAFT, LONG, REFERENCE, Outlet, Sandbox, settled, zalo

NEW = replace(DRAFT, title="Đính chính lịch cắt điện", body="Dời sang ngày 06/12/2026.")


@pytest.fixture
def oa(sandbox: Sandbox, tmp_path: Path) -> Outlet:
    return zalo(sandbox.url, tmp_path)


@pytest.fixture
def channel(oa: Outlet) -> ZaloOA:
    made = oa.channel()
    assert isinstance(made, ZaloOA)
    return made


@pytest.fixture
def posted(channel: ZaloOA, now: datetime) -> Receipt:
    return settled(channel, channel.publish(channel.compose(DRAFT), REFERENCE, now), now)


def test_a_correction_keeps_id_and_address_and_is_read_back(
    channel: ZaloOA, sandbox: Sandbox, now: datetime, posted: Receipt
) -> None:
    sandbox.settings("zalo", processing_polls=0)
    done = channel.update(channel.compose(NEW), posted, REFERENCE, now)
    assert (done.remote_id, done.link, done.visible) == (posted.remote_id, posted.link, True)
    (shown,) = sandbox.public("zalo")
    assert (shown["id"], shown["title"]) == (posted.remote_id, "Đính chính lịch cắt điện")
    assert channel.update(channel.compose(NEW), posted, REFERENCE, now) == done
    assert len(sandbox.public("zalo")) == 1


def test_a_correction_in_processing_is_not_yet_called_done(
    channel: ZaloOA, sandbox: Sandbox, now: datetime, posted: Receipt
) -> None:
    sandbox.settings("zalo", processing_polls=2)
    done = channel.update(channel.compose(NEW), posted, REFERENCE, now)
    assert not done.visible
    with pytest.raises(TryAgain):
        channel.withdraw(done, now)
    later = settled(channel, done, now)
    assert (later.remote_id, later.visible) == (posted.remote_id, True)
    assert sandbox.public("zalo")[0]["title"] == "Đính chính lịch cắt điện"


def test_what_was_removed_by_hand_is_posted_anew_not_corrected(
    channel: ZaloOA, sandbox: Sandbox, now: datetime, posted: Receipt
) -> None:
    channel.withdraw(posted, now)
    with pytest.raises(TryAgain):  # the list may lag
        channel.update(channel.compose(NEW), posted, REFERENCE, now)
    with pytest.raises(NotThere):
        channel.update(channel.compose(NEW), posted, REFERENCE, now + LONG)
    assert sandbox.public("zalo") == []


def test_refused_words_are_no_missing_article(
    channel: ZaloOA, sandbox: Sandbox, now: datetime, posted: Receipt
) -> None:
    sandbox.fault("zalo", "error", "article.update", code=-201, message="title is invalid!")
    with pytest.raises(Refused, match="title is invalid") as caught:
        channel.update(channel.compose(NEW), posted, REFERENCE, now + LONG)
    assert not isinstance(caught.value, NotThere)


@pytest.mark.parametrize("kind", ["store_then_500", "store_then_drop"])
def test_a_correction_without_an_answer_is_repeated_without_harm(
    channel: ZaloOA, sandbox: Sandbox, now: datetime, posted: Receipt, kind: str
) -> None:
    sandbox.settings("zalo", processing_polls=0)
    sandbox.fault("zalo", kind, "article.update")
    with pytest.raises(OutcomeUnknown):
        channel.update(channel.compose(NEW), posted, REFERENCE, now)
    assert channel.update(channel.compose(NEW), posted, REFERENCE, now).visible
    assert len(sandbox.public("zalo")) == 1


def test_an_article_is_taken_back_also_twice(
    channel: ZaloOA, sandbox: Sandbox, now: datetime, posted: Receipt
) -> None:
    assert channel.withdraw(posted, now).how is Gone.DELETED
    assert sandbox.public("zalo") == []
    assert channel.withdraw(posted, now + LONG).how is Gone.DELETED


def test_a_withdrawal_that_zalo_refuses_is_for_a_person(
    channel: ZaloOA, sandbox: Sandbox, now: datetime, posted: Receipt
) -> None:
    sandbox.fault("zalo", "error", "article.remove", code=-212)
    with pytest.raises(Refused, match="-212"):
        channel.withdraw(posted, now)
    sandbox.fault("zalo", "error", "article.remove", code=-201)
    with pytest.raises(Refused, match="-201"):  # it is still in the list, so it is not gone
        channel.withdraw(posted, now + LONG)
    assert len(sandbox.public("zalo")) == 1


def test_the_account_says_what_it_is(oa: Outlet, now: datetime) -> None:
    health = oa.channel().check(now)
    assert health.ok
    assert (health.details["package"], health.details["verified"]) == ("advanced", True)
    assert health.warnings == ()


def test_what_ends_soon_is_told_while_posting_works(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("zalo", verified=False, package_valid_through=f"{now:%d/%m/%Y}")
    oa.channel().check(now)
    health = oa.channel(refresh_token_days=10).check(now)
    told = " ".join(text.vi for text in health.warnings)
    assert health.ok
    for word in ("chưa xác thực", "hết hạn ngày", "mã làm mới hết hạn"):
        assert word in told
    sandbox.settings("zalo", package_valid_through="không rõ")
    assert oa.channel().check(now).ok


def test_the_websites_player_is_linked_without_tracking(oa: Outlet) -> None:
    channel = oa.channel(audio_link="https://binhminh.example.vn/{slug}/")
    content = channel.compose(DRAFT)
    assert "https://binhminh.example.vn/tb-2026-0012-7f3a/" in channel.show(content)
    assert "tracking_link" not in content
    assert "utm_" not in str(content)
    silent = channel.compose(replace(DRAFT, audio_digest=""))
    assert "binhminh.example.vn/tb-" not in channel.show(silent)
    with pytest.raises(InputError, match="audio_link"):
        oa.channel(audio_link="http://binhminh.example.vn").compose(DRAFT)


def test_a_young_list_that_lags_is_not_believed(
    channel: ZaloOA, sandbox: Sandbox, now: datetime, posted: Receipt
) -> None:
    sandbox.settings("zalo", list_lag=60)
    sandbox.fault("zalo", "error", "article.read", code=-201)
    with pytest.raises(TryAgain):
        channel.verify(replace(posted, at=now), now + timedelta(seconds=20))


def test_what_is_stuck_is_asked_about_less_and_less(
    channel: ZaloOA, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault("zalo", "stuck_processing", "article.create")
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    waits = []
    for age in (timedelta(0), timedelta(minutes=4), timedelta(days=2)):
        with pytest.raises(TryAgain) as caught:
            channel.verify(receipt, now + age)
        assert caught.value.at is not None
        waits.append(caught.value.at - now - age)
    assert waits == [timedelta(seconds=2), timedelta(minutes=1), timedelta(minutes=30)]


def test_the_calls_that_are_left_are_told(channel: ZaloOA, sandbox: Sandbox, now: datetime) -> None:
    sandbox.settings("zalo", calls_per_minute=20, processing_polls=0)
    usage = channel.publish(channel.compose(DRAFT), REFERENCE, now).usage
    assert usage is not None
    assert 5 <= usage.percent <= 20
    assert usage.regain_at is not None
    assert timedelta(0) < usage.regain_at - now <= timedelta(minutes=1)
