"""Every command, by a clerk of the neighbour with the other commune's numbers, keys and names.

Whoever adds a command adds a case here. A case is refused, or does what it does to the neighbour's
own; either way nothing of the other commune is shown, and nothing of it changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import click
import pytest
from databases import fresh_url
from in_process import Told, run
from neighbours import SECRET, Known, Neighbours, made

from broadcaster.cli.group import group

_NEEDS_NO_COMMUNE = {
    "sandbox": "a server of its own that knows no database",
    "voice install": "fetches a voice from the network",
}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Everything that does something, as it is typed."""

    def below(
        one: click.Command, context: click.Context, words: str
    ) -> Iterator[tuple[str, click.Command]]:
        if not isinstance(one, click.Group):
            yield words, one
            return
        if one.invoke_without_command:
            yield words, one
        for name in one.list_commands(context):
            found = one.get_command(context, name)
            assert found is not None
            inner = click.Context(found, context, info_name=name)
            yield from below(found, inner, f"{words} {name}".strip())

    yield from below(group, click.Context(group), "")


@pytest.fixture(scope="module")
def two(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Neighbours]:
    home = tmp_path_factory.mktemp("tinh")
    found = made(home, fresh_url("sqlite", home, request))
    run(found.other.context.home, "station", "key")  # what has stations has a key
    with closing(found.land):
        yield found


_FAR_SIDES = {"channel check", "channel tokens", "voice check"}
"""There is none behind the targets and voices of a test, which is said, and no success."""
_LAN, _MINH = ("--as", "lan"), ("--as", "minh")
Cases = dict[str, list[tuple[str, ...]]]


def theirs(two: Neighbours, file: Path) -> Cases:
    """With what is the other commune's: all of these are to be refused."""
    a, home = two.known, str(two.other.context.home)
    elsewhere = f"sqlite:///{file.with_name('noi-khac.db')}"
    number, rule, order = str(a.number), str(a.rule), str(a.order)
    delivery, day = str(a.delivery), "31/12/2026"
    text, on = ("--from", str(file)), ("--on", "hằng ngày", "--at", "10:00", "--yes")
    return {
        "announcement new": [
            (*text, "--target", a.target, *_LAN), (*text, "--target", "loa-dong", "--as", a.person)
        ],
        "announcement show": [(number,)],
        "announcement history": [(number,)],
        "announcement edit": [(number, *text, *_LAN)],
        "announcement override": [(number, "--target", "fanpage", *text, *_LAN)],
        "announcement submit": [(number, *_LAN)],
        "announcement withdraw": [(number, "--reason", "x", *_LAN)],
        "render": [(number, *_LAN)],
        "preview": [(number,), (number, "--heard", *_MINH)],
        "approval grant": [(number, *_MINH)],
        "approval return": [(number, "--reason", "x", *_MINH)],
        "approval confirm": [(number, *_MINH)],
        "timetable add": [
            (number, *on, *_LAN), ("1", "--slot", a.slot, "--on", day, "--yes", *_LAN)
        ],
        "timetable preview": [(number, *on[:-1])],
        "timetable edit": [(rule, *on, *_LAN)],
        "timetable skip": [(rule, day, "--yes", *_LAN)],
        "timetable add-date": [(rule, day, "--yes", *_LAN)],
        "timetable remove": [(rule, "--yes", *_LAN)],
        "slot add": [
            ("gio-moi", "--from", "10:00", "--until", "10:30", "--target", a.target, *_LAN)
        ],
        "slot remove": [(a.slot, *_LAN)],
        "policy show": [(a.profile,)],
        "policy check": [(a.profile,)],
        "policy use": [(a.profile, "--reason", "x", "--yes", *_LAN)],
        "policy except": [(number, "--limit", "weekday", "--reason", "x", *_MINH)],
        "policy revoke": [(str(a.waiver), *_MINH)],
        "publicity mark": [(number, "--basis", "x", "--from", day, *_LAN)],
        "publicity show": [(number,)],
        "publicity confirm": [(number, "--village", a.village, *_LAN)],
        "delivery list": [("--announcement", number)],
        "delivery show": [(delivery,)],
        "delivery resolve": [(delivery, "--not-posted", *_LAN), (delivery, "--removed", *_LAN)],
        "delivery make-up": [(delivery, "--yes", *_LAN)],
        "log verify": [("--head", a.seal)],
        "channel check": [(a.target,)],
        "channel connect": [(a.target, "--answers", str(file))],
        "channel tokens": [(a.target,)],
        "station code": [(a.target, *_LAN)],
        "station revoke": [(a.target, *_LAN)],
        "station mute": [(a.target, "--until", "23:59", "--reason", "x", *_LAN)],
        "station unmute": [(a.target, *_LAN)],
        "alarm ack": [(str(a.alarm), *_LAN)],
        "person edit": [(a.person, "--everywhere", *_LAN)],
        "person add": [("moi", "--full-name", "Mới", "--role", "operator", "--as", a.person)],
        "emergency send": [(number, "--until", "23:59", "--status", "actual", *_MINH)],
        "emergency stop": [(order, "--reason", "x", *_MINH)],
        "emergency all-clear": [(order, *_MINH)],
        "stop-all": [("--as", a.person), ("--release", *_MINH)],
        "store restore": [(str(file),)],
        "store copy": [
            ("--from", str(file.parent), "--to", str(file.parent)),
            ("--from", home, "--commune", "an-binh", "--to", elsewhere),
        ],
        "store doubt": [("--since", "00:00 1/1/2020", "--as", a.person)],
        "run": [("--no-station",), ("--role", "planner")],
        "commune list": [()],
        "commune add": [("an-binh", "--name", "xã Khác")],
    }  # fmt: skip


