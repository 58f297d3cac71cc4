"""Pictures and videos of a Page: nothing is seen before the last call, and nothing twice."""

from __future__ import annotations

import hashlib
import io
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from pictures import png

from broadcaster.channels import Channel, Receipt
from broadcaster.channels.facebook.media import Videos
from broadcaster.channels.facebook.page import FacebookPage
from broadcaster.channels.facebook.still_picture import draw, speaks_vietnamese
from broadcaster.errors import InputError, NotThere, OutcomeUnknown, Refused, TryAgain
from channels.far_side import DRAFT, LONG, PICTURES, REFERENCE, Outlet, Sandbox, facebook, settled
from channels.sounds import mp3

SHOWN = replace(DRAFT, pictures=PICTURES)
ONE = replace(DRAFT, pictures=PICTURES[:1])


@pytest.fixture
def page(sandbox: Sandbox, tmp_path: Path) -> Outlet:
    return facebook(sandbox.url, tmp_path)


@pytest.fixture
def film(page: Outlet) -> FacebookPage:
    """A channel that posts its sound as a video."""
    channel = FacebookPage(page.settings(audio="video"))
    page.file("", "mp3").write_bytes(mp3(seconds=3))
    return channel


def publish(channel: Channel, now: datetime, draft: Any = DRAFT) -> Receipt:
    return channel.publish(channel.compose(draft), REFERENCE, now)


@pytest.mark.parametrize("draft", [ONE, SHOWN])
def test_pictures_go_out_in_one_visible_post(
    page: Outlet, sandbox: Sandbox, now: datetime, draft: Any
) -> None:
    channel = FacebookPage(page.settings())
    seen = settled(channel, publish(channel, now, draft), now)
    (post,) = sandbox.public("graph")
    assert (seen.visible, post["kind"], post["id"]) == (True, "photo", seen.remote_id)
    shown = [requests.get(url, timeout=10).content for url in post["pictures"]]
    assert [hashlib.sha256(one).hexdigest() for one in shown] == [
        one.digest for one in draft.pictures
    ]
    assert sandbox.calls("graph", "photos.create") == len(draft.pictures)
    assert post["alts"] == [one.alt for one in draft.pictures]
    page_of_it = requests.get(seen.link, timeout=10).text
    assert all(f'alt="{one.alt}"' in page_of_it for one in draft.pictures)


def test_the_preview_says_what_each_picture_shows(page: Outlet) -> None:
    shown = page.channel().show(page.channel().compose(SHOWN))
    assert "[Ảnh 1: Thợ điện sửa đường dây]" in shown
    assert "[Ảnh 2: Bản đồ các thôn bị cắt điện]" in shown


@pytest.mark.parametrize("fault", ["store_then_drop", "store_then_500", "drop"])
def test_a_picture_whose_answer_is_lost_is_sent_again_without_harm(
    page: Outlet, sandbox: Sandbox, now: datetime, fault: str
) -> None:
    sandbox.fault("graph", fault, "photos.create", call=2)
    channel = FacebookPage(page.settings())
    with pytest.raises(TryAgain):  # nobody has seen anything
        publish(channel, now, SHOWN)
    assert sandbox.public("graph") == []
    publish(channel, now, SHOWN)
    assert [len(post["pictures"]) for post in sandbox.public("graph")] == [2]


