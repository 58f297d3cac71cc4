"""What a station's plan says of each delivery: its files in order, and what it is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import Connection

from broadcaster.domain import programme
from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import Delivery
from broadcaster.domain.emergency import Emergency, Status
from broadcaster.services.context import Context
from broadcaster.services.stations.alerting import EXERCISE
from broadcaster.services.timetable import onair
from broadcaster.store import approvals, emergencies, waivers
from broadcaster.store.announcements import Once
from broadcaster.store.emergencies import Ready
from broadcaster.store.stations import Station


class Items:
    """Makes the items of one rundown; each row is read once."""

    def __init__(
        self, connection: Connection, context: Context, key: str, going: Sequence[Delivery]
    ) -> None:
        self._context = context
        self._once = Once(connection)
        self._approval = cache(partial(approvals.by_id, connection))
        self._waivers = waivers.of_commune(connection, context.commune_id)
        in_slots = [one.due_at for one in going if one.slot_id is not None]
        self._parts = (
            onair.parts(connection, context, key, min(in_slots), max(in_slots)) if in_slots else {}
        )

    def __call__(self, one: Delivery) -> dict[str, Any]:
        revision = self._once.revision(one.revision_id)
        allowed = self._approval(one.approval_id)
        urgent = one.priority == Priority.EMERGENCY
        given = self._waivers.get(one.announcement_id, ())
        return {
            "uid": one.uid,
            "title": revision.title,
            "priority": one.priority,
            "starts_at": one.due_at.isoformat(),
            "expires_at": one.expires_at.isoformat(),
            "cues": self._cues(one, urgent=urgent),
            "waived": sorted(onair.allowed(self._context, given, one.due_at)),
            "approval": allowed.digest,
            # Whoever approved an emergency answers for its sounding at night, too.
            "authority": allowed.person if urgent else "",
        }

    def ordered(
        self, one: Delivery, order: Emergency, ready: Mapping[str, Ready]
    ) -> dict[str, Any]:
        """What an emergency order adds: who gave it, how often it sounds, what is said before it.

        It sounds whole, with its siren: that is the file that lies ready on the station.
        """
        before = []
        if order.status != Status.ACTUAL:
            said = ready[EXERCISE]
            before = [_cue("opening", said.digest, said.size, said.duration_ms)]
        return self(one) | {
            "cues": [*before, *self._whole(one)],
            "authority": order.person,
            "rounds": order.rounds,
            "until": order.until.isoformat(),
        }

    def _cues(self, one: Delivery, *, urgent: bool) -> list[dict[str, Any]]:
        rendition = self._once.rendition(one.rendition_id)
        wanted = programme.kinds(self._parts.get(one.id), urgent=urgent)
        cues = rendition.content.get("cues", [])
        if wanted is not None and any(cue["kind"] == programme.ITEM for cue in cues):
            return [dict(cue) for cue in cues if cue["kind"] in wanted]
        return self._whole(one)

    def _whole(self, one: Delivery) -> list[dict[str, Any]]:
        rendition = self._once.rendition(one.rendition_id)
        wav = rendition.content["wav"]
        return [_cue("programme", wav["digest"], wav["size"], rendition.duration_ms)]


def _cue(kind: str, digest: str, size: int, duration_ms: int) -> dict[str, Any]:
    return {"kind": kind, "digest": digest, "size": size, "duration_ms": duration_ms}


def library(
    connection: Connection, station: Station, ready: Mapping[str, Ready], now: datetime
) -> list[dict[str, Any]]:
    """Every sound that an emergency may need: before it is ordered it lies on the disk."""
    contents = emergencies.templates(connection, station.commune_id, station.key, now)
    files = {one.digest: one.size for one in ready.values()}
    files |= {one["wav"]["digest"]: one["wav"]["size"] for one in contents if "wav" in one}
    return [{"digest": digest, "size": size} for digest, size in sorted(files.items())]
