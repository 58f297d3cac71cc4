"""A commune with its history goes from one database into another, and back.

It is closed where it was, copied under a key that nobody serves, compared row by row, and only
then opened where it goes. Killed anywhere, the same call goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from broadcaster.errors import Conflict, InputError, Unavailable
from broadcaster.services.keeping import copying
from broadcaster.services.keeping.copying import Half, Progress
from broadcaster.store import events, moves, portable, stations
from broadcaster.store.database import Database, check_version
from broadcaster.store.migrate import upgrade
from broadcaster.store.moves import Place

_BY = "store"
"""In the log, in the place of a person: whoever sits at the machine, which `origin` tells."""


@dataclass(frozen=True, slots=True)
class End:
    """One side of a move: a database, the commune's key in it, and what people call it."""

    database: Database
    key: str
    label: str

    @property
    def name(self) -> str:
        return f"{self.label}#{self.key}"[:200]


@dataclass(frozen=True, slots=True)
class Moved:
    """`rows` by table and the digest of all; None when it had been finished before.

    `shifts`: what was added to the ids of each table, where they were taken.
    """

    rows: Mapping[str, int] | None
    digest: str
    shifts: Mapping[str, int]


def move(
    source: End, target: End, now: datetime, progress: Progress, *, anew: bool = False
) -> Moved:
    """Raises Conflict, InputError or Unavailable, with nothing lost on either side.

    `anew`: what an earlier try has left half filled there is thrown away first.
    """
    check_version(source.database)
    _prepare(target.database)
    of = _leaving(source, target)
    with target.database.read() as connection:
        there, coming = moves.by_key(connection, target.key), moves.coming(connection, target.key)
    if coming is not None and anew:
        with target.database.write() as connection:
            portable.remove(connection, coming.id)
        coming = None
    if coming is None and there is not None and _finished(source, of, target, there):
        return Moved(None, "", {})
    if coming is None:
        _refuse_taken(source, of, target, there)
    _head(source, of)  # a broken log is not closed over
    with source.database.write() as connection:
        moves.close(connection, of.id, target.name)
    ours = _arriving(source, of, target, coming, there)
    here = Half(source.database, of.id)
    filled = Half(target.database, ours.id, _shifts(ours))
    copying.copy(here, filled, progress)
    found = copying.compare(here, filled)
    _open(source, target, filled, found, now)
    return Moved(found.rows, found.digest, filled.shifts)


def give_up(source: End, target: End) -> None:
    """Take out what has been copied so far, and open the commune again where it was."""
    of = _at(source)
    with target.database.read() as connection:
        there, coming = moves.by_key(connection, target.key), moves.coming(connection, target.key)
    if of.moved_to != target.name or (coming is None and there is not None):
        raise Conflict(
            "Không có việc chuyển nào đang dở giữa hai kho này.",
            "There is no unfinished move between these two.",
        )
    if coming is not None:
        with target.database.write() as connection:
            portable.remove(connection, coming.id)
    with source.database.write() as connection:
        moves.close(connection, of.id, "")


def _prepare(target: Database) -> None:
    """An empty database gets its tables; one of another version is refused."""
    with target.read() as connection:
        empty = moves.is_empty(connection)
    if empty:
        upgrade(target)
    check_version(target)


def _at(source: End) -> Place:
    with source.database.read() as connection:
        found = moves.by_key(connection, source.key)
        known = ", ".join(one.key or "“”" for one in moves.every(connection))
    if found is None:
        raise InputError(
            f"Trong {source.label} không có xã “{source.key}”. Đang có: {known or 'không xã nào'}.",
            f"There is no commune “{source.key}” in {source.label}. Known: {known or 'none'}.",
        )
    return found


def _leaving(source: End, target: End) -> Place:
    if source.label == target.label:
        raise InputError("Nguồn và đích là một kho.", "Source and target are the same.")
    found = _at(source)
    if found.moved_to not in ("", target.name):
        raise Conflict(
            f"Xã này đã chuyển từ {source.label} sang {found.moved_to}; hãy lấy từ đó.",
            f"This commune has moved from {source.label} to {found.moved_to}; take it from there.",
        )
    return found


# --- may it go there? ----------------------------------------------------------------------------


