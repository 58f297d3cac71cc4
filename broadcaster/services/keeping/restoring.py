"""A backup becomes a commune's home again, in an empty place only, whole or not at all.

All of it is made in a folder beside and brought up to this program's schema there; what the backup
cannot know of is doubted (see `doubting`); the last step gives the folder its name. A commune whose
settings name a PostgreSQL goes there from the restored file, as any other move does.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import MetaData

from broadcaster import durable
from broadcaster.errors import InputError, Unavailable
from broadcaster.services.context import Context
from broadcaster.services.keeping import archive, copying, doubting, moving, private
from broadcaster.services.keeping.archive import Reader
from broadcaster.services.keeping.copying import Progress
from broadcaster.services.keeping.moving import End
from broadcaster.settings import config
from broadcaster.store import events, moves, portable
from broadcaster.store.database import Database, file_url
from broadcaster.store.migrate import upgrade
from broadcaster.store.schema import VERSION

RESTORED = "store.restored"
_BY = "store"


@dataclass(frozen=True, slots=True)
class Doors:
    """What the composition root lends.

    `connect` makes a context of a home, a database and the commune's key in it; `elsewhere` is
    where the settings of a home want the rows when it has its name, if not in a file of its own.
    """

    connect: Callable[[Path, Database, str], Context]
    elsewhere: Callable[[Path, Path], End | None]


@dataclass(frozen=True, slots=True)
class Restored:
    """`doubted`: deliveries to be looked up; `apart`: files that have to come from elsewhere."""

    made_at: datetime
    rows: int
    files: int
    doubted: int
    apart: tuple[str, ...]


def restore(
    path: Path, home: Path, doors: Doors, now: datetime, progress: Progress, passphrase: str = ""
) -> Restored:
    """Raises InputError or Unavailable, with nothing to be seen in `home`."""
    with archive.reading(path) as reader:
        _refuse(reader, home, passphrase)
        aside = home.with_name(f"restoring-{home.name}"[:41])
        if aside.exists():  # of one that was killed
            if done := _killed_at_the_end(reader, aside, home, doors):
                return done
            shutil.rmtree(aside)
        try:
            _unpack(reader, aside, passphrase)
            file = Database(file_url(aside / "data" / "broadcaster.db"))
            try:
                key = _fill(reader, file, progress)
                context = doors.connect(aside, file, key)
                made_at = datetime.fromisoformat(reader.manifest["made_at"])
                doubted = doubting.doubt(context, made_at, now)
                _note(context, reader, doubted, now)
            finally:
                file.close()
            _put(aside, home, doors, key, now, progress)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        return _restored(reader, doubted)


def is_sealed(path: Path) -> bool:
    """Whether its passphrase is needed. Raises InputError for what is no backup."""
    with archive.reading(path) as reader:
        return private.ENTRY in reader.manifest["entries"]


def _refuse(reader: Reader, home: Path, passphrase: str) -> None:
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise InputError(
            f"{home} không trống: chỉ phục hồi vào thư mục mới hoặc trống, để không mất gì.",
            f"{home} is not empty: a backup is restored into a new or empty folder only.",
        )
    if reader.manifest["schema"] > VERSION:
        raise Unavailable(
            f"Bản sao lưu của phiên bản mới hơn ({reader.manifest['schema']}, chương trình này "
            f"{VERSION}). Hãy cập nhật chương trình rồi phục hồi.",
            f"The backup is of a newer version ({reader.manifest['schema']}, this is {VERSION}). "
            "Update the program first.",
        )
    if private.ENTRY in reader.manifest["entries"] and not passphrase:
        raise InputError(
            "Bản sao lưu này có phần bí mật được niêm phong: cần câu mật khẩu.",
            "This backup has a sealed part: its passphrase is needed.",
        )
    reader.check()


def _restored(reader: Reader, doubted: int) -> Restored:
    of, names = reader.manifest, _files(reader)
    apart = () if private.ENTRY in names else tuple(of.get("apart", ()))
    made_at = datetime.fromisoformat(of["made_at"])
    return Restored(made_at, sum(of["rows"].values()), len(names), doubted, apart)


def _files(reader: Reader) -> list[str]:
    return [one for one in reader.manifest["entries"] if not one.startswith("rows/")]


def _unpack(reader: Reader, aside: Path, passphrase: str) -> None:
    """Everything but the rows."""
    (aside / "data" / "audio").mkdir(parents=True)
    for name in _files(reader):
        if name == private.ENTRY:
            content = b"".join(reader.pieces(name))
            private.keep(aside, private.opened(content, passphrase))
        else:
            reader.unpack(name, aside / name)


# --- the rows ------------------------------------------------------------------------------------


def _fill(reader: Reader, database: Database, progress: Progress) -> str:
    """The rows in the schema that they were written by, then brought up to the newest."""
    upgrade(database, to=reader.manifest["schema"])
    reflected = MetaData()
    of = reader.manifest["commune"]
    with database.write() as connection:
        reflected.reflect(connection)
        row = {"id": 1, "name": of["name"], "key": of["key"], "sealed_as": of["sealed_as"]}
        known = reflected.tables["commune"]
        connection.execute(
            known.insert(), {name: value for name, value in row.items() if name in known.columns}
        )
        for table in portable.tables(reflected):
            total = reader.manifest["rows"].get(table.name, 0)
            lines = reader.lines(f"rows/{table.name}.jsonl")
            for some in copying.batches(map(json.loads, lines), copying.BATCH):
                portable.write(connection, table, 1, some, portable.NO_SHIFTS)
            progress(table.name, total, total)
    upgrade(database)
    return str(of["key"])


def _note(context: Context, reader: Reader, doubted: int, now: datetime) -> None:
    with context.database.write() as connection:
        events.note(
            connection, context.commune_id, _BY, RESTORED, "commune", now,
            made_at=reader.manifest["made_at"], backup=reader.digest, doubted=doubted,
        )  # fmt: skip


# --- the last step -------------------------------------------------------------------------------


def _put(
    aside: Path, home: Path, doors: Doors, key: str, now: datetime, progress: Progress
) -> None:
    """Give the folder its name; rows that belong elsewhere are opened there just before."""
    elsewhere = doors.elsewhere(aside, home)
    if elsewhere is not None:
        file = aside / "data" / "broadcaster.db"
        source = Database(file_url(file))
        try:
            moving.move(End(source, key, str(file)), elsewhere, now, progress, anew=True)
        finally:
            source.close()
            elsewhere.database.close()
        for left in file.parent.glob("broadcaster.db*"):
            left.unlink()
    _name(aside, home)


def _name(aside: Path, home: Path) -> None:
    durable.sync(aside / "data")
    if home.exists():
        home.rmdir()
    aside.rename(home)
    durable.sync(home.parent)


def _killed_at_the_end(reader: Reader, aside: Path, home: Path, doors: Doors) -> Restored | None:
    """The rows had been opened elsewhere already: then only the folder lacks its name."""
    if (aside / "data" / "broadcaster.db").exists() or not (aside / config.FILE).exists():
        return None
    elsewhere = doors.elsewhere(aside, home)
    if elsewhere is None:
        return None
    try:
        with elsewhere.database.read() as connection:
            there = moves.by_key(connection, elsewhere.key)
            found = events.find(connection, there.id) if there else []
    finally:
        elsewhere.database.close()
    mine = [
        one for one in found if one["what"] == RESTORED and one["detail"]["backup"] == reader.digest
    ]
    if not mine:
        return None
    _name(aside, home)
    return _restored(reader, mine[-1]["detail"]["doubted"])
