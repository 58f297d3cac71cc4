"""Two communes of one province: one with everything that a commune can have, and its neighbour."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from commune import Commune, HandClock
from provinces import Land
from sqlalchemy import Connection, Table, select

from broadcaster import wire
from broadcaster.bootstrap import clock
from broadcaster.domain.alarm import Alarm, Kind
from broadcaster.domain.announcement import Priority
from broadcaster.domain.outlet import Outlet
from broadcaster.domain.people import Role
from broadcaster.domain.policy import Limit
from broadcaster.domain.timetable.holidays import DayOff
from broadcaster.errors import Text
from broadcaster.services.policy import excepting
from broadcaster.services.stations import (
    alerting,
    enrolling,
    muting,
    signing,
    stopping,
    syncing,
)
from broadcaster.services.stations.alerting import Wish
from broadcaster.services.timetable import publicising, slotting
from broadcaster.store import alarms, events, holidays, outlets, people
from broadcaster.store.columns import metadata

SECRET = "zqxav"  # noqa: S105 -- a word, no password
"""In every word that people of the one commune chose; nobody else uses it."""
_NUMBER = 9
"""Of its announcement; the neighbour has not got so far."""
_VOICE = '[voice]\norder = ["espeak"]\n\n'
_OWN_TARGET = f"""\
[[targets]]
key = "loa-{SECRET}"
channel = "loudspeaker"
name = "Cụm loa {SECRET}"
village = "thôn {SECRET}"

"""


@dataclass(frozen=True)
class Known:
    """What the neighbour might have heard of, and try: numbers, keys, names of the one commune."""

    number: int
    delivery: int
    uid: str
    rule: int
    order: int
    waiver: int
    alarm: int
    slot: str
    person: str
    target: str
    village: str
    profile: str
    seal: str
    digest: str
    entry: str
    etag: str
    code: str


@dataclass
class Neighbours:
    """`token` is of the neighbour's station “loa-dong”; the one commune has one, too."""

    land: Land
    one: Commune
    other: Commune
    known: Known
    token: str
    begun: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.begun = self.one_of_all()

    def changed(self) -> set[str]:
        """What of the one commune is other than in the beginning."""
        now = self.one_of_all()
        return {name for name in {**self.begun, **now} if self.begun.get(name) != now.get(name)}

    def one_of_all(self) -> Mapping[str, str]:
        """All rows and files of the one commune, as they stand: name to digest."""
        with self.one.context.database.read() as connection:
            rows = rows_of(connection, self.one.context.commune_id)
        home = self.one.context.home
        files = {
            str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(home.rglob("*"))
            if path.is_file()
        }
        return {**rows, **files}


def rows_of(connection: Connection, commune_id: int) -> dict[str, str]:
    """Every row that belongs to a commune, by itself or through the row it hangs on."""
    found: dict[str, str] = {}
    mine: dict[str, set[int]] = {"commune": {commune_id}}
    for table in metadata.sorted_tables:  # parents first
        rows = [dict(row._mapping) for row in connection.execute(select(table))]
        kept = [row for row in rows if _belongs(table, row, mine)]
        mine[table.name] = {row["id"] for row in kept}
        found |= {f"{table.name} {row['id']}": repr(row) for row in kept}
    return found


def _belongs(table: Table, row: Mapping[str, Any], mine: Mapping[str, set[int]]) -> bool:
    if table.name == "commune":
        return row["id"] in mine["commune"]
    if "commune_id" in row:
        return row["commune_id"] in mine["commune"]
    parents = {key.column.table.name: key.parent.name for key in table.foreign_keys}
    assert parents, f"{table.name} belongs to nobody"
    name, column = next(iter(parents.items()))
    return row[column] in mine[name]


def made(home: Path, url: str) -> Neighbours:
    """Both with the people, targets and clock that a commune of the tests has; it is now."""
    land = Land(home, url)
    now = clock()
    one = land.commune("an-binh", at=now, more=_VOICE + _OWN_TARGET)
    other = land.commune("binh-minh", at=now, more=_VOICE)
    known = _fill(land, one)
    _write_words(other.context.home, "chung\tđọc của Bình Minh\t\t\n")
    slotting.add(other.context, other.lan, "sang", time(9), time(9, 30), (), now)
    number = other.approved(text="Tin của Bình Minh\nNội dung của Bình Minh.")
    other.schedule(number, until=_in_days(10, one.clock))
    other.plan()
    token = enrolling.take_in(other.context, "loa-dong", now)
    signing.signer(other.context)
    return Neighbours(land, one, other, known, token)