def _finished(source: End, of: Place, target: End, there: Place) -> bool:
    """Whether this very move came to its end before: the log there goes on from the one here."""
    head = _head(source, of)
    with target.database.read() as connection:
        chain = events.verify(connection, there.id)
    return of.moved_to == target.name and (not head or head in chain.seals)


def _head(source: End, of: Place) -> str:
    with source.database.read() as connection:
        chain = events.verify(connection, of.id)
    if chain.broken is not None:
        raise Unavailable(
            f"Sổ việc đã làm trong {source.label} bị đứt ở dòng {chain.broken['id']}: chưa chuyển "
            "gì. Xem: broadcaster log verify",
            f"The log in {source.label} is broken at record {chain.broken['id']}: nothing was "
            "moved. See: broadcaster log verify",
        )
    return chain.head


def _refuse_taken(source: End, of: Place, target: End, there: Place | None) -> None:
    """What had itself moved on to the source makes room for it; nothing else does."""
    if there is not None:
        if not _is_older(source, of, target, there):
            raise Conflict(
                f"{target.label} đã có xã “{target.key}” với dữ liệu khác hoặc mới hơn: không chép "
                "đè. Hãy chọn khóa khác hoặc kho khác.",
                f"{target.label} has a commune “{target.key}” with other or newer rows already: "
                "nothing is overwritten. Choose another key or another database.",
            )
        return
    with source.database.read() as connection:
        uid = moves.an_announcement(connection, of.id)
    with target.database.read() as connection:
        if uid is not None and moves.is_known(connection, uid):
            raise Conflict(
                f"{target.label} đã có các bản tin của xã này, dưới một khóa khác.",
                f"{target.label} has this commune's announcements already, under another key.",
            )


def _is_older(source: End, of: Place, target: End, there: Place) -> bool:
    with target.database.read() as connection:
        head = events.verify(connection, there.id).head
    with source.database.read() as connection:
        seals = events.verify(connection, of.id).seals
    known = head in seals if head else there.moved_to == source.name
    return bool(there.moved_to) and there.sealed_as == of.sealed_as and known


# --- arriving ------------------------------------------------------------------------------------


def _arriving(
    source: End, of: Place, target: End, coming: Place | None, older: Place | None
) -> Place:
    """What is to be filled: by an interrupted move, or anew, with room for all ids."""
    head = _head(source, of)
    with source.database.read() as connection:
        ends = {one.name: portable.highest(connection, one, of.id) for one in portable.tables()}
    state = portable.digest({"ends": ends, "head": head})
    if coming is not None:
        if (coming.incoming or {}).get("state") != state:
            raise Conflict(
                f"{target.label} đang giữ một lần chuyển dở của dữ liệu khác. Hãy bỏ nó trước: "
                "thêm --cancel vào lệnh đã chạy.",
                f"{target.label} holds an unfinished move of other rows. Cancel that one first: "
                "add --cancel to its command.",
            )
        return coming
    with target.database.write() as connection:  # of all: nobody takes a number meanwhile
        if older is not None:
            portable.remove(connection, older.id)
        shifts = {
            one.name: moves.make_room(connection, one, ends[one.name]) for one in portable.tables()
        }
        incoming = {"state": state, "shifts": shifts}
        moves.begin(connection, target.key, of.name, of.sealed_as, incoming)
        made = moves.coming(connection, target.key)
    assert made is not None  # noqa: S101 -- begun in this transaction
    return made


def _shifts(place: Place) -> Mapping[str, int]:
    found: Mapping[str, int] = (place.incoming or {})["shifts"]
    return found


def _open(source: End, target: End, filled: Half, found: copying.Sum, now: datetime) -> None:
    """From this moment on it lives there. The log says under which numbers."""
    shifts = {name: by for name, by in filled.shifts.items() if by}
    with target.database.of(filled.commune_id).write() as connection:
        moves.finish(connection, filled.commune_id, target.key)
        stations.touch(connection, filled.commune_id)
        events.note(
            connection, filled.commune_id, _BY, events.MOVED, f"commune {target.key}".strip(), now,
            source=source.name, rows=sum(found.rows.values()), digest=found.digest, shifts=shifts,
        )  # fmt: skip
