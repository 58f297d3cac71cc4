"""What is the Graph API's own: codes, paging, read lag, duplicates, versions."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from broadcaster.channels import Channel
from broadcaster.errors import InputError, OutcomeUnknown, Refused, TryAgain
from channels.far_side import (
    DRAFT,
    LONG,
    REFERENCE,
    Answer,
    Outlet,
    Sandbox,
    answering,
    facebook,
    settled,
)


@pytest.fixture
def page(sandbox: Sandbox, tmp_path: Path) -> Outlet:
    return facebook(sandbox.url, tmp_path)


def publish(channel: Channel, now: datetime) -> None:
    channel.publish(channel.compose(DRAFT), REFERENCE, now)


def test_the_post_is_plain_text_with_title_body_commune_and_number(page: Outlet) -> None:
    draft = replace(
        DRAFT, title="**Lịch** họp", body="# Mời họp\n* Thôn `A`\n[Xem](https://a.vn/x)"
    )
    assert page.channel().compose(draft)["message"].split("\n") == [
        "Lịch họp",
        "",
        "Mời họp",
        "- Thôn A",
        "Xem (https://a.vn/x)",
        "",
        "UBND xã Bình Minh",
        f"Số hiệu: {REFERENCE}",
    ]


def test_a_title_that_opens_the_body_is_said_once(page: Outlet) -> None:
    draft = replace(DRAFT, title="Mời họp thôn", body="Mời họp thôn\n\nLúc 19 giờ.")
    assert page.channel().compose(draft)["message"].count("Mời họp thôn") == 1
    same = replace(DRAFT, title="Mời họp thôn", body="Mời họp thôn")
    assert page.channel().compose(same)["message"].count("Mời họp thôn") == 1


def test_a_post_of_exactly_the_limit_is_taken_and_one_more_refused(page: Outlet) -> None:
    length = len(page.channel().compose(DRAFT)["message"])
    assert page.channel(max_characters=length).compose(DRAFT)
    with pytest.raises(InputError, match=str(length)):
        page.channel(max_characters=length - 1).compose(DRAFT)


def test_the_link_to_the_website_is_sent_and_shown(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = page.channel(link="https://binhminh.example.vn/{slug}/")
    content = channel.compose(DRAFT)
    assert content["link"] == f"https://binhminh.example.vn/{REFERENCE.lower()}/"
    assert content["link"] in channel.show(content)
    channel.publish(content, REFERENCE, now)
    assert content["link"] in json.dumps(sandbox.public("graph"))


@pytest.mark.parametrize("options", [{"page_id": ""}, {"page_id": "../me"}, {"version": "26"}])
def test_a_page_that_cannot_be_addressed_is_refused_at_once(
    page: Outlet, options: dict[str, Any]
) -> None:
    with pytest.raises(InputError):
        page.channel(**options)


def test_the_token_is_proved_with_the_app_secret(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("graph", require_appsecret_proof=True)
    publish(page.channel(), now)
    with pytest.raises(Refused):
        publish(page.channel(secrets={"app_secret": None}), now)


def test_the_token_never_stands_in_an_address(page: Outlet, now: datetime) -> None:
    with answering(lambda _method, _path: Answer(b"{}")) as (url, asked):
        channel = page.channel(base_url=url)
        channel.check(now)
        with pytest.raises(OutcomeUnknown):
            publish(channel, now)
    assert len(asked) == 2
    assert [line for line in asked if page.secrets["page_token"] in line] == []


CODES = [
    (1, None, 500, OutcomeUnknown, "tra cứu"),
    (2, None, 500, OutcomeUnknown, "tra cứu"),
    (3, None, 400, Refused, "cấp lại quyền"),
    (4, None, 400, TryAgain, "tạm dừng"),
    (10, None, 403, Refused, "cấp lại quyền"),
    (17, None, 400, TryAgain, "tạm dừng"),
    (32, None, 400, TryAgain, "tạm dừng"),
    (100, None, 400, Refused, "sửa bản tin"),
    (102, None, 400, Refused, "lấy mã mới"),
    (190, None, 400, Refused, "lấy mã mới"),
    (190, 458, 400, Refused, "cấp quyền cho ứng dụng"),
    (190, 459, 400, Refused, "facebook.com"),
    (190, 464, 400, Refused, "facebook.com"),
    (190, 460, 401, Refused, "đổi mật khẩu"),
    (190, 463, 400, Refused, "lấy mã mới"),
    (190, 467, 400, Refused, "thu hồi"),
    (190, 490, 400, Refused, "cấp quyền cho ứng dụng"),
    (190, 492, 400, Refused, "vai trò"),
    (200, None, 403, Refused, "cấp lại quyền"),
    (299, None, 400, Refused, "cấp lại quyền"),
    (341, None, 400, TryAgain, "tạm dừng"),
    (368, None, 400, TryAgain, "Chất lượng Trang"),
    (368, 1390008, 400, TryAgain, "vài phút"),
    (506, None, 400, OutcomeUnknown, "đã được đăng"),
    (613, None, 400, TryAgain, "tạm dừng"),
    (80001, 2494055, 400, TryAgain, "tạm dừng"),
    (1609005, None, 400, TryAgain, "đường dẫn"),
    (100, 1609005, 400, TryAgain, "đường dẫn"),
    (1609008, None, 400, Refused, "đường dẫn"),
    (2061006, None, 400, Refused, "đường dẫn"),
    (1346003, None, 400, Refused, "lãnh đạo"),
    (1404102, None, 400, Refused, "lãnh đạo"),
    (1404006, None, 400, Refused, "xác minh"),
    (1404078, None, 400, Refused, "xác minh"),
    (1404112, None, 400, Refused, "xác minh"),
    (100, 4854002, 400, Refused, "xác minh"),
    (1363047, None, 400, TryAgain, "tạm thời"),
    (1609010, None, 400, TryAgain, "tạm thời"),
    (100, 1366046, 400, Refused, "ảnh"),
    (100, 1366051, 400, OutcomeUnknown, "đã được đăng"),
    (99999, None, 400, Refused, "sửa"),
    (99999, None, 500, OutcomeUnknown, "hỏi lại"),
    (99999, None, 200, OutcomeUnknown, "hỏi lại"),
]


@pytest.mark.parametrize(("code", "subcode", "status", "wanted", "words"), CODES)
def test_each_code_says_what_to_do_next(
    page: Outlet,
    sandbox: Sandbox,
    now: datetime,
    code: int,
    subcode: int | None,
    status: int,
    wanted: type[Any],
    words: str,
) -> None:
    """The whole table of the contract, with the next step in Vietnamese."""
    sandbox.fault("graph", "error", "feed.create", code=code, subcode=subcode, status=status)
    with pytest.raises(wanted, match=words) as caught:
        publish(page.channel(), now)
    assert caught.value.code.startswith(str(code))
    if isinstance(caught.value, TryAgain):
        assert caught.value.at is not None
        assert caught.value.at >= now + timedelta(minutes=5)


def test_posting_too_fast_is_waited_out_for_three_tries_at_most(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault("graph", "error", "feed.create", code=368, subcode=1390008)
    with pytest.raises(TryAgain) as caught:
        publish(page.channel(), now)
    assert (caught.value.tries, caught.value.target_wide) == (3, True)


def test_while_throttled_we_wait_as_long_as_the_usage_header_says(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault("graph", "rate_limit", "feed.create", seconds=42 * 60)
    with pytest.raises(TryAgain) as caught:
        publish(page.channel(), now)
    assert caught.value.at == now + timedelta(minutes=42)


def test_a_duplicate_is_our_own_lost_first_try_and_is_adopted(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = page.channel()
    sandbox.fault("graph", "store_then_drop", "feed.create")
    with pytest.raises(OutcomeUnknown):
        publish(channel, now)
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    assert receipt.remote_id == sandbox.public("graph")[0]["id"]
    assert len(sandbox.public("graph")) == 1


def test_368_saying_already_posted_is_a_duplicate_too(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    publish(page.channel(), now)
    words = "You've already posted this."
    sandbox.fault("graph", "error", "feed.create", code=368, message=words)
    channel = page.channel()
    assert channel.publish(channel.compose(DRAFT), REFERENCE, now).remote_id


def test_yesterdays_same_words_are_not_taken_for_todays_post(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    publish(page.channel(), now)
    sandbox.advance(24 * 3600)
    with pytest.raises(Refused, match="nguyên văn"):
        publish(page.channel(), now + timedelta(days=1))
    assert len(sandbox.public("graph")) == 1


def test_a_duplicate_that_no_list_shows_is_unknown(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault("graph", "error", "feed.create", code=506)
    with pytest.raises(OutcomeUnknown):
        publish(page.channel(), now)


def test_a_fresh_post_that_cannot_be_read_yet_is_asked_again(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("graph", read_lag=20)
    channel = page.channel()
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    with pytest.raises(TryAgain) as caught:
        channel.verify(receipt, now)
    assert caught.value.at is not None
    sandbox.advance(30)
    assert settled(channel, receipt, now + timedelta(seconds=30)).visible


def test_a_post_that_was_deleted_is_gone_but_only_when_it_is_not_fresh(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = page.channel()
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    sandbox.clear()
    with pytest.raises(TryAgain):
        channel.verify(receipt, now + timedelta(seconds=10))
    with pytest.raises(TryAgain):
        channel.verify(replace(receipt, at=None), now + LONG)
    assert channel.verify(receipt, now + LONG) is None


def test_does_not_exist_is_not_believed_of_somebody_elses_token(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = page.channel()
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    sandbox.fault("graph", "error", "object.read", code=100, subcode=33)
    sandbox.fault("graph", "error", "me", code=190, subcode=467)
    with pytest.raises(TryAgain):
        channel.verify(receipt, now + LONG)


def test_the_whole_list_is_read_before_saying_absent(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = page.channel()
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    for n in range(60):
        sandbox.post_by_hand(f"Tin số {n}")
    found = channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG)
    assert found is not None
    assert found.remote_id == receipt.remote_id
    assert sandbox.calls("graph", "posts.list") > 1


def test_a_page_missing_in_the_middle_of_the_list_is_not_absent(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    for n in range(60):
        sandbox.post_by_hand(f"Tin số {n}")
    sandbox.fault("graph", "error", "posts.list", call=2, code=2, status=500)
    channel = page.channel()
    with pytest.raises(TryAgain):
        channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG)


def test_a_list_that_never_ends_is_not_absent(page: Outlet, now: datetime) -> None:
    time = now.strftime("%Y-%m-%dT%H:%M:%S+0000")
    post = {"id": "1_2", "message": "x", "created_time": time}
    endless = {"data": [post], "paging": {"next": "https://graph.facebook.com/x?after=same"}}
    with answering(lambda _method, _path: Answer(json.dumps(endless).encode())) as (url, asked):
        channel = page.channel(base_url=url)
        with pytest.raises(TryAgain, match="không đầy đủ"):
            channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG)
    assert len(asked) < 5


def test_only_the_next_pages_parameters_are_taken_not_its_address_or_token(
    page: Outlet, now: datetime
) -> None:
    away = "https://evil.example/v26.0/9/feed?after=abc&access_token=stolen&limit=25"
    first = {"data": [], "paging": {"next": away}}

    def answer(_method: str, path: str) -> Answer:
        whole = {"data": []} if "after=abc" in path else first
        return Answer(json.dumps(whole).encode())

    with answering(answer) as (url, asked):
        channel = page.channel(base_url=url)
        assert channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG) is None
    second = parse_qs(urlsplit(asked[1].partition(" ")[2]).query)
    assert second["after"] == ["abc"]
    assert "access_token" not in second


def test_a_correction_that_names_our_number_is_not_taken_for_our_post(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = page.channel()
    sandbox.post_by_hand(f"Sắp có bản tin {REFERENCE}.")
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    sandbox.post_by_hand(f"Đính chính bản tin {REFERENCE}: sai giờ.")
    found = channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG)
    assert found is not None
    assert found.remote_id == receipt.remote_id


def test_an_earlier_airing_is_not_taken_for_this_attempts_post(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = page.channel()
    publish(channel, now)
    later = now + timedelta(hours=11)
    sandbox.advance(11 * 3600)
    assert channel.look_up(channel.compose(DRAFT), REFERENCE, later, later + LONG) is None


def test_nor_when_facebook_ignores_since(page: Outlet, now: datetime) -> None:
    message = page.channel().compose(DRAFT)["message"]
    old = (now - timedelta(hours=11)).isoformat()
    posts = {"data": [{"id": "1_2", "message": message, "created_time": old}]}
    with answering(lambda _method, _path: Answer(json.dumps(posts).encode())) as (url, _):
        channel = page.channel(base_url=url)
        assert channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG) is None


def test_the_check_knows_whose_token_it_is(page: Outlet, now: datetime) -> None:
    health = page.channel(page_id="999").check(now)
    assert not health.ok
    assert "không phải Trang này" in health.message.vi


def test_the_check_warns_before_the_api_version_ends(page: Outlet) -> None:
    channel = page.channel(version="v25.0")
    early = channel.check(datetime(2027, 7, 1, tzinfo=UTC))
    late = channel.check(datetime(2028, 6, 1, tzinfo=UTC))
    assert early.ok
    assert early.warnings == ()
    assert late.ok
    assert "29/07/2028" in late.warnings[0].vi


def test_the_end_of_the_newest_version_is_reckoned_from_its_release(page: Outlet) -> None:
    late = page.channel().check(datetime(2028, 6, 1, tzinfo=UTC))
    assert "khoảng ngày 28/07/2028" in late.warnings[0].vi


def test_lifetimes_of_versions_are_data_that_a_commune_may_replace(
    page: Outlet, tmp_path: Path
) -> None:
    newer = tmp_path / "versions.toml"
    newer.write_text('default = "v27.0"\n[ends]\n"v26.0" = 2028-09-01\n[released]\n')
    channel = page.channel(version="v26.0", versions_file=str(newer))
    (warning,) = channel.check(datetime(2028, 8, 1, tzinfo=UTC)).warnings
    assert "01/09/2028" in warning.vi
    assert "v27.0" in warning.vi
    newer.write_text('default = "v27.0"\n[ends]\n"v26.0" = "mai"\n')
    with pytest.raises(InputError, match="versions_file"):
        page.channel(versions_file=str(newer))
