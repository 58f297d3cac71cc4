"""SQLite and PostgreSQL keep the same values, refuse the same rows and queue the same writers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from databases import KINDS, NOW, WORDS, Shelf, migrated
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from broadcaster.domain import delivery as machine
from broadcaster.domain.delivery import Delivery, State
from broadcaster.domain.people import Role
from broadcaster.errors import Conflict, Text, Unavailable
from broadcaster.store import announcements, approvals, deliveries, events, people, stations
from broadcaster.store.database import Database
from broadcaster.store.schema import commune, delivery

HA_NOI = timezone(timedelta(hours=7))
CAUSE = Text(f"Loa hỏng: {WORDS}", 'It said "no".')


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    opened = migrated(request.param, tmp_path, request)
    yield opened
    opened.close()


@pytest.fixture
def shelf(database: Database) -> Iterator[Shelf]:
    with database.write() as connection:
        yield Shelf(connection)


# --- what is written comes back ------------------------------------------------------------------


def test_announcement_and_revision_come_back_as_they_were(shelf: Shelf) -> None:
    connection = shelf.connection
    assert announcements.by_id(connection, shelf.announcement.id) == shelf.announcement
    assert announcements.latest_revision(connection, shelf.announcement.id) == shelf.revision
    stored = announcements.revision_by_id(connection, shelf.revision.id)
    assert stored.body == WORDS * 50
    assert stored.targets == ("loa-dong", "website")
    assert stored.created_at == NOW
    assert stored.created_at.tzinfo is UTC


def test_a_rendition_keeps_nothing_as_nothing_inside_its_content(shelf: Shelf) -> None:
    (stored,) = announcements.renditions(shelf.connection, shelf.revision.id)
    assert stored.content == {"words": WORDS, "none": None, "nested": [1, {"đ": 1.5}]}


def test_an_approval_comes_back_and_can_be_voided_once(shelf: Shelf) -> None:
    connection = shelf.connection
    granted = approvals.in_force(connection, shelf.revision.id, NOW)
    assert granted is not None
    assert granted.pinned == {"renditions": {"loa-dong": "a" * 64}}
    assert approvals.in_force(connection, shelf.revision.id, granted.valid_until) is None
    assert approvals.void(connection, shelf.announcement.id, WORDS, NOW) == 1
    assert approvals.void(connection, shelf.announcement.id, "", NOW) == 0
    assert approvals.by_id(connection, granted.id).voided_reason == WORDS


def test_a_rule_keeps_local_time_without_a_zone(shelf: Shelf) -> None:
    (rule,) = approvals.rules(shelf.connection, shelf.announcement.id)
    assert rule.dtstart == datetime(2026, 11, 23, 17, 0)  # noqa: DTZ001 -- local by design
    assert rule.targets == ("loa-dong",)


def test_a_delivery_comes_back_field_by_field(shelf: Shelf) -> None:
    new = shelf.delivery(
        due_at=datetime(2026, 12, 31, 23, 59, 59, 999999, HA_NOI),
        cause=CAUSE,
        proof={"entry": WORDS, "nothing": None},
        actual_at=datetime(1999, 12, 31, 23, 0, tzinfo=UTC),
        cancel_asked_at=NOW,
        marker="đã gửi",
        link="https://binhminh.example/tin?a=1&b=%20#đầu",
    )
    assert deliveries.plan(shelf.connection, new)
    stored = deliveries.by_uid(shelf.connection, shelf.commune_id, new.uid)
    assert stored is not None
    assert stored == replace(new, id=stored.id)
    assert stored.due_at.tzinfo is UTC


def test_no_cause_is_stored_as_nothing_at_all(shelf: Shelf) -> None:
    planned = shelf.planned()
    assert planned.cause is None
    query = select(delivery.c.id).where(text("cause IS NULL"))
    assert shelf.connection.scalars(query).all() == [planned.id]


def test_an_attempt_is_open_until_it_is_ended(shelf: Shelf) -> None:
    handed = machine.hand_over(shelf.planned(), "station:loa-dong", NOW)
    deliveries.begin_attempt(shelf.connection, handed, NOW)
    (attempt,) = deliveries.attempts(shelf.connection, handed.id)
    assert (attempt["outcome"], attempt["ended_at"], attempt["detail"]) == ("", None, {})
    deliveries.end_attempt(shelf.connection, handed, "unknown", {"vi": WORDS, "n": None}, NOW)
    (attempt,) = deliveries.attempts(shelf.connection, handed.id)
    assert (attempt["ended_at"], attempt["detail"]) == (NOW, {"vi": WORDS, "n": None})


def test_a_station_its_entries_and_the_stop_come_back(shelf: Shelf) -> None:
    connection, owner = shelf.connection, shelf.commune_id
    stations.enroll(connection, owner, "loa-dong", "d" * 64)
    assert stations.by_tokens(connection, ["e" * 64]) == []
    (caller,) = stations.by_tokens(connection, ["d" * 64, "e" * 64])
    station = stations.by_id(connection, caller.id)
    assert station.seen_at is None
    stations.seen(connection, station, {"note": WORDS, "none": None}, NOW)
    (station,) = stations.every(connection, owner)
    assert (station.seen_at, station.status) == (NOW, {"note": WORDS, "none": None})
    assert stations.keep_entry(connection, station, "e-1", "u-1", {"vi": WORDS}, NOW)
    (entry,) = stations.entries(connection, station.commune_id, "u-1")
    assert (entry["body"], entry["received_at"]) == ({"vi": WORDS}, NOW)
    stations.press_stop(connection, owner, "minh", WORDS, NOW)
    stop = stations.stop_in_force(connection, owner)
    assert stop is not None
    assert (stop["reason"], stop["stopped_at"], stop["released_at"]) == (WORDS, NOW, None)
    stations.release_stop(connection, owner, "minh", NOW)
    assert stations.stop_in_force(connection, owner) is None


def test_a_person_and_the_log_come_back(shelf: Shelf) -> None:
    people.create(shelf.connection, shelf.commune_id, "lan", WORDS, [Role.OPERATOR, Role.ADMIN])
    lan = people.by_name(shelf.connection, shelf.commune_id, "lan")
    assert (lan.full_name, lan.roles) == (WORDS, frozenset({Role.OPERATOR, Role.ADMIN}))
    events.note(shelf.connection, shelf.commune_id, "lan", "a.b", "x 1", NOW, why=WORDS, no=None)
    (event,) = events.of_subject(shelf.connection, shelf.commune_id, "x 1")
    assert (event["at"], event["detail"]) == (NOW, {"why": WORDS, "no": None})


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(Exception, match="naive datetime"), database.write() as connection:
        Shelf(connection).approve(decided_at=naive, decision="returned")
    with database.read() as connection:
        assert connection.scalars(select(commune.c.id)).all() == []


# --- what the database itself refuses ------------------------------------------------------------


def insert_delivery(shelf: Shelf, new: Delivery) -> None:
    """Past `deliveries.plan`, which leaves out what is there already."""
    values = deliveries._values(new)
    del values["id"]
    with shelf.connection.begin_nested():
        shelf.connection.execute(insert(delivery).values(**values))


def test_one_target_has_one_delivery_a_time_until_it_is_cancelled(shelf: Shelf) -> None:
    post = {"channel": "wordpress", "target": "website"}
    first = shelf.planned(**post)
    approvals.void(shelf.connection, shelf.announcement.id, "sửa", NOW)
    again = shelf.delivery(**post, approval_id=shelf.approve())
    with pytest.raises(IntegrityError):
        insert_delivery(shelf, again)
    assert not deliveries.plan(shelf.connection, again)
    assert deliveries.swap(shelf.connection, first, machine.cancel(first, CAUSE, NOW))
    assert deliveries.plan(shelf.connection, again)


def test_a_station_has_one_item_an_instant_whosever_it_is(shelf: Shelf) -> None:
    shelf.planned()
    other = shelf.announce()
    same = shelf.delivery(announcement_id=other.id, approval_id=shelf.approve(decision="returned"))
    with pytest.raises(IntegrityError):
        insert_delivery(shelf, same)
    assert not deliveries.plan(shelf.connection, same)
    for free in ({"target": "loa-doai"}, {"due_at": same.due_at + timedelta(microseconds=1)}):
        assert deliveries.plan(shelf.connection, replace(same, uid=str(free), **free))


def test_two_posts_of_one_site_may_share_an_instant(shelf: Shelf) -> None:
    post = {"channel": "wordpress", "target": "website"}
    shelf.planned(**post)
    other = shelf.announce()
    shelf.planned(**post, announcement_id=other.id, approval_id=shelf.approve(decision="returned"))


def test_one_approval_of_a_revision_is_in_force(shelf: Shelf) -> None:
    with pytest.raises(IntegrityError), shelf.connection.begin_nested():
        shelf.approve()
    shelf.approve(decision="returned")
    approvals.void(shelf.connection, shelf.announcement.id, "sửa", NOW)
    assert shelf.approve() > 0


def test_a_row_that_hangs_on_nothing_is_refused(shelf: Shelf) -> None:
    with pytest.raises(IntegrityError):
        insert_delivery(shelf, shelf.delivery(rule_id=999))


def test_what_is_there_is_not_added_again_and_stays_as_it_was(shelf: Shelf) -> None:
    connection, owner = shelf.connection, shelf.commune_id
    people.create(connection, owner, "lan", "Nguyễn Thị Lan", [])
    with pytest.raises(Conflict, match="Đã có người dùng “lan”"):
        people.create(connection, owner, "lan", "Người Khác", [])
    assert people.by_name(connection, owner, "lan").full_name == "Nguyễn Thị Lan"
    stations.enroll(connection, owner, "loa-dong", "d" * 64)
    (station,) = stations.every(connection, owner)
    told = [stations.keep_entry(connection, station, "e-1", "u", {"n": n}, NOW) for n in (1, 2, 3)]
    assert told == [True, False, False]
    assert [entry["body"] for entry in stations.entries(connection, station.commune_id, "u")] == [
        {"n": 1}
    ]


def test_only_the_first_of_two_that_read_the_same_row_changes_it(shelf: Shelf) -> None:
    seen = shelf.planned()
    assert deliveries.swap(shelf.connection, seen, machine.hand_over(seen, "station:a", NOW))
    assert not deliveries.swap(shelf.connection, seen, machine.miss(seen, CAUSE))
    stored = deliveries.by_id(shelf.connection, shelf.commune_id, seen.id)
    assert stored.state == State.SENDING


# --- readers and writers together ----------------------------------------------------------------


def announce(database: Database) -> int:
    with database.write() as connection:
        return Shelf(connection).announcement.number


def test_writers_queue_so_that_each_announcement_gets_a_number_of_its_own(
    database: Database,
) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: announce(database), range(24)))
    assert sorted(numbers) == list(range(1, 25))


def test_a_reader_sees_one_state_from_its_first_look_to_its_last(database: Database) -> None:
    announce(database)
    with database.read() as connection:
        before = len(announcements.every(connection, 1))
        announce(database)  # not held up by the reader either
        assert len(announcements.every(connection, 1)) == before == 1
    with database.read() as connection:
        assert len(announcements.every(connection, 1)) == 2


def test_an_error_takes_back_all_of_a_transaction(database: Database) -> None:
    announce(database)
    with pytest.raises(IntegrityError), database.write() as connection:
        insert_delivery(Shelf(connection), Shelf(connection).delivery(rule_id=999))
    with database.read() as connection:
        assert len(announcements.every(connection, 1)) == 1
        assert deliveries.find(connection, 1) == []


def test_a_writer_that_waits_too_long_is_told_so_and_writes_nothing(database: Database) -> None:
    announce(database)
    hasty = Database(database.engine.url.render_as_string(hide_password=False), patience_ms=50)
    with (
        database.write(),
        pytest.raises(Unavailable, match="đang bận quá lâu: chưa ghi gì cả"),
        hasty.write() as second,
    ):
        Shelf(second)
    hasty.close()
    with database.read() as connection:
        assert len(announcements.every(connection, 1)) == 1


def test_a_second_writer_waits_and_then_sees_what_the_first_has_written(
    database: Database,
) -> None:
    announce(database)
    inside, done = threading.Event(), threading.Event()

    def second() -> int:
        inside.wait(10)
        number = announce(database)
        done.set()
        return number

    with ThreadPoolExecutor(1) as pool:
        with database.write() as connection:
            later = pool.submit(second)
            inside.set()
            assert not done.wait(0.1)
            first = Shelf(connection).announcement.number
        assert (first, later.result(10)) == (2, 3)
