"""The plan that the station runs: what a rundown may change in it, and what it never wipes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from broadcaster.errors import InputError, Text
from broadcaster.station import causes
from broadcaster.station.database import Database, stamp
from broadcaster.station.journal import Journal, read_cues
from broadcaster.station.playout import OPEN, Quiet
from broadcaster.station.settings import parse_quiet, zone_is_known
from broadcaster.wire import Quiet as WireQuiet
from broadcaster.wire import Rundown, RundownItem

YEARS = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
LONGEST = timedelta(hours=24)
LARGEST_FILE = 1 << 32
LARGEST_VERSION = 1 << 53
KEEP_AUDIO = timedelta(days=7)


class OddRundown(InputError):
    """A rundown that cannot be meant: it changes nothing, and the plan on the disk goes on."""


@dataclass(frozen=True, slots=True)
class WantedFile:
    digest: str
    size: int


class Plan:
    """Reads and changes the plan; each rundown is taken whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        self._journal = Journal(self.database)

    def version(self) -> int:
        return int(self.database.get("version", "-1"))

    def etag(self) -> str:
        return self.database.get("etag")

    def apply(self, rundown: Rundown, etag: str, station: str, now: datetime) -> None:
        """Take over `rundown`; raises OddRundown, with nothing changed, when it cannot be meant."""
        for complaint in complaints(rundown, station, self.version()):
            raise OddRundown(complaint.vi, complaint.en)
        with self.database.transaction():
            gone = set(rundown.withdrawn)
            for item in rundown.items:
                self._take(item, rundown.version)
            for uid in gone:
                self._withdraw(uid, rundown, now)
            self.database.put("version", str(rundown.version))
            self.database.put("etag", etag)
            self.database.put("stopped", "1" if rundown.stopped else "")
            self.database.put("quiet", rundown.quiet.model_dump_json() if rundown.quiet else "")

    def _take(self, item: RundownItem, version: int) -> None:
        known = self._journal.row(item.uid)
        if known and known.status not in OPEN:
            return
        times = stamp(item.starts_at), stamp(item.expires_at)
        self.database.write(
            "INSERT INTO item (uid, version, title, priority, starts_at, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version,"
            " title = excluded.title, priority = excluded.priority,"
            " starts_at = excluded.starts_at, expires_at = excluded.expires_at",
            *(item.uid, version, item.title, item.priority, *times),
        )
        self._replace_cues(item)
        self.database.write(
            "INSERT INTO play (uid, status) VALUES (?, 'planned') ON CONFLICT DO NOTHING", item.uid
        )
        if known and known != self._journal.row(item.uid):
            # What the engine decided a moment ago was decided on another item.
            self._journal.disarm(item.uid)

    def _replace_cues(self, item: RundownItem) -> None:
        if read_cues(self.database, item.uid) == item.cues:
            return
        self.database.write("DELETE FROM cue WHERE uid = ?", item.uid)
        for n, cue in enumerate(item.cues):
            self.database.write(
                "INSERT INTO cue VALUES (?, ?, ?, ?, ?, ?)",
                *(item.uid, n, cue.kind, cue.digest, cue.size, cue.duration_ms),
            )

    def _withdraw(self, uid: str, rundown: Rundown, now: datetime) -> None:
        """The uid is answered for even if its item never came: its row keeps it silent for ever."""
        at = stamp(rundown.issued_at)
        self.database.write(
            "INSERT INTO item (uid, version, title, priority, starts_at, expires_at)"
            " VALUES (?, ?, '', 'normal', ?, ?) ON CONFLICT DO NOTHING",
            uid,
            rundown.version,
            at,
            at,
        )
        self.database.write("UPDATE item SET withdrawn = 1 WHERE uid = ? AND withdrawn = 0", uid)
        self.database.write(
            "INSERT INTO play (uid, status) VALUES (?, 'planned') ON CONFLICT DO NOTHING", uid
        )
        self._journal.finish_silent(uid, "withdrawn", "cancelled", causes.WITHDRAWN, now)

    def wanted(self) -> list[WantedFile]:
        """Audio of what may still sound, soonest first."""
        rows = self.database.all(
            "SELECT cue.digest, cue.size FROM cue JOIN play USING (uid) JOIN item USING (uid)"
            " WHERE play.status IN ('planned', 'armed') AND item.withdrawn = 0"
            " ORDER BY item.priority != 'emergency', item.starts_at, cue.uid, cue.n"
        )
        return [WantedFile(*pair) for pair in dict.fromkeys((r["digest"], r["size"]) for r in rows)]

    def open_items(self) -> dict[str, list[str]]:
        """uid -> digests of what may still sound."""
        found: dict[str, list[str]] = {}
        for row in self.database.all(
            "SELECT play.uid, cue.digest FROM play JOIN item USING (uid)"
            " LEFT JOIN cue ON cue.uid = play.uid"
            " WHERE play.status IN ('planned', 'armed') AND item.withdrawn = 0"
        ):
            found.setdefault(row["uid"], [])
            if row["digest"]:
                found[row["uid"]].append(row["digest"])
        return found

    def digests_in_use(self, now: datetime) -> set[str]:
        """Audio not to be deleted: of every open item, and of any of the last days."""
        rows = self.database.all(
            "SELECT DISTINCT cue.digest FROM cue JOIN item USING (uid) JOIN play USING (uid)"
            " WHERE play.status IN ('planned', 'armed', 'started') OR item.expires_at > ?",
            stamp(now - KEEP_AUDIO),
        )
        return {row["digest"] for row in rows}

    def quiet(self) -> Quiet | None:
        return stored_quiet(self.database)

    def close(self) -> None:
        self.database.close()


