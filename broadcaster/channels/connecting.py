"""Connecting a target to its account: what a channel asks a person for, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.metadata import entry_points
from typing import Protocol, cast

from broadcaster.channels.port import TargetSettings
from broadcaster.errors import Text


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Text


class Asker(Protocol):
    """A person at a keyboard, or a file of answers. Raises InputError for a missing answer."""

    def tell(self, text: Text) -> None:
        """A step to take somewhere else, with the place named."""
        ...

    def ask(self, name: str, what: Text, *, secret: bool = True) -> str:
        """One answer; a secret is not shown while it is typed."""
        ...

    def choose(self, name: str, what: Text, choices: Sequence[Choice], default: str = "") -> str:
        """The value of one of the choices; a single one needs no question."""
        ...

    def keep(self, name: str, value: str) -> None:
        """Store a secret of the target, at once."""
        ...


@dataclass(frozen=True, slots=True)
class Connected:
    """What was reached. `options`: settings that the person still has to write down."""

    message: Text
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """One secret that a channel keeps by itself; times where they are known."""

    name: str
    since: datetime | None = None
    until: datetime | None = None
    refreshed: datetime | None = None
    note: Text | None = None


class Holding(Protocol):
    """A channel that keeps secrets by itself has this method too; others simply lack it."""

    def held(self, now: datetime) -> Sequence[Held]: ...


@dataclass(frozen=True, slots=True)
class Connector:
    """How one kind of channel is connected: a class attribute `connector` of the channel.

    `secrets` are the names it may need; `run` asks, tries what it was given, and keeps it.
    """

    secrets: tuple[str, ...]
    run: Callable[[TargetSettings, Asker, datetime], Connected]


def connector(kind: str) -> Connector | None:
    """Of a kind of channel; None for one that needs no connecting."""
    for point in entry_points(group="broadcaster.channels"):
        if point.name == kind:
            return cast("Connector | None", getattr(point.load(), "connector", None))
    return None


def holding(channel: object) -> Holding | None:
    """The channel as one that keeps secrets by itself; None when it does not."""
    return cast(Holding, channel) if callable(getattr(channel, "held", None)) else None


def with_secrets(settings: TargetSettings, given: Mapping[str, str]) -> TargetSettings:
    """The target as it will be with these secrets, to try them before they are kept."""

    def secret(name: str) -> str:
        return given[name] if name in given else settings.secret(name)

    return replace(settings, secret=secret)


def known_or_asked(settings: TargetSettings, asker: Asker, name: str, what: Text) -> str:
    """An option from the settings, else the person's answer."""
    value = str(settings.options.get(name) or "").strip()
    return value if value and value != "…" else asker.ask(name, what, secret=False)