def _in_days(days: int, at: HandClock) -> str:
    return f"{at() + timedelta(days=days):%d/%m/%Y}"


def _fill(land: Land, xa: Commune) -> Known:
    context, now = xa.context, xa.clock()
    (context.home / "policy").mkdir()
    profile = context.home / "policy" / f"ho-so-{SECRET}.toml"
    profile.write_text(f'title = "Hồ sơ {SECRET}"\n', encoding="utf-8")
    _write_words(context.home, f"{SECRET}tu\tđọc {SECRET}\t\t\nchung\tđọc {SECRET}\t\t\n")
    _write_rows(xa)
    targets = ("fanpage", "loa-dong", f"loa-{SECRET}")
    for n in range(_NUMBER - 1):
        xa.draft(f"Nháp {SECRET} {n}\nViệc của {SECRET}.")
    number = xa.approved(targets, text=f"Lịch {SECRET}\nViệc của {SECRET}.")
    (rule,) = xa.schedule(number, until=_in_days(10, xa.clock))
    for key in ("sang", f"gio-{SECRET}"):
        slotting.add(context, xa.lan, key, time(9), time(9, 30), (), now)
    publicising.mark(context, xa.lan, number, f"Luật {SECRET}", now.date(), now)
    waiver = excepting.allow(
        context, xa.minh, number, Limit.WEEKDAY, now.date(), now.date(), f"vì {SECRET}", now
    )
    alert = xa.approved(("loa-dong",), text=f"Lũ {SECRET}\nChạy ngay.", priority=Priority.EMERGENCY)
    order = alerting.send(context, xa.minh, Wish(number=alert, until=now + timedelta(hours=2)), now)
    xa.plan()
    etag, entry = _talk(xa)
    muting.mute(context, xa.lan, "loa-dong", now + timedelta(hours=9), f"tang {SECRET}", now)
    code = enrolling.code(context, xa.lan, f"loa-{SECRET}", now)
    stopping.stop(context, xa.minh, f"dừng {SECRET}", now)
    one = next(row for row in xa.rows(number) if row.channel == "loudspeaker")
    with context.database.read() as connection:
        seal = events.verify(connection, context.commune_id).head
        alarm = alarms.open_ones(connection, context.commune_id)[0].id
    digest = next(iter(sorted(context.audio.glob("*.wav")))).stem
    land.close()
    return Known(
        number=number, delivery=one.id, uid=one.uid, rule=rule, order=order.id,
        waiver=waiver.waiver.id, alarm=alarm, slot=f"gio-{SECRET}", person=f"{SECRET}-hoa",
        target=f"loa-{SECRET}", village=f"thôn {SECRET}", profile=f"ho-so-{SECRET}", seal=seal,
        digest=digest, entry=entry, etag=etag, code=code,
    )  # fmt: skip


def _write_words(home: Path, words: str) -> None:
    (home / "lexicon").mkdir(exist_ok=True)
    (home / "lexicon" / "pronunciations.tsv").write_text(words, encoding="utf-8")


def _write_rows(xa: Commune) -> None:
    """What comes about by itself or over weeks."""
    owner, now = xa.context.commune_id, xa.clock()
    with xa.context.database.write() as connection:
        people.create(
            connection,
            owner,
            f"{SECRET}-hoa",
            f"Hoa {SECRET}",
            [Role.OPERATOR, Role.APPROVER, Role.ADMIN],
        )
        day = DayOff(now.date() + timedelta(days=30), f"Lễ {SECRET}", f"le-{SECRET}")
        holidays.keep(connection, owner, [day], SECRET, "lan", now)
        said = Text(f"Trạm im {SECRET}", f"Silent {SECRET}")
        alarms.raise_new(connection, owner, Alarm(Kind.SILENT, SECRET, "loa-dong", said), now)
        outlets.keep(connection, Outlet(owner, "zalo", cause=said, failures=3))


def _talk(xa: Commune) -> tuple[str, str]:
    """A station of the one commune gets its plan and tells; the plan's tag and an entry's name."""
    context, now = xa.context, xa.clock()
    token = enrolling.take_in(context, "loa-dong", now)
    station = syncing.who(context.database, token)
    assert station is not None
    plan = syncing.rundown(context, station, now)
    entry = wire.AsRunEntry(
        entry=f"entry-{SECRET}",
        uid=plan.rundown.items[0].uid,
        outcome="partly_aired",
        planned_at=now,
        started_at=now,
        seconds_played=1,
        device=f"loa {SECRET}",
        cause_vi=f"cháy {SECRET}",
    )
    syncing.take_entries(context, station, wire.AsRunBatch(entries=[entry]), now)
    return plan.etag, entry.entry
