"""Plan and journal on a real SQLite file: what may change, what never does, and one proof each."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from station_clock import NOON
from station_sounds import cue_of, item, rundown, sealed, trusting, wav

from broadcaster.errors import Unavailable
from broadcaster.station import causes
from broadcaster.station.database import FILE, Database, check
from broadcaster.station.journal import Journal
from broadcaster.station.plan import OddRundown, Plan
from broadcaster.station.playout import Status
from broadcaster.wire import Quiet, RundownItem

CUE = cue_of(wav(1))
OTHER = cue_of(wav(1, seed=2))


class Book:
    def __init__(self, home: Path) -> None:
        trusting(home)
        self.plan = Plan(home / FILE)
        self.journal = Journal(self.plan.database)

    def apply(self, version: int, *items: RundownItem, **more: Any) -> None:
        plan = sealed(rundown(version, NOON, list(items), **more))
        self.plan.apply(plan, f'"{version}"', "thon-1", NOON)

    def status(self, uid: str) -> Status | None:
        row = self.journal.row(uid)
        return row.status if row else None

    def start(self, uid: str) -> bool:
        self.journal.arm(uid)
        return self.journal.start(uid, NOON, "horn", "")

    def finish(self, uid: str) -> bool:
        return self.journal.finish(
            uid,
            Status.ENDED,
            "aired",
            started_at=NOON,
            ended_at=NOON + timedelta(seconds=1),
            seconds=1.0,
            recording="",
            cause=None,
        )

    def proofs(self) -> list[tuple[str, str]]:
        return [(entry.uid, entry.outcome) for entry in self.journal.outbox()]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


def test_a_power_cut_cannot_take_back_what_was_committed(book: Book) -> None:
    row = book.plan.database.one("PRAGMA synchronous")
    assert row is not None
    assert row[0] == 2, "FULL"
    mode = book.plan.database.one("PRAGMA journal_mode")
    assert mode is not None
    assert mode[0] == "wal"


def test_an_empty_rundown_wipes_nothing(book: Book) -> None:
    book.apply(1, item("a", NOON, [CUE]))
    book.apply(2)
    assert book.status("a") == Status.PLANNED
    assert book.plan.version() == 2


def test_an_older_rundown_changes_nothing(book: Book) -> None:
    book.apply(5, item("a", NOON, [CUE]))
    with pytest.raises(OddRundown, match="cũ hơn"):
        book.apply(4, item("b", NOON, [CUE]), withdrawn=["a"])
    assert book.status("a") == Status.PLANNED
    assert book.status("b") is None
    assert book.plan.etag() == '"5"'


@pytest.mark.parametrize(
    "changes",
    [
        {"station": "thon-2"},
        {"version": -1},
        {"version": 1 << 80},
        {"items": [item("x", NOON, [CUE]), item("x", NOON, [OTHER])]},
        {"items": [item(" ", NOON, [CUE])]},
        {"items": [item("x", NOON.replace(year=9999), [CUE])]},
        {"items": [item("x", NOON, [CUE.model_copy(update={"duration_ms": 1 << 60})])]},
        {"items": [item("x", NOON, [CUE.model_copy(update={"size": 1 << 60})])]},
        {"withdrawn": [""]},
        {"quiet": Quiet(start="25:00", end="06:00", zone="Asia/Ho_Chi_Minh")},
        {"quiet": Quiet(start="21:00", end="06:00", zone="../../etc/passwd")},
    ],
    ids=str,
)
def test_an_odd_rundown_changes_nothing(book: Book, changes: dict[str, Any]) -> None:
    book.apply(1, item("a", NOON, [CUE]))
    odd = rundown(2, NOON, [item("b", NOON, [CUE])], withdrawn=["a"]).model_copy(update=changes)
    with pytest.raises(OddRundown):
        book.plan.apply(sealed(odd), '"2"', "thon-1", NOON)
    assert book.status("a") == Status.PLANNED
    assert book.status("b") is None
    assert book.plan.version() == 1


def test_a_newer_rundown_moves_an_item_that_has_not_started(book: Book) -> None:
    book.apply(1, item("a", NOON, [CUE]))
    book.journal.arm("a")
    book.apply(1, item("a", NOON, [CUE]))
    assert book.status("a") == Status.ARMED, "nothing has changed"
    later = NOON + timedelta(hours=1)
    book.apply(2, item("a", later, [OTHER]))
    row = book.journal.row("a")
    assert row is not None
    assert (row.starts_at, row.cues, row.status) == (later, [OTHER], Status.PLANNED)


def test_an_item_that_is_moved_while_armed_does_not_start_at_its_old_time(book: Book) -> None:
    book.apply(1, item("a", NOON, [CUE]))
    book.journal.arm("a")
    book.apply(2, item("a", NOON + timedelta(hours=1), [CUE]))
    assert not book.journal.start("a", NOON, "horn", "")


def test_a_newer_rundown_cannot_bring_back_what_has_sounded(book: Book) -> None:
    book.apply(1, item("a", NOON, [CUE]))
    book.start("a")
    book.finish("a")
    book.apply(2, item("a", NOON + timedelta(hours=1), [OTHER]))
    assert book.status("a") == Status.ENDED
    assert book.journal.due(NOON + timedelta(days=9)) == []
    assert not book.start("a")


def test_a_withdrawn_item_is_answered_for_once_and_never_sounds(book: Book) -> None:
    book.apply(1, item("a", NOON, [CUE]))
    book.apply(2, item("a", NOON, [CUE]), withdrawn=["a"])
    book.apply(3, item("a", NOON, [CUE]), withdrawn=["a"])
    book.apply(4, item("a", NOON, [CUE]))
    assert book.proofs() == [("a", "cancelled")]
    assert not book.start("a")
    assert book.plan.wanted() == []


def test_withdrawing_what_never_came_is_answered_too_and_keeps_it_out(book: Book) -> None:
    book.apply(1, withdrawn=["ghost"])
    assert book.proofs() == [("ghost", "cancelled")]
    book.apply(2, item("ghost", NOON, [CUE]))
    assert book.journal.due(NOON + timedelta(days=9)) == []


def test_a_uid_starts_once_however_often_it_is_tried(book: Book, tmp_path: Path) -> None:
    book.apply(1, item("a", NOON, [CUE]))
    rival = Journal(Database(tmp_path / FILE))
    book.journal.arm("a")
    assert [journal.start("a", NOON, "horn", "") for journal in (rival, book.journal)] == [
        True,
        False,
    ]


def test_only_what_was_armed_can_start(book: Book) -> None:
    book.apply(1, item("a", NOON, [CUE]))
    assert not book.journal.start("a", NOON, "horn", "")


def test_what_was_started_and_not_ended_is_partly_aired_after_a_crash(book: Book) -> None:
    book.apply(1, item("a", NOON, [CUE]), item("b", NOON, [CUE]))
    book.start("a")
    book.journal.progress("a", 12.5)
    book.journal.arm("b")
    assert book.journal.recover() == ["a"]
    assert book.journal.recover() == []
    (entry,) = book.journal.outbox()
    assert (entry.uid, entry.outcome, entry.seconds_played) == ("a", "partly_aired", 12.5)
    assert entry.cause_vi == causes.POWER_CUT.vi
    assert (book.status("a"), book.status("b")) == (Status.INTERRUPTED, Status.PLANNED)


def test_each_end_leaves_one_entry_that_stays_until_it_is_receipted(book: Book) -> None:
    book.apply(1, item("a", NOON, [CUE]), item("b", NOON, [CUE]))
    book.start("a")
    assert book.finish("a")
    assert not book.finish("a")
    book.journal.miss("b", causes.STOPPED, NOON)
    assert not book.journal.miss("b", causes.STOPPED, NOON)
    first, second = book.journal.outbox()
    assert [first.entry, second.entry] == [e.entry for e in book.journal.outbox()], "same names"
    assert (first.digest, first.seconds_played, first.device) == (CUE.digest, 1.0, "horn")
    assert (second.outcome, second.cause_vi) == ("missed", causes.STOPPED.vi)
    book.journal.receipted([first.entry, "unknown"], NOON)
    assert book.journal.outbox() == [second]


def test_audio_is_wanted_soonest_first_and_once(book: Book) -> None:
    soon, late = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    alarm = item("z", late, [cue_of(wav(1, seed=3))], priority="emergency")
    book.apply(1, item("l", late, [OTHER, CUE]), item("s", soon, [CUE]), alarm)
    wanted = [file.digest for file in book.plan.wanted()]
    assert wanted == [alarm.cues[0].digest, CUE.digest, OTHER.digest]


def test_audio_of_the_last_days_is_still_in_use(book: Book) -> None:
    book.apply(1, item("a", NOON, [CUE]), item("b", NOON - timedelta(days=30), [OTHER]))
    for uid in ("a", "b"):
        book.journal.miss(uid, causes.STOPPED, NOON)
    assert book.plan.digests_in_use(NOON + timedelta(days=1)) == {CUE.digest}


def test_a_database_that_is_none_is_told_clearly(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(Unavailable, match="Cơ sở dữ liệu của trạm"):
        Database(tmp_path / FILE)


def test_a_damaged_database_is_found_and_not_begun_anew(tmp_path: Path) -> None:
    book = Book(tmp_path)
    book.apply(1, *(item(f"t{n}", NOON, [CUE], title="x" * 400) for n in range(40)))
    book.plan.close()
    check(tmp_path / FILE)
    content = bytearray((tmp_path / FILE).read_bytes())
    half = len(content) // 2
    content[half : half + 8192] = b"\xff" * 8192
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(Unavailable, match="hỏng"):
        check(tmp_path / FILE)
    assert (tmp_path / FILE).read_bytes() == content
