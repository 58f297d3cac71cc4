"""A commune goes from one database into another and back with all it has, or stays where it is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from any_rows import Inventor
from databases import KINDS, NOW, Shelf, migrated
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, event, text, update

from broadcaster.errors import BroadcasterError, Conflict, Outdated, Unavailable
from broadcaster.services.keeping import moving
from broadcaster.services.keeping.moving import End
from broadcaster.store import events, moves, people, portable
from broadcaster.store.database import Database
from broadcaster.store.schema import commune, metadata

WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40
)
_keys = (f"xa-{n}" for n in itertools.count())


def quiet(_table: str, _done: int, _of: int) -> None: ...


def end(database: Database, key: str) -> End:
    return End(database, key, database.url)


def move(source: End, target: End, report: Callable[[str, int, int], None] = quiet) -> Any:
    return moving.move(source, target, NOW, report)


def lines(of: End, shifts: portable.Shifts) -> dict[str, list[str]]:
    """All of a commune's rows as they are carried, but for what moving itself writes."""
    with of.database.read() as connection:
        place = moves.by_key(connection, of.key)
        assert place is not None
        assert events.verify(connection, place.id).broken is None
        return {
            table.name: [
                portable.line({**row, "changed": 0})
                for row in portable.read(connection, table, place.id, shifts)
                if row.get("what") != events.MOVED
            ]
            for table in portable.tables()
        }


@pytest.fixture
def opened(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Database]]:
    """Databases of any kind, closed in the end."""
    made: list[Database] = []

    def new(kind: str) -> Database:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(migrated(kind, folder, request))
        return made[-1]

    yield new
    for one in made:
        one.close()


@pytest.fixture
def pair(opened: Callable[[str], Database]) -> tuple[End, End]:
    """A commune in a file, and an empty place for it beside another commune."""
    source, target = opened("sqlite"), opened("sqlite")
    with source.write() as connection:
        Inventor(7, ["à"]).fill(connection, "")
        people.create(connection, 1, "lan", "Nguyễn Thị Lan", [])
        events.note(connection, 1, "lan", "a.b", "delivery 1", NOW)
    with target.write() as connection:
        Inventor(8, ["b"]).fill(connection, "khac")
    return end(source, ""), end(target, "an-binh")


def test_every_table_is_carried_or_named_and_every_id_in_it_is_known() -> None:
    known = {table.name for table in portable.tables()} | portable.MADE_ANEW | {"commune"}
    assert known == set(metadata.tables)
    for table in portable.tables():
        ids = {
            one.name
            for one in table.columns
            if one.name.endswith("_id") and isinstance(one.type, Integer)
        }
        assert ids - {"commune_id"} <= set(portable.pointers(table)), table.name


@pytest.fixture
def province(opened: Callable[[str], Database]) -> Database:
    """It fills with one example after the other."""
    return opened("postgresql")


@settings(
    max_examples=3,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.generate],
)
@given(st.integers(0, 2**32), st.lists(WORDS, min_size=1, max_size=5))
def test_any_commune_goes_to_a_full_postgresql_and_back(
    opened: Callable[[str], Database], province: Database, seed: int, words: list[str]
) -> None:
    other = next(_keys)
    with province.write() as connection:
        Inventor(seed + 1, words).fill(connection, other)
    neighbour = lines(end(province, other), portable.NO_SHIFTS)
    source, there = end(opened("sqlite"), ""), end(province, next(_keys))
    with source.database.write() as connection:
        Inventor(seed, words).fill(connection, "")
    before = lines(source, portable.NO_SHIFTS)
    moved = move(source, there)
    assert sum(moved.rows.values()) == sum(map(len, before.values()))
    assert lines(there, moved.shifts) == before
    with province.read() as connection:
        place = moves.by_key(connection, there.key)
    assert place is not None
    with province.of(place.id).write() as connection:  # new numbers come after those it brought
        events.note(connection, place.id, "lan", "a.b", "x", NOW)
    back = end(opened("sqlite"), "")
    again = move(there, back)
    both = {name: shift + again.shifts[name] for name, shift in moved.shifts.items()}
    assert {k: v[: len(before[k])] for k, v in lines(back, both).items()} == before
    assert lines(end(province, other), portable.NO_SHIFTS) == neighbour