def own(a: Known, file: Path) -> Cases:
    """What is done to the neighbour's own, under names that the other commune uses as well."""
    return {
        "init": [()],
        "announcement new": [("--from", str(file), "--target", "loa-dong", *_LAN)],
        "announcement list": [()],
        "announcement show": [("1",)],
        "announcement history": [("1",)],
        "timetable list": [()],
        "timetable export": [(str(file.with_name("lich.ics")),)],
        "timetable expand": [("--dtstart", "2026-11-23T05:30")],
        "slot add": [("chieu", "--from", "17:30", "--until", "17:45", *_LAN)],
        "slot list": [()],
        "slot remove": [("sang", *_LAN)],
        "programme show": [("31/12/2026",), ("31/12/2026", "--slot", a.slot)],
        "policy show": [()],
        "policy check": [()],
        "policy list": [()],
        "policy exceptions": [()],
        "holiday list": [()],
        "holiday import": [(str(file.with_name("le.ics")), "--yes", *_LAN)],
        "holiday remove": [("31/12/2026", "--yes", *_LAN)],
        "publicity list": [()],
        "plan show": [()],
        "delivery list": [()],
        "log": [(), ("--events",)],
        "log verify": [()],
        "channel list": [()],
        "channel check": [()],
        "channel tokens": [()],
        "station list": [()],
        "station code": [("loa-dong", *_LAN)],
        "station key": [(), ("--rotate", *_LAN)],
        "station mute": [("loa-dong", "--until", "23:59", "--reason", "x", *_LAN)],
        "station unmute": [("loa-dong", *_LAN)],
        "station revoke": [("loa-dong", *_LAN)],
        "alarm list": [("--days", "9")],
        "person list": [()],
        "person add": [("hoa", "--full-name", "Hoa", "--role", "operator", *_LAN)],
        "person edit": [("tuan", "--full-name", "Tuấn", *_LAN)],
        "emergency list": [()],
        "emergency prepare": [_MINH],
        "stop-all": [("--reason", "x", *_MINH), ("--release", *_MINH)],
        "speech read": [(str(file),)],
        "speech check": [(str(file),)],
        "speech explain": [(str(file),)],
        "lexicon add": [("từ mới", "cách đọc")],
        "lexicon list": [("--table", "pronunciations"), (f"{SECRET}tu",)],
        "lexicon try": [("mới", "cách đọc", "--in", "Từ mới")],
        "lexicon remove": [("--table", "pronunciations", "chung")],
        "voice list": [()],
        "voice check": [()],
        "voice try": [("Xin chào", "--voice", "espeak", "--out", str(file.with_name("a.wav")))],
        "store backup": [(str(file.parent),)],
        "store verify": [()],
        "studio measure": [(str(file.with_name("san.wav")),)],
    }  # fmt: skip


