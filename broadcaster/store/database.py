"""Opening the database: one engine, short transactions, writers that queue instead of failing."""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from broadcaster.errors import Outdated, Unavailable
from broadcaster.store.schema import VERSION

_ORIGIN = "broadcaster_origin"
_BEGIN = "broadcaster_begin"
_WRITE_LOCK = 0x10A
"""PostgreSQL locks numbers that programs agree on; this one is ours, in our own database.

Alone it stands for the whole database, with a commune's id beside it for that commune.
"""

_KEPT, _MOST = 5, 10
"""Connections that a process keeps open, and has at most: PostgreSQL allows 100 in all unless told
otherwise, and a province runs several processes. No thread ever wants two at once."""


class Database:
    """`url`: sqlite:///FILE or postgresql+psycopg://…; open it once for each process.

    Writers follow each other: on PostgreSQL those of one commune (see `of`), while one of the whole
    database waits for all and keeps all waiting; on SQLite all of them. Each waits up to
    `patience_ms`, also for one of the process's `most` connections. `origin` says for the log who
    sits where, e.g. "lan@van-phong"; one transaction may come from elsewhere.
    """

    def __init__(
        self, url: str, *, patience_ms: int = 10_000, origin: str = "", most: int = _MOST
    ) -> None:
        self.url = url
        self._sqlite = make_url(url).get_backend_name() == "sqlite"
        self._patience_ms = patience_ms
        self._turn = threading.Lock()
        self._commune_id: int | None = None
        self.engine: Engine = create_engine(
            url,
            pool_size=min(most, _KEPT),
            max_overflow=max(most - _KEPT, 0),
            pool_timeout=patience_ms / 1000,
            pool_pre_ping=not self._sqlite,  # the server may have been restarted meanwhile
            execution_options={_ORIGIN: origin},
        )
        if self._sqlite:
            event.listen(self.engine, "connect", self._prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @property
    def is_sqlite(self) -> bool:
        """One file of this machine, for one process that writes much."""
        return self._sqlite

    @property
    def arguments(self) -> dict[str, Any]:
        """Those of a connection by PostgreSQL's driver, for who keeps connections of his own."""
        url = make_url(self.url)
        return dict(url.get_dialect()().create_connect_args(url)[1])

    def of(self, commune_id: int) -> Database:
        """The same database, for transactions that write rows of that commune only."""
        one = copy.copy(self)
        one._commune_id = commune_id
        return one

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; sees nothing of later writers."""
        with said_in_words(), self.engine.connect() as connection:
            if not self._sqlite:  # its default shows each statement another state
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                yield connection

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """For one statement at a time, each a consistent view by itself: no transaction around it.

        What is asked all day long so costs half as many ways to the database and back.
        """
        with said_in_words(), self.engine.connect() as connection:
            if self._sqlite:
                connection.execution_options(**{_BEGIN: ""})
            else:
                connection.execution_options(isolation_level="AUTOCOMMIT")
            yield connection

    @contextmanager
    def write(self, origin: str = "") -> Iterator[Connection]:
        """A transaction that holds the write lock from its start; an error rolls it back.

        Short by rule: no network, speech or sound inside. `origin`: where it comes from, when that
        is not this process ("trạm loa-dong, 10.0.0.7").
        """
        with said_in_words(), self._in_turn(), self.engine.connect() as connection:
            connection.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
            if origin:
                connection.execution_options(**{_ORIGIN: origin})
            with connection.begin():
                if not self._sqlite:  # there, too, numbers are counted up and places looked for
                    connection.exec_driver_sql(
                        f"SET LOCAL lock_timeout = {self._patience_ms}; {self._locks()}"
                    )
                if self._commune_id is not None:
                    _must_live_here(connection, self._commune_id)
                yield connection

    def _locks(self) -> str:
        if self._commune_id is None:
            return f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})"
        return (
            f"SELECT pg_advisory_xact_lock_shared({_WRITE_LOCK}),"
            f" pg_advisory_xact_lock({_WRITE_LOCK}, {self._commune_id})"
        )

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Threads of one process queue here: SQLite waits by sleeping, ever longer, and polling."""
        if not self._sqlite:
            yield
            return
        if not self._turn.acquire(timeout=self._patience_ms / 1000):
            raise unavailable("database is locked")
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        self.engine.dispose()

    def _prepare_sqlite(self, raw: Any, _record: object) -> None:
        raw.isolation_level = None  # we begin ourselves, see _begin_sqlite
        for pragma in (
            f"busy_timeout={self._patience_ms}",  # first: going over to WAL may have to wait
            "journal_mode=WAL",
            "synchronous=FULL",  # NORMAL may forget the last commits in a power cut: posted twice
            "foreign_keys=ON",
            "cache_size=-16000",  # KiB: a season of rows is planned without reading pages again
            "wal_autocheckpoint=4000",  # pages: fewer of them are written twice
        ):
            raw.execute(f"PRAGMA {pragma}")


def origin_of(connection: Connection) -> str:
    """From where the transaction comes, for the log."""
    return str(connection.get_execution_options().get(_ORIGIN, ""))


def file_url(path: Path) -> str:
    return f"sqlite:///{path}"


def bare(url: str) -> str:
    """Without the password: fit to be shown and written down."""
    return make_url(url).set(password=None).render_as_string(hide_password=False)


def _begin_sqlite(connection: Connection) -> None:
    begin = connection.get_execution_options().get(_BEGIN, "BEGIN")
    if begin:
        connection.exec_driver_sql(begin)


@contextmanager
def said_in_words() -> Iterator[None]:
    """Turn the database's own failures into errors that say what to do."""
    try:
        yield
    except NoConnection as error:  # all connections are in use
        raise unavailable("the pool is locked") from error
    except DatabaseError as error:
        state = getattr(error.orig, "sqlstate", None)
        reason = f"{error.orig} [{state}]" if state else str(error.orig)
        damaged = "malformed" in reason or "not a database" in reason
        if isinstance(error, OperationalError) or damaged or _MISSING.search(reason):
            raise unavailable(reason) from error
        raise


# SQLite's words, and PostgreSQL's codes: its words are in the language of its server.
_FULL = re.compile(r"disk is full|\[53100\]")
_BUSY = re.compile(r"is locked|\[55P03\]")
_MISSING = re.compile(r"no such (table|column)|unable to open database|\[(42P01|42703)\]")


def unavailable(reason: str) -> Unavailable:
    """What to do about a failure that the database describes so."""
    if _FULL.search(reason):
        return Unavailable(
            "Ổ đĩa đã đầy: chưa ghi gì cả. Hãy giải phóng dung lượng rồi làm lại.",
            "The disk is full: nothing was written. Free some space and try again.",
        )
    if "disk I/O error" in reason:  # what SQLite says where not even its small files find room
        return Unavailable(
            "Không đọc ghi được ổ đĩa, thường vì đã đầy: chưa ghi gì cả. "
            "Hãy giải phóng dung lượng rồi làm lại.",
            "The disk cannot be used, mostly because it is full: nothing was written. "
            "Free some space and try again.",
        )
    if _BUSY.search(reason):
        return Unavailable(
            "Cơ sở dữ liệu đang bận quá lâu: chưa ghi gì cả. Hãy thử lại sau ít giây.",
            "The database was busy for too long: nothing was written. Try again in a few seconds.",
        )
    if _MISSING.search(reason):
        return _not_created()
    return Unavailable(
        f"Không dùng được cơ sở dữ liệu: {reason}", f"The database cannot be used: {reason}"
    )


def _not_created() -> Unavailable:
    return Unavailable(
        "Cơ sở dữ liệu chưa được tạo hoặc thuộc phiên bản khác. Hãy chạy: broadcaster init",
        "The database was not created, or is of another version. Run: broadcaster init",
    )


def check_version(database: Database) -> None:
    """Raise Unavailable unless the database has exactly this program's schema."""
    with database.read() as connection:
        _must_be_ours(connection.scalar(text("SELECT version_num FROM alembic_version")))


def _must_be_ours(found: str | None) -> None:
    if found is None:
        raise _not_created()
    if found > VERSION:
        raise Outdated(
            f"Cơ sở dữ liệu đã được nâng lên phiên bản {found}, mới hơn chương trình này "
            f"({VERSION}): không đọc, không ghi gì. Hãy cập nhật chương trình trên máy này rồi "
            "chạy lại.",
            f"The database was brought to version {found}, which is newer than this program "
            f"({VERSION}). Update the program on this machine, then start it again.",
        )
    if found != VERSION:
        raise Unavailable(
            f"Cơ sở dữ liệu ở phiên bản {found}, chương trình cần {VERSION}. Hãy chạy: "
            "broadcaster init (nâng cấp, không mất dữ liệu).",
            f"The database is version {found}, the program needs {VERSION}. Run: broadcaster init "
            "(it brings the database up and loses nothing)",
        )


# Asked in every write of a commune, once the lock is held: see `moves` and `migrate`.
_STANDS = text(
    "SELECT moved_to, (SELECT version_num FROM alembic_version) AS version"
    " FROM commune WHERE id = :commune"
)


def _must_live_here(connection: Connection, commune_id: int) -> None:
    """A process that was started before an upgrade or a move writes nothing after it."""
    row = connection.execute(_STANDS, {"commune": commune_id}).one_or_none()
    if row is None:
        raise Outdated(
            f"Xã số {commune_id} không còn trong cơ sở dữ liệu này.",
            f"Commune {commune_id} is not in this database any more.",
        )
    _must_be_ours(row.version)
    if row.moved_to:
        raise moved_away(row.moved_to)


def moved_away(where: str) -> Unavailable:
    return Unavailable(
        f"Dữ liệu của xã đã chuyển sang {where}: ở đây không đọc, không ghi gì nữa. Hãy sửa "
        "database_url trong cấu hình, hoặc dùng thư mục mới của xã.",
        f"The commune's rows have moved to {where}: nothing is read or written here any more. "
        "Change database_url in the settings, or use the commune's new folder.",
    )


def time_of_day(database: Database) -> datetime:
    """PostgreSQL's own, aware: the one that all its machines share."""
    with database.glance() as connection:
        found: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return found
