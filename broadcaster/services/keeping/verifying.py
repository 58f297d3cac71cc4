"""Whether all that a commune has is whole: rows, what they point at, the log, the files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from broadcaster.errors import Text
from broadcaster.services.approval.approving import files_of
from broadcaster.services.context import Context
from broadcaster.services.keeping.copying import Progress
from broadcaster.services.stations import signing
from broadcaster.store import events, health
from broadcaster.store.database import check_version


@dataclass(frozen=True, slots=True)
class Checked:
    """`faults`: what is wrong; empty where all is well."""

    rows: int
    records: int
    files: int
    faults: tuple[Text, ...]


def verify(context: Context, progress: Progress) -> Checked:
    """Look at everything; changes nothing. Raises Unavailable for another version's database."""
    check_version(context.database)
    with context.database.read() as connection:
        faults = list(_of_rows(connection, context.commune_id))
        chain = events.verify(connection, context.commune_id)
        rows = health.rows(connection, context.commune_id)
        named = sorted(_named(connection, context.commune_id))
        plays = health.has_stations(connection, context.commune_id)
    if chain.broken is not None:
        number = chain.broken["id"]
        faults.append(
            Text(
                f"Sổ việc đã làm bị sửa ở dòng {number}. Xem: broadcaster log verify",
                f"The log was changed at record {number}. See: broadcaster log verify",
            )
        )
    faults += _of_files(context, named, progress)
    key = context.keys / signing.KEY
    if plays and not key.is_file():
        faults.append(
            Text(
                f"Thiếu khóa ký lịch {key}: các trạm sẽ không nhận lịch mới.",
                f"The key that signs plans, {key}, is missing: stations will take no new plan.",
            )
        )
    return Checked(rows, chain.records, len(named), tuple(faults))


_ODD = {
    "unknown_state": Text("trạng thái lạ", "its state is unknown"),
    "sending_without_attempt": Text("đang gửi mà không có lần thử", "sending without an attempt"),
    "nobody_looks": Text("chưa xong mà không hẹn xem lại", "open, and nobody will look again"),
    "final_yet_waiting": Text("đã xong mà còn hẹn xem lại", "final, and still to be looked at"),
    "posted_nowhere": Text("đã đăng mà không có bằng chứng", "posted, and nothing says where"),
    "of_another_text": Text("thuộc về bản tin khác", "it belongs to another text"),
}


def _of_rows(connection: Connection, commune_id: int) -> Iterator[Text]:
    for said in health.of_database(connection):
        yield Text(f"Cơ sở dữ liệu hỏng: {said}", f"The database is damaged: {said}")
    for table, number, column in health.astray(connection, commune_id):
        yield Text(
            f"Bảng {table}, dòng {number}: cột {column} trỏ đến chỗ không có hoặc của xã khác.",
            f"Table {table}, row {number}: {column} points at nothing, or at another commune's.",
        )
    for what, number in health.odd_deliveries(connection, commune_id):
        said_of = _ODD[what]
        yield Text(f"Lượt số {number}: {said_of.vi}.", f"Delivery {number}: {said_of.en}.")


def _named(connection: Connection, commune_id: int) -> set[tuple[str, str]]:
    """Digest and kind of every file that some row names."""
    found = {(digest, "wav") for digest in health.ready_sounds(connection, commune_id)}
    for content in health.contents(connection, commune_id):
        found.update(files_of(content))
    for picture in health.given_pictures(connection, commune_id):
        found.add((picture["digest"], picture["kind"]))
    return found


def _of_files(
    context: Context, named: Sequence[tuple[str, str]], progress: Progress
) -> Iterator[Text]:
    for done, (digest, kind) in enumerate(named, 1):
        path = context.file(digest, kind)
        if not path.is_file():
            yield Text(f"Thiếu tệp {path}.", f"The file {path} is missing.")
        elif _digest(path) != digest:
            yield Text(f"Tệp {path} đã bị đổi hoặc hỏng.", f"The file {path} is not what it was.")
        progress("data", done, len(named))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