COMMANDS = sorted({words for words, _ in commands()} - set(_NEEDS_NO_COMMUNE))


@pytest.fixture(scope="module")
def file(two: Neighbours, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("xa-ben")
    days = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\n"
        "DTSTAMP:20261101T000000Z\r\nDTSTART;VALUE=DATE:20261231\r\nSUMMARY:Nghỉ\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    (folder / "le.ics").write_text(days, encoding="utf-8")
    (folder / "tin.txt").write_text("Tin của xã bên\nNội dung.", encoding="utf-8")
    sound = next(two.other.context.audio.glob("*.wav"))
    (folder / "san.wav").write_bytes(sound.read_bytes())
    return folder / "tin.txt"


@pytest.mark.parametrize("words", COMMANDS)
def test_a_neighbour_sees_and_changes_nothing(two: Neighbours, file: Path, words: str) -> None:
    refused = theirs(two, file).get(words, [])
    allowed = own(two.known, file).get(words, [])
    assert refused or allowed, f"“{words}” has no case: add one"
    for case in refused:  # an error is told in both languages with --json, and on stderr
        told = _said(two, words, *case, "--json")
        assert told.code != 0, (case, told.all)
    for case in allowed:
        told = _said(two, words, *case)
        assert told.code == 0 or words in _FAR_SIDES, (case, told.all)
        _said(two, words, *case, "--json")
    assert two.changed() == set()


def _said(two: Neighbours, words: str, *given: str) -> Told:
    """What the neighbour is told: but for what was typed in, no word of the other commune."""
    told = run(two.other.context.home, *words.split(), *given)
    shown = told.all
    for word in given:
        shown = shown.replace(word, "")
    assert SECRET not in shown.casefold(), (given, told.all)
    assert "an-binh" not in shown.casefold(), (given, told.all)
    return told


def test_the_one_commune_itself_sees_all_of_it(two: Neighbours) -> None:
    """The words that the test above looks for are there to be found."""
    home = two.one.context.home
    for words in (
        "announcement list", "timetable list", "slot list", "policy list", "policy exceptions",
        "holiday list", "publicity list", "delivery list", "log --events", "channel list",
        "station list", "alarm list", "person list",
        f"announcement show {two.known.number}", f"delivery show {two.known.delivery}",
    ):  # fmt: skip
        told = run(home, *words.split(), "--json")
        assert (told.code, SECRET in told.out) == (0, True), (words, told.all)


def test_what_needs_no_commune_is_still_there() -> None:
    assert set(_NEEDS_NO_COMMUNE) <= {words for words, _ in commands()}


def test_a_backup_of_the_neighbour_holds_nothing_of_the_one_commune(
    two: Neighbours, tmp_path: Path
) -> None:
    for whose, holds in ((two.other, False), (two.one, True)):
        file = tmp_path / f"{whose.context.commune_id}.zip"
        assert run(whose.context.home, "store", "backup", str(file)).code == 0
        with ZipFile(file) as packed:
            content = [packed.read(name) for name in packed.namelist()]
        assert any(SECRET.encode() in part for part in content) == holds
