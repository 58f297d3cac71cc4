"""The one shape that all three stand-ins have, and how a call finds its handler."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Reply

Handler = Callable[[SandboxState, Call, datetime], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """`operation` is the name that counters and fault scripts use."""

    method: str
    path: re.Pattern[str]
    operation: str
    handler: Handler


def route(method: str, path: str, operation: str, handler: Handler) -> Route:
    """`path` is a regular expression over the whole path, with named groups."""
    return Route(method, re.compile(path), operation, handler)


class Platform(Protocol):
    """One stand-in: where it answers, and in what words it fails."""

    name: str
    routes: Sequence[Route]

    def prepare(self, state: SandboxState, call: Call, /) -> Call:
        """Bring other spellings of an address to the one the routes know."""
        ...

    def settle(self, state: SandboxState, now: datetime, /) -> None:
        """Let happen what time alone makes happen."""
        ...

    def unknown(self, state: SandboxState, call: Call, now: datetime, /) -> Reply:
        """The answer to a path that does not exist."""
        ...

    def finish(self, state: SandboxState, call: Call, reply: Reply, now: datetime, /) -> Reply:
        """What every answer carries, and what happens behind it."""
        ...

    def crash(self) -> Reply:
        """How the platform breaks down."""
        ...

    def error(self, fault: Fault, /) -> Reply:
        """A scripted error in the platform's own envelope."""
        ...

    def throttle(self, state: SandboxState, fault: Fault, /) -> Reply:
        """The platform's own "too many calls"."""
        ...

    def revoke(self, state: SandboxState, fault: Fault, /) -> None:
        """The token in use dies."""
        ...


def find(platform: Platform, call: Call) -> tuple[str, Handler, Call]:
    """Operation, handler and the call with the path's named parts."""
    method = "GET" if call.method == "HEAD" else call.method
    for known in platform.routes:
        found = known.path.fullmatch(call.path) if known.method == method else None
        if found:
            return known.operation, known.handler, replace(call, args=found.groupdict())
    return "unknown", platform.unknown, call
