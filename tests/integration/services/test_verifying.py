"""What is not whole is found and named; what is whole is left in peace."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from commune import Commune, found
from in_process import run
from small_disk import SmallDisk
from sqlalchemy import text

from broadcaster.domain.delivery import State
from broadcaster.domain.people import Right
from broadcaster.errors import InputError, PolicyRefused
from broadcaster.services.keeping import doubting
from broadcaster.services.keeping.backing_up import back_up
from broadcaster.services.keeping.verifying import verify
from broadcaster.services.stations import signing
from broadcaster.store import stations


def quiet(_table: str, _done: int, _of: int) -> None: ...


@pytest.fixture
def xa(tmp_path: Path) -> Iterator[Commune]:
    made = found(tmp_path / "xa")
    number = made.approved(("loa-dong", "fanpage"))
    made.schedule(number, on="23/11/2026", at="09:00")
    made.plan()
    with made.context.database.write() as connection:
        stations.enroll(connection, made.context.commune_id, "loa-dong", "d" * 64)
    signing.signer(made.context)
    yield made
    made.context.database.close()


def faults(xa: Commune) -> list[str]:
    return [one.vi for one in verify(xa.context, quiet).faults]


_BROKEN = {
    "UPDATE delivery SET state = 'lạ' WHERE id = 1": "trạng thái lạ",
    "UPDATE delivery SET state = 'sending' WHERE id = 1": "đang gửi mà không có lần thử",
    "UPDATE delivery SET state = 'missed' WHERE id = 1": "đã xong mà còn hẹn xem lại",
    "UPDATE delivery SET next_at = NULL WHERE channel != 'loudspeaker'": "không hẹn xem lại",
    "UPDATE delivery SET state = 'accepted' WHERE channel != 'loudspeaker'": "không có bằng chứng",
    "UPDATE delivery SET about_id = 77 WHERE id = 1": "cột about_id trỏ đến chỗ không có",
    "UPDATE event SET person = 'khác' WHERE id = 1": "Sổ việc đã làm bị sửa ở dòng 1",
}


def test_every_row_that_no_move_leads_to_is_named(xa: Commune) -> None:
    assert faults(xa) == []
    file = xa.context.home / "data" / "broadcaster.db"
    xa.context.database.close()
    whole = file.read_bytes()
    for change, named in _BROKEN.items():
        file.write_bytes(whole)
        with xa.context.database.write() as connection:
            connection.execute(text(change))
        assert [named in said for said in faults(xa)] == [True], change
        xa.context.database.close()


def test_a_file_that_is_gone_or_changed_and_a_lost_key_are_named(xa: Commune) -> None:
    wav, mp3 = (next(xa.context.audio.glob(f"*.{kind}")) for kind in ("wav", "mp3"))
    wav.unlink()
    mp3.write_bytes(b"khac")
    (xa.context.keys / signing.KEY).unlink()
    said = faults(xa)
    assert f"Thiếu tệp {wav}." in said
    assert f"Tệp {mp3} đã bị đổi hoặc hỏng." in said
    assert any("Thiếu khóa ký lịch" in one for one in said)


def test_a_file_of_sqlite_that_the_disk_has_damaged_is_named(xa: Commune) -> None:
    xa.context.database.close()
    file = xa.context.home / "data" / "broadcaster.db"
    content = bytearray(file.read_bytes())
    at = content.find(b"Nguy", 8192)
    content[at - 40 : at - 8] = b"\xff" * 32
    file.write_bytes(content)
    told = run(xa.context.home, "store", "verify")
    assert told.code == 1
    assert "hỏng" in told.all or "cơ sở dữ liệu" in told.all.lower()


def test_the_commands_of_the_store(xa: Commune, tmp_path: Path) -> None:
    home, usb = xa.context.home, tmp_path / "usb"
    usb.mkdir()
    told = run(home, "store", "backup", str(usb), "--json")
    (file,) = usb.iterdir()
    assert told.data["path"] == str(file)
    assert "KHÔNG có trong bản sao: secrets.toml" in told.err
    assert run(home, "store", "verify", str(file)).code == 0
    assert run(home, "store", "restore", str(file)).code == 2  # there is something already
    assert run(tmp_path / "moi", "store", "restore", str(file)).code == 0
    moved = run(home, "store", "copy", "--from", str(home), "--to", f"sqlite:///{usb / 'x.db'}",
                "--json")  # fmt: skip
    assert moved.data["rows"]["delivery"] == 2
    assert "Thư mục của xã" in moved.err
    refused = run(home, "store", "copy", "--from", "postgresql://a:mat-khau@b/c", "--to", str(home))
    assert (refused.code, "mat-khau" in refused.all) == (2, False)
    assert run(home, "store", "verify").code == 1  # nothing is read where it has moved away from


def test_a_backup_onto_a_full_stick_leaves_no_half_file(xa: Commune, disk: SmallDisk) -> None:
    disk.fill(left_kb=8)
    with pytest.raises(OSError) as told:  # noqa: PT011 - its number is looked at
        back_up(xa.context, disk.folder, xa.clock(), quiet)
    assert told.value.errno == errno.ENOSPC
    assert list(disk.folder.glob("*.zip")) + list(disk.folder.glob(".making-*")) == []
    disk.grow()
    assert back_up(xa.context, disk.folder, xa.clock(), quiet).rows > 0


def test_a_database_that_was_set_back_by_other_tools_can_be_told(xa: Commune) -> None:
    since = xa.clock()
    xa.clock.move(hours=2)
    assert xa.lan.may(Right.MANAGE)
    with pytest.raises(PolicyRefused):
        doubting.set_back(xa.context, xa.minh, since, xa.clock())
    with pytest.raises(InputError, match="trước lúc này"):
        doubting.set_back(xa.context, xa.lan, xa.clock(), xa.clock())
    assert doubting.set_back(xa.context, xa.lan, since, xa.clock()) == 2
    assert xa.states() == {State.UNKNOWN: 2}
    told = run(xa.context.home, "store", "doubt", "--since", "99:99", "--as", "lan")
    assert told.code == 2
