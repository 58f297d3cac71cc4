"""What all tests share: no traffic beyond this machine, a home of their own, a PostgreSQL."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import postgres
import pytest

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")

# CI draws the same examples every time, so that a red run can be repeated; machines are slow.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("desk", deadline=None)
hypothesis.settings.load_profile("ci" if IN_CI else "desk")

# Programs that tests start are outside the guard below: their HTTP ends at a closed door.
_CLOSED_DOOR = "http://127.0.0.1:9"
for _name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
    os.environ[_name] = os.environ[_name.lower()] = _CLOSED_DOOR
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost,::1,.invalid"


class AccidentalTraffic(AssertionError):
    """A test reached for the network; not an OSError, so that no code takes it for a weak line."""


_attempts: list[str] = []
_WATCHED = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse every address and name but those of this machine."""
    place = _WATCHED.get(event)
    if place is None:
        return
    address = arguments[place]
    host = address[0] if isinstance(address, tuple) else address
    # A socket file is a plain string or bytes; a connected socket sends without an address.
    is_file = event.startswith(("socket.connect", "socket.send")) and host is address
    if not (is_file or _is_here(host)):
        _attempts.append(f"{event} {host!r}")
        raise AccidentalTraffic(f"a test wants to reach {host!r}: {event}")


def _is_here(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    # RFC 6761: no name under .invalid exists, so a test may ask for one to see it fail.
    if text in ("localhost", socket.gethostname()) or text.endswith(".invalid"):
        return True
    for read in (ipaddress.ip_address, socket.inet_aton):  # the second also knows "2130706433"
        with contextlib.suppress(ValueError, OSError):
            address = ipaddress.ip_address(read(text))
            return address.is_loopback or address.is_unspecified
    return False


sys.addaudithook(_guard)


@pytest.fixture(autouse=True)
def _no_traffic() -> Iterator[None]:
    """Tell also when the code under test swallowed the refusal."""
    _attempts.clear()
    yield
    reached, _attempts[:] = list(_attempts), []
    assert not reached, f"accidental traffic: {reached}"


@pytest.fixture
def refused_traffic() -> list[str]:
    """For the test of the guard itself: what was refused so far; it may empty the list."""
    return _attempts


@pytest.fixture
def tmp_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory, and no settings of the person who runs the tests."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    for name in list(os.environ):
        if name.startswith(("BROADCASTER_", "XDG_")):
            monkeypatch.delenv(name)
    return home


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """An empty database of a private server; its tests never stay out of CI unnoticed."""
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(postgres.running())
        except postgres.NotStarted as error:
            if IN_CI:
                raise
            pytest.skip(f"no PostgreSQL: {error}")
        yield url
