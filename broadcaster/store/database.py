"""Opening the database: one engine, short transactions, writers that queue instead of failing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from broadcaster.errors import Unavailable
from broadcaster.store.schema import VERSION

_BUSY_MS = 10_000


class Database:
    """`url`: sqlite:///FILE or postgresql+psycopg://…; open it once for each process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine: Engine = create_engine(url, pool_pre_ping=not self._sqlite)
        if self._sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; sees nothing of later writers."""
        with _said_in_words(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its start; an error rolls it back.

        Short by rule: no network, speech or sound inside.
        """
        with _said_in_words(), self.engine.connect() as connection:
            connection.execution_options(broadcaster_write=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self.engine.dispose()


def file_url(path: Path) -> str:
    return f"sqlite:///{path}"


def _prepare_sqlite(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # we begin ourselves, see _begin_sqlite
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL may forget the last commits in a power cut: a post sent twice
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MS}",
    ):
        raw.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    wants_write = connection.get_execution_options().get("broadcaster_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if wants_write else "BEGIN")


@contextmanager
def _said_in_words() -> Iterator[None]:
    """Turn the database's own failures into errors that say what to do."""
    try:
        yield
    except OperationalError as error:
        raise _unavailable(str(error.orig)) from error
    except DatabaseError as error:
        if "malformed" in str(error.orig) or "not a database" in str(error.orig):
            raise _unavailable(str(error.orig)) from error
        raise


def _unavailable(reason: str) -> Unavailable:
    if "full" in reason or "No space" in reason:
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
    if "locked" in reason:
        return Unavailable(
            "Cơ sở dữ liệu đang bận quá lâu: chưa ghi gì cả. Hãy thử lại sau ít giây.",
            "The database was busy for too long: nothing was written. Try again in a few seconds.",
        )
    if "no such table" in reason or "no such column" in reason:
        return Unavailable(
            "Cơ sở dữ liệu chưa được tạo hoặc thuộc phiên bản khác. Hãy chạy: broadcaster init",
            "The database was not created, or is of another version. Run: broadcaster init",
        )
    return Unavailable(
        f"Không dùng được cơ sở dữ liệu: {reason}", f"The database cannot be used: {reason}"
    )


def ping(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))


def check_version(database: Database) -> None:
    """Raise Unavailable unless the database has exactly this program's schema."""
    with database.read() as connection:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found != VERSION:
        raise Unavailable(
            f"Cơ sở dữ liệu ở phiên bản {found}, chương trình cần {VERSION}. "
            "Hãy chạy: broadcaster init (không mất dữ liệu), hoặc cập nhật chương trình.",
            f"The database is version {found}, the program needs {VERSION}. Run: broadcaster init",
        )
