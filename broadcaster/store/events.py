"""The log of who did what: append only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from broadcaster.store.rows import add
from broadcaster.store.schema import event


def note(
    connection: Connection,
    commune_id: int,
    person: str,
    what: str,
    subject: str,
    now: datetime,
    **detail: Any,
) -> None:
    """`what`: e.g. "approval.granted"; `subject`: e.g. "announcement 12"."""
    add(
        connection,
        event,
        commune_id=commune_id,
        at=now,
        person=person,
        what=what,
        subject=subject,
        detail=detail,
    )


def of_subject(connection: Connection, commune_id: int, subject: str) -> list[Mapping[str, Any]]:
    rows = connection.execute(
        select(event)
        .where(event.c.commune_id == commune_id, event.c.subject == subject)
        .order_by(event.c.id)
    )
    return [dict(row._mapping) for row in rows]
