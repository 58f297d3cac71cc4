"""The plan that the station runs: what a rundown may change in it, and what it never wipes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from broadcaster.errors import InputError, Text
from broadcaster.signature import newest, opened
from broadcaster.station import causes
from broadcaster.station.database import Database, stamp
from broadcaster.station.journal import Journal, read_cues
from broadcaster.station.playout import BUILD_YEAR, OPEN, Limits, Quiet
from broadcaster.station.settings import parse_quiet, parse_time, zone_is_known
from broadcaster.station.trust import Trust
from broadcaster.wire import Limits as WireLimits
from broadcaster.wire import Quiet as WireQuiet
from broadcaster.wire import Rundown, RundownItem, Signed, Stored

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
        self._trust = Trust(path.parent)

    def version(self) -> int:
        return int(self.database.get("version", "-1"))

    def etag(self) -> str:
        return self.database.get("etag")

    def apply(self, signed: Signed, etag: str, station: str, now: datetime) -> None:
        """Take over what the server has signed.

        Raises Forged or OddRundown, with nothing changed, when it is not signed, not in date or
        cannot be meant.
        """
        rundown = self._read(signed)
        for complaint in complaints(rundown, station, self.version(), now):
            raise OddRundown(complaint.vi, complaint.en)
        with self.database.transaction():
            sealed = self._keep(signed)
            gone = set(rundown.withdrawn)
            for item in rundown.items:
                self._take(item, rundown.version, sealed)
            for uid in gone:
                self._withdraw(uid, rundown, now)
            self._shelve(rundown.library)
            self.database.put("version", str(rundown.version))
            self.database.put("etag", etag)
            self._forget_sealed()
        self._trust.pin(newest(signed, self._trust.pinned()))

    def _read(self, signed: Signed) -> Rundown:
        payload = opened(signed, self._trust.pinned())
        try:
            return Rundown.model_validate_json(payload)
        except ValidationError as error:
            raise OddRundown(
                "Lịch đã ký không đúng quy ước.", f"The signed plan is odd: {error.error_count()}"
            ) from None

    def _keep(self, signed: Signed) -> str:
        """Store the signed text as the plan in force; its number."""
        row = self.database.one(
            "INSERT INTO sealed (body) VALUES (?) RETURNING id", signed.model_dump_json()
        )
        number = str(row["id"]) if row else ""
        self.database.put("sealed", number)
        return number

    def _shelve(self, library: Iterable[Stored]) -> None:
        """What is to lie ready, whole: it only ever costs room, and never plays by itself."""
        self.database.write("DELETE FROM library")
        for one in library:
            self.database.write(
                "INSERT INTO library VALUES (?, ?) ON CONFLICT DO NOTHING", one.digest, one.size
            )

    def _forget_sealed(self) -> None:
        """Signed texts that neither are in force nor hold an item that may still sound."""
        self.database.write(
            "DELETE FROM sealed WHERE CAST(id AS TEXT) NOT IN"
            " (SELECT value FROM meta WHERE key = 'sealed')"
            " AND CAST(id AS TEXT) NOT IN (SELECT item.sealed FROM item JOIN play USING (uid)"
            " WHERE play.status IN ('planned', 'armed', 'started'))"
        )

    def _take(self, item: RundownItem, version: int, sealed: str) -> None:
        known = self._journal.row(item.uid)
        if known and known.status not in OPEN:
            return
        times = stamp(item.starts_at), stamp(item.expires_at)
        self.database.write(
            "INSERT INTO item (uid, version, title, priority, starts_at, expires_at, sealed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version,"
            " title = excluded.title, priority = excluded.priority, sealed = excluded.sealed,"
            " starts_at = excluded.starts_at, expires_at = excluded.expires_at",
            *(item.uid, version, item.title, item.priority, *times, sealed),
        )
        self._replace_cues(item)
        self.database.write(
            "INSERT INTO play (uid, status) VALUES (?, 'planned') ON CONFLICT DO NOTHING", item.uid
        )
        taken = self._journal.row(item.uid)
        if known and taken and replace(known, sealed=taken.sealed) != taken:
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
        """Audio of what may still sound: emergencies, what they may need, the rest by its time."""
        rows = self.database.all(
            "SELECT digest, size FROM ("
            " SELECT cue.digest, cue.size, item.priority != 'emergency' AS class,"
            " item.starts_at AS at, cue.uid, cue.n"
            " FROM cue JOIN play USING (uid) JOIN item USING (uid)"
            " WHERE play.status IN ('planned', 'armed') AND item.withdrawn = 0"
            " UNION ALL SELECT digest, size, 0.5, '', '', 0 FROM library)"
            " ORDER BY class, at, uid, n"
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
        ready = self.database.all("SELECT digest FROM library")
        return {row["digest"] for row in [*rows, *ready]}

    def close(self) -> None:
        self.database.close()


def as_quiet(quiet: WireQuiet) -> Quiet | None:
    """Raises ValueError for hours or a zone that cannot be read."""
    hours = parse_quiet(f"{quiet.start}-{quiet.end}")
    if not zone_is_known(quiet.zone):
        raise ValueError(quiet.zone)
    return Quiet(hours, quiet.zone) if hours else None


def as_limits(limits: WireLimits) -> Limits:
    """Raises ValueError for an hour or a zone that cannot be read."""
    if not zone_is_known(limits.zone):
        raise ValueError(limits.zone)
    minutes = limits.minutes_a_day
    return Limits(
        limits.zone,
        None if minutes is None else timedelta(minutes=minutes),
        None if limits.earliest is None else parse_time(limits.earliest),
        tuple((parse_time(one.start), parse_time(one.end)) for one in limits.windows),
        frozenset(limits.weekdays),
    )


def complaints(rundown: Rundown, station: str, version: int, now: datetime) -> list[Text]:
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
    if not all(map(_sane, rundown.items)) or not all(
        map(_sane_time, (rundown.issued_at, rundown.valid_from, rundown.valid_until))
    ):
        found.append(Text("Lịch có giờ hoặc độ dài vô lý.", "Impossible times or lengths."))
    if now.year >= BUILD_YEAR and now >= rundown.valid_until:
        found.append(Text("Lịch đã hết hạn.", "The rundown is out of date."))
    try:
        _ = rundown.quiet and as_quiet(rundown.quiet)
        _ = rundown.limits and as_limits(rundown.limits)
    except ValueError:
        found.append(Text("Giờ yên tĩnh hoặc hạn mức không đọc được.", "Unreadable limits."))
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
