"""The command line as it really is: every command with its options, in one language."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

# A process of its own for each language: the words are chosen when the modules are loaded.
_WALK = """
import json, sys
from broadcaster.cli.i18n import install_click_messages, set_language
set_language(sys.argv[1]); install_click_messages(sys.argv[1])
import click
from broadcaster.cli.group import group
found = []
def walk(command, context, path):
    below = {}
    if isinstance(command, click.Group):
        names = command.list_commands(context)
        below = {name: command.get_command(context, name) for name in names}
    options = [o for p in command.params if isinstance(p, click.Option)
               for o in (*p.opts, *p.secondary_opts)]
    silent = [p.opts[0] for p in command.params if isinstance(p, click.Option) and not p.help]
    found.append({"path": path, "group": bool(below), "options": [*options, "--help", "-h"],
                  "silent": silent, "help": command.get_help(context)})
    for name, one in below.items():
        walk(one, click.Context(one, context, info_name=name), [*path, name])
walk(group, click.Context(group, info_name="broadcaster"), [])
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Command:
    """`path` without "broadcaster"; `silent` are the options without a word of help."""

    path: tuple[str, ...]
    group: bool
    options: frozenset[str]
    silent: tuple[str, ...]
    help: str


@cache
def commands(language: str) -> dict[tuple[str, ...], Command]:
    done = subprocess.run(
        [sys.executable, "-P", "-c", _WALK, language],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return {
        tuple(one["path"]): Command(
            tuple(one["path"]),
            one["group"],
            frozenset(one["options"]),
            tuple(one["silent"]),
            one["help"],
        )
        for one in json.loads(done.stdout)
    }
