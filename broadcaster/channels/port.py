"""The one door to every outlet: built-in channels come in by the same entry points as others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

from broadcaster.errors import InputError, Text

Content = Mapping[str, Any]
"""What would be posted, as plain JSON: previewed, approved by digest, posted unchanged."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a channel composes its content from. `audio_digest` names an MP3 in the blob store."""

    title: str
    body: str
    reference: str
    commune: str
    day: date
    audio_digest: str = ""
    audio_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the far side said. `visible`: the public can see it now.

    `at` is when the far side took it (aware UTC), where known: a "does not exist" soon after that
    proves nothing, because reads lag behind writes.
    """

    remote_id: str
    link: str = ""
    visible: bool = False
    proof: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    ok: bool
    message: Text
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """One concrete Page, OA or site. `secret(name)` raises InputError when it is not set.

    `state` is a folder of the target's own (rotating tokens); `blob(digest)` is a file's path.
    """

    key: str
    name: str
    options: Mapping[str, Any]
    secret: Callable[[str], str]
    state: Path
    blob: Callable[[str], Path]


class Channel(Protocol):
    """One outlet of one kind. Every network method raises TryAgain, Refused or OutcomeUnknown."""

    kind: str

    def compose(self, draft: Draft) -> Content:
        """The exact content for this outlet, within its limits; pure. Raises InputError."""
        ...

    def show(self, content: Content) -> str:
        """The content as a person would read it there, as plain text, for the preview."""
        ...

    def publish(self, content: Content, reference: str, now: datetime) -> Receipt:
        """Post it once. Retries nothing that could double it."""
        ...

    def verify(self, receipt: Receipt, now: datetime) -> Receipt | None:
        """What has become of an accepted post; None when the far side says it does not exist."""
        ...

    def look_up(
        self, content: Content, reference: str, since: datetime, now: datetime
    ) -> Receipt | None:
        """Find a post of ours by its reference. None means an authoritative "not there"."""
        ...

    def check(self, now: datetime) -> Health:
        """Whether posting would work now: address, permission, token. Posts nothing."""
        ...


def make(kind: str, settings: TargetSettings) -> Channel:
    """The channel of a kind, by entry-point group "broadcaster.channels". Raises InputError."""
    found = [point for point in entry_points(group="broadcaster.channels") if point.name == kind]
    if not found:
        known = ", ".join(kinds())
        raise InputError(
            f"Kênh “{kind}” không có. Các kênh có sẵn: loudspeaker, {known}.",
            f"There is no channel “{kind}”. Known: loudspeaker, {known}.",
        )
    channel: Channel = found[0].load()(settings)
    return channel


def kinds() -> list[str]:
    """The names of all installed channels."""
    return sorted({point.name for point in entry_points(group="broadcaster.channels")})
