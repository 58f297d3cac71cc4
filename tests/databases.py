"""Fresh databases of both kinds, and one row of each table to hang others on."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import postgres
import pytest
from fixtures import IN_CI
from sqlalchemy import URL, Connection, create_engine, make_url, text

from broadcaster.domain.announcement import Announcement, Priority, Revision
from broadcaster.domain.delivery import LOUDSPEAKER, Delivery, State
from broadcaster.store import announcements, approvals, deliveries, people
from broadcaster.store.database import Database, file_url
from broadcaster.store.migrate import upgrade

KINDS = ("sqlite", "postgresql")
NOW = datetime(2026, 11, 23, 1, 0, 0, 123456, tzinfo=UTC)
WORDS = "Thôn Đoài: “nghỉ” 🎉 — giá 5.000 ₫; % _ ' \\ \n\tkết thúc"

_numbers = itertools.count()


@contextmanager
def own_server() -> Iterator[Path]:
    """The folder of a running PostgreSQL that a test may stop and start; skips where none can be.

    For `postgres.stop` and `postgres.start`, which tells the URL.
    """
    folder = Path(tempfile.mkdtemp(prefix="broadcaster-pg-"))
    try:
        postgres.start(folder)
    except postgres.NotStarted as error:
        if IN_CI:
            raise
        pytest.skip(f"no PostgreSQL: {error}")
    try:
        yield folder
    finally:
        postgres.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


def fresh_url(kind: str, folder: Path, request: pytest.FixtureRequest) -> str:
    """An empty database that no other test has."""
    if kind == "sqlite":
        return file_url(folder / "broadcaster.db")
    return _created(make_url(request.getfixturevalue("postgres_url")))


def _created(server: URL, template: str = "") -> str:
    name = f"fresh_{next(_numbers)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        like = f" TEMPLATE {template}" if template else ""
        connection.execute(text(f"CREATE DATABASE {name}{like}"))
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)


def migrated(kind: str, folder: Path, request: pytest.FixtureRequest) -> Database:
    """A database of its own with the newest tables; the migrations themselves run once."""
    if kind == "sqlite":
        made = Database(fresh_url(kind, folder, request))
        bring_up(made)
        return made
    server = make_url(request.getfixturevalue("postgres_url"))
    return Database(_created(server, _postgres_template(server)))


@cache
def _postgres_template(server: URL) -> str:
    made = Database(_created(server))
    upgrade(made)
    made.close()  # nobody may be connected to what is copied
    return str(make_url(made.url).database)


def bring_up(database: Database) -> None:
    """The newest tables: a new file of SQLite is copied from one that was migrated before."""
    url = make_url(database.url)
    file = Path(url.database or "")
    if url.get_backend_name() == "sqlite" and not file.exists():
        file.write_bytes(_sqlite_template())
    else:
        upgrade(database)


@cache
def _sqlite_template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template.db"
        made = Database(file_url(file))
        upgrade(made)
        made.close()
        return file.read_bytes()


@dataclass
class Shelf:
    """A commune with one announcement, revision, rendition, approval and rule."""

    connection: Connection
    key: str = ""
    commune_id: int = 0
    rendition_id: int = 0
    approval_id: int = 0
    rule_id: int = 0

    def __post_init__(self) -> None:
        self.commune_id = people.the_commune(self.connection, "xã Bình Minh", self.key)
        self.announcement = self.announce()
        self.revision = self.revise()
        self.rendition_id = announcements.add_rendition(
            self.connection,
            {
                "revision_id": self.revision.id,
                "target": "loa-dong",
                "channel": LOUDSPEAKER,
                "digest": "a" * 64,
                "content": {"words": WORDS, "none": None, "nested": [1, {"đ": 1.5}]},
                "duration_ms": 30_000,
                "created_at": NOW,
            },
        )
        self.approval_id = self.approve()
        self.rule_id = approvals.add_rule(
            self.connection,
            {
                "announcement_id": self.announcement.id,
                "rrule": "FREQ=DAILY",
                "dtstart": datetime(2026, 11, 23, 17, 0),  # noqa: DTZ001 -- local by design
                "zone": "Asia/Ho_Chi_Minh",
                "targets": ["loa-dong"],
                "author": "lan",
                "created_at": NOW,
                "removed_at": None,
            },
        )

    def announce(self) -> Announcement:
        return announcements.create(self.connection, self.commune_id, Priority.NORMAL, "lan", NOW)

    def revise(self) -> Revision:
        return announcements.add_revision(
            self.connection,
            self.announcement,
            title=WORDS,
            body=WORDS * 50,
            targets=["website", "loa-dong"],
            digest="b" * 64,
            author="lan",
            now=NOW,
        )

    def approve(self, **changes: Any) -> int:
        values = {
            "revision_id": self.revision.id,
            "decision": "granted",
            "person": "minh",
            "reason": "",
            "digest": "c" * 64,
            "pinned": {"renditions": {"loa-dong": "a" * 64}},
            "decided_at": NOW,
            "valid_until": NOW + timedelta(days=30),
            "voided_at": None,
            "voided_reason": "",
        }
        return approvals.record(self.connection, values | changes)

    def delivery(self, **changes: Any) -> Delivery:
        """One that is not stored yet."""
        values: dict[str, Any] = {
            "id": 0,
            "uid": f"delivery-{next(_numbers)}",
            "commune_id": self.commune_id,
            "announcement_id": self.announcement.id,
            "revision_id": self.revision.id,
            "rendition_id": self.rendition_id,
            "approval_id": self.approval_id,
            "rule_id": self.rule_id,
            "channel": LOUDSPEAKER,
            "target": "loa-dong",
            "priority": "normal",
            "due_at": NOW + timedelta(hours=1),
            "expires_at": NOW + timedelta(hours=1, minutes=5),
            "state": State.PLANNED,
            "next_at": NOW + timedelta(hours=1, minutes=5),
        }
        return Delivery(**values | changes)

    def planned(self, **changes: Any) -> Delivery:
        new = self.delivery(**changes)
        assert deliveries.plan(self.connection, new)
        stored = deliveries.by_uid(self.connection, self.commune_id, new.uid)
        assert stored is not None
        return stored
