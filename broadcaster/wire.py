"""What the server and a station say to each other over HTTP: version 1 of the station protocol."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

SERVER_TIME = "X-Server-Time"
"""Header of every rundown answer: the server's clock, in seconds since 1970 with a fraction."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(pattern=r"^[^\x00]{1,200}$")]
"""What one side has named and the other only repeats; both databases can keep it."""
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
IncidentKind = Literal["forged", "tampered", "guard"]
Outcome = Literal["aired", "partly_aired", "missed", "cancelled"]
LimitName = Literal[
    "earliest", "window", "weekday", "sessions", "session_minutes", "day_minutes", "repeats"
]
"""What a person may waive for one item; quiet hours are not among them."""
LocalTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


def _plausible(at: datetime) -> datetime:
    """Years that every calendar along the way can count."""
    if not _EARLIEST <= at < _LATEST:
        raise ValueError("impossible year")
    return at


def _whole(text: str) -> str:
    """Half a character can be received, but neither stored nor shown; PostgreSQL keeps no NUL."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("half a character") from None
    if "\0" in text:
        raise ValueError("NUL")
    return text


Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]
Words = Annotated[str, Field(max_length=20_000), AfterValidator(_whole)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Cue(_Wire):
    """One immutable audio file (WAV), played whole. Files are fetched by digest (SHA-256, hex)."""

    kind: Literal["programme", "lead_in", "chime", "opening", "item", "closing"]
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
    waived: list[LimitName] = Field(default_factory=list, description="by an exception on record")
    approval: str = Field(default="", description="digest of what was approved; empty: not at all")
    authority: str = Field(default="", description="who answers for an emergency; empty: nobody")
    rounds: int = Field(default=1, ge=0, le=100, description="how often; 0: until withdrawn")
    until: AwareDatetime | None = Field(default=None, description="no further round begins then")

    @property
    def duration_ms(self) -> int:
        return sum(cue.duration_ms for cue in self.cues)


class Quiet(_Wire):
    """Local times "HH:MM"; spans midnight when `start` is after `end`."""

    start: str
    end: str
    zone: str


class Window(_Wire):
    """Local times of one day, `start` before `end`; the sound lies inside from start to end."""

    start: LocalTime
    end: LocalTime


class Limits(_Wire):
    """What a station itself holds every item against, whatever planned it; no limit where absent.

    Emergencies stand above it, and an item's `waived` names what an exception allowed it.
    `weekdays`: ISO numbers, Monday is 1. Minutes count what has sounded and what is to sound.
    """

    zone: str
    earliest: LocalTime | None = None
    windows: list[Window] = Field(default_factory=list)
    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(default_factory=list)
    minutes_a_day: float | None = Field(default=None, gt=0)
    max_volume: int | None = Field(default=None, ge=0, le=100, description="percent")


class Mute(_Wire):
    """Nothing routine until then; the reason is told in the log."""

    until: Moment
    reason: Words


class Stored(_Wire):
    """A file to be held on the disk whether an item needs it now or not."""

    digest: Digest
    size: int = Field(ge=1, description="bytes")


class Rundown(_Wire):
    """The plan of one station. A lower `version` than one already run is refused by the station.

    Items absent from a newer rundown are kept by the station until listed in `withdrawn`: an empty
    answer never wipes a good plan.
    """

    station: str
    version: int
    issued_at: AwareDatetime
    valid_from: AwareDatetime
    valid_until: AwareDatetime = Field(description="of an item that starts outside nothing sounds")
    items: list[RundownItem]
    withdrawn: list[str] = Field(default_factory=list, description="uids not to be played any more")
    stopped: bool = Field(default=False, description="emergency stop: silent until released")
    quiet: Quiet | None = None
    limits: Limits | None = None
    mute: Mute | None = None
    library: list[Stored] = Field(default_factory=list, description="sounds for an emergency")


class Succession(_Wire):
    """A key of the server, signed by the one before it. Keys and signatures in base64."""

    key: str
    signature: str


class Signed(_Wire):
    """A rundown as it travels and as the station keeps it: the very text that was signed.

    `key` and `signature` in base64; `successions` lead from older keys of the server to `key`,
    oldest first, for a station that has pinned an older one.
    """

    payload: str
    key: str
    signature: str
    successions: list[Succession] = Field(default_factory=list)


class StationStatus(_Wire):
    """What the station runs: sent after every sync and at least once a minute."""

    version: int = Field(ge=0, lt=1 << 31, description="of the rundown that it runs; 0: none yet")
    held: list[Words] = Field(
        max_length=20_000, description="uids whose plan and audio are on the disk, verified"
    )
    device: Words
    volume: int | None = Field(
        default=None, ge=0, le=1000, description="percent, of the machine's output; None: unknown"
    )
    muted: bool | None = Field(default=None, description="the machine's output; None: unknown")
    clock_offset_ms: int | None = Field(
        default=None, gt=-(1 << 53), lt=1 << 53, description="server minus station"
    )
    trouble: Words = Field(default="", description="why it could not sound now, of output or clock")
    playing: Words = Field(default="", description="uid of what sounds now")
    clock: Moment
    free_disk_mb: int = Field(ge=0, lt=1 << 53)
    program: Words
    note: Words = ""


class AsRunEntry(_Wire):
    """Proof of play. `entry` is unique for ever; the server counts each once."""

    entry: Annotated[Name, AfterValidator(_whole)]
    uid: Annotated[Name, AfterValidator(_whole)]
    outcome: Outcome
    planned_at: Moment
    started_at: Moment | None = None
    ended_at: Moment | None = None
    seconds_played: float = Field(default=0.0, ge=0, le=1e7, allow_inf_nan=False)
    device: Words = ""
    digest: Words = ""
    recording: Words = Field(default="", description="path of the file it was written to, if any")
    cause_vi: Words = ""
    cause_en: Words = ""


class Incident(_Wire):
    """What a station refused although a plan asked for it; `entry` is unique, counted once."""

    entry: Annotated[Name, AfterValidator(_whole)]
    kind: IncidentKind
    subject: Words = Field(
        default="", max_length=200, description="uid of the item, or digest of the plan"
    )
    at: Moment
    vi: Words
    en: Words


class IncidentBatch(_Wire):
    incidents: list[Incident] = Field(max_length=1000)


class AsRunBatch(_Wire):
    entries: list[AsRunEntry] = Field(max_length=1000)


class AsRunReceipt(_Wire):
    """The entries that the server has on disk now; the station may stop sending them."""

    stored: list[str]


class Enrolment(_Wire):
    """A machine asks to be a station, with the code that a person was told."""

    code: Words = Field(max_length=100)
    program: Words = ""


class Enrolled(_Wire):
    """`key`: the server's public key in base64, to be pinned."""

    station: str
    token: str
    key: str


class ServerTime(_Wire):
    now: datetime
