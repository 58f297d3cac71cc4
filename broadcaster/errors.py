"""Errors that name what to do next, in Vietnamese and in English."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from broadcaster.secrecy.masking import mask


@dataclass(frozen=True, slots=True)
class Text:
    """One message in both languages of the interface."""

    vi: str
    en: str

    def say(self, lang: str) -> str:
        return self.en if lang == "en" else self.vi


class BroadcasterError(Exception):
    """Root of everything that is reported to a person; `exit_code` is the command's answer.

    No message holds a secret that this process knows.
    """

    exit_code = 1

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(mask(vi))
        self.text = Text(mask(vi), mask(en))


class InputError(BroadcasterError):
    """What was given cannot be used: the message names the file, line or field and the way out."""

    exit_code = 2


class PolicyRefused(BroadcasterError):
    """A rule of the commune forbids it; a person with the right may change plan or rule."""

    exit_code = 6


class NotFound(InputError):
    """No such announcement, delivery, person, target."""


class Conflict(PolicyRefused):
    """Somebody else was first, or it has been done already."""


class Unavailable(BroadcasterError):
    """Something of the machine is missing or in use: disk, port, sound card, voice."""


class Outdated(Unavailable):
    """The database has moved on without this process: it writes nothing any more and must end."""


# What became of one try to deliver. A channel raises exactly one of these three.


class TryAgain(BroadcasterError):
    """Certainly not delivered; another try may work, not before `at` (aware UTC) if given.

    `target_wide`: it is not about this one post (a rate limit, a block): nothing else of the
    target is tried before then either. `tries`: no post is sent more often than this for an answer
    with this `code`; after that it counts as refused. None: until the post is too late.
    """

    def __init__(
        self,
        vi: str,
        en: str,
        *,
        at: datetime | None = None,
        code: str = "",
        target_wide: bool = False,
        tries: int | None = None,
    ) -> None:
        super().__init__(vi, en)
        self.at = at
        self.code = code
        self.target_wide = target_wide
        self.tries = tries


class Refused(BroadcasterError):
    """Certainly not delivered, and no repetition helps: a person must act.

    `target_wide`: it is not about this one post (a token that died, a right that is missing): the
    target's other posts wait until it works again instead of being refused one by one.
    """

    exit_code = 6

    def __init__(self, vi: str, en: str, *, code: str = "", target_wide: bool = False) -> None:
        super().__init__(vi, en)
        self.code = code
        self.target_wide = target_wide


class NotThere(Refused):
    """What was to be changed certainly does not exist any more."""


class OutcomeUnknown(BroadcasterError):
    """Nobody knows whether it was delivered: look it up, never send it again blindly."""

    exit_code = 5

    def __init__(self, vi: str, en: str, *, code: str = "") -> None:
        super().__init__(vi, en)
        self.code = code
