"""Far sides that answer nonsense, nothing, too much, or from somewhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from broadcaster.channels import Receipt, correcting, withdrawing
from broadcaster.channels.http import MAX_ANSWER
from broadcaster.errors import OutcomeUnknown, TryAgain
from channels.far_side import (
    DRAFT,
    LONG,
    PICTURES,
    REFERENCE,
    Answer,
    Answering,
    Outlet,
    Sandbox,
    answering,
    facebook,
)

SILENT = replace(DRAFT, audio_digest="")
NONSENSE: Mapping[str, bytes | None] = {
    "closed": None,
    "nothing": b"",
    "html": "<html><body>Hệ thống đang bảo trì</body></html>".encode(),
    "not-utf8": b'{"id": "\xff\xfe"}',
    "null": b"null",
    "number": b"0",
    "text": b'"ok"',
    "list": b"[1, 2]",
    "list-of-lists": b"[[]]",
    "empty-object": b"{}",
    "wrong-types": b'{"id": {"a": 1}, "data": 5, "error": "x", "paging": 7, "medias": "y"}',
    "zero-error": b'{"error": 0, "data": [], "id": null}',
    "odd-ids": b'{"error": 0, "data": {"token": 7, "id": -1, "medias": [{"id": "a b"}]}}',
    "lone-surrogate": b'{"id": "\\ud800", "error": 0, "data": {"token": "\\ud800"}}',
    "deep": b"[" * 200_000,
    "huge": b'{"id": "' + b"9" * (MAX_ANSWER + 10),
}
SOUND = {  # what a WordPress says before the call that matters
    "/wp-json/": {"namespaces": ["wp/v2"]},
    "/wp-json/wp/v2/users/me": {"id": 2, "roles": ["editor"]},
}


def nonsense_in_writes(name: str) -> Answering:
    def answer(method: str, path: str) -> Answer:
        sound = {**SOUND, "/wp-json/wp/v2/posts": []}
        found = json.dumps(sound.get(path.partition("?")[0], {})).encode()
        return Answer(NONSENSE[name] if method == "POST" else found)

    return answer


def nonsense_in_reads(name: str) -> Answering:
    def answer(_method: str, path: str) -> Answer:
        sound = SOUND.get(path.partition("?")[0])
        return Answer(NONSENSE[name] if sound is None else json.dumps(sound).encode())

    return answer


def places(outlet: Outlet, url: str) -> dict[str, Any]:
    """The options that lead a channel to a small server."""
    return {"base_url": url, **({"oauth_url": url} if outlet.kind == "zalo_oa" else {})}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_after_a_write_is_an_unknown_outcome(
    outlet: Outlet, now: datetime, name: str
) -> None:
    with answering(nonsense_in_writes(name)) as (url, asked):
        channel = outlet.channel(**places(outlet, url))
        with pytest.raises(OutcomeUnknown):
            channel.publish(channel.compose(SILENT), REFERENCE, now)
    assert len([line for line in asked if line.startswith("POST")]) == 1


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_in_reads_is_never_absent_nor_gone(
    outlet: Outlet, now: datetime, name: str
) -> None:
    with answering(nonsense_in_reads(name)) as (url, _):
        channel = outlet.channel(**places(outlet, url))
        with pytest.raises(TryAgain):
            channel.look_up(channel.compose(SILENT), REFERENCE, now, now + LONG)
        for name_of_a_post in ("12345", "104756390012345_12345"):
            with pytest.raises(TryAgain):
                channel.verify(Receipt(name_of_a_post, at=now), now + LONG)


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_no_word_about_what_was_to_be_changed(
    outlet: Outlet, now: datetime, name: str
) -> None:
    """Neither done, nor refused, nor gone: that would make a second post."""
    for nonsense in (nonsense_in_reads(name), nonsense_in_writes(name)):
        with answering(nonsense) as (url, _):
            channel = outlet.channel(**places(outlet, url))
            able, taker = correcting(channel), withdrawing(channel)
            assert able is not None
            assert taker is not None
            content = channel.compose(SILENT)
            old = Receipt("104756390012345_12345", at=now)
            with pytest.raises((TryAgain, OutcomeUnknown)):
                able.update(content, old, REFERENCE, now + LONG)
            if outlet.kind == "zalo_oa" and b'"error": 0' in (NONSENSE[name] or b""):
                continue  # that is all that Zalo says of a removal
            with pytest.raises((TryAgain, OutcomeUnknown)):
                taker.withdraw(old, now + LONG)


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_after_a_staged_picture_has_shown_nothing(
    sandbox: Sandbox, tmp_path: Path, now: datetime, name: str
) -> None:
    page = facebook(sandbox.url, tmp_path)
    with answering(nonsense_in_writes(name)) as (url, asked):
        channel = page.channel(base_url=url)
        content = channel.compose(replace(SILENT, pictures=PICTURES))
        with pytest.raises(TryAgain):
            channel.publish(content, REFERENCE, now)
    assert len(asked) == 1


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_fails_the_check(outlet: Outlet, now: datetime, name: str) -> None:
    with answering(lambda _method, _path: Answer(NONSENSE[name])) as (url, _):
        health = outlet.channel(**places(outlet, url)).check(now)
    assert not health.ok
    assert health.message.vi
    assert health.message.en


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed_with_our_credentials(
    outlet: Outlet, now: datetime, status: int
) -> None:
    with answering(lambda _method, _path: Answer(b"{}")) as (elsewhere, visited):
        away = Answer(b"", status, {"Location": f"{elsewhere}/steal"})
        with answering(lambda _method, _path: away) as (url, asked):
            channel = outlet.channel(**places(outlet, url))
            with pytest.raises((TryAgain, OutcomeUnknown), match="chuyển hướng"):
                channel.publish(channel.compose(SILENT), REFERENCE, now)
            with pytest.raises(TryAgain, match="chuyển hướng"):
                channel.look_up(channel.compose(SILENT), REFERENCE, now, now + LONG)
    assert asked
    assert visited == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413])
def test_a_firewalls_page_is_not_taken_for_the_platforms_refusal(
    outlet: Outlet, now: datetime, status: int
) -> None:
    page = Answer(b"<html>Access denied</html>", status)
    sound = nonsense_in_writes("html")
    with answering(lambda method, path: page if method == "POST" else sound(method, path)) as (
        url,
        _,
    ):
        channel = outlet.channel(**places(outlet, url))
        with pytest.raises(OutcomeUnknown):
            channel.publish(channel.compose(SILENT), REFERENCE, now)
