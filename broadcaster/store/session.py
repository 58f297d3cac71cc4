"""A connection that stays open: what it holds, PostgreSQL gives back when its process ends.

However it ends: killed, cut off, or switched off (then within a few seconds). So nobody has to
guess from a clock or a row of the dead whether a process still lives.
"""

from __future__ import annotations

import contextlib
import zlib
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from broadcaster.store.database import Database, said_in_words, unavailable

PRESENT, PLANNER = 0x10B, 0x10C
"""PostgreSQL locks pairs of numbers that programs agree on; these are ours, in our database."""

# Both ends notice within about ten seconds that the other has gone without a word.
_WATCHFUL = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 3,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
}
_WATCHED = (
    "SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
    " SET tcp_user_timeout = 5000; SET statement_timeout = 5000; SET lock_timeout = 5000"
)
_TAKE = text("SELECT pg_try_advisory_lock(:kind, :number)")
_HOLDERS = text(
    "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = :kind"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def number_of(owner: str) -> int:
    """What stands for an owner's name; two that share one would only look alive for longer."""
    return zlib.crc32(owner.encode()) & 0x7FFF_FFFF


def holders(connection: Connection, kind: int) -> frozenset[int]:
    """The numbers of that kind that anybody holds; on PostgreSQL."""
    return frozenset(connection.scalars(_HOLDERS, {"kind": kind}))


class Session:
    """For one thread. It connects at its first use, and again after `drop`.

    Every call raises Unavailable when the database cannot be reached; what was held is then gone.
    """

    def __init__(self, database: Database) -> None:
        # A pool could hand the connection on, and with it what it holds.
        self._engine = create_engine(
            database.url, poolclass=NullPool, connect_args=_WATCHFUL, isolation_level="AUTOCOMMIT"
        )
        self._connection: Connection | None = None
        self._channels: set[str] = set()

    def take(self, kind: int, number: int) -> bool:
        """Whether it is held now: nobody else did. Taking what is held already is no harm."""
        with said_in_words():
            return bool(self._open().scalar(_TAKE, {"kind": kind, "number": number}))

    def holders(self, kind: int) -> frozenset[int]:
        """The numbers of that kind that anybody holds."""
        with said_in_words():
            return holders(self._open(), kind)

    def now(self) -> datetime:
        """The database's own time of day, aware."""
        with said_in_words():
            found: datetime = self._open().execute(text("SELECT clock_timestamp()")).scalar_one()
            return found

    def heard(self, channel: str, seconds: float) -> list[str]:
        """What is said on `channel` (NOTIFY): as soon as there is anything, else after `seconds`.

        Only what is said after the first call since a connection was opened.
        """
        with said_in_words():
            connection = self._open()
            if channel not in self._channels:
                connection.exec_driver_sql(f"LISTEN {channel}")
                self._channels.add(channel)
        import psycopg  # noqa: PLC0415 - an extra, and there as its connection is

        line = connection.connection.driver_connection
        assert isinstance(line, psycopg.Connection)  # noqa: S101 - there is no other driver
        try:
            return [one.payload for one in line.notifies(timeout=seconds, stop_after=1)]
        except psycopg.Error as error:
            raise unavailable(str(error)) from error

    def drop(self) -> None:
        """Give back everything; the next call begins anew."""
        connection, self._connection = self._connection, None
        self._channels.clear()
        if connection is not None:
            with contextlib.suppress(DBAPIError):
                connection.invalidate()
                connection.close()

    def _open(self) -> Connection:
        if self._connection is None:
            connection = self._engine.connect()
            connection.exec_driver_sql(_WATCHED)
            self._connection = connection
        return self._connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.drop()
        self._engine.dispose()