@contextmanager
def killed_at(databases: list[Database], commit: int) -> Iterator[list[int]]:
    """The process dies at the n-th commit in any of them: what it began is rolled back."""
    seen: list[int] = []

    def count(_: object) -> None:
        seen.append(1)
        if len(seen) == commit:
            raise KeyboardInterrupt

    for one in databases:
        event.listen(one.engine, "commit", count)
    try:
        yield seen
    finally:
        for one in databases:
            event.remove(one.engine, "commit", count)


def test_killed_at_any_commit_the_same_call_ends_the_same(pair: tuple[End, End]) -> None:
    """Each time one commit further on, until nothing is left to be killed."""
    source, target = pair
    before = lines(source, portable.NO_SHIFTS)
    for at in itertools.count(1):
        with killed_at([source.database, target.database], at) as seen:
            try:
                moved = move(source, target)
            except KeyboardInterrupt:
                continue
        break
    assert len(seen) < at > 3
    with target.database.read() as connection:
        there = moves.by_key(connection, "an-binh")
        assert there is not None
        (record,) = [
            one for one in events.find(connection, there.id) if one["what"] == events.MOVED
        ]
    assert record["detail"]["rows"] == sum(map(len, before.values()))
    assert moved.rows is None or lines(target, moved.shifts) == before


def test_killed_after_every_table_nothing_is_written_twice(pair: tuple[End, End]) -> None:
    source, target = pair
    before = lines(source, portable.NO_SHIFTS)
    tables: list[str] = []

    def die(table: str, _done: int, _of: int) -> None:
        assert table not in tables, "an interrupted move begins again"
        tables.append(table)
        raise KeyboardInterrupt

    while True:
        try:
            moved = move(source, target, die)
            break
        except KeyboardInterrupt:
            with target.database.read() as connection:
                assert moves.by_key(connection, "an-binh") is None  # nobody serves half of it
    assert len(tables) > 5
    assert lines(target, moved.shifts) == before
    assert move(source, target).rows is None


