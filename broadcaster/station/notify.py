"""What systemd is told of a service (sd_notify): that it is ready, and that it is alive."""

from __future__ import annotations

import contextlib
import os
import socket


def notify(message: str) -> None:
    """Send "READY=1" or "WATCHDOG=1" to whoever started us; nobody may want to know.

    The protocol is one datagram to the socket in NOTIFY_SOCKET, where "@" stands for the zero byte
    of an abstract address.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    family = getattr(socket, "AF_UNIX", None)
    if not address or family is None:
        return
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as line:
        line.sendto(message.encode(), "\0" + address[1:] if address[0] == "@" else address)
