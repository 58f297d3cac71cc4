"""What is Zalo's own: limits after NFC, ticket to article, lists of titles, codes with HTTP 200."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.channels.text import shorten
from broadcaster.errors import InputError, OutcomeUnknown, Refused, TryAgain
from channels.far_side import (
    DRAFT,
    LONG,
    REFERENCE,
    Answer,
    Outlet,
    Sandbox,
    answering,
    settled,
    zalo,
)

TITLE = " ".join(["Thông báo về việc tổ chức Ngày hội đại đoàn kết toàn dân tộc"] * 4)


@pytest.fixture
def oa(sandbox: Sandbox, tmp_path: Path) -> Outlet:
    return zalo(sandbox.url, tmp_path)


def article(reference: str, title: str = "Tin trong ngày") -> Any:
    return replace(DRAFT, reference=reference, title=title)


def test_long_titles_and_descriptions_end_between_words(oa: Outlet) -> None:
    content = oa.channel().compose(replace(DRAFT, title=TITLE, body=f"{TITLE}. {TITLE}."))
    for name, limit in (("title", 150), ("description", 300)):
        assert len(content[name]) <= limit
        assert content[name].endswith("…")
        assert content[name][:-1].split()[-1] in TITLE.split()
    assert len(content["author"]) <= 50


def test_a_shortened_title_is_said_in_full_in_the_body(oa: Outlet) -> None:
    channel = oa.channel()
    content = channel.compose(replace(DRAFT, title=TITLE))
    assert content["title"] != TITLE
    assert TITLE in channel.show(content)


def test_limits_count_composed_characters(oa: Outlet, sandbox: Sandbox, now: datetime) -> None:
    title = ("Ngày hội ở Đường Lâm " * 8)[:150].strip()
    spread = unicodedata.normalize("NFD", title)
    assert len(spread) > 150
    channel = oa.channel()
    content = channel.compose(replace(DRAFT, title=spread))
    assert content["title"] == unicodedata.normalize("NFC", " ".join(title.split()))
    channel.publish(content, REFERENCE, now)
    assert sandbox.calls("zalo", "article.create") == 1


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=400))
def test_shortening_never_passes_the_limit_and_keeps_whole_words(text: str) -> None:
    for limit in (20, 150):
        found = shorten(text, limit)
        assert len(found) <= limit
        if found.endswith("…") and " " in found:
            words = " ".join(text.split()).split(" ")
            assert found[:-1].split(" ") == words[: found.count(" ") + 1] or (
                found[:-1] == " ".join(words[: found.count(" ") + 1]).rstrip(" ,;:.–-")
            )


@given(st.lists(st.text(st.sampled_from("aăâ bđ.,<>&\"'[]Ố \n"), max_size=60), min_size=1))
def test_no_word_of_the_body_is_lost(tmp_path_factory: Any, lines: list[str]) -> None:
    body = "bắt đầu\n\n" + "\n".join(lines)
    channel = zalo("http://127.0.0.1:9", tmp_path_factory.getbasetemp()).channel()
    shown = channel.show(channel.compose(replace(DRAFT, body=body)))
    kept = re.sub(r"^[*+•–]\s", "- ", unicodedata.normalize("NFC", body), flags=re.MULTILINE)
    want = [w for w in kept.split() if w not in {"-", ">"}]
    assert [word.lstrip(">") for word in want if word.lstrip(">") not in shown] == []


@pytest.mark.parametrize("cover", ["", "http://a.vn/x.jpg", "x.jpg", "https://a.vn/a b.jpg"])
def test_an_article_without_a_cover_zalo_can_fetch_is_refused_at_once(
    oa: Outlet, cover: str
) -> None:
    with pytest.raises(InputError, match="cover_url"):
        oa.channel(cover_url=cover).compose(DRAFT)


def test_a_body_above_the_limit_is_refused_not_cut(oa: Outlet) -> None:
    with pytest.raises(InputError, match="max_body_characters"):
        oa.channel(max_body_characters=50).compose(DRAFT)


def test_text_stays_text(oa: Outlet, now: datetime) -> None:
    evil = "<script>alert(1)</script> & <b>đậm</b>"
    channel = oa.channel()
    content = channel.compose(replace(DRAFT, body=evil))
    channel.publish(content, REFERENCE, now)
    assert evil in channel.show(content)
    assert "<script>" not in "".join(block["content"] for block in content["body"])


@pytest.mark.parametrize("answer", ["error", "no_id"])
def test_an_article_in_processing_keeps_its_ticket_and_is_asked_again(
    oa: Outlet, sandbox: Sandbox, now: datetime, answer: str
) -> None:
    sandbox.settings("zalo", processing_polls=3, processing_answer=answer)
    channel = oa.channel()
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    assert receipt.remote_id.startswith("token:")
    assert not receipt.visible
    with pytest.raises(TryAgain) as caught:
        channel.verify(receipt, now)
    assert caught.value.at == now + timedelta(seconds=2)
    found = settled(channel, receipt, now)
    assert found.remote_id.isdecimal()
    assert found.visible


def test_an_article_that_is_ready_at_once_has_its_id_in_the_first_receipt(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("zalo", processing_polls=0)
    channel = oa.channel()
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    assert receipt.remote_id.isdecimal()


def test_trouble_after_the_article_was_taken_does_not_lose_the_ticket(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    for fault in ("drop", "html", "rate_limit"):
        sandbox.clear()
        sandbox.fault("zalo", fault, "article.verify")
        channel = oa.channel()
        receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
        assert receipt.remote_id.startswith("token:")
        assert settled(channel, receipt, now).visible


def test_a_ticket_that_is_honoured_no_longer_is_replaced_by_a_search_for_the_number(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = oa.channel()
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    sandbox.fault("zalo", "error", "article.verify", code=-201, times=0)
    found = settled(channel, receipt, now + LONG)
    assert found.visible
    assert found.link == sandbox.public("zalo")[0]["link"]


def test_a_lost_ticket_and_no_article_is_gone_only_after_a_day(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = oa.channel()
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    sandbox.clear()
    with pytest.raises(TryAgain):
        channel.verify(receipt, now + LONG)
    assert channel.verify(receipt, now + timedelta(days=1, minutes=1)) is None


def test_an_article_that_is_listed_late_is_asked_again(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("zalo", processing_polls=0, list_lag=20)
    channel = oa.channel()
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    with pytest.raises(TryAgain):
        channel.verify(receipt, now)
    sandbox.advance(30)
    assert channel.verify(receipt, now + timedelta(seconds=30)).link  # type: ignore[union-attr]  # None fails the test


def test_the_list_is_read_back_to_the_attempt_past_many_same_titles(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("zalo", processing_polls=0)
    channel = oa.channel()
    first = channel.publish(channel.compose(article(REFERENCE)), REFERENCE, now)
    for n in range(23):
        other = f"TB-2026-{n + 100:04d}-AAAA"
        channel.publish(channel.compose(article(other)), other, now)
    found = channel.look_up(channel.compose(article(REFERENCE)), REFERENCE, now, now + LONG)
    assert found is not None
    assert found.remote_id == first.remote_id
    assert sandbox.calls("zalo", "article.list") == 3


def test_the_list_is_not_read_further_back_than_the_attempt(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("zalo", processing_polls=0)
    channel = oa.channel()
    for n in range(23):
        other = f"TB-2026-{n + 100:04d}-AAAA"
        channel.publish(channel.compose(article(other)), other, now)
    sandbox.advance(24 * 3600)
    later = now + timedelta(days=1)
    assert channel.look_up(channel.compose(DRAFT), REFERENCE, later, later + LONG) is None
    assert sandbox.calls("zalo", "article.list") == 1
    assert sandbox.calls("zalo", "article.read") == 0


def test_an_article_that_cannot_be_read_yet_is_not_absent(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = oa.channel()
    other = "TB-2026-0100-AAAA"
    channel.publish(channel.compose(article(other)), other, now)
    sandbox.fault("zalo", "error", "article.read", code=-214)
    with pytest.raises(TryAgain):
        channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG)


def test_a_list_shorter_than_its_total_is_not_absent(oa: Outlet, now: datetime) -> None:
    short = {"error": 0, "data": {"medias": [], "total": 3}}
    with answering(lambda _method, _path: Answer(json.dumps(short).encode())) as (url, _):
        channel = oa.channel(base_url=url)
        with pytest.raises(TryAgain):
            channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG)


def test_a_hidden_article_is_not_visible(oa: Outlet, sandbox: Sandbox, now: datetime) -> None:
    sandbox.settings("zalo", processing_polls=0)
    channel = oa.channel()
    content = {**channel.compose(DRAFT), "status": "hide"}
    found = channel.verify(channel.publish(content, REFERENCE, now), now)
    assert found is not None
    assert not found.visible


def test_a_removed_article_is_gone_once_the_list_agrees(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.settings("zalo", processing_polls=0)
    channel = oa.channel()
    receipt = channel.publish(channel.compose(DRAFT), REFERENCE, now)
    sandbox.fault("zalo", "error", "article.read", code=-201)
    still = channel.verify(receipt, now + LONG)
    assert still is not None
    assert not still.visible
    sandbox.clear()
    with pytest.raises(TryAgain):
        channel.verify(receipt, now + timedelta(seconds=5))
    assert channel.verify(receipt, now + LONG) is None


CODES = [
    (-32, TryAgain),
    (-200, OutcomeUnknown),
    (-201, Refused),
    (-204, Refused),
    (-209, Refused),
    (-210, Refused),
    (-211, TryAgain),
    (-212, Refused),
    (-221, Refused),
    (-223, Refused),
    (-224, Refused),
    (-240, Refused),
    (-242, Refused),
    (-248, Refused),
    (-99999, OutcomeUnknown),
]


@pytest.mark.parametrize(("code", "wanted"), CODES)
def test_each_code_says_what_to_do_next(
    oa: Outlet, sandbox: Sandbox, now: datetime, code: int, wanted: type[Any]
) -> None:
    sandbox.fault("zalo", "error", "article.create", code=code)
    channel = oa.channel()
    with pytest.raises(wanted) as caught:
        channel.publish(channel.compose(DRAFT), REFERENCE, now)
    assert caught.value.code == str(code)
    assert sandbox.calls("zalo", "article.create") == 1


def test_the_app_secret_proves_the_token(oa: Outlet, sandbox: Sandbox, now: datetime) -> None:
    sandbox.settings("zalo", require_appsecret_proof=True)
    assert oa.channel().check(now).ok
    assert not oa.channel(appsecret_proof=False).check(now).ok
