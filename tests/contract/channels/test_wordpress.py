"""What is WordPress' own: the slug, the player, terms, permalinks, and being really public."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from pictures import png

from broadcaster.channels import Gone, Receipt
from broadcaster.channels.wordpress.site import WordPress
from broadcaster.domain.picture import picture_of
from broadcaster.errors import OutcomeUnknown, Refused, TryAgain
from channels.far_side import (
    DRAFT,
    LONG,
    MP3,
    PICTURES,
    REFERENCE,
    Answer,
    Outlet,
    Sandbox,
    answering,
    settled,
    wordpress,
)

SLUG = REFERENCE.lower()


@pytest.fixture
def site(sandbox: Sandbox, tmp_path: Path) -> Outlet:
    return wordpress(sandbox.url, tmp_path)


def rest(site: Outlet, method: str, route: str, **body: object) -> requests.Response:
    login = (str(site.options["user"]), site.secrets["app_password"])
    url = f"{site.options['base_url']}/wp-json/wp/v2{route}"
    return requests.request(method, url, json=body or None, auth=login, timeout=10)


def test_publishing_twice_makes_one_article(site: Outlet, sandbox: Sandbox, now: datetime) -> None:
    channel = site.channel()
    first = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    second = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    assert first.remote_id == second.remote_id
    assert first.link.endswith(f"/{SLUG}/")
    assert sandbox.calls("wordpress", "posts.create") == 1


def test_the_article_has_a_player_with_our_file(
    site: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = site.channel()
    channel.publish(channel.compose(DRAFT), REFERENCE, now)
    page = sandbox.public("wordpress")[0]["text"]
    address = page.partition('<audio controls src="')[2].partition('"')[0]
    assert requests.get(address, timeout=10).content == MP3


def test_audio_is_uploaded_once_even_if_the_first_answer_is_lost(
    site: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = site.channel()
    sandbox.fault("wordpress", "store_then_drop", "media.create")
    with pytest.raises(TryAgain):  # nothing is public yet, so this is no unknown outcome
        channel.publish(channel.compose(DRAFT), REFERENCE, now)
    channel.publish(channel.compose(DRAFT), REFERENCE, now)
    assert sandbox.calls("wordpress", "media.create") == 1


def test_audio_damaged_on_its_way_is_sent_again_later(
    site: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    code = "rest_upload_hash_mismatch"
    sandbox.fault("wordpress", "error", "media.create", code=code, status=412)
    channel = site.channel()
    with pytest.raises(TryAgain, match="hỏng"):
        channel.publish(channel.compose(DRAFT), REFERENCE, now)


def test_audio_that_is_too_big_for_the_host_is_refused_with_the_setting_to_raise(
    site: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("wordpress", max_upload_bytes=100)
    channel = site.channel()
    with pytest.raises(Refused, match="upload_max_filesize"):
        channel.publish(channel.compose(DRAFT), REFERENCE, now)
    assert sandbox.public("wordpress") == []


def test_audio_missing_on_our_disk_posts_nothing(
    site: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = site.channel()
    (site.folder / "ban-tin.mp3").unlink()
    with pytest.raises(Refused, match="âm thanh"):
        channel.publish(channel.compose(DRAFT), REFERENCE, now)
    assert sandbox.public("wordpress") == []


def test_another_voice_is_another_file(site: Outlet) -> None:
    one = site.channel().compose(DRAFT)["audio"]["filename"]
    other = site.channel().compose(replace(DRAFT, audio_digest="f" * 64))["audio"]["filename"]
    assert one != other


def test_text_stays_text_on_the_public_page(site: Outlet, sandbox: Sandbox, now: datetime) -> None:
    evil = '<script>alert(1)</script> [gallery] --> src="broadcaster:audio" & "nháy"'
    draft = replace(DRAFT, title=f"Tin {evil}", body=f"{evil}\n\n- {evil}")
    channel = site.channel()
    content = channel.compose(draft)
    channel.publish(content, REFERENCE, now)
    stored = rest(site, "GET", f"/posts?slug={SLUG}&context=edit").json()[0]
    for part in ("title", "content", "excerpt"):
        assert "<script" not in stored[part]["raw"]
        assert "[gallery]" not in stored[part]["raw"]
    assert evil in channel.show(content)
    assert sandbox.public("wordpress")[0]["text"].count("<audio") == 1


def test_lists_become_lists_and_other_lines_paragraphs(site: Outlet) -> None:
    content = site.channel().compose(DRAFT)["content"]
    assert content.count("<li>") == 2
    assert "<p>Các thôn:</p>" in content
    assert "<!-- wp:list -->" in content


def test_categories_and_tags_go_by_slug_name_or_number_and_are_made_when_new(
    site: Outlet, now: datetime
) -> None:
    options: dict[str, Any] = {
        "categories": ["thong-bao", "Chuyển đổi số"],
        "tags": "điện, thôn Đông",
    }
    channel = site.channel(**options)
    channel.publish(channel.compose(DRAFT), REFERENCE, now)
    post = rest(site, "GET", f"/posts?slug={SLUG}").json()[0]
    names = [rest(site, "GET", f"/categories/{n}").json()["name"] for n in post["categories"]]
    assert "Chuyển đổi số" in names
    assert len(post["categories"]) == 2
    assert len(post["tags"]) == 2
    again = site.channel(categories=post["categories"], tags="điện")
    other = replace(DRAFT, reference="TB-2026-0013-AAAA")
    again.publish(again.compose(other), other.reference, now)
    second = rest(site, "GET", "/posts?slug=tb-2026-0013-aaaa").json()[0]
    assert second["categories"] == post["categories"]
    assert set(second["tags"]) < set(post["tags"])


@pytest.mark.parametrize("pretty", [True, False])
def test_sites_with_and_without_pretty_permalinks(
    site: Outlet, sandbox: Sandbox, now: datetime, pretty: bool
) -> None:
    sandbox.settings("wordpress", pretty_permalinks=pretty)
    channel = site.channel()
    assert channel.check(now).details["plain"] is not pretty
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    assert settled(channel, receipt, now).visible


def test_a_host_that_strips_the_login_is_named_by_the_check(
    site: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("wordpress", strip_authorization=True)
    health = site.channel().check(now)
    assert not health.ok
    assert "chặn đăng nhập" in health.message.vi


def test_a_subscriber_may_not_publish_and_the_check_says_so(site: Outlet, now: datetime) -> None:
    me = {"id": 5, "roles": ["subscriber"], "capabilities": {"read": True}}

    def answer(_method: str, path: str) -> Answer:
        found = me if "users/me" in path else {"namespaces": ["wp/v2"]}
        return Answer(json.dumps(found).encode())

    with answering(answer) as (url, _):
        health = site.channel(base_url=url).check(now)
    assert not health.ok
    assert "Editor" in health.message.vi


@pytest.mark.parametrize("status", ["future", "draft", "pending", "private"])
def test_what_the_public_cannot_see_is_not_visible(
    site: Outlet, now: datetime, status: str
) -> None:
    channel = site.channel()
    made = {"title": "x", "slug": SLUG, "status": status, "date_gmt": "2036-01-01T00:00:00"}
    article = rest(site, "POST", "/posts", **made).json()
    found = channel.verify(Receipt(str(article["id"]), at=now), now)
    assert found is not None
    assert not found.visible
    assert found.proof["status"] == status


def test_an_article_whose_page_does_not_open_is_not_visible(site: Outlet, now: datetime) -> None:
    post = {"id": 7, "status": "publish", "slug": SLUG}

    def answer(_method: str, path: str) -> Answer:
        if path == "/trang":
            return Answer(b"", 404)
        if path == "/wp-json/":
            return Answer(b'{"namespaces": []}')
        return Answer(json.dumps({**post, "link": f"{base}/trang"}).encode())

    base = ""
    with answering(answer) as (url, asked):
        base = url
        found = site.channel(base_url=url).verify(Receipt("7", at=now), now)
    assert found is not None
    assert (found.visible, found.proof["http"]) == (False, 404)
    assert [line.login for line in asked if line == "GET /trang"] == [""]
    assert [line.login[:6] for line in asked if "/posts/7" in line] == ["Basic "]


def test_a_future_article_is_not_visible_even_if_its_page_opens(
    site: Outlet, now: datetime
) -> None:
    def answer(_method: str, path: str) -> Answer:
        found = {"namespaces": []} if path == "/wp-json/" else {"id": 7, "status": "future"}
        return Answer(json.dumps({**found, "link": f"{base}/?p=7"}).encode())

    base = ""
    with answering(answer) as (url, _):
        base = url
        found = site.channel(base_url=url).verify(Receipt("7", at=now), now)
    assert found is not None
    assert (found.visible, found.proof["http"]) == (False, 200)


def test_an_empty_list_given_to_anybody_is_not_absent(site: Outlet, now: datetime) -> None:
    """A site may ignore a wrong password on every read: only `users/me` tells."""

    def answer(_method: str, path: str) -> Answer:
        if "users/me" in path:
            return Answer(b'{"code": "rest_not_logged_in", "message": "x"}', 401)
        return Answer(b'{"namespaces": []}' if path == "/wp-json/" else b"[]")

    with answering(answer) as (url, _):
        channel = site.channel(base_url=url)
        with pytest.raises(TryAgain, match="mật khẩu ứng dụng"):
            channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG)


def test_a_link_to_another_plain_http_host_is_not_even_visited(site: Outlet, now: datetime) -> None:
    post = {"id": 7, "status": "publish", "slug": SLUG, "link": "http://evil.example/"}

    def answer(_method: str, path: str) -> Answer:
        found = {"namespaces": []} if path == "/wp-json/" else post
        return Answer(json.dumps(found).encode())

    with answering(answer) as (url, _):
        found = site.channel(base_url=url).verify(Receipt("7", at=now), now)
    assert found is not None
    assert (found.visible, found.proof["http"]) == (False, 0)


@pytest.mark.parametrize("force", ["", "?force=true"])
def test_an_article_in_the_bin_or_deleted_is_gone(site: Outlet, now: datetime, force: str) -> None:
    channel = site.channel()
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    rest(site, "DELETE", f"/posts/{receipt.remote_id}{force}")
    assert channel.verify(receipt, now) is None


def test_an_article_prepared_by_hand_under_our_slug_is_adopted_but_not_called_visible(
    site: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    article = rest(site, "POST", "/posts", title="x", slug=SLUG, status="draft").json()
    channel = site.channel()
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    assert receipt.remote_id == str(article["id"])
    assert not settled(channel, receipt, now).visible
    assert sandbox.public("wordpress") == []


def test_the_first_picture_is_the_articles_own_and_the_others_stand_in_it(
    site: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = site.channel()
    three = (*PICTURES, picture_of(png(80, 80), 'Nhà "văn hóa" <thôn>'))
    site.file(three[2].digest, "png").write_bytes(png(80, 80))
    content = channel.compose(replace(DRAFT, pictures=three))
    shown = channel.show(content)
    assert "[Ảnh đại diện: Thợ điện sửa đường dây]" in shown
    assert '[Ảnh: Nhà "văn hóa" <thôn>]' in shown
    channel.publish(content, REFERENCE, now)
    (post,) = sandbox.public("wordpress")
    seen = [requests.get(url, timeout=10).content for url in images(post["text"])]
    assert seen == [png(120, 90), png(80, 80)]
    assert requests.get(post["pictures"][0], timeout=10).content == png(160, 90)
    assert post["text"].count("wp-block-gallery") == 1
    media = rest(site, "GET", "/media").json()
    assert {one["alt_text"] for one in media} >= {one.alt for one in three}


def images(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('<img src="')[1:]]


def test_a_correction_changes_the_article_in_its_place(
    site: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = WordPress(site.settings())
    shown = replace(DRAFT, pictures=PICTURES)
    receipt = channel.publish(channel.compose(shown), REFERENCE, now)
    better = replace(DRAFT, title="Có điện lại", reference="TB-2026-0012-AAAA")
    done = channel.update(channel.compose(better), receipt, better.reference, now)
    (post,) = sandbox.public("wordpress")
    assert (done.visible, done.remote_id, done.link) == (True, receipt.remote_id, receipt.link)
    assert (post["title"], post["link"], post["pictures"]) == ("Có điện lại", receipt.link, [])
    assert f"Số hiệu: {better.reference}" in post["text"]


def test_what_was_taken_down_can_be_published_anew(
    site: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    for how in ("trash", "draft"):
        channel = WordPress(site.settings(withdraw=how))
        receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
        assert channel.withdraw(receipt, now).how is Gone.HIDDEN
        assert sandbox.public("wordpress") == []
        assert requests.get(receipt.link, timeout=10).status_code == 404
        again = channel.publish(channel.compose(DRAFT), REFERENCE, now)
        assert again.remote_id != receipt.remote_id
        assert [one["link"] for one in sandbox.public("wordpress")] == [receipt.link]
        channel.withdraw(again, now)


def test_taken_down_but_still_shown_by_a_cache_is_not_called_gone(
    site: Outlet, now: datetime
) -> None:
    def answer(_method: str, path: str) -> Answer:
        found = {"namespaces": []} if path == "/wp-json/" else {"id": 7, "status": "publish"}
        return Answer(json.dumps(found).encode())

    with answering(answer) as (url, _):
        channel = WordPress(site.settings(base_url=url))
        with pytest.raises(TryAgain, match="vẫn mở được") as caught:
            channel.withdraw(Receipt("7", f"{url}/bai/", at=now), now)
    assert caught.value.at is not None


def test_a_scheduled_article_of_ours_is_published_when_its_time_has_come(
    site: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    body = {"title": "x", "content": REFERENCE, "slug": SLUG, "status": "future"}
    article = rest(site, "POST", "/posts", **body, date_gmt="2036-01-01T00:00:00").json()
    assert article["status"] == "future"
    channel = site.channel()
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    assert receipt.remote_id == str(article["id"])
    assert settled(channel, receipt, now).visible
    assert len(sandbox.public("wordpress")) == 1


def test_an_article_may_be_scheduled_for_the_sites_editor_to_have_a_last_look(
    site: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = site.channel(delay_minutes=30)
    content = channel.compose(DRAFT)
    receipt = channel.publish(content, REFERENCE, now)
    assert channel.publish(content, REFERENCE, now).remote_id == receipt.remote_id
    waiting = channel.verify(receipt, now)
    assert waiting is not None
    assert (waiting.visible, waiting.proof["status"]) == (False, "future")
    assert sandbox.public("wordpress") == []
    sandbox.advance(31 * 60)
    assert settled(channel, receipt, now + timedelta(minutes=31)).visible
    assert sandbox.calls("wordpress", "posts.create") == 1
    taker = WordPress(site.settings())
    assert taker.withdraw(receipt, now).how is Gone.HIDDEN


def test_a_scheduled_article_can_be_taken_back_before_it_appears(
    site: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = WordPress(site.settings(delay_minutes=30))
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    channel.withdraw(receipt, now)
    sandbox.advance(31 * 60)
    assert channel.verify(receipt, now) is None
    assert sandbox.public("wordpress") == []


def test_a_site_that_nobody_visits_is_woken_for_what_is_due(
    site: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("wordpress", cron_on_visit=False)
    due = (now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S")
    body = {"title": "x", "content": REFERENCE, "slug": SLUG, "status": "future"}
    article = rest(site, "POST", "/posts", **body, date_gmt=due).json()
    receipt = Receipt(str(article["id"]), at=now)
    channel = site.channel()
    early = channel.verify(receipt, now)
    sandbox.advance(3700)
    late = channel.verify(receipt, now + timedelta(seconds=3700))
    assert (early and early.visible, late and late.visible) == (False, True)


def test_an_article_behind_a_password_is_not_visible(site: Outlet, now: datetime) -> None:
    channel = site.channel()
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    rest(site, "POST", f"/posts/{receipt.remote_id}", password="bi-mat")  # noqa: S106 - of the article
    found = channel.verify(receipt, now)
    assert found is not None
    assert (found.visible, found.proof["password"], found.proof["http"]) == (False, True, 200)


CODES = [
    ("rest_cannot_create", 401, Refused),
    ("incorrect_password", 401, Refused),
    ("rest_cannot_create", 403, Refused),
    ("rest_invalid_param", 400, Refused),
    ("empty_content", 400, Refused),
    ("db_insert_error", 500, OutcomeUnknown),
    ("maintenance", 503, OutcomeUnknown),
    ("too_many_requests", 429, OutcomeUnknown),
    ("request_timeout", 408, OutcomeUnknown),
]


@pytest.mark.parametrize(("code", "status", "wanted"), CODES)
def test_each_answer_to_the_creation_says_what_to_do_next(
    site: Outlet,
    sandbox: Sandbox,
    now: datetime,
    code: str,
    status: int,
    wanted: type[Any],
) -> None:
    sandbox.fault("wordpress", "error", "posts.create", code=code, status=status)
    channel = site.channel()
    with pytest.raises(wanted) as caught:
        channel.publish(channel.compose(DRAFT), REFERENCE, now)
    assert caught.value.code == code


def test_a_site_that_is_no_wordpress_is_named_so(site: Outlet, now: datetime) -> None:
    with answering(lambda _method, _path: Answer(b"<html>", 404)) as (url, _):
        channel = site.channel(base_url=url)
        assert "WordPress REST" in channel.check(now).message.vi
        with pytest.raises(TryAgain):
            channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG)
