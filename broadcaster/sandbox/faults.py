"""The fault script: which call of which operation goes wrong, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import ClassVar, Literal

PlatformName = Literal["graph", "zalo", "wordpress"]
Kind = Literal[
    "delay",  # wait `seconds`, before or after storing
    "drop",  # close the socket without an answer, nothing stored
    "store_then_drop",
    "rotate_then_drop",  # the same on a token refresh
    "store_then_500",
    "error",  # the platform's own error: code, subcode, status, message
    "rate_limit",  # the platform's own throttling, with its headers; `seconds` to wait
    "html",  # an HTML page instead of JSON
    "token_death",  # the token in use is revoked from this call on
    "stuck_processing",  # a Zalo article stays in processing, `seconds` or for ever
    "list_lag",  # lists do not yet show what is younger than `seconds`
    "quota",  # Zalo's own "used up": -211, of articles -223
    "night",  # Zalo's own "not at night": -234
    "expired_upload",  # Zalo's own "attachment is expired": -100
    "review_delay",  # a Zalo broadcast is reviewed for `seconds` before followers see it
]
ONLY: Mapping[str, tuple[str, ...]] = {
    "rotate_then_drop": ("zalo",),
    "stuck_processing": ("zalo",),
    "quota": ("zalo",),
    "night": ("zalo",),
    "expired_upload": ("zalo",),
    "review_delay": ("zalo",),
}
"""Faults that only these platforms have."""
USUAL: Mapping[str, str] = {
    "rotate_then_drop": "oauth.token",
    "quota": "broadcast.create",
    "night": "broadcast.create",
    "review_delay": "broadcast.create",
    "expired_upload": "cs.create",
}
"""What such a fault strikes when the script names no operation."""


@dataclass(slots=True)
class Fault:
    """One line of the script.

    It strikes from the `call`-th matching call on (1 is the first after the fault was added),
    `times` times; 0 is for ever. `operation` may hold wildcards. `after` lays delay, error,
    rate_limit and html behind the storing.
    """

    platform: PlatformName
    kind: Kind
    operation: str = "*"
    call: int = 1
    times: int = 1
    after: bool = False
    seconds: float = 0.0
    code: int | str | None = None
    subcode: int | None = None
    status: int | None = None
    message: str = ""
    extra: dict[str, object] = field(default_factory=dict)
    seen: int = 0
    # A misspelt name in a script is an error, not silence.
    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if self.operation == "*":
            self.operation = USUAL.get(self.kind, "*")
        if self.call < 1 or self.times < 0 or self.seconds < 0:
            raise ValueError("call ≥ 1, times ≥ 0, seconds ≥ 0")

    def strikes(self, platform: str, operation: str) -> bool:
        """Count a call; True when this is one that goes wrong."""
        if platform != self.platform or not fnmatchcase(operation, self.operation):
            return False
        self.seen += 1
        last = self.call + self.times - 1 if self.times else self.seen
        return self.call <= self.seen <= last


@dataclass(frozen=True, slots=True)
class Struck:
    """The faults that hit one call."""

    faults: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, script: Iterable[Fault], platform: str, operation: str) -> Struck:
        return cls(tuple(f for f in script if f.strikes(platform, operation)))

    def has(self, *kinds: Kind) -> bool:
        return any(f.kind in kinds for f in self.faults)

    def first(self, *kinds: Kind, after: bool | None = None) -> Fault | None:
        fits = (f for f in self.faults if f.kind in kinds and after in (None, f.after))
        return next(fits, None)

    def delay(self, *, after: bool) -> float:
        """Seconds to wait on this side of the storing."""
        return sum(f.seconds for f in self.faults if f.kind == "delay" and f.after is after)

    def lag(self) -> float:
        return max((f.seconds for f in self.faults if f.kind == "list_lag"), default=0.0)