def stored_quiet(database: Database) -> Quiet | None:
    text = database.get("quiet")
    return as_quiet(WireQuiet.model_validate_json(text)) if text else None


def as_quiet(quiet: WireQuiet) -> Quiet | None:
    """Raises ValueError for hours or a zone that cannot be read."""
    hours = parse_quiet(f"{quiet.start}-{quiet.end}")
    if not zone_is_known(quiet.zone):
        raise ValueError(quiet.zone)
    return Quiet(hours, quiet.zone) if hours else None


def complaints(rundown: Rundown, station: str, version: int) -> list[Text]:
    """Why `rundown` is not taken over; empty when it is."""
    found = []
    if rundown.station != station:
        found.append(Text("Lịch gửi cho trạm khác.", "The rundown is for another station."))
    if not version <= rundown.version < LARGEST_VERSION or rundown.version < 0:
        found.append(
            Text(
                f"Lịch bản {rundown.version} cũ hơn bản {version} đang chạy.",
                f"Rundown {rundown.version} is older than {version}, which is running.",
            )
        )
    uids = [item.uid for item in rundown.items]
    if len(set(uids)) != len(uids) or not all(uid.strip() for uid in uids + rundown.withdrawn):
        found.append(Text("Lịch có mã tin trùng hoặc trống.", "Empty or repeated uids."))
    if not all(map(_sane, rundown.items)) or not _sane_time(rundown.issued_at):
        found.append(Text("Lịch có giờ hoặc độ dài vô lý.", "Impossible times or lengths."))
    try:
        _ = rundown.quiet and as_quiet(rundown.quiet)
    except ValueError:
        found.append(Text("Giờ yên tĩnh không đọc được.", "Unreadable quiet hours."))
    return found


def _sane(item: RundownItem) -> bool:
    return (
        _sane_time(item.starts_at)
        and _sane_time(item.expires_at)
        and item.duration_ms <= LONGEST.total_seconds() * 1000
        and all(cue.size <= LARGEST_FILE for cue in item.cues)
    )


def _sane_time(at: datetime) -> bool:
    return YEARS[0] < at < YEARS[1]
