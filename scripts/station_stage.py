"""A real station on the software sound card, for measurements: its plan is given to it on its disk.

The server is left out, so that a figure begins when a command has arrived on the station.
"""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import null_sink
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broadcaster.signature import public_text, sign
from broadcaster.station.audio import Vault
from broadcaster.station.database import FILE
from broadcaster.station.plan import Plan
from broadcaster.station.process import Seat
from broadcaster.station.settings import StationSettings, write_settings
from broadcaster.station.trust import Trust
from broadcaster.wire import Cue, Rundown, RundownItem

STATION = "thon-do"
NOWHERE = "http://127.0.0.1:9"
"""No server answers there: a station plays without one."""


class Stage:
    """One station's folder and its two processes."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.home = home
        self._environment = environment
        self._key = Ed25519PrivateKey.generate()
        settings = StationSettings(
            server=NOWHERE, station=STATION, player="sounddevice", device="horn", quiet=""
        )
        write_settings(home, settings, "khong-dung-den")
        Trust(home).pin(public_text(self._key))
        self._vault = Vault(home)
        self._plan = Plan(home / FILE)
        self._items: list[RundownItem] = []

    def start(self) -> None:
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "broadcaster.station", "--home", str(self.home)],
                stdout=log,
                stderr=log,
                env=self._environment,
            )
        self.wait(lambda: "Phát bằng" in self.log())

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._plan.close()

    def log(self) -> str:
        return (self.home / "log").read_text("utf-8")

    def wait(self, condition: Callable[[], object], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise SystemExit(f"waited in vain; the station said:\n{self.log()[-2000:]}")
            time.sleep(0.02)

    def hold(self, sound: bytes) -> Cue:
        """Put `sound` on the station's disk, as a finished fetch would."""
        part = self.home / "audio" / "new.part"
        part.write_bytes(sound)
        return self.hold_file(part)

    def hold_file(self, path: Path) -> Cue:
        """The same with a WAV file in the station's audio folder, which it takes over."""
        digest, size = _sha256(path), path.stat().st_size
        with wave.open(str(path)) as file:
            length = file.getnframes() * 1000 // file.getframerate()
        path.replace(self._vault.part(digest))
        if fault := self._vault.keep(digest, size):
            raise SystemExit(fault.vi)
        return Cue(kind="programme", digest=digest, size=size, duration_ms=length)

    def tell(self, *items: RundownItem) -> None:
        """A signed plan arrives: what was told before, and this."""
        self._items = [*self._items, *items]
        now = datetime.now(UTC)
        plan = Rundown(
            station=STATION,
            version=self._plan.version() + 1 if self._plan.version() > 0 else 1,
            issued_at=now,
            valid_from=now - timedelta(days=1),
            valid_until=now + timedelta(days=8),
            items=self._items,
        )
        self._plan.apply(sign(self._key, plan.model_dump_json()), "", STATION, now)

    def outcome(self, uid: str) -> str:
        row = self._plan.database.one("SELECT status FROM play WHERE uid = ?", uid)
        return str(row["status"]) if row else ""

    def pids(self) -> dict[str, int]:
        return {name: Seat(self.home, name).pid() for name in ("station", "engine")}


def item(uid: str, cue: Cue, at: datetime, priority: str = "normal") -> RundownItem:
    return RundownItem.model_validate(
        {
            "uid": uid,
            "title": uid,
            "priority": priority,
            "starts_at": at,
            "expires_at": at + timedelta(seconds=30),
            "cues": [cue],
            "approval": "do",
            "authority": "do" if priority == "emergency" else "",
        }
    )


@contextlib.contextmanager
def running() -> Iterator[tuple[Stage, null_sink.Recorder]]:
    """A station that could play at once, and somebody who listens."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-station-") as folder,
        null_sink.running() as card,
        null_sink.Recorder(card) as ear,
    ):
        stage = Stage(Path(folder), card.environment)
        stage.start()
        try:
            yield stage, ear
        finally:
            stage.end()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