def test_what_was_given_up_is_as_before(pair: tuple[End, End]) -> None:
    source, target = pair
    other = end(target.database, "khac")
    before = lines(source, portable.NO_SHIFTS), lines(other, portable.NO_SHIFTS)

    def die(_table: str, _done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(source, target, die)
    with pytest.raises(Unavailable), source.database.of(1).write():
        pass
    moving.give_up(source, target)
    assert (lines(source, portable.NO_SHIFTS), lines(other, portable.NO_SHIFTS)) == before
    with source.database.of(1).write():
        pass
    with pytest.raises(Conflict, match="Không có việc chuyển nào"):
        moving.give_up(source, target)


def test_a_row_that_changed_on_its_way_is_named(pair: tuple[End, End]) -> None:
    source, target = pair

    def spoil(table: str, _done: int, _of: int) -> None:
        if table == "person":
            with target.database.write() as connection:
                connection.execute(text("UPDATE person SET full_name = 'Người khác'"))

    with pytest.raises(Unavailable, match=r"Dòng số \d+ của bảng person"):
        move(source, target, spoil)
    with pytest.raises(Unavailable, match="của bảng person"):  # and it stays shut
        move(source, target)


def test_a_commune_with_other_or_newer_rows_is_not_overwritten(pair: tuple[End, End]) -> None:
    source, target = pair
    with pytest.raises(Conflict, match="dữ liệu khác hoặc mới hơn"):
        move(source, end(target.database, "khac"))
    move(source, target)
    with pytest.raises(Conflict, match=r"đã chuyển từ .* sang"):
        move(source, end(target.database, "nua"))


def test_it_may_come_back_to_where_it_went_away_from(pair: tuple[End, End]) -> None:
    source, target = pair
    move(source, target)
    with target.database.read() as connection:
        there = moves.by_key(connection, "an-binh")
    assert there is not None
    with target.database.of(there.id).write() as connection:
        events.note(connection, there.id, "lan", "sau.khi.chuyen", "x", NOW)
    move(target, source)
    with source.database.read() as connection:
        (here,) = moves.every(connection)
        assert [one["what"] for one in events.find(connection, here.id)][-3:] == [
            events.MOVED, "sau.khi.chuyen", events.MOVED,
        ]  # fmt: skip


def test_a_commune_in_which_nothing_was_done_comes_back_too(
    opened: Callable[[str], Database],
) -> None:
    source, target = end(opened("sqlite"), ""), end(opened("sqlite"), "an-binh")
    with source.database.write() as connection:
        people.the_commune(connection, "xã An Bình")
    move(source, target)
    assert move(target, source).rows


def test_the_same_announcements_do_not_stand_there_twice(
    opened: Callable[[str], Database], tmp_path: Path
) -> None:
    first, target = opened("sqlite"), opened("sqlite")
    with first.write() as connection:
        Shelf(connection)
    copy = tmp_path / "copy.db"
    first.close()
    copy.write_bytes((tmp_path / "0" / "broadcaster.db").read_bytes())
    second = Database(f"sqlite:///{copy}")
    move(end(first, ""), end(target, "mot"))
    with pytest.raises(Conflict, match="dưới một khóa khác"):
        move(end(second, ""), end(target, "hai"))
    with second.of(1).write():
        pass  # and it is still open where it was
    second.close()


@pytest.mark.parametrize("side", [0, 1])
def test_another_version_is_refused_on_either_side(pair: tuple[End, End], side: int) -> None:
    for version, error in (("9999", Outdated), ("0001", Unavailable)):
        with pair[side].database.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
        with pytest.raises(error, match=version):
            move(*pair)


def test_a_row_that_the_other_database_does_not_take_is_named(
    opened: Callable[[str], Database],
) -> None:
    """SQLite keeps words of any length, and NUL in them."""
    source, target = end(opened("sqlite"), ""), end(opened("postgresql"), "an-binh")
    with source.database.write() as connection:
        shelf = Shelf(connection)
        connection.execute(text("UPDATE announcement SET author = :long"), {"long": "x" * 300})
    with pytest.raises(Unavailable, match=r"dòng số 1 của bảng announcement: .*200") as told:
        move(source, target)
    assert "--cancel" in told.value.text.vi
    with source.database.write() as connection:
        connection.execute(text("UPDATE announcement SET author = 'lan'"))
        connection.execute(text("UPDATE revision SET title = :nul"), {"nul": "a\0b"})
    moving.give_up(source, target)
    with pytest.raises(Unavailable, match="dòng số 1 của bảng revision"):
        move(source, target)
    assert shelf.commune_id == 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_done_to_a_delivery_is_found_under_its_new_number(
    opened: Callable[[str], Database], kind: str
) -> None:
    source, target = end(opened("sqlite"), ""), end(opened(kind), "an-binh")
    with target.database.write() as connection:
        other = Shelf(connection)
        for hour in range(3):
            other.planned(due_at=NOW.replace(hour=hour + 2))
    with source.database.write() as connection:
        shelf = Shelf(connection)
        one = shelf.planned()
        events.note(connection, 1, "lan", "delivery.settled", f"delivery {one.id}", NOW)
        events.note(connection, 1, "lan", "announcement.edited", "announcement 1", NOW)
    moved = move(source, target)
    new = one.id + moved.shifts["delivery"]
    assert new == 4
    with target.database.read() as connection:
        there = moves.by_key(connection, "an-binh")
        assert there is not None
        found = events.of_subject(connection, there.id, f"delivery {new}")
        assert [row["what"] for row in found] == ["delivery.settled"]
        assert events.of_subject(connection, there.id, f"delivery {one.id}") == []
        assert len(events.of_subject(connection, there.id, "announcement 1")) == 1


def test_a_database_without_tables_gets_them(pair: tuple[End, End], tmp_path: Path) -> None:
    source, _ = pair
    empty = Database(f"sqlite:///{tmp_path / 'moi.db'}")
    assert move(source, end(empty, "")).rows
    empty.close()


def test_a_broken_log_is_not_carried_on(pair: tuple[End, End]) -> None:
    source, target = pair
    with source.database.write() as connection:
        connection.execute(text("UPDATE event SET person = 'khác' WHERE id = 1"))
    with pytest.raises(BroadcasterError, match="bị đứt ở dòng 1: chưa chuyển gì"):
        move(source, target)
    with source.database.of(1).write() as connection:
        connection.execute(update(commune).values(name="xã Bình Minh"))
