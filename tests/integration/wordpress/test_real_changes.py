"""Pictures, times, corrections and withdrawals on a real WordPress."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests
from newsroom import Newsroom

from broadcaster.channels import Gone, Receipt
from broadcaster.errors import NotThere, OutcomeUnknown, Refused, TryAgain


def corrected(newsroom: Newsroom, receipt: Receipt, **changes: str) -> Receipt:
    draft = replace(newsroom.draft, reference=f"{newsroom.reference[:-4]}AAAA", **changes)  # type: ignore[arg-type]  # texts only
    channel = newsroom.channel()
    return channel.update(channel.compose(draft), receipt, draft.reference, newsroom.now)


def test_pictures_are_uploaded_shown_and_described(newsroom: Newsroom) -> None:
    newsroom.draft = replace(newsroom.draft, pictures=newsroom.pictures)
    receipt = newsroom.publish()
    page = requests.get(receipt.link, timeout=30).text
    media = newsroom.rest("GET", "/media", params={"search": newsroom.slug}).json()
    alts = {one["alt_text"]: one["source_url"] for one in media if one["alt_text"]}
    assert set(alts) == {"Ảnh số 1", "Ảnh số 2"}
    (article,) = newsroom.articles()
    (featured,) = [one for one in media if one["id"] == article["featured_media"]]
    assert featured["alt_text"] == "Ảnh số 1"
    assert f'src="{alts["Ảnh số 2"]}"' in page
    assert requests.get(alts["Ảnh số 1"], timeout=30).content == newsroom.file(0)


def test_a_correction_keeps_number_address_and_day(newsroom: Newsroom) -> None:
    receipt = newsroom.publish()
    (before,) = newsroom.articles()
    for _ in range(2):
        done = corrected(newsroom, receipt, title="Có điện lại", body="Đã có điện.")
        assert (done.visible, done.remote_id, done.link) == (True, receipt.remote_id, receipt.link)
    after = newsroom.rest("GET", f"/posts/{receipt.remote_id}").json()
    assert (after["title"]["rendered"], after["date"]) == ("Có điện lại", before["date"])
    page = requests.get(receipt.link, timeout=30).text
    assert "Đã có điện." in page
    assert "tạm ngừng" not in page


def test_a_correction_of_what_is_in_the_bin_is_refused_as_gone(newsroom: Newsroom) -> None:
    receipt = newsroom.publish()
    newsroom.rest("DELETE", f"/posts/{receipt.remote_id}")
    with pytest.raises(NotThere):
        corrected(newsroom, receipt, body="Đã có điện.")


@pytest.mark.parametrize("how", ["trash", "draft"])
def test_what_is_taken_down_is_seen_by_nobody_and_its_place_is_free(
    newsroom: Newsroom, how: str
) -> None:
    channel = newsroom.channel(withdraw=how)
    receipt = newsroom.publish(channel)
    for _ in range(2):
        assert channel.withdraw(receipt, newsroom.now).how is Gone.HIDDEN
    assert requests.get(receipt.link, timeout=30).status_code == 404
    assert newsroom.look_up(channel) is None
    again = newsroom.publish(channel)
    assert again.link == receipt.link
    assert again.remote_id != receipt.remote_id


def test_a_wrong_password_changes_and_takes_down_nothing(newsroom: Newsroom) -> None:
    receipt = newsroom.publish()
    wrong = newsroom.channel(password="abcd efgh ijkl mnop qrst uvwx")  # noqa: S106 - a wrong one
    content = wrong.compose(newsroom.draft)
    with pytest.raises(Refused, match="mật khẩu ứng dụng"):
        wrong.update(content, receipt, newsroom.reference, newsroom.now)
    with pytest.raises(Refused, match="mật khẩu ứng dụng"):
        wrong.withdraw(receipt, newsroom.now)
    assert requests.get(receipt.link, timeout=30).status_code == 200


def scheduled(newsroom: Newsroom, due: datetime) -> Receipt:
    """An article of this announcement that waits for its time."""
    made = {"title": "x", "content": newsroom.reference, "slug": newsroom.slug, "status": "future"}
    when = due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    article = newsroom.rest("POST", "/posts", json={**made, "date_gmt": when}).json()
    assert article["status"] == "future"
    return Receipt(str(article["id"]), at=newsroom.now)


def test_a_scheduled_article_is_published_when_we_say_so(newsroom: Newsroom) -> None:
    waiting = scheduled(newsroom, newsroom.now + timedelta(days=300))
    receipt = newsroom.publish()
    assert receipt.remote_id == waiting.remote_id
    seen = newsroom.channel().verify(receipt, newsroom.now)
    assert seen is not None
    assert (seen.visible, seen.proof["status"]) == (True, "publish")
    assert len(newsroom.articles()) == 1


def test_an_article_is_scheduled_by_the_sites_own_clock(newsroom: Newsroom) -> None:
    channel = newsroom.channel(delay_minutes=30)
    receipt = newsroom.publish(channel)
    waiting = channel.verify(receipt, newsroom.now)
    assert waiting is not None
    assert (waiting.visible, waiting.proof["status"]) == (False, "future")
    newsroom.site.let_its_time_come(int(receipt.remote_id))
    seen = channel.verify(receipt, newsroom.now)
    assert seen is not None
    assert seen.visible
    assert len(newsroom.articles()) == 1


def test_a_scheduled_article_appears_at_its_time(newsroom: Newsroom) -> None:
    channel = newsroom.channel()
    waiting = scheduled(newsroom, newsroom.now + timedelta(days=1))
    early = channel.verify(waiting, newsroom.now)
    assert early is not None
    assert not early.visible
    newsroom.site.let_its_time_come(int(waiting.remote_id))
    late = channel.verify(waiting, newsroom.now)
    assert late is not None
    assert (late.visible, late.proof["status"]) == (True, "publish")


def test_an_article_behind_a_password_is_not_visible(newsroom: Newsroom) -> None:
    receipt = newsroom.publish()
    body = {"password": "bi-mat"}
    assert newsroom.rest("POST", f"/posts/{receipt.remote_id}", json=body).ok
    seen = newsroom.channel().verify(receipt, newsroom.now)
    assert seen is not None
    assert (seen.visible, seen.proof["status"], seen.proof["http"]) == (False, "publish", 200)


@pytest.mark.usefixtures("opened_again")
def test_a_site_that_goes_down_in_the_middle_of_a_correction_is_asked_again(
    newsroom: Newsroom,
) -> None:
    receipt = newsroom.publish()
    newsroom.site.kill_web()
    with pytest.raises(TryAgain):
        corrected(newsroom, receipt, body="Đã có điện.")
    newsroom.site.start_web()
    newsroom.site.pause("after-storing", 5)
    slow = newsroom.channel(read_timeout=3)
    draft = replace(newsroom.draft, body="Đã có điện.")
    with pytest.raises(OutcomeUnknown):
        slow.update(slow.compose(draft), receipt, newsroom.reference, newsroom.now)
    done = corrected(newsroom, receipt, body="Đã có điện.")
    found = newsroom.rest("GET", "/posts", params={"search": newsroom.reference[:-4]}).json()
    assert (done.visible, [str(one["id"]) for one in found]) == (True, [receipt.remote_id])
