"""Silence for a while on one cluster: a funeral, a wedding, an examination."""

from __future__ import annotations

from datetime import datetime

from broadcaster.domain.people import Person, Right
from broadcaster.errors import Conflict, InputError
from broadcaster.services.context import Context
from broadcaster.store import events, stations


def mute(
    context: Context, person: Person, target: str, until: datetime, reason: str, now: datetime
) -> None:
    """Nothing routine on `target` before `until`; emergencies still sound.

    Raises InputError without a reason.
    """
    _check(context, person, target)
    if not reason.strip():
        raise InputError("Tạm im phải có lý do: --reason “…”", "A reason is needed: --reason")
    with context.database.write() as connection:
        _enrolled(stations.by_key(connection, context.commune_id, target), target)
        stations.mute(connection, context.commune_id, target, until, reason.strip()[:200])
        events.note(
            connection, context.commune_id, person.name, "station.muted", f"station {target}", now,
            until=until.isoformat(), reason=reason.strip(),
        )  # fmt: skip


def unmute(context: Context, person: Person, target: str, now: datetime) -> None:
    """Let routine items sound again; what fell due meanwhile stays missed."""
    _check(context, person, target)
    with context.database.write() as connection:
        _enrolled(stations.by_key(connection, context.commune_id, target), target)
        stations.mute(connection, context.commune_id, target, None, "")
        events.note(
            connection, context.commune_id, person.name, "station.unmuted", f"station {target}", now
        )


def _check(context: Context, person: Person, target: str) -> None:
    person.must_have(Right.MUTE)
    person.must_cover([context.config.target(target).village])


def _enrolled(found: stations.Station | None, target: str) -> None:
    if found is None:
        raise Conflict(
            f"Cụm loa “{target}” chưa có máy phát nào ghi danh. Xem: broadcaster station list",
            f"No station is enrolled for “{target}”. See: broadcaster station list",
        )
