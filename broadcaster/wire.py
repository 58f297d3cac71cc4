"""What the server and a station say to each other over HTTP: version 1 of the station protocol."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Outcome = Literal["aired", "partly_aired", "missed", "cancelled"]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Cue(_Wire):
    """One immutable audio file (WAV), played whole. Files are fetched by digest (SHA-256, hex)."""

    kind: Literal["programme", "chime", "opening", "item", "closing"]
    digest: Digest
    size: int = Field(ge=1, description="bytes")
    duration_ms: int = Field(ge=0)


class RundownItem(_Wire):
    """What to play at one instant. `uid` is the delivery's own name: it sounds at most once."""

    uid: str
    title: str
    priority: Literal["normal", "priority", "emergency"]
    starts_at: AwareDatetime
    expires_at: AwareDatetime = Field(description="not started by then: missed, never played late")
    cues: list[Cue]

    @property
    def duration_ms(self) -> int:
        return sum(cue.duration_ms for cue in self.cues)


class Quiet(_Wire):
    """Local times "HH:MM"; spans midnight when `start` is after `end`."""

    start: str
    end: str
    zone: str


class Rundown(_Wire):
    """The plan of one station. A lower `version` than one already run is refused by the station.

    Items absent from a newer rundown are kept by the station until listed in `withdrawn`: an empty
    answer never wipes a good plan.
    """

    station: str
    version: int
    issued_at: AwareDatetime
    items: list[RundownItem]
    withdrawn: list[str] = Field(default_factory=list, description="uids not to be played any more")
    stopped: bool = Field(default=False, description="emergency stop: silent until released")
    quiet: Quiet | None = None


class StationStatus(_Wire):
    """What the station runs: sent after every sync and at least once a minute."""

    version: int
    held: list[str] = Field(description="uids whose plan and audio are on the disk, verified")
    device: str
    clock: AwareDatetime
    free_disk_mb: int
    program: str
    note: str = ""


class AsRunEntry(_Wire):
    """Proof of play. `entry` is unique for ever; the server counts each once."""

    entry: str
    uid: str
    outcome: Outcome
    planned_at: AwareDatetime
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    seconds_played: float = 0.0
    device: str = ""
    digest: str = ""
    recording: str = Field(default="", description="path of the file it was written to, if any")
    cause_vi: str = ""
    cause_en: str = ""


class AsRunBatch(_Wire):
    entries: list[AsRunEntry]


class AsRunReceipt(_Wire):
    """The entries that the server has on disk now; the station may stop sending them."""

    stored: list[str]


class ServerTime(_Wire):
    now: datetime
