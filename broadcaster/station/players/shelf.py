"""Sound that a speaker on the local network may fetch: by an address that cannot be guessed, and
only as long as it is to be played."""

from __future__ import annotations

import secrets
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from broadcaster.errors import Unavailable
from broadcaster.station.tape import Tape

BLOCK = 4_800
PATIENCE = 20
"""Seconds that a speaker may leave a connection idle."""


class Shelf:
    """A small HTTP server for one thing: GET of what is being offered."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._offered: dict[str, tuple[Path, ...]] = {}
        self._server: ThreadingHTTPServer | None = None

    def open(self) -> None:
        if self._server is not None:
            return
        handler = type("Bound", (_Handler,), {"offered": self._offered})
        try:
            self._server = ThreadingHTTPServer((self._host, self._port), handler)
        except OSError as error:
            raise Unavailable(
                f"Không mở được cổng {self._host}:{self._port} cho loa: {error.strerror}",
                f"Cannot serve on {self._host}:{self._port}: {error.strerror}",
            ) from None
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @contextmanager
    def offering(self, paths: Sequence[Path]) -> Iterator[str]:
        """The address of `paths`, joined to one WAV file, for the length of a `with`."""
        assert self._server is not None  # noqa: S101 — nothing is played before it is open
        path = f"/{secrets.token_urlsafe(24)}.wav"
        self._offered[path] = tuple(paths)
        try:
            yield f"http://{self._host}:{self._server.server_port}{path}"
        finally:
            del self._offered[path]

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Handler(BaseHTTPRequestHandler):
    offered: dict[str, tuple[Path, ...]]
    timeout = PATIENCE

    def log_message(self, *_: Any) -> None:
        """An address in a log could be guessed by whoever reads it."""

    def do_GET(self) -> None:
        paths = self.offered.get(self.path)
        if paths is None:
            self.send_error(404)
            return
        tape = Tape(paths)
        head = _head(tape)
        self.send_response(200)
        self.send_header("Content-Type", "audio/wav")
        self.send_header("Content-Length", str(len(head) + tape.frames * tape.channels * 2))
        self.end_headers()
        self.wfile.write(head)
        for block in tape.blocks(BLOCK):
            self.wfile.write(block.astype("<i2").tobytes())


def _head(tape: Tape) -> bytes:
    """RIFF with one chunk of 16-bit PCM; the samples follow."""
    length = tape.frames * tape.channels * 2
    frame = tape.channels * 2
    form = struct.pack(
        "<4sIHHIIHH", b"fmt ", 16, 1, tape.channels, tape.rate, tape.rate * frame, frame, 16
    )
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + length, b"WAVE")
        + form
        + struct.pack("<4sI", b"data", length)
    )
