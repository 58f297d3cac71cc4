"""The station's folder on a real disk that is full: nothing is lost, nothing sounds twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from loopback_server import LoopbackServer, chirp
from small_disk import SmallDisk
from station_clock import NOON
from station_post import Post, Steady
from station_process import StationProcess, until
from station_sounds import item
from station_village import Ear, Village

from broadcaster.errors import Unavailable
from broadcaster.station import causes
from broadcaster.station.database import FILE, Database, NoRoom, check
from broadcaster.station.engine import Engine
from broadcaster.station.orders import Orders
from broadcaster.station.trust import Trust

PLENTY_MB = 300
"""More than the station leaves free for others."""


class Passing(Steady):
    """Both clocks move when told to, so that an item becomes due."""

    def wait(self, seconds: float) -> None:
        super().wait(seconds)
        self.shift += timedelta(seconds=seconds)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    running = LoopbackServer().start()
    yield running
    running.stop()


@pytest.fixture
def post(disk: SmallDisk, server: LoopbackServer) -> Iterator[Post]:
    disk.grow(PLENTY_MB)
    made = Post(disk.folder, server, clock=Passing())
    yield made
    made.link.close()
    made.plan.close()


@pytest.fixture
def village(disk: SmallDisk) -> Iterator[Village]:
    made = Village(disk.folder)
    yield made
    made.plan.close()


def fill(disk: SmallDisk) -> None:
    """Nothing at all can be written from now on, not even by the open database."""
    disk.fill()
    database = Database(disk.folder / FILE)
    with pytest.raises(NoRoom, match="đầy"):
        database.put("wish", "in vain")
    database.close()


def fetched_on_a_filling_disk(post: Post, disk: SmallDisk, left_kb: int) -> None:
    """A round; somebody else fills the disk as soon as the third piece of the file came."""
    pieces: list[int] = []

    def going() -> bool:
        parts = list((disk.folder / "audio").glob("*.part"))
        if parts and parts[0].stat().st_size > 0 and not pieces:
            pieces.append(parts[0].stat().st_size)
            disk.fill(left_kb)
        return True

    post.clock.steady += 15
    post.sync.round(going)
    assert pieces, "the disk was full in the middle of the file"


# --- while audio is being fetched ----------------------------------------------------------------


def test_a_disk_that_fills_during_a_fetch_costs_nothing_that_was_held(
    post: Post, server: LoopbackServer, disk: SmallDisk
) -> None:
    held = server.add("a", chirp(2), starts_in=60)
    post.round()
    long = server.add("b", chirp(60, seed=2), starts_in=3600)
    fetched_on_a_filling_disk(post, disk, left_kb=64)
    assert post.held() == ["a"]
    assert causes.DISK_FULL.vi in server.statuses[-1].note
    assert server.statuses[-1].trouble == causes.DISK_FULL.vi
    assert post.vault.path(held.cues[0].digest).read_bytes() == chirp(2)
    assert not post.vault.part(long.cues[0].digest).exists(), "its room is the journal's"
    assert played(post, disk.folder, 90) == ["a"], "what was held sounds on the full disk"
    post.round()
    assert server.outcomes() == {"a": "aired"}

    disk.grow(PLENTY_MB)
    post.round()
    post.round()
    assert post.held() == ["b"]
    assert (server.statuses[-1].note, server.statuses[-1].trouble) == ("", "")
    assert post.vault.path(long.cues[0].digest).read_bytes() == chirp(60, seed=2)


def played(post: Post, home: Path, seconds: float) -> list[str]:
    """What the playing side makes sound within so many seconds."""
    ear = Ear(post.clock)
    database = Database(home / FILE)
    orders = Orders(database, Trust(home), "thon-1")
    engine = Engine(database, post.vault, ear, orders, None, post.clock, lambda: True)
    end = post.clock.monotonic() + seconds
    while post.clock.monotonic() < end:
        post.clock.wait(engine.step())
    database.close()
    return [uid for uid, _ in ear.starts]


def test_a_plan_that_finds_no_room_leaves_the_old_one_whole(
    post: Post, server: LoopbackServer, disk: SmallDisk
) -> None:
    server.add("a", chirp(1), starts_in=3600)
    post.round()
    known = post.plan.version()
    fill(disk)
    server.add("b", chirp(1, seed=2), starts_in=3600)
    post.round()
    assert (post.plan.version(), list(post.plan.open_items())) == (known, ["a"])
    assert server.statuses[-1].trouble == causes.DISK_FULL.vi
    disk.grow(PLENTY_MB)
    post.round()
    assert post.held() == ["a", "b"]


# --- when `started` has to be committed ----------------------------------------------------------


def test_nothing_sounds_that_could_not_be_recorded_and_it_sounds_once_when_there_is_room(
    village: Village, disk: SmallDisk
) -> None:
    village.tell(item("a", NOON, village.sound(3)))
    village.run(110)
    fill(disk)
    village.run(60)
    assert village.ear.starts == []
    disk.grow()
    village.run(60)
    assert [uid for uid, _ in village.ear.starts] == ["a"]
    assert village.outcome("a").outcome == "aired"


def test_what_ran_out_on_a_full_disk_is_missed_for_that_reason(
    village: Village, disk: SmallDisk
) -> None:
    village.tell(item("a", NOON, village.sound(3)))
    village.run(60)
    fill(disk)
    village.run(600)
    assert village.entries() == []
    disk.grow()
    village.run(5)
    assert village.ear.starts == []
    assert village.outcome("a").outcome == "missed"
    assert village.outcome("a").cause_vi == causes.DISK_FULL.vi


def test_an_engine_started_on_a_full_disk_waits_and_cleans_up_when_there_is_room(
    village: Village, disk: SmallDisk
) -> None:
    village.tell(item("a", NOON, village.sound(30)), item("b", NOON, village.sound(3)))
    village.ear.during = lambda heard: fill(disk) if heard == 0 else None
    village.crash(125)  # while it plays, and what boots anew cannot write
    village.ear.during = lambda _: None
    village.run(20)
    assert village.entries() == []
    disk.grow()
    village.run(60)
    assert [uid for uid, _ in village.ear.starts] == ["a", "b"]
    assert {one.uid: one.outcome for one in village.entries()} == {
        "a": "partly_aired",
        "b": "aired",
    }


# --- when proof has to be written, or its receipt ------------------------------------------------


def test_what_sounds_when_the_disk_fills_sounds_to_its_end_and_is_told_once(
    village: Village, disk: SmallDisk
) -> None:
    village.tell(item("a", NOON, village.sound(20)))
    village.ear.during = lambda heard: fill(disk) if heard == 0 else None
    village.run(150)
    assert village.entries() == []
    disk.grow()
    village.run(300)
    assert [uid for uid, _ in village.ear.starts] == ["a"]
    (entry,) = village.entries()
    assert (entry.outcome, entry.seconds_played) == ("aired", 20.0)
    assert entry.ended_at is not None
    assert abs(entry.ended_at - NOON - timedelta(seconds=20)) < timedelta(seconds=1)
    assert village.database.get("playing") == ""


def test_receipts_that_find_no_room_have_the_proof_sent_again_and_counted_once(
    post: Post, server: LoopbackServer, disk: SmallDisk
) -> None:
    server.add("a", chirp(1), starts_in=3600)
    post.round()
    post.journal.miss("a", causes.STOPPED, datetime.now(UTC))
    fill(disk)
    post.round()
    post.sync.finish()  # a shutdown meanwhile is none the worse for it
    assert [entry.uid for entry in post.journal.outbox()] == ["a"]
    assert server.statuses[-1].trouble == causes.DISK_FULL.vi
    disk.grow(PLENTY_MB)
    post.round()
    post.round()
    ((entry, times),) = server.times_sent.items()
    assert (times, server.entries[entry].outcome) == (3, "missed")
    assert post.journal.outbox() == []


# --- the programs --------------------------------------------------------------------------------


def test_a_full_disk_is_not_called_a_damaged_database(village: Village, disk: SmallDisk) -> None:
    """Who believes that it is damaged begins a new one, and plays all of today again."""
    village.tell(item("a", NOON, village.sound(1)))
    village.plan.close()
    village.database.close()
    fresh = disk.folder / "khac"
    fresh.mkdir()
    disk.fill()
    for path in (disk.folder / FILE, fresh / FILE):
        try:
            check(path)
        except Unavailable as error:
            assert causes.DISK_FULL.vi in str(error), path  # noqa: PT017 — it may also work


def test_the_programs_live_through_a_full_disk(disk: SmallDisk, server: LoopbackServer) -> None:
    disk.grow(PLENTY_MB)
    station = StationProcess(disk.folder, server).ready()
    try:
        until(lambda: server.statuses)
        station.kill()
        station.kill_engine()
        for left in disk.folder.glob("*.pid"):
            left.unlink()  # their own room would do for the next ones
        disk.fill()
        server.statuses.clear()
        station.start()
        until(lambda: server.statuses and server.statuses[-1].trouble == causes.DISK_FULL.vi)
        server.add("a", chirp(1), starts_in=1, grace=60)
        disk.grow(PLENTY_MB)
        until(lambda: server.outcomes() == {"a": "aired"})
        assert station.end() == 0
    finally:
        station.clean_up()
