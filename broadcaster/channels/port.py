"""The one door to every outlet: built-in channels come in by the same entry points as others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Protocol, cast

from broadcaster.domain.picture import Picture
from broadcaster.domain.ration import Ration
from broadcaster.errors import InputError, Text
from broadcaster.secrecy.encryption import Seal

Content = Mapping[str, Any]
"""What would be posted, as plain JSON: previewed, approved by digest, posted unchanged."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a channel composes its content from; sound (MP3) and pictures lie in the blob store."""

    title: str
    body: str
    reference: str
    commune: str
    day: date
    audio_digest: str = ""
    audio_seconds: float = 0.0
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of its call allowance a target has used, as the far side counts it.

    `percent` of the allowance; `regain_at` (aware UTC) is when it is whole again, where known. Near
    its end the engine rests the whole target instead of running into the limit.
    """

    percent: float
    regain_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the far side said. `visible`: the public can see it now.

    `at` is when the far side took it (aware UTC), where known: a "does not exist" soon after that
    proves nothing, because reads lag behind writes. `usage`: what its headers told, where they do.
    """

    remote_id: str
    link: str = ""
    visible: bool = False
    proof: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    usage: Usage | None = None


class Gone(StrEnum):
    """What became of a post that was taken back."""

    DELETED = "deleted"  # also when it had been gone already
    HIDDEN = "hidden"  # kept by the far side, seen by nobody
    CANNOT = "cannot"  # the far side offers no way: a person has to do it there


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The answer to a withdrawal. `todo` tells a person what to do by hand; never empty with
    CANNOT."""

    how: Gone
    todo: Text | None = None
    proof: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Health:
    """Whether posting would work. `warnings`: it works, but a person should act before it ends."""

    ok: bool
    message: Text
    details: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """One concrete Page, OA or site. `secret(name)` raises InputError when it is not set.

    `account`: the target whose account it uses; empty when it has its own.
    `state` is a folder of the account's own, where rotating tokens are kept under `seal`;
    `blob(digest, kind)` is a file's path; kinds: mp3, jpg, png.
    """

    key: str
    name: str
    options: Mapping[str, Any]
    secret: Callable[[str], str]
    state: Path
    blob: Callable[[str, str], Path]
    seal: Seal
    account: str = ""


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


class Correcting(Protocol):
    """A channel that can change a post in its place has this method too; others simply lack it."""

    def update(self, content: Content, receipt: Receipt, reference: str, now: datetime) -> Receipt:
        """Put `content` in the place of the post of `receipt`; id and address stay that post's.

        Repeating it changes nothing, so the engine repeats it after an unclear answer, once a
        worker's lease and the quarantine are over. `visible` only when the new words were read
        back. Raises NotThere when the post certainly does not exist any more: the engine then
        publishes `content` as a new post. Else TryAgain, Refused (the old words stand) or
        OutcomeUnknown. Never makes a second post.
        """
        ...


class Withdrawing(Protocol):
    """A channel that can take a post back has this method too; others simply lack it."""

    def withdraw(self, receipt: Receipt, now: datetime) -> Withdrawn:
        """Delete the post of `receipt`, or hide it where deleting is not offered.

        Repeating it changes nothing: what is gone already is a success. A channel that looks
        whether the public still sees it does so here, before it says that it is gone. Raises
        TryAgain (also while an accepted post is still in the making), Refused (a person must act
        first) or OutcomeUnknown, after which the engine repeats it.
        """
        ...


class Rationed(Protocol):
    """A channel that may be used only so often has these methods too; others simply lack them."""

    def ration(self, now: datetime) -> Ration:
        """The figures as they are known here; asks nobody. Raises nothing."""
        ...

    def ask_ration(self, now: datetime) -> None:
        """Ask the far side what is left and remember it. Raises TryAgain or Refused."""
        ...


def rationed(channel: Channel) -> Rationed | None:
    """The channel as one with a ration; None when it has none."""
    return cast(Rationed, channel) if callable(getattr(channel, "ration", None)) else None


def correcting(channel: Channel) -> Correcting | None:
    """The channel as one that corrects; None when it cannot."""
    return cast(Correcting, channel) if callable(getattr(channel, "update", None)) else None


def withdrawing(channel: Channel) -> Withdrawing | None:
    """The channel as one that takes posts back; None when it cannot."""
    return cast(Withdrawing, channel) if callable(getattr(channel, "withdraw", None)) else None


def make(kind: str, settings: TargetSettings) -> Channel:
    """The channel of a kind, by entry-point group "broadcaster.channels". Raises InputError."""
    found = [point for point in _installed() if point.name == kind]
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
    return sorted({point.name for point in _installed()})


@cache
def _installed() -> Sequence[EntryPoint]:
    """Looked for once: it means reading every package's description, a hundredth of a second for
    each of a province's targets."""
    return tuple(entry_points(group="broadcaster.channels"))
