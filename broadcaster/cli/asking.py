"""Who answers when a channel is connected: a person at the keyboard, or a file of answers."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from broadcaster.channels.connecting import Asker, Choice
from broadcaster.cli.base import say
from broadcaster.cli.i18n import t
from broadcaster.errors import InputError, Text
from broadcaster.secrecy.files import must_be_private
from broadcaster.secrecy.masking import remember
from broadcaster.settings.file import read_toml

Keep = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Person:
    """Guides step by step; secrets are typed or pasted unseen."""

    keep_secret: Keep

    def tell(self, text: Text) -> None:
        say("\n" + t(text.vi, text.en))

    def ask(self, name: str, what: Text, *, secret: bool = True) -> str:  # noqa: ARG002 - for files
        hint = t(" (dán vào, không hiện ra)", " (paste it; it is not shown)") if secret else ""
        given = click.prompt(t(what.vi, what.en) + hint, hide_input=secret, err=True)
        if secret:
            remember(str(given).strip())
        return str(given).strip()

    def choose(self, name: str, what: Text, choices: Sequence[Choice], default: str = "") -> str:  # noqa: ARG002 - for files
        if len(choices) == 1:
            return choices[0].value
        say("\n" + t(what.vi, what.en))
        for n, choice in enumerate(choices, 1):
            say(f"  {n}. {t(choice.label.vi, choice.label.en)}")
        values = [choice.value for choice in choices]
        usual = values.index(default) + 1 if default in values else None
        n = click.prompt(
            t("Số", "Number"), type=click.IntRange(1, len(choices)), default=usual, err=True
        )
        return values[int(n) - 1]

    def keep(self, name: str, value: str) -> None:
        self.keep_secret(name, value)


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers from a TOML file or stdin, never from the command's own words."""

    given: Mapping[str, str]
    keep_secret: Keep

    def tell(self, text: Text) -> None:
        """A file reads no guide."""

    def ask(self, name: str, what: Text, *, secret: bool = True) -> str:  # noqa: ARG002 - for people
        found = self.given.get(name, "").strip()
        if not found:
            raise InputError(
                f"Thiếu câu trả lời “{name}” ({what.vi}). Thêm một dòng {name} = “…” vào tệp.",
                f"The answer “{name}” ({what.en}) is missing. Add a line {name} = “…” to the file.",
            )
        return found

    def choose(self, name: str, what: Text, choices: Sequence[Choice], default: str = "") -> str:
        values = [choice.value for choice in choices]
        if len(values) == 1:
            return values[0]
        found = self.given.get(name, "").strip() or default or self.ask(name, what)
        if found not in values:
            known = ", ".join(values)
            raise InputError(
                f"“{name} = {found}” không có trong các lựa chọn: {known}.",
                f"“{name} = {found}” is none of: {known}.",
            )
        return found

    def keep(self, name: str, value: str) -> None:
        self.keep_secret(name, value)


def asker(answers: str | None, keep: Keep) -> Asker:
    """A person when there is one, else the answers in a file ("-": stdin). Raises InputError."""
    if answers is None:
        if not sys.stdin.isatty():
            raise InputError(
                "Lệnh này hỏi từng bước nên cần bàn phím. Chạy tự động thì thêm --answers TỆP "
                "(hoặc --answers - để đọc từ đầu vào chuẩn).",
                "This command asks step by step and needs a keyboard. In a script add --answers "
                "FILE (or --answers - for standard input).",
            )
        return Person(keep)
    if answers == "-":
        try:
            found = tomllib.loads(sys.stdin.read())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            raise InputError(
                "Đầu vào không phải TOML: mỗi dòng một câu trả lời, như tên = “giá trị”.",
                "The input is no TOML: one answer a line, as name = “value”.",
            ) from None
    else:
        if Path(answers).exists():
            must_be_private(Path(answers))
        found = read_toml(Path(answers))
    if not all(isinstance(value, str) for value in found.values()):
        raise InputError(
            "Mỗi câu trả lời viết trong ngoặc kép trên một dòng.", "Write every answer in quotes."
        )
    remember(*(value for name, value in found.items() if name not in _PLAIN))
    return Answers(found, keep)


_PLAIN = {"app_id", "page_id", "user", "way", "verifier"}
"""Answers that are no secrets."""
