"""Commands that the documents, the settings and the program's own messages tell of do exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_tree import Command, commands

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = [*sorted((ROOT / "broadcaster").rglob("*.py")), *sorted((ROOT / "config").glob("*.toml"))]
SCRIPTS = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "scripts").glob("*.py")))
_CALL = re.compile(
    r"(?<![\w.-])(?<!from )broadcaster(?: --(?:home|lang)[ =]\S+)* "
    r"(?P<first>[a-z][a-z-]+)(?P<rest>[^\n`”\"]*)"
)


def existing(paths: list[Path]) -> list[Path]:
    return [path for path in paths if path.exists()]


def code_in(document: str) -> Iterator[str]:
    """Lines of code blocks, and code within lines."""
    for block in re.findall(r"```\w*\n(.*?)```", document, re.DOTALL):
        # A command that goes on behind a backslash is one line.
        yield from block.replace("\\\n", " ").splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", document, flags=re.DOTALL))


def mistakes(line: str) -> list[str]:
    """What the calls of `broadcaster` in a line name that does not exist."""
    found = []
    for call in _CALL.finditer(line):
        command, rest = resolve(call["first"], call["rest"])
        if command is None:
            found.append(f"broadcaster {call['first']}{call['rest']}")
            continue
        known = command.options | commands("vi")[()].options
        options = re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest)
        found += [f"{' '.join(command.path)} {name}" for name in options if name not in known]
    return found


def resolve(first: str, rest: str) -> tuple[Command | None, str]:
    """The command that is meant; of a group, the one named by the next word if it names one."""
    command = commands("vi").get((first,))
    if command is None or not command.group:
        return command, rest
    word = re.match(r"\s+([a-z][a-z-]+)\b", rest)
    if word is None:
        return command, rest
    return commands("vi").get((first, word[1])), rest


@pytest.mark.parametrize("path", existing(DOCUMENTS), ids=lambda path: path.name)
def test_documents_name_only_commands_and_options_that_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    assert [wrong for line in code_in(text) for wrong in mistakes(line)] == []


@pytest.mark.parametrize("path", existing(DOCUMENTS), ids=lambda path: path.name)
def test_options_named_alone_belong_to_some_command_or_script(path: Path) -> None:
    everywhere = {option for one in commands("vi").values() for option in one.options}
    alone = re.findall(r"`(--[a-z][a-z-]*)[^`]*`", path.read_text("utf-8"))
    demo = (ROOT / "broadcaster/demo/__main__.py").read_text("utf-8")
    sandbox = (ROOT / "broadcaster/sandbox/__main__.py").read_text("utf-8")
    station = "\n".join(
        path.read_text("utf-8") for path in sorted((ROOT / "broadcaster/station").glob("*.py"))
    )
    others = SCRIPTS + demo + sandbox + station
    unknown = [name for name in alone if name not in everywhere and name not in others]
    assert unknown == []


def test_the_programs_own_messages_name_only_what_exists() -> None:
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in SOURCES
        if (found := [w for line in path.read_text("utf-8").splitlines() for w in mistakes(line)])
    }
    assert wrong == {}


def test_a_lie_would_be_found() -> None:
    assert mistakes("broadcaster render 1 --as lan") == []
    assert mistakes("$ .venv/bin/broadcaster --home ~/xa announcement list --json") == []
    assert mistakes("broadcaster dance") == ["broadcaster dance"]
    assert mistakes("broadcaster announcement burn 1") == ["broadcaster announcement burn 1"]
    assert mistakes("broadcaster log --colour") == ["log --colour"]
