"""A private MQTT broker for tests, from Debian's package: on this machine only, without a password.

The system's own broker, which Debian's package starts, is left alone. Standard library only.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import debian

_PACKAGES = ["mosquitto"]
_PLACES = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
_SETTINGS = """
listener {port} 127.0.0.1
allow_anonymous true
persistence false
log_dest none
"""


class NotStarted(Exception):
    """Says why, and what to type."""


def missing() -> str:
    """Nothing when it is there or could be installed (as root), else what to type."""
    if _program() is None:
        said = debian.install(_PACKAGES)
        if _program() is None:
            line = debian.line_to_type(_PACKAGES)
            return f"{said}\nChưa có mosquitto / mosquitto is missing: {line}".strip()
    return ""


@contextlib.contextmanager
def running() -> Iterator[int]:
    """A fresh broker; yields its port on 127.0.0.1. Raises NotStarted."""
    program = _program()
    if program is None:
        raise NotStarted(f"no mosquitto; type: {debian.line_to_type(_PACKAGES)}")
    with tempfile.TemporaryDirectory(prefix="broadcaster-mqtt-") as folder:
        port = _free_port()
        settings = Path(folder) / "mosquitto.conf"
        settings.write_text(_SETTINGS.format(port=port))
        broker = subprocess.Popen(
            [program, "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _await_answer(broker, port)
            yield port
        finally:
            broker.terminate()
            broker.wait(10)


def _program() -> str | None:
    return shutil.which("mosquitto", path=_PLACES)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _await_answer(broker: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if broker.poll() is not None:
            break
        time.sleep(0.05)
    raise NotStarted(f"mosquitto does not answer (ended with {broker.poll()})")
