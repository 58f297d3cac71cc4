"""Two "hosts" on one machine: each with a network of its own, where the system lets us (root).

They share what the hosts of a province share: its folder and its database, the latter here by its
socket, which is a file. The far side has a door in each of them, as it takes http only from the
very machine. Where networks cannot be made, a host is just a name for some processes.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_CLONE_NEWNET = 0x40000000
_OWN = Path("/proc/self/ns/net")
_NAMED = Path("/var/run/netns")


@dataclass(frozen=True)
class Host:
    """`network`: the name of its namespace; "" when it has this machine's own network."""

    network: str = ""

    def command(self, words: Sequence[str]) -> list[str]:
        inside = ["ip", "netns", "exec", self.network] if self.network else []
        return [*inside, *words]

    def door(self, port: int) -> socket.socket:
        """Something that listens on this host's loopback."""
        with _network(_NAMED / self.network if self.network else _OWN):
            return socket.create_server(("127.0.0.1", port))


@contextlib.contextmanager
def _network(where: Path) -> Iterator[None]:
    """The sockets that this thread makes meanwhile belong there, for good."""
    libc = ctypes.CDLL(None, use_errno=True)
    with _OWN.open() as before, where.open() as there:
        if libc.setns(there.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {where}")
        try:
            yield
        finally:
            libc.setns(before.fileno(), _CLONE_NEWNET)


@contextlib.contextmanager
def hosts(count: int) -> Iterator[list[Host]]:
    """So many; they are gone afterwards."""
    names = [f"broadcaster-{os.getpid()}-{n}" for n in range(count)]
    made = [name for name in names if _ip("netns", "add", name)]
    try:
        up = [_ip("-n", name, "link", "set", "lo", "up") for name in made]
        able = len(made) == count and all(up)
        yield [Host(name if able else "") for name in names]
    finally:
        for name in made:
            _ip("netns", "delete", name)


def _ip(*words: str) -> bool:
    """Whether it could be done."""
    try:
        return subprocess.run(["ip", *words], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def doors(there: Sequence[Host]) -> list[socket.socket]:
    """The same address on this machine and on each host."""
    here = Host().door(0)
    port = here.getsockname()[1]
    return [here, *(host.door(port) for host in there if host.network)]
