"""The website channel against the real thing: what is promised to it holds."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
import wordpress
from newsroom import Newsroom

from broadcaster.channels.http import Limits
from broadcaster.channels.wordpress.api import WordPressApi
from broadcaster.errors import OutcomeUnknown, Refused, TryAgain

LONG = 60.0
"""Seconds that the site would be slow for if it were not killed first."""


def test_an_article_with_audio_is_there_for_everybody(newsroom: Newsroom) -> None:
    channel = newsroom.channel(categories="thong-bao", tags=["điện", "thôn Đông"])
    receipt = newsroom.publish(channel)
    assert receipt.link == f"{newsroom.site.url}/{newsroom.slug}/"
    seen = channel.verify(receipt, newsroom.now)
    assert seen is not None
    assert seen.visible
    page = requests.get(receipt.link, timeout=30).text
    assert newsroom.draft.title in page
    assert newsroom.reference in page
    assert "<script>x</script>" not in page
    address = page.partition('<audio controls src="')[2].partition('"')[0]
    assert requests.get(address, timeout=30).content == newsroom.sound


def test_wordpress_reads_our_audio_as_audio(newsroom: Newsroom) -> None:
    newsroom.publish()
    query = {"search": newsroom.slug}
    (medium,) = newsroom.rest("GET", "/media", params=query).json()
    assert medium["mime_type"] == "audio/mpeg"
    assert medium["media_details"]["length"] == 1


def test_terms_are_found_by_slug_or_made_by_name(newsroom: Newsroom) -> None:
    newsroom.publish(newsroom.channel(categories=["thong-bao", "Chuyển đổi số"], tags="điện"))
    (article,) = newsroom.articles()
    found = [newsroom.rest("GET", f"/categories/{n}").json()["name"] for n in article["categories"]]
    assert sorted(found) == ["Chuyển đổi số", "Thông báo"]
    assert len(article["tags"]) == 1


def test_the_same_reference_again_is_adopted(newsroom: Newsroom) -> None:
    first, second = newsroom.publish(), newsroom.publish()
    assert first.remote_id == second.remote_id
    assert len(newsroom.articles()) == 1


def test_a_file_named_by_the_reference_does_not_take_the_slug(newsroom: Newsroom) -> None:
    """A clerk uploads the signed paper; were our slug moved to "-2", no look-up would find it."""
    name = f'attachment; filename="{newsroom.slug}.mp3"'
    head = {"Content-Disposition": name, "Content-Type": "audio/mpeg"}
    made = newsroom.rest("POST", "/media", data=newsroom.sound, headers=head)
    assert made.json()["slug"] == newsroom.slug
    first = newsroom.publish()
    assert first.link.endswith(f"/{newsroom.slug}/")
    found = newsroom.look_up()
    assert found is not None
    assert found.remote_id == first.remote_id


def test_a_look_up_finds_what_is_there_and_believes_an_absence_only_later(
    newsroom: Newsroom,
) -> None:
    channel = newsroom.channel()
    content = channel.compose(newsroom.draft)
    with pytest.raises(TryAgain):
        channel.look_up(content, newsroom.reference, newsroom.now, newsroom.now)
    assert newsroom.look_up(channel) is None
    receipt = newsroom.publish(channel)
    found = newsroom.look_up(channel)
    assert found is not None
    assert found.remote_id == receipt.remote_id


def test_a_draft_under_our_slug_is_found_too_and_not_called_visible(newsroom: Newsroom) -> None:
    made = {"title": "x", "content": newsroom.reference, "slug": newsroom.slug, "status": "draft"}
    number = newsroom.rest("POST", "/posts", json=made).json()["id"]
    receipt = newsroom.publish()
    assert receipt.remote_id == str(number)
    seen = newsroom.channel().verify(receipt, newsroom.now)
    assert seen is not None
    assert (seen.visible, seen.proof["status"]) == (False, "draft")


def test_a_scheduled_article_is_not_visible_yet(newsroom: Newsroom) -> None:
    receipt = newsroom.publish()
    later = {"status": "future", "date_gmt": "2036-01-01T00:00:00"}
    assert newsroom.rest("POST", f"/posts/{receipt.remote_id}", json=later).ok
    seen = newsroom.channel().verify(receipt, newsroom.now)
    assert seen is not None
    assert (seen.visible, seen.proof["status"]) == (False, "future")


@pytest.mark.parametrize("force", [{}, {"force": "true"}])
def test_an_article_in_the_bin_or_deleted_is_gone(
    newsroom: Newsroom, force: dict[str, str]
) -> None:
    receipt = newsroom.publish()
    assert newsroom.rest("DELETE", f"/posts/{receipt.remote_id}", params=force).ok
    assert newsroom.channel().verify(receipt, newsroom.now) is None
    assert newsroom.look_up() is None


def test_a_damaged_upload_is_refused_by_its_checksum(newsroom: Newsroom) -> None:
    limits = Limits(connect=5, read=30, upload=30, total=60)
    login = (newsroom.site.user, newsroom.site.app_password)
    head = {
        "Content-Type": "audio/mpeg",
        "Content-Disposition": 'attachment; filename="hong.mp3"',
        "Content-MD5": "0" * 32,
    }
    with WordPressApi("web", newsroom.site.url, limits, login, newsroom.now, plain=False) as api:
        signed = {**head, **api._login}
        reply = api.ask("POST", "/wp-json/wp/v2/media", upload=newsroom.sound, headers=signed)
        with pytest.raises(TryAgain) as caught:
            api.good(reply)
    assert caught.value.code == "rest_upload_hash_mismatch"


def test_one_sound_is_uploaded_once_for_two_tries(newsroom: Newsroom) -> None:
    receipt = newsroom.publish()
    newsroom.rest("DELETE", f"/posts/{receipt.remote_id}", params={"force": "true"})
    newsroom.publish()
    found = newsroom.rest("GET", "/media", params={"search": newsroom.slug}).json()
    assert len(found) == 1


@pytest.fixture
def plain_site(site: wordpress.Site) -> Iterator[None]:
    site.permalinks("")
    yield
    site.permalinks("/%postname%/")


@pytest.mark.usefixtures("plain_site")
def test_a_site_without_pretty_permalinks_is_found_out(newsroom: Newsroom) -> None:
    channel = newsroom.channel()
    health = channel.check(newsroom.now)
    assert (health.ok, health.details["plain"]) == (True, True)
    receipt = newsroom.publish(channel)
    assert "?p=" in receipt.link
    seen = channel.verify(receipt, newsroom.now)
    assert seen is not None
    assert seen.visible
    found = newsroom.look_up(channel)
    assert found is not None
    assert found.remote_id == receipt.remote_id


def test_a_site_that_changes_its_permalinks_is_found_out_at_the_next_try(
    newsroom: Newsroom, request: pytest.FixtureRequest
) -> None:
    channel = newsroom.channel()
    receipt = newsroom.publish(channel)
    request.getfixturevalue("plain_site")
    with pytest.raises(TryAgain):
        channel.verify(receipt, newsroom.now)
    seen = channel.verify(receipt, newsroom.now)
    assert seen is not None
    assert seen.visible


def test_a_wrong_password_posts_nothing_and_proves_no_absence(newsroom: Newsroom) -> None:
    newsroom.publish()
    wrong = newsroom.channel(password="abcd efgh ijkl mnop qrst uvwx")  # noqa: S106 - a wrong one
    other = replace(newsroom.draft, reference="TB-2026-9999-7F3A")
    with pytest.raises(Refused, match="mật khẩu ứng dụng"):
        wrong.publish(wrong.compose(other), other.reference, newsroom.now)
    with pytest.raises(TryAgain):
        newsroom.look_up(wrong)
    health = wrong.check(newsroom.now)
    assert not health.ok
    assert newsroom.rest("GET", "/posts", params={"slug": "tb-2026-9999-7f3a"}).json() == []


@pytest.mark.usefixtures("opened_again")
def test_a_site_that_is_down_has_certainly_not_taken_it(newsroom: Newsroom) -> None:
    newsroom.site.kill_web()
    with pytest.raises(TryAgain):
        newsroom.publish()
    newsroom.site.start_web()
    assert newsroom.articles() == []


def reach(sign: Path) -> None:
    deadline = time.monotonic() + 30
    while not sign.exists():
        assert time.monotonic() < deadline, "the site never came to that point"
        time.sleep(0.01)


@pytest.mark.usefixtures("opened_again")
def test_killed_after_storing_it_is_unknown_and_then_found_once(newsroom: Newsroom) -> None:
    sign = newsroom.site.pause("after-storing", LONG)
    with newsroom.publishing() as under_way:
        reach(sign)
        newsroom.site.kill_web()
        with pytest.raises(OutcomeUnknown):
            under_way.result()
    with pytest.raises(TryAgain):  # nobody can say while it is down
        newsroom.look_up()
    newsroom.site.start_web()
    found = newsroom.look_up()
    assert found is not None
    assert newsroom.publish().remote_id == found.remote_id
    assert len(newsroom.articles()) == 1


@pytest.mark.usefixtures("opened_again")
def test_killed_before_storing_it_is_unknown_and_then_absent(newsroom: Newsroom) -> None:
    newsroom.draft = replace(newsroom.draft, audio_digest="")  # so the first POST is the article
    sign = newsroom.site.pause("before-post", LONG)
    with newsroom.publishing() as under_way:
        reach(sign)
        newsroom.site.kill_web()
        with pytest.raises(OutcomeUnknown):
            under_way.result()
    newsroom.site.start_web()
    assert newsroom.look_up() is None
    assert newsroom.publish().remote_id
    assert len(newsroom.articles()) == 1


def test_during_an_update_the_site_asks_to_come_back_later(newsroom: Newsroom) -> None:
    """WordPress shows a page of its own then, also in place of its API, and names a time."""
    mark = newsroom.site.folder / "site" / ".maintenance"
    mark.write_text("<?php $upgrading = time();")
    try:
        for call in (newsroom.publish, newsroom.look_up):
            with pytest.raises(TryAgain) as caught:
                call()
            assert caught.value.at is not None
            assert caught.value.at > newsroom.now
    finally:
        mark.unlink()
    assert newsroom.articles() == []


def test_too_slow_before_anything_was_sent_is_certainly_not_posted(newsroom: Newsroom) -> None:
    newsroom.site.pause("before-get", 3)
    with pytest.raises(TryAgain):
        newsroom.publish(newsroom.channel(read_timeout=0.5))
    assert newsroom.articles() == []


def test_too_slow_after_storing_is_unknown_and_then_found_once(newsroom: Newsroom) -> None:
    newsroom.site.pause("after-storing", 5)
    with pytest.raises(OutcomeUnknown):
        newsroom.publish(newsroom.channel(read_timeout=3))
    assert newsroom.look_up() is not None
    assert len(newsroom.articles()) == 1


def test_a_site_that_starts_takes_nothing_from_another_that_starts(site: wordpress.Site) -> None:  # noqa: ARG001 - there can be one here
    """MariaDB clears away what looks left over in the folder for its temporary tables."""
    of_another = Path(tempfile.gettempdir()) / f"#sql-temptable-{os.getpid()}-1-1.MAI"
    of_another.touch()
    try:
        with wordpress.running():
            assert of_another.exists()
    finally:
        of_another.unlink(missing_ok=True)
