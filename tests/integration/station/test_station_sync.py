"""The line to the server over real HTTP, one round at a time, with every fault a line can have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from loopback_server import KEY, LoopbackServer, chirp
from station_post import PACE, Post

from broadcaster.errors import Unavailable
from broadcaster.signature import sign
from broadcaster.station import causes
from broadcaster.station.settings import StationSettings
from broadcaster.station.sync import Pace


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    running = LoopbackServer().start()
    yield running
    running.stop()


@pytest.fixture
def post(tmp_path: Path, server: LoopbackServer) -> Iterator[Post]:
    made = Post(tmp_path, server)
    yield made
    made.link.close()
    made.plan.close()


def test_one_round_brings_plan_and_audio_and_reports_them(
    post: Post, server: LoopbackServer
) -> None:
    item = server.add("a", chirp(1), starts_in=3600)
    post.round()
    status = server.statuses[-1]
    assert (status.version, status.held) == (server.version, ["a"])
    assert post.vault.path(item.cues[0].digest).read_bytes() == chirp(1)


def test_an_unchanged_plan_is_not_sent_again(post: Post, server: LoopbackServer) -> None:
    server.add("a", chirp(1), starts_in=3600)
    post.round()
    assert post.link.rundown(post.plan.etag()).signed is None
    said = len(server.statuses)
    post.sync.round(lambda: True)
    assert len(server.statuses) == said, "nor is an unchanged status, for a while"
    for _ in range(4):
        post.round()
    assert len(server.statuses) > said


@pytest.mark.parametrize("fault", ["cut", "wrong range", "odd range"])
def test_broken_audio_answers_end_in_the_right_file(
    post: Post, server: LoopbackServer, fault: str
) -> None:
    item = server.add("a", chirp(5), starts_in=3600)
    digest = item.cues[0].digest
    if "range" in fault:
        post.vault.part(digest).write_bytes(chirp(5)[:9999])
    server.audio_fault = fault
    post.round()
    assert not post.vault.has(digest)
    assert "a" not in post.held()
    for _ in range(3):
        post.round()
    assert post.vault.path(digest).read_bytes() == chirp(5)
    assert post.held() == ["a"]


def test_a_cut_transfer_goes_on_where_it_ended(post: Post, server: LoopbackServer) -> None:
    item = server.add("a", chirp(5), starts_in=3600)
    server.audio_fault = "cut"
    post.round()
    have = post.vault.part(item.cues[0].digest).stat().st_size
    assert 0 < have < item.cues[0].size
    post.round()
    assert server.ranges == ["", f"bytes={have}-"]
    assert post.held() == ["a"]


@pytest.mark.parametrize("content", [b"", b"not a sound", chirp(2)[:5000], chirp(2, seed=3)])
def test_wrong_audio_is_never_held_and_the_reason_is_told(
    post: Post, server: LoopbackServer, content: bytes
) -> None:
    item = server.add("a", chirp(2), starts_in=3600)
    server.files[item.cues[0].digest] = content
    for _ in range(3):
        post.round()
    assert post.held() == []
    assert server.statuses[-1].note
    row = post.journal.row("a")
    assert row is not None
    assert row.cause in {causes.AUDIO_WRONG, causes.AUDIO_MISSING}


def test_one_missing_file_does_not_hold_up_the_others(post: Post, server: LoopbackServer) -> None:
    first = server.add("a", chirp(1), starts_in=60)
    server.add("b", chirp(1, seed=2), starts_in=3600)
    del server.files[first.cues[0].digest]
    post.round()
    assert post.held() == ["b"]
    assert "404" in server.statuses[-1].note


def test_an_older_version_and_an_empty_plan_wipe_nothing(
    post: Post, server: LoopbackServer
) -> None:
    server.add("a", chirp(1), starts_in=3600)
    post.round()
    server.items, server.version = [], 1
    post.round()
    assert "cũ hơn" in server.statuses[-1].note
    server.version = 50
    post.round()
    assert (post.held(), server.statuses[-1].version) == (["a"], 50)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"payload": "{}"}',
        json.dumps({"payload": "{}", "key": "a", "signature": "b"}).encode(),
        sign(KEY, '{"station": "thon-1"}').model_dump_json().encode(),
        sign(Ed25519PrivateKey.generate(), "{}").model_dump_json().encode(),
        b"x" * (9 << 20),
    ],
    ids=["empty", "html", "list", "object", "half", "unsigned", "odd", "forged", "huge"],
)
def test_an_unreadable_plan_wipes_nothing(post: Post, server: LoopbackServer, body: bytes) -> None:
    server.add("a", chirp(1), starts_in=3600)
    post.round()
    server.raw_rundown = body
    post.round()
    assert list(post.plan.open_items()) == ["a"]
    server.raw_rundown = None
    server.version += 1
    post.round()
    assert server.statuses[-1].version == server.version


def test_proof_is_sent_again_until_it_is_receipted(post: Post, server: LoopbackServer) -> None:
    server.add("a", chirp(1), starts_in=3600)
    post.round()
    post.journal.miss("a", causes.STOPPED, datetime.now(UTC))
    server.lose_receipts = True
    server.version += 1
    post.round()
    assert post.plan.version() == server.version, "refused proof does not hold up the plan"
    post.round()
    server.lose_receipts = False
    post.round()
    post.round()
    ((entry, times),) = server.times_sent.items()
    assert times == 3
    assert server.entries[entry].outcome == "missed"
    assert post.journal.outbox() == []


def test_without_a_server_it_waits_longer_each_time_up_to_a_limit(
    post: Post, server: LoopbackServer
) -> None:
    server.add("a", chirp(1), starts_in=3600)
    quick = post.round()
    assert 1.6 <= quick <= 2.4, "two seconds and some jitter"
    server.stop()
    waits = [post.round() for _ in range(9)]
    assert waits[0] < waits[3] < PACE.longest
    assert all(0.8 * PACE.longest <= wait <= 1.2 * PACE.longest for wait in waits[6:])
    server.start()
    assert post.round() <= 2.4


def test_a_server_on_this_machine_is_looked_for_more_often_than_one_on_the_net() -> None:
    local = StationSettings(server="http://127.0.0.1:8800", station="thon-1")
    away = StationSettings(server="https://xa.example.vn", station="thon-1")
    assert [Pace.of(one).after(99) for one in (local, away)] == [3.0, 60.0]


def test_a_refused_token_is_told_without_showing_it(
    tmp_path: Path, server: LoopbackServer, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = Post(tmp_path, server, token="mat-khau-sai-hoan-toan")  # noqa: S106 — of this test
    wrong.round()
    assert "không nhận mã truy cập" in caplog.text
    assert "mat-khau-sai" not in caplog.text
    with pytest.raises(Unavailable):
        wrong.link.rundown("")
    wrong.link.close()
    wrong.plan.close()


def test_a_clock_that_went_back_is_believed_again_when_the_server_agrees(post: Post) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)
    post.journal.reset_clock(ahead)
    post.round()
    highest = post.journal.highest()
    assert highest is not None
    assert highest < ahead - timedelta(minutes=59)


def test_a_clock_that_is_off_is_measured_and_not_vouched_for(post: Post) -> None:
    post.clock.shift = timedelta(hours=-1)
    ahead = datetime.now(UTC)
    post.journal.reset_clock(ahead)
    post.round()
    offset = post.journal.offset(post.clock.now())
    assert offset is not None
    assert abs(offset - timedelta(hours=1)) < timedelta(seconds=2)
    assert post.journal.highest() == ahead


def test_a_disk_that_cannot_be_written_is_told_and_stops_nothing_else(
    post: Post, server: LoopbackServer
) -> None:
    item = server.add("a", chirp(1), starts_in=3600)
    server.add("b", chirp(1, seed=2), starts_in=7200)
    post.vault.part(item.cues[0].digest).mkdir()
    post.round()
    assert "Không ghi được" in server.statuses[-1].note
    assert post.held() == ["b"]
    post.vault.part(item.cues[0].digest).rmdir()
    post.round()
    post.round()
    assert (server.statuses[-1].note, post.held()) == ("", ["a", "b"])
