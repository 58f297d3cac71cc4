"""The station's own small database: one SQLite file that survives a power cut."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from broadcaster.errors import Unavailable
from broadcaster.station import causes

FILE = "station.db"

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS item (
  uid TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  title TEXT NOT NULL,
  priority TEXT NOT NULL CHECK (priority IN ('normal', 'priority', 'emergency')),
  starts_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  withdrawn INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1))
) STRICT;
CREATE TABLE IF NOT EXISTS cue (
  uid TEXT NOT NULL REFERENCES item (uid) ON DELETE CASCADE,
  n INTEGER NOT NULL,
  kind TEXT NOT NULL,
  digest TEXT NOT NULL,
  size INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  PRIMARY KEY (uid, n)
) STRICT;
CREATE TABLE IF NOT EXISTS play (
  uid TEXT PRIMARY KEY REFERENCES item (uid),
  status TEXT NOT NULL CHECK (status IN
    ('planned', 'armed', 'started', 'ended', 'interrupted', 'missed', 'withdrawn')),
  started_at TEXT,
  ended_at TEXT,
  seconds REAL NOT NULL DEFAULT 0,
  device TEXT NOT NULL DEFAULT '',
  recording TEXT NOT NULL DEFAULT '',
  cause_vi TEXT NOT NULL DEFAULT '',
  cause_en TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS play_open ON play (status) WHERE status IN ('planned', 'armed');
CREATE TABLE IF NOT EXISTS as_run (
  entry TEXT PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE REFERENCES play (uid),
  body TEXT NOT NULL,
  receipted_at TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS as_run_open ON as_run (uid) WHERE receipted_at IS NULL;
CREATE TABLE IF NOT EXISTS sealed (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS library (digest TEXT PRIMARY KEY, size INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS incident (
  entry TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  receipted_at TEXT,
  UNIQUE (kind, subject)
) STRICT;
CREATE INDEX IF NOT EXISTS incident_open ON incident (entry) WHERE receipted_at IS NULL;
"""

COLUMNS = (("item", "sealed", "TEXT NOT NULL DEFAULT ''"),)
"""Later than the first release: (table, column, type)."""


def stamp(moment: datetime) -> str:
    """Fixed width, UTC: sorts as text the way it sorts as time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


class NoRoom(Unavailable):
    """Nothing was written: the disk is full. What was there is as good as before."""

    def __init__(self) -> None:
        super().__init__(causes.DISK_FULL.vi, causes.DISK_FULL.en)


@contextmanager
def _minding_room() -> Iterator[None]:
    """NoRoom for SQLite's word of it; where not even its small files fit, that speaks of I/O."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
            raise NoRoom from None
        raise


def check(path: Path) -> None:
    """Raise Unavailable when the file is damaged. It is not begun anew by itself: it alone knows
    what has sounded already."""
    database = Database(path)
    try:
        row = database.one("PRAGMA quick_check(1)")
    except sqlite3.Error as error:
        raise _unusable(path, str(error)) from None
    finally:
        database.close()
    if row is None or row[0] != "ok":
        raise _unusable(path, str(row[0]) if row else "?")


def _unusable(path: Path, detail: str) -> Unavailable:
    return Unavailable(
        f"Cơ sở dữ liệu của trạm {path} bị hỏng hoặc không mở được: {detail}. "
        "Hãy phục hồi từ bản sao, hoặc đổi tên tệp này để bắt đầu sổ mới.",
        f"The station's database {path} is damaged or cannot be opened: {detail}. "
        "Restore a copy, or rename the file to begin a new one.",
    )


class Database:
    """One connection, for one thread of one process. Writers take the lock at once, and briefly."""

    def __init__(self, path: Path) -> None:
        try:
            with _minding_room():
                self._connection = sqlite3.connect(path, timeout=10, isolation_level=None)
                self._connection.row_factory = sqlite3.Row
                for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                    self._connection.execute(f"PRAGMA {pragma}")
                self._connection.executescript(SCHEMA)
                self._add_columns()
        except sqlite3.Error as error:
            raise _unusable(path, str(error)) from None

    def _add_columns(self) -> None:
        for table, column, kind in COLUMNS:
            known = self._connection.execute(f"PRAGMA table_info({table})")
            if column not in {row["name"] for row in known}:
                # Two processes open it at once, and only one of them finds it missing.
                with contextlib.suppress(sqlite3.OperationalError):
                    self._connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")

    def all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with _minding_room():
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> sqlite3.Row | None:
        with _minding_room():
            row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def write(self, sql: str, *values: object) -> int:
        """Rows changed. Raises NoRoom."""
        with _minding_room():
            return self._connection.execute(sql, values).rowcount

    @contextmanager
    def lightly(self) -> Iterator[None]:
        """What is written in here no power cut may tear, but one may take it back.

        For what is only true now: the disk is not waited for, and a start not held up by it.
        """
        self._connection.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        finally:
            self._connection.execute("PRAGMA synchronous=FULL")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.write("BEGIN IMMEDIATE")
        try:
            yield
            self.write("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # SQLite itself ends one that finds no room
                self._connection.execute("ROLLBACK")
            raise

    def get(self, key: str, default: str = "") -> str:
        row = self.one("SELECT value FROM meta WHERE key = ?", key)
        return str(row["value"]) if row else default

    def put(self, key: str, value: str) -> None:
        """Write only what changed: a disk of a village PC lasts for years."""
        if self.get(key, "\0") != value:
            self.write(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                key,
                value,
            )

    def generation(self) -> int:
        """Changes whenever another connection has committed; cheap enough to ask every 100 ms."""
        row = self.one("PRAGMA data_version")
        return int(row[0]) if row else 0

    def close(self) -> None:
        self._connection.close()
