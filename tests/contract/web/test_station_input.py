"""Audio by digest, and requests that no station of ours would send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from station_line import Line, serving

from broadcaster.domain.delivery import Delivery, State
from broadcaster.store import stations


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """One for all: nothing here may change anything."""
    with serving(tmp_path_factory.mktemp("input") / "home") as served:
        yield served


@pytest.fixture(scope="module")
def handed(line: Line) -> Delivery:
    number = line.town.approved()
    line.town.schedule(number, on="23/11/2026", at="08:30")
    line.town.plan()
    line.rundown()
    return line.town.one(number)


@pytest.fixture
def sound(line: Line, handed: Delivery) -> tuple[str, bytes]:
    """Digest and content of the audio that the station is to fetch."""
    (item,) = [one for one in line.rundown()["items"] if one["uid"] == handed.uid]
    digest = item["cues"][0]["digest"]
    return digest, (line.town.context.audio / f"{digest}.wav").read_bytes()


def test_audio_comes_whole_under_its_digest(line: Line, sound: tuple[str, bytes]) -> None:
    digest, content = sound
    answer = line.ask("GET", f"audio/{digest}")
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["ETag"] == f'"{digest}"'
    assert answer.headers["Content-Type"] == "audio/wav"


def test_a_broken_download_goes_on_where_it_stopped(line: Line, sound: tuple[str, bytes]) -> None:
    digest, content = sound
    headers = {"Range": "bytes=1000-", "If-Range": f'"{digest}"'}
    answer = line.ask("GET", f"audio/{digest}", headers=headers)
    assert (answer.status_code, answer.content) == (206, content[1000:])
    size = len(content)
    assert answer.headers["Content-Range"] == f"bytes 1000-{size - 1}/{size}"


def test_a_part_of_another_file_is_not_continued(line: Line, sound: tuple[str, bytes]) -> None:
    digest, content = sound
    headers = {"Range": "bytes=1000-", "If-Range": f'"{"0" * 64}"'}
    answer = line.ask("GET", f"audio/{digest}", headers=headers)
    assert (answer.status_code, answer.content) == (200, content)


def test_a_part_beyond_the_end_is_refused(line: Line, sound: tuple[str, bytes]) -> None:
    digest, content = sound
    headers = {"Range": f"bytes={len(content)}-"}
    assert line.ask("GET", f"audio/{digest}", headers=headers).status_code == 416


def test_audio_that_is_not_there_is_404(line: Line) -> None:
    assert line.ask("GET", f"audio/{'a' * 64}").status_code == 404


@pytest.mark.parametrize(
    "name",
    ["a" * 63, "a" * 65, "A" * 64, "g" * 64, "..%2f..%2fsecrets.toml", "a" * 64 + "%0a", "%00"],
)
def test_what_is_no_digest_never_reaches_the_disk(line: Line, name: str) -> None:
    assert line.ask("GET", f"audio/{name}").status_code in {404, 422}


ENTRY: dict[str, Any] = {
    "entry": "bad-entry",
    "uid": "u",
    "outcome": "aired",
    "planned_at": "2026-11-23T01:30:00Z",
}
STATUS: dict[str, Any] = {
    "version": 0,
    "held": [],
    "device": "",
    "clock": "2026-11-23T01:30:00Z",
    "free_disk_mb": 1,
    "program": "",
}
BAD_ENTRIES: list[dict[str, Any]] = [
    {"outcome": "heard"},
    {"entry": ""},
    {"entry": "e" * 201},
    {"uid": "u" * 201},
    {"uid": "a\0b"},
    {"uid": None},
    {"uid": 7},
    {"planned_at": "2026-11-23T01:30:00"},  # no zone
    {"planned_at": "hôm nay"},
    {"started_at": "0001-01-01T00:00:00+14:00"},  # before the year 1 in UTC
    {"started_at": "9999-12-31T23:59:59-14:00"},
    {"seconds_played": float("nan")},
    {"seconds_played": float("inf")},
    {"seconds_played": -1},
    {"device": "\ud800"},  # half a character
]
BAD_STATUSES: list[dict[str, Any]] = [
    {"version": -1},
    {"version": 2**31},
    {"version": "một"},
    {"held": "u"},
    {"held": [1]},
    {"clock": "2026-11-23T01:30:00"},
    {"note": "\ud800"},
]
NO_BODIES = [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 20_000, b'{"entries":7}']


def refused(line: Line, path: str, body: bytes) -> str:
    headers = {"Content-Type": "application/json"}
    answer = line.ask("POST", path, data=body, headers=headers)
    assert answer.status_code in {400, 422}, answer.text
    return answer.text


@pytest.mark.parametrize("wrong", BAD_ENTRIES, ids=str)
def test_a_batch_with_a_bad_entry_is_refused_whole(
    line: Line, handed: Delivery, wrong: dict[str, Any]
) -> None:
    good = line.entry(handed)
    body = json.dumps({"entries": [good, ENTRY | wrong]}).encode()
    said = json.loads(refused(line, "as-run", body))
    (field,) = wrong
    assert f"body.entries.1.{field}" in said["vi"]
    unchanged(line, handed)


@pytest.mark.parametrize("wrong", BAD_STATUSES, ids=str)
def test_a_bad_status_is_refused(line: Line, handed: Delivery, wrong: dict[str, Any]) -> None:
    body = json.dumps({**STATUS, "held": [handed.uid], **wrong}).encode()
    refused(line, "status", body)
    unchanged(line, handed)


@pytest.mark.parametrize("path", ["status", "as-run"])
@pytest.mark.parametrize("body", NO_BODIES, ids=lambda body: str(body[:12]))
def test_what_is_no_message_is_refused(
    line: Line, handed: Delivery, path: str, body: bytes
) -> None:
    refused(line, path, body)
    unchanged(line, handed)


def unchanged(line: Line, handed: Delivery) -> None:
    (now,) = line.town.rows()
    assert now == handed
    assert now.state == State.SENDING
    with line.town.context.database.read() as connection:
        assert stations.entries(connection, line.town.context.commune_id, handed.uid) == []
        assert stations.entries(connection, line.town.context.commune_id, "u") == []
        (station,) = stations.every(connection, line.town.context.commune_id)
    assert station.seen_at is None
