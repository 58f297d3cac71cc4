"""Help speaks one language at a time, names everything, and has its exit codes written down."""

from __future__ import annotations

import re

import pytest
from command_tree import Command, commands

VIETNAMESE = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
PROMISED = [
    "init", "announcement new", "announcement edit", "announcement withdraw",
    "announcement show", "announcement list", "render", "preview", "approval grant",
    "approval return", "timetable add", "timetable list",
    "timetable preview", "plan show", "run", "delivery list", "delivery show", "delivery resolve",
    "log", "channel check", "stop-all",
]  # fmt: skip


def leaves(language: str) -> list[Command]:
    return [one for one in commands(language).values() if not one.group]


def test_every_promised_command_is_there() -> None:
    there = {" ".join(path) for path in commands("vi")}
    assert set(PROMISED) <= there


def test_every_command_answers_programs_too() -> None:
    assert [one.path for one in leaves("vi") if "--json" not in one.options] == []


def test_every_option_is_explained() -> None:
    assert {one.path: one.silent for one in commands("vi").values() if one.silent} == {}


def test_the_same_commands_and_options_in_both_languages() -> None:
    vi, en = commands("vi"), commands("en")
    assert {p: c.options for p, c in vi.items()} == {p: c.options for p, c in en.items()}


@pytest.mark.parametrize("path", commands("vi"), ids=" ".join)
def test_vietnamese_help_has_no_english_left(path: tuple[str, ...]) -> None:
    said = commands("vi")[path].help
    assert VIETNAMESE.search(said)
    for word in ("Usage", "Options", "OPTIONS", "COMMAND", "Show this", "required", "TEXT", "PATH"):
        assert word not in said
    for word in ("INTEGER", "FILE", "NUMBER", "NAME"):
        assert not re.search(rf"\b{word}\b", said), word


@pytest.mark.parametrize("path", commands("en"), ids=" ".join)
def test_english_help_has_no_vietnamese_outside_its_examples(path: tuple[str, ...]) -> None:
    said = re.sub(r"“[^”]*”", "", commands("en")[path].help)
    assert not VIETNAMESE.search(said), said


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_exit_codes_are_told(language: str) -> None:
    said = " ".join(commands(language)[()].help.split())
    assert all(re.search(rf"\b{code} [^\d]", said) for code in (0, 1, 2, 4, 5, 6))
