"""The emergency stop: one press silences everything, a second one releases it."""

from __future__ import annotations

from datetime import datetime

from broadcaster.domain.people import Person, Right
from broadcaster.errors import Conflict
from broadcaster.services.context import Context
from broadcaster.store import events, stations


def stop(context: Context, person: Person, reason: str, now: datetime) -> None:
    """From now on nothing is posted, and stations fall silent at their next sync."""
    person.must_have(Right.STOP)
    with context.database.write() as connection:
        if stations.stop_in_force(connection, context.commune_id) is not None:
            raise Conflict(
                "Đang dừng khẩn cấp rồi. Mở lại bằng: broadcaster stop-all --release",
                "Everything is stopped already. Release: broadcaster stop-all --release",
            )
        stations.press_stop(connection, context.commune_id, person.name, reason, now)
        events.note(
            connection, context.commune_id, person.name, "stop.pressed", "commune", now,
            reason=reason,
        )  # fmt: skip


def release(context: Context, person: Person, now: datetime) -> None:
    """Let things run again; what fell due meanwhile and expired stays missed."""
    person.must_have(Right.STOP)
    with context.database.write() as connection:
        if stations.stop_in_force(connection, context.commune_id) is None:
            raise Conflict("Hiện không dừng khẩn cấp.", "There is no stop in force.")
        stations.release_stop(connection, context.commune_id, person.name, now)
        events.note(connection, context.commune_id, person.name, "stop.released", "commune", now)
