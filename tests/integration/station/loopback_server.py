"""A small real HTTP server that speaks version 1 of the station protocol, with faults on order."""

from __future__ import annotations

import hashlib
import io
import threading
import time
import wave
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hearing import chirp

from broadcaster.signature import sign
from broadcaster.wire import (
    AsRunBatch,
    AsRunEntry,
    AsRunReceipt,
    Cue,
    Incident,
    IncidentBatch,
    Quiet,
    Rundown,
    RundownItem,
    StationStatus,
)

__all__ = ["TOKEN", "LoopbackServer", "chirp"]

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
TOKEN = "mat-khau-cua-tram-01"  # noqa: S105 — of this test server only
PREFIX = "/api/station/v1/"


class LoopbackServer:
    """Start and stop as often as wanted on the same port; what it has heard stays."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.items: list[RundownItem] = []
        self.withdrawn: list[str] = []
        self.version = 1
        self.key = KEY
        self.stopped = False
        self.quiet: Quiet | None = None
        self.served: dict[int, float] = {}
        self.raw_rundown: bytes | None = None
        self.statuses: list[StationStatus] = []
        self.entries: dict[str, AsRunEntry] = {}
        self.times_sent: dict[str, int] = {}
        self.incidents: dict[str, Incident] = {}
        self.ranges: list[str] = []
        self.audio_fault = ""
        self.lose_receipts = False
        self.port = 0
        self._http: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> LoopbackServer:
        kind = type("Bound", (_Handler,), {"hall": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), kind)
        self._http.daemon_threads = True
        self.port = self._http.server_port
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        if self._http:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    def add(
        self,
        uid: str,
        sound: bytes,
        starts_in: float = 1.0,
        priority: Any = "normal",
        grace: float = 60.0,
    ) -> RundownItem:
        """Plan `sound`, in as many seconds from now."""
        digest = hashlib.sha256(sound).hexdigest()
        self.files[digest] = sound
        at = datetime.now(UTC) + timedelta(seconds=starts_in)
        with wave.open(io.BytesIO(sound)) as file:
            length = file.getnframes() * 1000 // file.getframerate()
        item = RundownItem(
            uid=uid,
            title=f"Tin {uid}",
            priority=priority,
            starts_at=at,
            expires_at=at + timedelta(seconds=grace),
            cues=[Cue(kind="programme", digest=digest, size=len(sound), duration_ms=length)],
            approval="duyet",
            authority="minh" if priority == "emergency" else "",
        )
        self.items.append(item)
        self.version += 1
        return item

    def outcomes(self) -> dict[str, str]:
        return {entry.uid: entry.outcome for entry in list(self.entries.values())}

    def entry_of(self, uid: str) -> AsRunEntry:
        (entry,) = [entry for entry in list(self.entries.values()) if entry.uid == uid]
        return entry

    def rundown(self) -> bytes:
        if self.raw_rundown is not None:
            return self.raw_rundown
        plan = Rundown(
            station="thon-1",
            version=self.version,
            issued_at=datetime.now(UTC),
            valid_from=datetime.now(UTC) - timedelta(days=1),
            valid_until=datetime.now(UTC) + timedelta(days=8),
            items=list(self.items),
            withdrawn=list(self.withdrawn),
            stopped=self.stopped,
            quiet=self.quiet,
        )
        return sign(self.key, plan.model_dump_json()).model_dump_json().encode()


class _Handler(BaseHTTPRequestHandler):
    hall: ClassVar[LoopbackServer]
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._answer(401, b"")
        elif self.path == PREFIX + "rundown":
            self._rundown()
        elif self.path.startswith(PREFIX + "audio/"):
            self._audio(self.path.removeprefix(PREFIX + "audio/"))
        else:
            self._answer(404, b"")

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:  # whoever asked was killed
            self.close_connection = True
            return
        if self.path == PREFIX + "status":
            self.hall.statuses.append(StationStatus.model_validate_json(body))
            self._answer(204, b"")
        elif self.path == PREFIX + "incidents":
            told = IncidentBatch.model_validate_json(body).incidents
            self.hall.incidents |= {one.entry: one for one in told}
            receipt = AsRunReceipt(stored=[one.entry for one in told])
            self._answer(200, receipt.model_dump_json().encode())
        else:
            self._as_run(AsRunBatch.model_validate_json(body))

    def _rundown(self) -> None:
        etag = f'"{self.hall.version}"'
        if self.hall.raw_rundown is None and self.headers.get("If-None-Match") == etag:
            self._answer(304, b"")
        else:
            self.hall.served.setdefault(self.hall.version, time.time())
            self._answer(200, self.hall.rundown(), {"ETag": etag})

    def _as_run(self, batch: AsRunBatch) -> None:
        for entry in batch.entries:
            self.hall.entries.setdefault(entry.entry, entry)
            self.hall.times_sent[entry.entry] = self.hall.times_sent.get(entry.entry, 0) + 1
        if self.hall.lose_receipts:
            self._answer(500, b"")
            return
        receipt = AsRunReceipt(stored=[entry.entry for entry in batch.entries])
        self._answer(200, receipt.model_dump_json().encode())

    def _audio(self, digest: str) -> None:
        body = self.hall.files.get(digest)
        if body is None:
            self._answer(404, b"")
            return
        asked = self.headers.get("Range", "")
        self.hall.ranges.append(asked)
        begin = int(asked.removeprefix("bytes=").split("-")[0]) if asked else 0
        fault, self.hall.audio_fault = self.hall.audio_fault, ""
        headers = {"Content-Range": f"bytes {begin}-{len(body) - 1}/{len(body)}"}
        match fault:
            case "cut":  # the line breaks in the middle
                self._answer(200, body, send=len(body) // 2)
            case "wrong range":  # says that it goes on, and begins anew
                self._answer(206, body, headers)
            case "odd range":  # goes on somewhere else
                self._answer(206, body, {"Content-Range": f"bytes 7-{len(body)}/{len(body)}"})
            case _ if asked:
                self._answer(206, body[begin:], headers)
            case _:
                self._answer(200, body)

    def _answer(
        self, code: int, body: bytes, headers: dict[str, str] | None = None, send: int | None = None
    ) -> None:
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if code not in {204, 304}:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:send])
        if send is not None:
            self.close_connection = True
