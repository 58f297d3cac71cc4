"""Bad days of the database: away for a minute, no connection left, a full disk, a torn upgrade."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from operator import eq
from pathlib import Path
from typing import Any

import postgres
import psycopg
import pytest
from commune import Commune, found
from databases import KINDS, NOW, Shelf, bring_up, fresh_url, own_server
from small_disk import SmallDisk
from sqlalchemy import Engine, event, make_url, text

from broadcaster.channels import Draft, Health, Receipt
from broadcaster.channels.port import Content
from broadcaster.domain.delivery import LEASE, State
from broadcaster.errors import Text, Unavailable
from broadcaster.services import dispatching, reporting
from broadcaster.services.stations import syncing
from broadcaster.services.timetable import planning
from broadcaster.store import announcements, events, people, stations
from broadcaster.store.database import Database, check_version, file_url
from broadcaster.store.migrate import upgrade
from broadcaster.store.schema import VERSION

_BEFORE = "0017"
"""An older version, from which some migrations lead to the newest."""


# --- no connection left --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_who_finds_no_connection_waits_and_is_then_told(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = Database(fresh_url(kind, tmp_path, request), patience_ms=300, most=2)
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(database.read())
        with pytest.raises(Unavailable, match="đang bận quá lâu"), database.read():
            pass
        waits = ThreadPoolExecutor(1).submit(_one, database)
        held.close()
        assert waits.result(10) == 1
    database.close()


def _one(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(text("SELECT 1")) or 0


def test_nothing_that_a_server_does_needs_two_connections_at_once(tmp_path: Path) -> None:
    """Else threads that hold one each would wait for each other for ever."""
    made = found(tmp_path / "xa")
    made.context.database.close()
    alone = Database(made.context.database.url, patience_ms=1000, most=1)
    page = Page()
    context = replace(
        made.context, database=alone.of(made.context.commune_id), channel=lambda _key: page
    )
    xa = Commune(context, made.clock)
    number = xa.approved(("loa-dong", "fanpage"))
    xa.schedule(number, on="23/11/2026", at="09:00")
    with alone.write() as connection:
        stations.enroll(connection, context.commune_id, "loa-dong", "d" * 64)
    xa.plan()
    with alone.read() as connection:
        (station,) = stations.every(connection, context.commune_id)
    assert syncing.rundown(context, station, xa.clock()).rundown.items
    xa.clock.move(hours=2)
    xa.tick()
    xa.tick()
    assert page.posts == [xa.rows(number)[0].marker]
    assert reporting.lines(context, after=NOW - timedelta(days=1), before=NOW + timedelta(days=1))
    alone.close()


# --- the database is away ------------------------------------------------------------------------


@dataclass
class Page:
    """A slow outlet: `meanwhile` happens after the post stands there and before it answers."""

    meanwhile: Callable[[], None] = lambda: None
    kind: str = "facebook_page"
    posts: list[str] = field(default_factory=list)

    def compose(self, draft: Draft) -> Content:
        return {"message": f"{draft.title}\n{draft.body}\n{draft.reference}"}

    def show(self, content: Content) -> str:
        return str(content["message"])

    def publish(self, content: Content, reference: str, now: Any) -> Receipt:  # noqa: ARG002 - the port's
        self.posts.append(reference)
        self.meanwhile()
        return Receipt(reference, visible=True)

    def verify(self, receipt: Receipt, now: Any) -> Receipt:  # noqa: ARG002 - same
        return replace(receipt, visible=True)

    def look_up(self, content: Content, reference: str, since: Any, now: Any) -> Receipt | None:  # noqa: ARG002 - same
        return Receipt(reference, visible=True) if reference in self.posts else None

    def check(self, now: Any) -> Health:  # noqa: ARG002 - same
        return Health(ok=True, message=Text("Tốt.", "Good."))


@pytest.fixture
def server() -> Iterator[Path]:
    with own_server() as folder:
        yield folder


def test_a_database_that_goes_away_during_a_post_loses_and_doubles_nothing(
    server: Path, tmp_path: Path
) -> None:
    """The post stands there, and its outcome cannot be written: it is looked up, not sent again."""
    made = found(tmp_path / "xa", database_url=postgres.start(server))
    page = Page(meanwhile=lambda: postgres.stop(server))
    xa = Commune(replace(made.context, channel=lambda _key: page), made.clock)
    with xa.context.database.write() as connection:
        stations.enroll(connection, xa.context.commune_id, "loa-dong", "d" * 64)
        (station,) = stations.every(connection, xa.context.commune_id)
    first, second = (xa.approved(("fanpage",), text=f"Tin {n}\nNội dung {n}.") for n in (1, 2))
    for number in (first, second):
        xa.schedule(number, on="23/11/2026", at="09:00")
    xa.plan()
    xa.clock.move(hours=1)
    one, _ = sorted(xa.rows(), key=lambda row: row.id)
    with pytest.raises(Unavailable, match="Không dùng được cơ sở dữ liệu"):
        dispatching.handle(xa.context, one.id, xa.clock())
    for work in (
        lambda: planning.plan(xa.context, xa.clock()),
        lambda: dispatching.due(xa.context.database, xa.clock()),
        lambda: syncing.rundown(xa.context, station, xa.clock()),  # the station keeps its plan
    ):
        with pytest.raises(Unavailable):
            work()
    postgres.start(server)
    page.meanwhile = lambda: None
    xa.tick()  # by the same pool: work goes on by itself
    assert len(page.posts) == 2
    assert xa.states(first) == {State.SENDING: 1}
    assert xa.states(second) == {State.CONFIRMED: 1}
    xa.clock.move(seconds=LEASE.total_seconds())
    xa.tick()
    assert xa.states(first) == {State.UNKNOWN: 1}
    xa.clock.move(seconds=xa.context.config.delivery.quarantine)
    xa.tick()
    assert xa.states(first) == {State.CONFIRMED: 1}
    assert len(page.posts) == 2
    assert [row["outcome"] for row in xa.tries(xa.one(first))] == ["lost"]
    xa.context.database.close()


# --- a migration that is interrupted, or run by several ------------------------------------------


def older(url: str) -> Database:
    """A database of an older version in which somebody has worked."""
    made = Database(url)
    upgrade(made, to=_BEFORE)
    with made.write() as connection:
        connection.execute(text("INSERT INTO commune (id, name, key) VALUES (1, 'xã', '')"))
    return made


@contextmanager
def at_statement(wanted: Callable[[int], bool], do: Callable[[Any], None]) -> Iterator[list[int]]:
    """`do` with the connection before those statements of everybody that are wanted by number."""
    seen: list[int] = []

    def look(connection: Any, *_: object) -> None:
        seen.append(1)
        if wanted(len(seen)):
            do(connection)

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", look)


def check_brought_up(database: Database) -> None:
    upgrade(database)
    check_version(database)
    with database.read() as connection:
        assert people.commune_id(connection) == 1


def test_a_file_whose_migration_was_cut_off_anywhere_is_whole(tmp_path: Path) -> None:
    """Its files as they lie on the disk at that moment are what a power cut leaves."""
    file = tmp_path / "broadcaster.db"
    database = older(file_url(file))
    images: list[Path] = []

    def keep(_: object) -> None:
        image = tmp_path / f"at-{len(images)}"
        image.mkdir()
        for part in tmp_path.glob("broadcaster.db*"):
            shutil.copy(part, image)
        images.append(image / file.name)

    with at_statement(lambda n: n % 12 == 0, keep):
        upgrade(database)
    database.close()
    assert len(images) >= 3
    for image in images:
        cut = Database(file_url(image))
        with cut.read() as connection:
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
            version = connection.scalar(text("SELECT version_num FROM alembic_version"))
        assert version in (_BEFORE, VERSION)  # all of it or nothing
        if image in (images[0], images[-1]):
            check_brought_up(cut)
        cut.close()


def test_a_postgresql_that_drops_a_migration_has_the_old_state_whole(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = older(fresh_url("postgresql", tmp_path, request))
    admin = Database(database.url)

    def drop(connection: Any) -> None:
        pid = connection.connection.dbapi_connection.info.backend_pid
        address = make_url(database.url).set(drivername="postgresql")
        with closing(psycopg.connect(address.render_as_string(hide_password=False))) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    for at in (8, 14):
        with at_statement(partial(eq, at), drop), pytest.raises(Unavailable):
            upgrade(database)
        with admin.read() as connection:
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
            assert found == _BEFORE
    check_brought_up(database)
    admin.close()
    database.close()


@pytest.mark.parametrize("kind", KINDS)
def test_of_several_that_migrate_at_once_one_works_and_the_others_wait(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = older(fresh_url(kind, tmp_path, request))
    start = threading.Barrier(3)

    def one() -> None:
        mine = Database(database.url, patience_ms=50)
        start.wait()
        check_brought_up(mine)
        mine.close()

    with ThreadPoolExecutor(3) as pool:
        for work in [pool.submit(one) for _ in range(3)]:
            work.result(60)
    database.close()


# --- a full disk ---------------------------------------------------------------------------------


def test_a_full_disk_loses_nothing_and_work_goes_on_when_there_is_room(disk: SmallDisk) -> None:
    database = Database(file_url(disk.folder / "broadcaster.db"))
    bring_up(database)
    with database.write() as connection:
        shelf = Shelf(connection)
    disk.fill()
    with pytest.raises(Unavailable, match="đầy"):
        _note_much(database, shelf.commune_id)
    with database.read() as connection:  # what was there can be read, and is whole
        assert len(announcements.every(connection, shelf.commune_id)) == 1
        before = events.verify(connection, shelf.commune_id)
    assert before.broken is None
    disk.grow()
    with database.write() as connection:
        events.note(connection, shelf.commune_id, "lan", "a.b", "x", NOW)
    with database.read() as connection:
        assert events.verify(connection, shelf.commune_id).records == before.records + 1
        assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
    database.close()


def _note_much(database: Database, commune_id: int) -> None:
    for n in range(200):
        with database.write() as connection:
            events.note(connection, commune_id, "lan", "a.b", f"x {n}", NOW, w="ư" * 9000)
