"""Rows of one commune from a database into another: in small transactions, then compared."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from typing import TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DataError, IntegrityError

from broadcaster.errors import Unavailable
from broadcaster.store import portable
from broadcaster.store.database import Database
from broadcaster.store.portable import Shifts, Values

BATCH = 500
"""Rows in one transaction: what a kill costs, and how long others wait."""

Progress = Callable[[str, int, int], None]
"""Called with a table's name, how many of its rows are there, and how many there will be."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Half:
    """A commune in one of the two databases; `shifts`: of its ids against the other's."""

    database: Database
    commune_id: int
    shifts: Shifts = field(default_factory=dict)


def copy(source: Half, target: Half, progress: Progress) -> None:
    """Whatever is not there yet; the rest of an interrupted copy is not written again."""
    for table in portable.tables():
        _copy(source, target, table, progress)


def _copy(source: Half, target: Half, table: Table, progress: Progress) -> None:
    database = target.database.of(target.commune_id)
    with database.read() as connection:
        last = portable.highest(connection, table, target.commune_id)
        done = portable.count(connection, table, target.commune_id)
    after = last - target.shifts.get(table.name, 0) if last else 0
    with source.database.read() as origin:
        total = portable.count(origin, table, source.commune_id)
        rows = portable.read(origin, table, source.commune_id, source.shifts, after)
        for some in batches(rows, BATCH):
            try:
                with database.write() as connection:
                    portable.write(connection, table, target.commune_id, some, target.shifts)
            except (IntegrityError, DataError) as error:
                raise _does_not_fit(table, some, target, error) from error
            done += len(some)
            progress(table.name, done, total)


def batches(rows: Iterable[_T], most: int) -> Iterator[list[_T]]:
    left = iter(rows)
    while some := list(islice(left, most)):
        yield some


def _does_not_fit(
    table: Table, rows: list[Values], target: Half, error: IntegrityError | DataError
) -> Unavailable:
    """Names the first row that the target does not take; writes nothing."""
    number = rows[0]["id"]
    with suppress(IntegrityError, DataError), target.database.write() as connection:
        for row in rows:
            number = row["id"]
            portable.write(connection, table, target.commune_id, [row], target.shifts)
        connection.rollback()
    reason = str(error.orig).strip().splitlines()[0]
    return Unavailable(
        f"Kho đích không nhận dòng số {number} của bảng {table.name}: {reason}. Chưa mất gì. "
        "Sửa dòng đó rồi chạy lại, hoặc thêm --cancel để thôi chuyển.",
        f"The target does not take row {number} of {table.name}: {reason}. Nothing is lost. "
        "Mend that row and run this again, or add --cancel.",
    )


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows each table holds, and one digest over the digests of them all."""

    rows: Mapping[str, int]
    digest: str


def compare(source: Half, target: Half) -> Sum:
    """Both sides read again from the beginning, row by row. Raises Unavailable naming the first
    row that is not the same on both."""
    counts: dict[str, int] = {}
    whole = hashlib.sha256()
    with source.database.read() as here, target.database.read() as there:
        for table in portable.tables():
            counts[table.name] = 0
            for mine, copied in zip_longest(
                portable.read(here, table, source.commune_id, source.shifts),
                portable.read(there, table, target.commune_id, target.shifts),
            ):
                digest = mine and portable.digest(mine)
                if digest is None or copied is None or digest != portable.digest(copied):
                    raise _differs(table, mine or copied or {})
                counts[table.name] += 1
                whole.update(digest.encode())
    return Sum(counts, whole.hexdigest())


def _differs(table: Table, row: Values) -> Unavailable:
    number = row.get("id")
    return Unavailable(
        f"Dòng số {number} của bảng {table.name} ở hai kho không giống nhau: chưa mở xã ở kho "
        "đích. Thêm --cancel để bỏ phần đã chép, rồi chuyển lại.",
        f"Row {number} of {table.name} is not the same on both sides; nothing was opened there. "
        "Add --cancel to take out what was copied, then move again.",
    )


def total(connection: Connection, commune_id: int) -> int:
    return sum(portable.count(connection, table, commune_id) for table in portable.tables())