def test_the_last_call_of_a_post_with_pictures_may_be_lost_and_is_found_once(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault("graph", "store_then_drop", "feed.create")
    channel = FacebookPage(page.settings())
    with pytest.raises(OutcomeUnknown):
        publish(channel, now, SHOWN)
    found = channel.look_up(channel.compose(SHOWN), REFERENCE, now, now + LONG)
    assert found is not None
    assert [post["id"] for post in sandbox.public("graph")] == [found.remote_id]


def test_a_picture_that_facebook_does_not_take_is_refused_with_the_way_out(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("graph", photo_max_bytes=50)
    with pytest.raises(Refused, match="thu nhỏ ảnh"):
        publish(page.channel(), now, SHOWN)
    with pytest.raises(InputError, match="thu nhỏ ảnh"):
        page.channel(max_picture_bytes=50).compose(SHOWN)


def test_a_picture_missing_on_our_disk_posts_nothing(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = FacebookPage(page.settings())
    page.file(PICTURES[1].digest, "png").unlink()
    with pytest.raises(Refused, match="ảnh"):
        publish(channel, now, SHOWN)
    assert sandbox.public("graph") == []


def test_beside_pictures_the_link_stands_in_the_text(page: Outlet) -> None:
    channel = page.channel(link="https://binhminh.example.vn/{slug}/?utm_source=fb&trang=2")
    plain, shown = channel.compose(DRAFT), channel.compose(SHOWN)
    address = f"https://binhminh.example.vn/{REFERENCE.lower()}/?trang=2"
    assert plain["link"] == address
    assert "link" not in shown
    assert address in shown["message"].split("\n")


# --- a video of sound and one picture ---------------------------------------------------------


def test_a_video_is_seen_when_facebook_has_worked_on_it(
    film: FacebookPage, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("graph", video_processing=60)
    receipt = publish(film, now)
    waiting = film.verify(receipt, now)
    assert waiting is not None
    waiting = film.verify(waiting, now)  # the post calls itself published by now
    assert waiting is not None
    assert not waiting.visible
    assert sandbox.public("graph") == []
    sandbox.advance(61)
    seen = film.verify(receipt, now + timedelta(seconds=61))
    assert seen is not None
    (post,) = sandbox.public("graph")
    assert (seen.visible, seen.remote_id, seen.link) == (True, post["id"], post["link"])
    assert f"Số hiệu: {REFERENCE}" in post["text"]


def test_the_video_is_as_long_as_the_sound_and_players_can_read_it(
    film: FacebookPage, sandbox: Sandbox, now: datetime
) -> None:
    import av  # noqa: PLC0415 - slow to import

    publish(film, now)
    (post,) = sandbox.public("graph")
    content = requests.get(post["pictures"][0], timeout=10).content
    with av.open(io.BytesIO(content), "r") as video:
        kinds = [stream.codec_context.name for stream in video.streams]
        assert kinds == ["h264", "aac"]
        assert video.duration is not None
        assert video.duration / 1e6 == pytest.approx(3, abs=0.6)
        frame = next(video.decode(video.streams.video[0]))
        assert (frame.width, frame.height) == (1280, 720)


def test_a_video_that_was_shown_without_an_answer_is_found_by_its_own_id(
    film: FacebookPage, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault("graph", "store_then_drop", "videos.finish")
    sandbox.settings("graph", list_lag=10_000)
    with pytest.raises(OutcomeUnknown):
        publish(film, now)
    found = film.look_up(film.compose(DRAFT), REFERENCE, now, now + LONG)
    assert found is not None
    assert [post["id"] for post in sandbox.public("graph")] == [found.remote_id]


def test_and_by_the_list_when_its_id_was_lost_with_the_machine(
    film: FacebookPage, page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault("graph", "store_then_500", "videos.finish")
    with pytest.raises(OutcomeUnknown):
        publish(film, now)
    (page.folder / "state" / "videos" / f"{REFERENCE}.json").write_bytes(b"{half")
    sandbox.settings("graph", video_processing=60)
    early = film.look_up(film.compose(DRAFT), REFERENCE, now, now + LONG)
    assert early is not None
    assert (early.visible, sandbox.public("graph")) == (False, [])
    sandbox.advance(61)
    found = film.verify(early, now + LONG)
    assert found is not None
    assert (found.visible, found.remote_id) == (True, sandbox.public("graph")[0]["id"])


@pytest.mark.parametrize("operation", ["videos.start", "videos.transfer"])
def test_an_upload_that_breaks_off_has_shown_nothing(
    film: FacebookPage, sandbox: Sandbox, now: datetime, operation: str
) -> None:
    sandbox.fault("graph", "drop", operation)
    with pytest.raises(TryAgain):
        publish(film, now)
    assert sandbox.public("graph") == []
    assert film.look_up(film.compose(DRAFT), REFERENCE, now, now + LONG) is None
    publish(film, now)
    assert len(sandbox.public("graph")) == 1


def test_a_cut_before_the_last_call_is_stored_is_unknown_and_then_absent(
    film: FacebookPage, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault("graph", "drop", "videos.finish")
    with pytest.raises(OutcomeUnknown):
        publish(film, now)
    assert film.look_up(film.compose(DRAFT), REFERENCE, now, now + LONG) is None


def test_a_video_that_facebook_cannot_use_is_refused_at_the_end(
    film: FacebookPage, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("graph", video_fails=True)
    receipt = publish(film, now)
    with pytest.raises(Refused, match="không xử lý được video"):
        film.verify(receipt, now + LONG)
    assert sandbox.public("graph") == []


def test_a_post_id_without_the_page_before_it_is_completed(
    film: FacebookPage, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("graph", video_post_id_whole=False)
    seen = settled(film, publish(film, now), now)
    assert seen.remote_id == sandbox.public("graph")[0]["id"]


def test_the_still_picture_is_the_announcements_own_or_the_communes_or_the_title(
    page: Outlet, film: FacebookPage, tmp_path: Path, now: datetime
) -> None:
    own = tmp_path / "anh-xa.png"
    own.write_bytes(png(200, 100))
    communes = page.channel(audio="video", video_picture=str(own))
    page.file("", "mp3").write_bytes(mp3(seconds=1))
    assert "ảnh vẽ tiêu đề" in film.show(film.compose(DRAFT))
    assert "ảnh: Thợ điện" in communes.show(communes.compose(SHOWN))
    approved = communes.compose(DRAFT)
    assert "ảnh của xã" in communes.show(approved)
    own.write_bytes(png(100, 200))
    with pytest.raises(Refused, match="thay đổi sau khi duyệt"):
        communes.publish(approved, REFERENCE, now)
    with pytest.raises(InputError, match="video_picture"):
        page.channel(audio="video", video_picture="/khong/co.png").compose(DRAFT)


def test_only_a_font_that_writes_every_vietnamese_letter_is_used(tmp_path: Path) -> None:
    from PIL import ImageFont  # noqa: PLC0415 - the optional extra

    built_in = ImageFont.load_default(40)
    assert isinstance(built_in, ImageFont.FreeTypeFont)
    assert not speaks_vietnamese(built_in)
    with pytest.raises(Refused, match="phông chữ viết được tiếng Việt"):
        draw("Fanpage", "Lịch họp", "xã Bình Minh", str(tmp_path / "khong-co.ttf"))


def test_a_broken_sound_makes_no_video(film: FacebookPage, page: Outlet, now: datetime) -> None:
    page.file("", "mp3").write_bytes(b"khong phai am thanh")
    with pytest.raises(Refused, match="không dựng được video"):
        publish(film, now)


def test_without_the_extra_a_clerk_is_told_what_to_install(
    page: Outlet, film: FacebookPage, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved = film.compose(DRAFT)
    monkeypatch.setitem(sys.modules, "av", None)  # as on a machine where it is not installed
    with pytest.raises(InputError, match=r"commune-broadcaster\[video\]"):
        page.channel(audio="video").compose(DRAFT)
    with pytest.raises(Refused, match="pip install av pillow"):
        film.publish(approved, REFERENCE, now)
    assert page.channel().compose(DRAFT)["message"]


# --- correcting and taking back ----------------------------------------------------------------


def test_the_words_of_a_video_are_corrected_and_it_is_deleted(
    film: FacebookPage, sandbox: Sandbox, now: datetime
) -> None:
    receipt = publish(film, now)
    better = replace(DRAFT, body="Đã có điện lại.")
    done = film.update(film.compose(better), receipt, REFERENCE, now)
    assert done.visible
    assert "Đã có điện lại." in sandbox.public("graph")[0]["text"]
    film.withdraw(receipt, now)
    assert sandbox.public("graph") == []


def test_what_is_gone_cannot_be_corrected_and_the_engine_learns_it(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = FacebookPage(page.settings())
    receipt = publish(channel, now)
    sandbox.clear()
    content = channel.compose(DRAFT)
    with pytest.raises(TryAgain):  # it may be too fresh to be read
        channel.update(content, receipt, REFERENCE, now)
    with pytest.raises(NotThere):
        channel.update(content, receipt, REFERENCE, now + LONG)


def test_a_post_that_an_app_may_not_touch_is_left_to_a_person(
    page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.post_by_hand(f"Tin {REFERENCE}")
    receipt = Receipt(sandbox.public("graph")[0]["id"], at=now)
    channel = FacebookPage(page.settings())
    with pytest.raises(Refused, match="quyền"):
        channel.withdraw(receipt, now)
    assert len(sandbox.public("graph")) == 1


def test_the_id_of_a_video_is_on_the_disk_before_it_is_shown(
    film: FacebookPage, page: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault("graph", "drop", "videos.finish")
    with pytest.raises(OutcomeUnknown):
        publish(film, now)
    assert len(Videos(page.folder / "state", REFERENCE).known()) == 1


def test_other_pictures_need_another_post(page: Outlet, sandbox: Sandbox, now: datetime) -> None:
    channel = FacebookPage(page.settings())
    receipt = publish(channel, now, SHOWN)
    better = replace(SHOWN, body="Đã có điện lại.")
    for wrong in (replace(better, pictures=()), replace(better, pictures=PICTURES[:1])):
        with pytest.raises(Refused, match="chỉ cho sửa lời"):
            channel.update(channel.compose(wrong), receipt, REFERENCE, now)
    done = channel.update(channel.compose(better), receipt, REFERENCE, now)
    assert done.visible
    assert len(sandbox.public("graph")[0]["pictures"]) == 2


# --- how much may still be called ---------------------------------------------------------------


def test_the_usage_headers_reach_the_engine(page: Outlet, sandbox: Sandbox, now: datetime) -> None:
    sandbox.settings("graph", usage_call_budget=2)
    channel = FacebookPage(page.settings())
    first = publish(channel, now)
    assert first.usage is not None
    assert first.usage.percent == 50
    seen = channel.verify(first, now)
    assert seen is not None
    assert seen.usage is not None
    assert seen.usage.percent == 99
