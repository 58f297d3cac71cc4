"""One file from which a burnt PC can be set up again: rows, settings, sounds, pictures, keys.

The rows are one consistent view of the database, whatever else goes on; sounds and pictures are
named by their digests and never change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from broadcaster import __version__
from broadcaster.errors import InputError
from broadcaster.services.context import Context
from broadcaster.services.keeping import archive, private
from broadcaster.services.keeping.archive import Writer
from broadcaster.services.keeping.copying import Progress
from broadcaster.settings.config import FILE
from broadcaster.store import moves, portable
from broadcaster.store.database import bare, check_version
from broadcaster.store.schema import VERSION

FOLDERS = ("lexicon", "policy", "data/audio", "data/pictures", "data/channels")
"""Of the commune's home; tokens below `data/channels` are sealed with a key that is not there."""

_FILES = (FILE, "holidays.toml")


@dataclass(frozen=True, slots=True)
class Backup:
    """`apart`: files that are not in it and must be kept elsewhere."""

    path: Path
    size: int
    digest: str
    rows: int
    files: int
    apart: tuple[str, ...]


def back_up(
    context: Context, path: Path, now: datetime, progress: Progress, passphrase: str = ""
) -> Backup:
    """Write it to `path`, or into the folder `path` under a name of its own.

    With a passphrase the secrets are in it, sealed; without, they are left out. Raises InputError
    or OSError, and leaves nothing half behind.
    """
    check_version(context.database)
    to = _free(path, _name(context, now)) if path.is_dir() else path
    if to.exists():
        raise InputError(
            f"Đã có {to}: không ghi đè lên bản sao lưu cũ. Hãy chọn tên khác.",
            f"{to} exists already; backups are not overwritten. Choose another name.",
        )
    open_url = _open_url(context)
    found = private.files(context.home)
    with archive.writing(to) as writer:
        commune, rows = _rows(context, writer, progress)
        for place in _places(context.home):
            name = place.relative_to(context.home).as_posix()
            if name == FILE and open_url:
                writer.add(name, [_without_password(place, open_url)])
            else:
                writer.add_file(name, place)
        if passphrase:
            content = private.sealed(context.home, passphrase, settings=bool(open_url))
            writer.add(private.ENTRY, [content])
        apart = [] if passphrase else [one.relative_to(context.home).as_posix() for one in found]
        about = {
            "program": __version__,
            "schema": VERSION,
            "made_at": now.isoformat(),
            "commune": commune,
            "rows": rows,
            "apart": apart,
        }
        files = len(writer.entries) - len(rows)
        digest = writer.finish(about)
    return Backup(to, to.stat().st_size, digest, sum(rows.values()), files, tuple(apart))


def _name(context: Context, now: datetime) -> str:
    local = context.policy.local(now)
    return f"{context.home.name or 'xa'}-{local:%Y%m%d-%H%M%S}"


def _free(folder: Path, name: str) -> Path:
    """Two in one second have two names."""
    names = (f"{name}{f'-{n}' if n > 1 else ''}.zip" for n in count(1))
    return next(folder / one for one in names if not (folder / one).exists())


def _rows(
    context: Context, writer: Writer, progress: Progress
) -> tuple[dict[str, Any], dict[str, int]]:
    """All tables as they stood at one instant; the commune itself, and how many rows of each."""
    counts: dict[str, int] = {}
    with context.database.read() as connection:
        (mine,) = [one for one in moves.every(connection) if one.id == context.commune_id]
        for table in portable.tables():
            total = portable.count(connection, table, mine.id)
            read = portable.read(connection, table, mine.id, portable.NO_SHIFTS)
            writer.add(
                f"rows/{table.name}.jsonl", (f"{portable.line(row)}\n".encode() for row in read)
            )
            counts[table.name] = total
            progress(table.name, total, total)
    return {"name": mine.name, "key": mine.key, "sealed_as": mine.sealed_as}, counts


def _places(home: Path) -> Iterator[Path]:
    for name in _FILES:
        if (home / name).is_file():
            yield home / name
    for folder in FOLDERS:
        for path in sorted((home / folder).rglob("*")):
            passing = path.name.startswith(".") or path.suffix in (".lock", ".new", ".part")
            if path.is_file() and not passing:
                yield path


def _open_url(context: Context) -> str:
    """The database's address, where the settings file itself says its password."""
    url = context.config.database_url
    said = url and url in (context.home / FILE).read_text("utf-8-sig")
    return url if said and make_url(url).password else ""


def _without_password(path: Path, url: str) -> bytes:
    return path.read_text("utf-8-sig").replace(url, bare(url)).encode()
