"""A file on a clerk's PC: settings that survive a power cut, writers that queue, a full disk."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from databases import Shelf, bring_up
from sqlalchemy import text

from broadcaster.errors import Unavailable
from broadcaster.store import announcements
from broadcaster.store.database import Database, file_url
from broadcaster.store.migrate import upgrade


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "broadcaster.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    opened = Database(file_url(file))
    bring_up(opened)
    yield opened
    opened.close()


def announce(database: Database) -> int:
    with database.write() as connection:
        return Shelf(connection).announcement.number


def count(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(text("SELECT count(*) FROM announcement")) or 0


def lock_is_free(file: Path) -> bool:
    """As another program sees it that does not wait."""
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as raw:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        raw.execute("ROLLBACK")
        return True


def test_every_connection_of_the_pool_has_the_settings(database: Database) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    with ExitStack() as stack:
        several = [stack.enter_context(database.read()) for _ in range(6)]
        for connection in several:
            found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in wanted}
            assert found == wanted
        distinct = {id(c.connection.dbapi_connection) for c in several}
        assert len(distinct) == 6


def test_write_takes_the_lock_before_its_first_statement(database: Database, file: Path) -> None:
    with database.write():
        assert not lock_is_free(file)
    assert lock_is_free(file)


def test_a_reader_holds_no_lock_and_is_not_held_up(database: Database, file: Path) -> None:
    announce(database)
    with database.write() as connection:
        Shelf(connection)
        assert count(database) == 1
    with database.read() as connection:
        assert len(announcements.every(connection, 1)) == 2
        assert lock_is_free(file)


def test_several_first_openings_at_once_all_succeed(file: Path) -> None:
    """Each has to bring the new file over to WAL."""
    ready = threading.Barrier(6)
    failed: list[Exception] = []

    def open_it() -> None:
        mine = Database(file_url(file))
        ready.wait()
        try:
            upgrade(mine)
        except Unavailable as error:
            failed.append(error)
        mine.close()

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_full_disk_is_said_in_vietnamese_and_leaves_nothing_half_written(
    database: Database,
) -> None:
    announce(database)
    with database.read() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
    with pytest.raises(Unavailable, match="Ổ đĩa đã đầy: chưa ghi gì cả"):
        _fill(database, f"PRAGMA max_page_count = {pages}")
    assert count(database) == 1
    with database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
    assert announce(database) == 2


def _fill(database: Database, limit: str) -> None:
    with database.write() as connection:
        connection.exec_driver_sql(limit)
        for _ in range(40):
            Shelf(connection)


def test_a_file_that_is_no_database_is_said_in_vietnamese(file: Path) -> None:
    file.write_bytes(b"Day la mot tap tin khac.\n" * 400)
    database = Database(file_url(file))
    with pytest.raises(Unavailable, match="Không dùng được cơ sở dữ liệu"):
        upgrade(database)
    database.close()
    assert file.read_bytes().startswith(b"Day la")


_WRITER = """
import sys
from databases import Shelf, bring_up
from broadcaster.store.database import Database
database = Database(sys.argv[1])
while True:
    with database.write() as connection:
        number = Shelf(connection).announcement.number
    print(number, flush=True)
    with database.write() as connection:
        Shelf(connection)
        print("open", flush=True)
        if number >= 9:
            sys.stdin.read()
"""


def test_a_process_killed_inside_a_transaction_loses_nothing_committed(
    database: Database, file: Path
) -> None:
    command = [sys.executable, "-c", _WRITER, database.url]
    paths = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=paths
    ) as writer:
        assert writer.stdout is not None
        committed, line = 0, ""
        while not (line == "open" and committed >= 9):
            line = writer.stdout.readline().strip()
            committed = int(line) if line.isdigit() else committed
        assert not lock_is_free(file)
        writer.kill()
        assert writer.wait(10) == -signal.SIGKILL
    assert count(database) == committed == 9
    with database.read() as connection:
        assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    assert announce(database) == 10
