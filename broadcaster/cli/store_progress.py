"""How far a long piece of work has come: one line that changes, or one line a table."""

from __future__ import annotations

import sys

import click

from broadcaster.cli.base import say
from broadcaster.services.keeping.copying import Progress

_WIDE = 60


def progress() -> Progress:
    """On stderr, beside the data; nothing of it in a file of output."""
    shown = sys.stderr.isatty()

    def tell(name: str, done: int, of: int) -> None:
        if shown:
            click.echo(f"\r{f'{name}: {done}/{of}':<{_WIDE}}", err=True, nl=done == of)
        elif done == of and of:
            say(f"{name}: {done}/{of}")

    return tell
