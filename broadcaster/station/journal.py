"""What became of every planned item, and the proof that waits to be sent: written as it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from broadcaster.errors import Text
from broadcaster.station import causes
from broadcaster.station.database import Database, moment, stamp
from broadcaster.station.playout import Heard, Status
from broadcaster.wire import AsRunEntry, Cue, Incident, IncidentKind, Outcome

HIGH_STEP = timedelta(seconds=30)
OFFSET_AGE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Row:
    """One item as it stands in plan and journal."""

    uid: str
    title: str
    priority: str
    starts_at: datetime
    expires_at: datetime
    withdrawn: bool
    status: Status
    cause: Text | None
    cues: list[Cue]
    sealed: str = ""
    """Number of the signed plan that it stands in."""


class Journal:
    """Every move is a compare-and-set on the status: two engines could not both start one uid."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # --- reading ---------------------------------------------------------------------------------

    def due(self, until: datetime) -> list[Row]:
        """Open items that start before `until`."""
        return self._rows(
            "play.status IN ('planned', 'armed') AND item.withdrawn = 0 AND item.starts_at <= ?",
            stamp(until),
        )

    def row(self, uid: str) -> Row | None:
        return next(iter(self._rows("item.uid = ?", uid)), None)

    def _rows(self, where: str, value: str) -> list[Row]:
        rows = self._db.all(
            f"SELECT item.*, play.status, play.cause_vi, play.cause_en"  # noqa: S608 — no input in it
            f" FROM item JOIN play USING (uid) WHERE {where} ORDER BY item.starts_at",
            value,
        )
        return [
            Row(
                uid=r["uid"],
                title=r["title"],
                priority=r["priority"],
                starts_at=moment(r["starts_at"]),
                expires_at=moment(r["expires_at"]),
                withdrawn=bool(r["withdrawn"]),
                status=Status(r["status"]),
                cause=Text(r["cause_vi"], r["cause_en"]) if r["cause_vi"] else None,
                cues=read_cues(self._db, r["uid"]),
                sealed=r["sealed"],
            )
            for r in rows
        ]

    def heard(self, since: datetime) -> list[Heard]:
        """Routine sound that began after `since`, with how long it was."""
        rows = self._db.all(
            "SELECT play.started_at, play.seconds FROM play JOIN item USING (uid)"
            " WHERE item.priority != 'emergency' AND play.started_at > ?"
            " AND play.status IN ('ended', 'interrupted')",
            stamp(since),
        )
        return [Heard(moment(r["started_at"]), timedelta(seconds=r["seconds"])) for r in rows]

    # --- moves -----------------------------------------------------------------------------------

    def arm(self, uid: str) -> bool:
        """Holds as long as this run of the engine: the next one verifies anew."""
        with self._db.lightly():
            return self._move(uid, "planned", "armed")

    def disarm(self, uid: str) -> bool:
        return self._move(uid, "armed", "planned")

    def _move(self, uid: str, old: str, new: str) -> bool:
        return bool(
            self._db.write("UPDATE play SET status = ? WHERE uid = ? AND status = ?", new, uid, old)
        )

    def hinder(self, uid: str, cause: Text) -> None:
        """Remember why an item that is due does not sound; used if its time runs out."""
        with self._db.lightly():
            self._db.write(
                "UPDATE play SET cause_vi = ?, cause_en = ?"
                " WHERE uid = ? AND status IN ('planned', 'armed')",
                *(cause.vi, cause.en, uid),
            )

    def hinder_audio(self, digest: str, cause: Text) -> None:
        """The same for every open item that needs this file."""
        for row in self._db.all("SELECT DISTINCT uid FROM cue WHERE digest = ?", digest):
            self.hinder(row["uid"], cause)

    def start(self, uid: str, at: datetime, device: str, recording: str) -> bool:
        """Commit that `uid` sounds from `at` on. False: it was withdrawn, changed or started."""
        return bool(
            self._db.write(
                "UPDATE play SET status = 'started', started_at = ?, device = ?, recording = ?,"
                " cause_vi = '', cause_en = ''"
                " WHERE uid = ? AND status = 'armed'"
                " AND (SELECT withdrawn FROM item WHERE item.uid = play.uid) = 0",
                stamp(at),
                device,
                recording,
                uid,
            )
        )

    def progress(self, uid: str, seconds: float) -> None:
        """So much was heard at least, should the power go now."""
        self._db.write(
            "UPDATE play SET seconds = ? WHERE uid = ? AND status = 'started'", seconds, uid
        )

    def finish(
        self,
        uid: str,
        status: Status,
        outcome: Outcome,
        *,
        started_at: datetime | None,
        ended_at: datetime | None,
        seconds: float,
        recording: str,
        cause: Text | None,
    ) -> bool:
        """started -> its end, with the as-run entry in the same transaction."""
        with self._db.transaction():
            changed = self._db.write(
                "UPDATE play SET status = ?, started_at = ?, ended_at = ?, seconds = ?,"
                " recording = ?, cause_vi = ?, cause_en = ? WHERE uid = ? AND status = 'started'",
                status,
                started_at and stamp(started_at),
                ended_at and stamp(ended_at),
                seconds,
                recording,
                cause.vi if cause else "",
                cause.en if cause else "",
                uid,
            )
            if changed:
                self._prove(uid, outcome)
        return bool(changed)

    def leave_unproved(self, uid: str, cause: Text) -> None:
        """started -> its end, with no as-run entry: the server, without proof, has to ask."""
        self._db.write(
            "UPDATE play SET status = 'interrupted', cause_vi = ?, cause_en = ?"
            " WHERE uid = ? AND status = 'started'",
            cause.vi,
            cause.en,
            uid,
        )

    def miss(self, uid: str, cause: Text, now: datetime) -> bool:
        """open -> missed, for good."""
        with self._db.transaction():
            return self.finish_silent(uid, "missed", "missed", cause, now)

    def finish_silent(
        self, uid: str, status: str, outcome: Outcome, cause: Text, now: datetime
    ) -> bool:
        """open -> missed | withdrawn, within the caller's transaction."""
        changed = self._db.write(
            "UPDATE play SET status = ?, ended_at = ?, cause_vi = ?, cause_en = ?"
            " WHERE uid = ? AND status IN ('planned', 'armed')",
            status,
            stamp(now),
            cause.vi,
            cause.en,
            uid,
        )
        if changed:
            self._prove(uid, outcome)
        return bool(changed)

    def recover(self, goes_on: Callable[[Row], bool] = lambda _row: False) -> list[str]:
        """After a crash: what was started is over, and is never played again; uids of those.

        Except what `goes_on`: an emergency that is said again and again until it is stopped.
        """
        self._db.write("UPDATE play SET status = 'planned' WHERE status = 'armed'")
        cut = [r["uid"] for r in self._db.all("SELECT uid FROM play WHERE status = 'started'")]
        over = []
        for uid in cut:
            row = self.row(uid)
            if row is not None and goes_on(row):
                self._move(uid, "started", "planned")
                continue
            over.append(uid)
            with self._db.transaction():
                self._db.write(
                    "UPDATE play SET status = 'interrupted', cause_vi = ?, cause_en = ?"
                    " WHERE uid = ?",
                    causes.POWER_CUT.vi,
                    causes.POWER_CUT.en,
                    uid,
                )
                self._prove(uid, "partly_aired")
        return over

    # --- proof -----------------------------------------------------------------------------------

    def _prove(self, uid: str, outcome: Outcome) -> None:
        row = self._db.one("SELECT * FROM item JOIN play USING (uid) WHERE uid = ?", uid)
        assert row is not None  # noqa: S101 — written in this very transaction
        silent = outcome in {"missed", "cancelled"}
        entry = AsRunEntry(
            entry=str(uuid4()),
            uid=uid,
            outcome=outcome,
            planned_at=moment(row["starts_at"]),
            started_at=moment(row["started_at"]) if row["started_at"] and not silent else None,
            ended_at=moment(row["ended_at"]) if row["ended_at"] and not silent else None,
            seconds_played=0.0 if silent else row["seconds"],
            device=row["device"],
            digest=",".join(cue.digest for cue in read_cues(self._db, uid)),
            recording=row["recording"],
            cause_vi=row["cause_vi"],
            cause_en=row["cause_en"],
        )
        self._db.write(
            "INSERT INTO as_run (entry, uid, body) VALUES (?, ?, ?)",
            entry.entry,
            uid,
            entry.model_dump_json(),
        )

    def outbox(self, limit: int = 100) -> list[AsRunEntry]:
        """Entries that the server has not receipted, oldest first."""
        rows = self._db.all(
            "SELECT body FROM as_run WHERE receipted_at IS NULL ORDER BY rowid LIMIT ?", limit
        )
        return [AsRunEntry.model_validate_json(row["body"]) for row in rows]

    def receipted(self, entries: Iterable[str], now: datetime) -> None:
        with self._db.transaction():
            for entry in entries:
                self._db.write(
                    "UPDATE as_run SET receipted_at = ? WHERE entry = ? AND receipted_at IS NULL",
                    stamp(now),
                    entry,
                )

    # --- what should not have been asked for -----------------------------------------------------

    def note_incident(self, kind: IncidentKind, subject: str, cause: Text, now: datetime) -> bool:
        """Once for each kind and subject, however often it is seen; whether it is new."""
        told = Incident(
            entry=str(uuid4()), kind=kind, subject=subject, at=now, vi=cause.vi, en=cause.en
        )
        return bool(
            self._db.write(
                "INSERT INTO incident (entry, kind, subject, body) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                *(told.entry, kind, subject, told.model_dump_json()),
            )
        )

    def incidents(self, limit: int = 100) -> list[Incident]:
        """Those that the server has not receipted, oldest first."""
        rows = self._db.all(
            "SELECT body FROM incident WHERE receipted_at IS NULL ORDER BY rowid LIMIT ?", limit
        )
        return [Incident.model_validate_json(row["body"]) for row in rows]

    def incidents_receipted(self, entries: Iterable[str], now: datetime) -> None:
        with self._db.transaction():
            for entry in entries:
                self._db.write(
                    "UPDATE incident SET receipted_at = ? WHERE entry = ?", stamp(now), entry
                )

    # --- the clock as it was last seen -----------------------------------------------------------

    def highest(self) -> datetime | None:
        text = self._db.get("clock_high")
        return moment(text) if text else None

    def note_clock(self, now: datetime) -> None:
        """Persist that the clock has come this far; seldom, disks wear out."""
        highest = self.highest()
        if highest is None or now >= highest + HIGH_STEP:
            self._db.put("clock_high", stamp(now))

    def reset_clock(self, now: datetime) -> None:
        """The server vouches for `now`: what was persisted before came from a wrong clock."""
        self._db.put("clock_high", stamp(now))

    def note_offset(self, offset: timedelta, now: datetime) -> None:
        """Server minus own clock, as measured at `now` by the own clock."""
        self._db.put("clock_offset", f"{offset.total_seconds():.1f} {stamp(now)}")

    def offset(self, now: datetime) -> timedelta | None:
        """The last measured offset if it is recent."""
        text = self._db.get("clock_offset")
        if not text:
            return None
        seconds, at = text.split(" ")
        return timedelta(seconds=float(seconds)) if abs(now - moment(at)) < OFFSET_AGE else None


def read_cues(database: Database, uid: str) -> list[Cue]:
    rows = database.all(
        "SELECT kind, digest, size, duration_ms FROM cue WHERE uid = ? ORDER BY n", uid
    )
    return [Cue(**dict(row)) for row in rows]
