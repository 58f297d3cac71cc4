"""A PC that burnt is set up again from one file, and nothing is posted twice for it."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from commune import NOWHERE, START, Commune, HandClock, found
from databases import fresh_url
from outlets import Outlets, found_with_outlets
from provinces import Land
from sqlalchemy import MetaData, text

from broadcaster.bootstrap import connect, doors
from broadcaster.domain.delivery import State
from broadcaster.errors import BroadcasterError, InputError
from broadcaster.sandbox import running
from broadcaster.sandbox.settings import Settings
from broadcaster.sandbox.state import SandboxState
from broadcaster.services import dispatching
from broadcaster.services.context import Context
from broadcaster.services.keeping import archive, restoring
from broadcaster.services.keeping.backing_up import Backup, back_up
from broadcaster.services.keeping.restoring import Restored
from broadcaster.services.keeping.verifying import verify
from broadcaster.services.people import attributing
from broadcaster.services.stations import signing
from broadcaster.store import portable, stations
from broadcaster.store.database import Database
from broadcaster.store.migrate import upgrade

PASSPHRASE = "một câu không ai đoán ra"  # noqa: S105 - a test's


def quiet(_table: str, _done: int, _of: int) -> None: ...


def keep(xa: Commune, folder: Path, passphrase: str = "") -> Backup:
    folder.mkdir(exist_ok=True)
    return back_up(xa.context, folder, xa.clock(), quiet, passphrase)


def restored(
    of: Path, home: Path, clock: HandClock, passphrase: str = ""
) -> tuple[Restored, Context]:
    done = restoring.restore(of, home, doors({}), clock(), quiet, passphrase)
    return done, connect(home, {})


def again(context: Context, clock: HandClock) -> Commune:
    return Commune(replace(context, clock=clock, owner="worker-2"), clock)


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    with running(SandboxState(Settings())) as url:
        yield url


@pytest.fixture
def outlets(sandbox_url: str, tmp_path: Path) -> Iterator[Outlets]:
    made = found_with_outlets(tmp_path / "xa", sandbox_url)
    yield made
    made.xa.context.database.close()


@pytest.fixture
def xa(tmp_path: Path) -> Iterator[Commune]:
    made = found(tmp_path / "xa", sandbox=NOWHERE)
    number = made.approved(("loa-dong", "loa-doai"))
    made.schedule(number)
    made.plan()
    with made.context.database.write() as connection:
        stations.enroll(connection, made.context.commune_id, "loa-dong", "d" * 64)
    signing.signer(made.context)
    yield made
    made.context.database.close()


# --- nothing is posted twice ---------------------------------------------------------------------


@pytest.mark.parametrize("target", ["fanpage", "website"])
def test_what_was_posted_after_the_backup_is_not_posted_again(
    outlets: Outlets, tmp_path: Path, target: str
) -> None:
    xa = outlets.xa
    number = xa.approved((target,))
    local = xa.context.policy.local(xa.clock() + timedelta(minutes=2))
    xa.schedule(number, on=f"{local:%d/%m/%Y}", at=f"{local:%H:%M}")
    xa.plan()
    made = keep(xa, tmp_path / "usb")
    outlets.go_to(xa.one(number).due_at)
    assert outlets.run(number).state == State.CONFIRMED
    xa.context.database.close()
    shutil.copy(xa.context.home / "secrets.toml", tmp_path)
    outlets.go_to(xa.clock() + timedelta(minutes=10))
    done, context = restored(made.path, tmp_path / "moi", xa.clock)
    shutil.copy(tmp_path / "secrets.toml", context.home)
    assert done.doubted == 1
    after = Outlets(again(context, xa.clock), outlets.url, outlets.began)
    assert after.xa.one(number).state == State.UNKNOWN
    one = after.run(number)
    assert (one.state, one.attempt_no, outlets.public(target)) == (State.CONFIRMED, 0, 1)
    context.database.close()


def test_what_had_been_planned_after_the_backup_is_doubted_too(
    outlets: Outlets, tmp_path: Path
) -> None:
    """The rule was there, the row was not: it would be planned anew and posted within its grace."""
    xa = outlets.xa
    number = xa.approved(("website",))
    local = xa.context.policy.local(xa.clock() + timedelta(minutes=2))
    xa.schedule(number, on=f"{local:%d/%m/%Y}", at=f"{local:%H:%M}")
    made = keep(xa, tmp_path / "usb")
    xa.plan()
    outlets.go_to(xa.one(number).due_at)
    assert outlets.run(number).state == State.CONFIRMED
    xa.context.database.close()
    shutil.copy(xa.context.home / "secrets.toml", tmp_path)
    done, context = restored(made.path, tmp_path / "moi", xa.clock)
    shutil.copy(tmp_path / "secrets.toml", context.home)
    after = Outlets(again(context, xa.clock), outlets.url, outlets.began)
    after.xa.plan()
    one = after.run(number)
    assert (done.doubted, one.state, outlets.public("website")) == (1, State.CONFIRMED, 1)
    context.database.close()


def test_what_was_due_and_is_certainly_not_there_is_posted_once(
    outlets: Outlets, tmp_path: Path
) -> None:
    xa = outlets.xa
    number = outlets.planned("website")
    made = keep(xa, tmp_path / "usb")
    xa.context.database.close()
    shutil.copy(xa.context.home / "secrets.toml", tmp_path)
    _, context = restored(made.path, tmp_path / "moi", xa.clock)
    shutil.copy(tmp_path / "secrets.toml", context.home)
    after = Outlets(again(context, xa.clock), outlets.url, outlets.began)
    one = after.run(number)
    assert (one.state, one.attempt_no, outlets.public("website")) == (State.CONFIRMED, 1, 1)
    context.database.close()


def test_sounds_after_the_backup_are_in_doubt_and_those_ahead_are_played(
    xa: Commune, tmp_path: Path
) -> None:
    made = keep(xa, tmp_path / "usb")
    xa.clock.move(days=1, hours=12)
    done, context = restored(made.path, tmp_path / "moi", xa.clock)
    after = again(context, xa.clock)
    assert done.doubted == 4  # two villages, two evenings
    assert after.states()[State.UNKNOWN] == 4
    assert {one.state for one in after.rows() if one.due_at > xa.clock()} == {State.PLANNED}
    due = dispatching.due(context.database, xa.clock())
    assert due == []  # no station's word is waited for, and none is told to play it now
    context.database.close()


# --- one file holds it all -----------------------------------------------------------------------


def test_all_comes_back_and_is_whole(xa: Commune, tmp_path: Path) -> None:
    before = verify(xa.context, quiet)
    made = keep(xa, tmp_path / "usb", PASSPHRASE)
    done, context = restored(made.path, tmp_path / "moi", xa.clock, PASSPHRASE)
    assert (before.faults, before.files) == ((), 2)
    after = verify(context, quiet)
    assert (after.faults, after.files, after.rows) == ((), before.files, before.rows + 1)
    assert (done.rows, done.doubted, done.apart) == (made.rows, 0, ())
    assert signing.signer(context).public == signing.signer(xa.context).public
    assert (context.home / "secrets.toml").stat().st_mode & 0o077 == 0
    assert _without_cause(context) == _without_cause(xa.context) > 0  # and not JSON's own null
    *_, last = attributing.deeds(context)
    assert (last.what, last.detail["backup"]) == (restoring.RESTORED, made.digest)
    context.database.close()


def _without_cause(context: Context) -> int:
    with context.database.read() as connection:
        return connection.scalar(text("SELECT count(*) FROM delivery WHERE cause IS NULL")) or 0


def test_without_a_passphrase_no_secret_is_in_it_and_that_is_said(
    xa: Commune, tmp_path: Path
) -> None:
    made = keep(xa, tmp_path / "usb")
    assert made.apart == ("secrets.toml", "data/keys/plan.pem")
    with zipfile.ZipFile(made.path) as file:
        assert not {"secrets.toml", "data/keys/plan.pem"} & set(file.namelist())
        whole = b"".join(file.read(name) for name in file.namelist())
    for line in (xa.context.home / "secrets.toml").read_text("utf-8").splitlines():
        if "=" in line:
            assert line.split('"')[1].encode() not in whole
    done, context = restored(made.path, tmp_path / "moi", xa.clock)
    assert done.apart == made.apart
    assert ["Thiếu khóa" in one.vi for one in verify(context, quiet).faults] == [True]
    context.database.close()


def test_another_passphrase_opens_nothing_and_leaves_nothing(xa: Commune, tmp_path: Path) -> None:
    made = keep(xa, tmp_path / "usb", PASSPHRASE)
    for given, said in (("", "cần câu mật khẩu"), ("sai rồi, sai rồi", "Sai câu mật khẩu")):
        with pytest.raises(InputError, match=said):
            restored(made.path, tmp_path / "moi", xa.clock, given)
    with pytest.raises(InputError, match="ít nhất 12"):
        keep(xa, tmp_path / "khac", "ngắn")
    assert list((tmp_path / "khac").iterdir()) == []
    assert sorted(one.name for one in tmp_path.iterdir()) == ["khac", "usb", "xa"]


def _damaged(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    change(entries)
    to = path.with_name("hong.zip")
    with zipfile.ZipFile(to, "w") as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return to


def _manifest(of: dict[str, bytes], **changes: Any) -> None:
    of["manifest.json"] = json.dumps(json.loads(of["manifest.json"]) | changes).encode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda of: of.update({"rows/delivery.jsonl": b""}), "rows/delivery.jsonl"),
        (lambda of: of.pop("broadcaster.toml"), "broadcaster.toml"),
        (lambda of: of.update({"../xa/la.txt": b"x"}), r"\.\./xa/la\.txt"),
        (lambda of: of.pop("manifest.json"), "không phải bản sao lưu"),
        (lambda of: _manifest(of, format=9), "không phải bản sao lưu"),
        (lambda of: _manifest(of, schema="9999"), "phiên bản mới hơn"),
    ],
)
def test_a_damaged_or_strange_backup_is_refused_and_leaves_nothing(
    xa: Commune, tmp_path: Path, change: Callable[[dict[str, bytes]], None], said: str
) -> None:
    damaged = _damaged(keep(xa, tmp_path / "usb").path, change)
    with pytest.raises(BroadcasterError, match=said):
        restored(damaged, tmp_path / "moi", xa.clock)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["usb", "xa"]


def test_a_torn_backup_is_no_backup(xa: Commune, tmp_path: Path) -> None:
    made = keep(xa, tmp_path / "usb")
    made.path.write_bytes(made.path.read_bytes()[:-100])
    with pytest.raises(InputError, match="đã bị hỏng"), archive.reading(made.path):
        pass


def test_a_folder_with_anything_in_it_is_left_alone(xa: Commune, tmp_path: Path) -> None:
    made = keep(xa, tmp_path / "usb")
    (tmp_path / "moi").mkdir()
    (tmp_path / "moi" / "ghi-chu.txt").write_text("của tôi")
    with pytest.raises(InputError, match="không trống"):
        restored(made.path, tmp_path / "moi", xa.clock)
    with pytest.raises(InputError, match="không ghi đè"):
        back_up(xa.context, made.path, xa.clock(), quiet)


def test_a_restore_that_was_killed_is_simply_run_again(xa: Commune, tmp_path: Path) -> None:
    made = keep(xa, tmp_path / "usb")
    half = tmp_path / "restoring-moi"
    (half / "data").mkdir(parents=True)
    (half / "data" / "broadcaster.db").write_bytes(b"half")
    _, context = restored(made.path, tmp_path / "moi", xa.clock)
    assert len(again(context, xa.clock).rows()) == len(xa.rows())
    assert not half.exists()
    context.database.close()


def test_a_backup_of_an_older_program_is_brought_up(xa: Commune, tmp_path: Path) -> None:
    older = Database(f"sqlite:///{tmp_path / 'older.db'}")
    upgrade(older, to="0020")
    columns = MetaData()
    with older.read() as connection:
        columns.reflect(connection)
    older.close()
    made = keep(xa, tmp_path / "usb")
    moved = _damaged(made.path, lambda of: _written_by(of, "0020", columns))
    _, context = restored(moved, tmp_path / "moi", xa.clock)
    assert [one.uid for one in again(context, xa.clock).rows()] == [one.uid for one in xa.rows()]
    context.database.close()


def _written_by(entries: dict[str, bytes], schema: str, columns: MetaData) -> None:
    """As that version wrote it: without the tables and columns that came later."""
    for name in [one for one in entries if one.startswith("rows/")]:
        table = columns.tables.get(name.removeprefix("rows/").removesuffix(".jsonl"))
        if table is None:
            del entries[name]
            continue
        rows = [json.loads(line) for line in entries[name].splitlines()]
        kept = [{k: v for k, v in row.items() if k in table.columns} for row in rows]
        entries[name] = "".join(f"{json.dumps(row)}\n" for row in kept).encode()
    _manifest(entries, schema=schema)
    _renew(entries)


def _renew(entries: dict[str, bytes]) -> None:
    """The manifest tells of the entries as they are now."""
    known = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in entries.items()
        if name != "manifest.json"
    }
    _manifest(entries, entries=known)


# --- PostgreSQL ----------------------------------------------------------------------------------


def test_a_commune_on_postgresql_goes_back_there(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = fresh_url("postgresql", tmp_path, request)
    xa = found(tmp_path / "xa", database_url=url)
    number = xa.approved(("loa-dong",))
    xa.schedule(number)
    xa.plan()
    made = keep(xa, tmp_path / "usb")
    with pytest.raises(BroadcasterError, match="dữ liệu khác hoặc mới hơn"):
        restored(made.path, tmp_path / "moi", xa.clock)  # the rows there are alive
    assert not (tmp_path / "moi").exists()
    new = fresh_url("postgresql", tmp_path, request)
    settings = json.dumps(url), json.dumps(new)
    moved = _damaged(made.path, lambda of: _resettle(of, *settings))
    done, context = restored(moved, tmp_path / "moi", xa.clock)
    assert done.rows == made.rows
    assert context.database.url == new
    assert not (context.home / "data" / "broadcaster.db").exists()
    assert [one.uid for one in again(context, xa.clock).rows()] == [one.uid for one in xa.rows()]
    assert verify(context, quiet).faults == ()
    for one in (xa.context, context):
        one.database.close()


def _resettle(entries: dict[str, bytes], old: str, new: str) -> None:
    """The same backup, as if its settings had named another database."""
    entries["broadcaster.toml"] = entries["broadcaster.toml"].replace(old.encode(), new.encode())
    _renew(entries)


def test_one_commune_of_a_province_is_kept_and_comes_back_alone(tmp_path: Path) -> None:
    land = Land(tmp_path, f"sqlite:///{tmp_path / 'tinh.db'}")
    mine, other = land.commune("an-binh"), land.commune("binh-minh")
    for xa, words in ((mine, "Tin của An Bình"), (other, "Chuyện của Bình Minh")):
        xa.schedule(xa.approved(("loa-dong",), text=f"{words}\n{words}."))
        xa.plan()
    made = keep(mine, tmp_path / "usb")
    with zipfile.ZipFile(made.path) as file:
        whole = b"".join(file.read(name) for name in file.namelist()).decode(errors="replace")
    assert "An B\\u00ecnh" in whole
    assert "Chuy\\u1ec7n" not in whole
    uids = [one.uid for one in mine.rows()], [one.uid for one in other.rows()]
    with mine.context.database.write() as connection:
        portable.remove(connection, mine.context.commune_id)
    shutil.rmtree(mine.context.home)
    _, context = restored(made.path, mine.context.home, mine.clock)
    assert sorted(one.home.name for one in land.served().every()) == ["an-binh", "binh-minh"]
    back = [one.uid for one in again(context, mine.clock).rows()]
    assert (back, [one.uid for one in other.rows()]) == uids
    context.database.close()
    land.close()


def test_killed_between_the_rows_and_the_folders_name_the_same_call_ends_it(
    tmp_path: Path,
) -> None:
    old, new = (f"sqlite:///{tmp_path / name}" for name in ("cu.db", "moi.db"))
    xa = found(tmp_path / "xa", database_url=old)
    xa.schedule(xa.approved(("loa-dong",)))
    xa.plan()
    made = keep(xa, tmp_path / "usb")
    moved = _damaged(made.path, lambda of: _resettle(of, json.dumps(old), json.dumps(new)))
    xa.clock.move(days=1)
    done, context = restored(moved, tmp_path / "moi", xa.clock)
    context.database.close()
    (tmp_path / "moi").rename(tmp_path / "restoring-moi")
    assert done.doubted == 1
    again_done, context = restored(moved, tmp_path / "moi", xa.clock)
    assert again_done == done
    assert [one.uid for one in again(context, xa.clock).rows()][:1] == [xa.rows()[0].uid]
    for one in (xa.context, context):
        one.database.close()


def test_the_time_of_the_backup_is_kept(xa: Commune, tmp_path: Path) -> None:
    made = keep(xa, tmp_path / "usb")
    done, context = restored(made.path, tmp_path / "moi", xa.clock)
    assert done.made_at == START
    assert made.path.name == "xa-20261123-080000.zip"
    context.database.close()
