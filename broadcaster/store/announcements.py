"""Announcements, their revisions and renditions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, func, select, update

from broadcaster.domain.announcement import Announcement, Priority, Rendition, Revision
from broadcaster.domain.category import GENERAL
from broadcaster.domain.picture import Picture
from broadcaster.errors import NotFound
from broadcaster.store import approvals, emergencies
from broadcaster.store.columns import IDS
from broadcaster.store.rows import add
from broadcaster.store.schema import announcement, rendition, revision


def create(
    connection: Connection, commune_id: int, priority: Priority, author: str, now: datetime
) -> Announcement:
    """A new announcement with the commune's next number."""
    highest = connection.scalar(
        select(func.max(announcement.c.number)).where(announcement.c.commune_id == commune_id)
    )
    values: dict[str, Any] = {
        "commune_id": commune_id,
        "uid": uuid4().hex,
        "number": (highest or 0) + 1,
        "priority": priority,
        "author": author,
        "created_at": now,
    }
    return Announcement(id=add(connection, announcement, **values), **values)


def withdraw(connection: Connection, announcement_id: int, reason: str, now: datetime) -> None:
    connection.execute(
        update(announcement)
        .where(announcement.c.id == announcement_id)
        .values(withdrawn_at=now, withdrawn_reason=reason)
    )


def by_number(connection: Connection, commune_id: int, number: int) -> Announcement:
    """Raises NotFound."""
    row = connection.execute(
        select(announcement).where(
            announcement.c.commune_id == commune_id, announcement.c.number == number
        )
    ).one_or_none()
    if row is None:
        raise NotFound(
            f"Không có bản tin số {number}. Xem danh sách: broadcaster announcement list",
            f"There is no announcement {number}. See: broadcaster announcement list",
        )
    return _announcement(row)


def by_id(connection: Connection, announcement_id: int) -> Announcement:
    return _announcement(
        connection.execute(select(announcement).where(announcement.c.id == announcement_id)).one()
    )


def every(connection: Connection, commune_id: int) -> list[Announcement]:
    """All of a commune, newest first."""
    rows = connection.execute(
        select(announcement)
        .where(announcement.c.commune_id == commune_id)
        .order_by(announcement.c.number.desc())
    )
    return [_announcement(row) for row in rows]


def _announcement(row: Row[Any]) -> Announcement:
    values = dict(row._mapping)
    return Announcement(**{**values, "priority": Priority(values["priority"])})


def add_revision(
    connection: Connection,
    owner: Announcement,
    *,
    title: str,
    body: str,
    targets: Sequence[str],
    pictures: Sequence[Picture] = (),
    category: str = GENERAL,
    document_number: str = "",
    overrides: Mapping[str, str] | None = None,
    digest: str,
    author: str,
    now: datetime,
) -> Revision:
    highest = connection.scalar(
        select(func.max(revision.c.n)).where(revision.c.announcement_id == owner.id)
    )
    values: dict[str, Any] = {
        "announcement_id": owner.id,
        "n": (highest or 0) + 1,
        "title": title,
        "body": body,
        "targets": sorted(targets),
        "pictures": [one.as_json() for one in pictures],
        "category": category,
        "document_number": document_number,
        "overrides": dict(overrides or {}),
        "digest": digest,
        "author": author,
        "created_at": now,
    }
    return _revision({"id": add(connection, revision, **values), **values})


def latest_revision(connection: Connection, announcement_id: int) -> Revision:
    row = connection.execute(
        select(revision)
        .where(revision.c.announcement_id == announcement_id)
        .order_by(revision.c.n.desc())
        .limit(1)
    ).one()
    return _revision(dict(row._mapping))


def authors(connection: Connection, announcement_id: int) -> frozenset[str]:
    """Everybody who wrote a revision of it."""
    found = select(revision.c.author).where(revision.c.announcement_id == announcement_id)
    return frozenset(connection.scalars(found))


def revision_by_id(connection: Connection, revision_id: int) -> Revision:
    row = connection.execute(select(revision).where(revision.c.id == revision_id)).one()
    return _revision(dict(row._mapping))


def _revision(values: Mapping[str, Any]) -> Revision:
    pictures = tuple(map(Picture.of_json, values["pictures"]))
    return Revision(**{**values, "targets": tuple(values["targets"]), "pictures": pictures})


def add_rendition(connection: Connection, values: Mapping[str, Any]) -> int:
    return add(connection, rendition, **values)


def renditions(connection: Connection, revision_id: int) -> list[Rendition]:
    """The newest rendition for each target, by target."""
    newest = (
        select(func.max(rendition.c.id))
        .where(rendition.c.revision_id == revision_id)
        .group_by(rendition.c.target)
    )
    rows = connection.execute(
        select(rendition).where(rendition.c.id.in_(newest)).order_by(rendition.c.target)
    )
    return [Rendition(**row._mapping) for row in rows]


def rendition_by_id(connection: Connection, rendition_id: int) -> Rendition:
    row = connection.execute(select(rendition).where(rendition.c.id == rendition_id)).one()
    return Rendition(**row._mapping)


_OF_IDS = select(announcement).where(announcement.c.id.in_(IDS))
_LATEST = select(revision).where(
    revision.c.id.in_(
        select(func.max(revision.c.id))
        .where(revision.c.announcement_id.in_(IDS))
        .group_by(revision.c.announcement_id)
    )
)
_RENDITIONS = (
    select(rendition)
    .where(
        rendition.c.id.in_(
            select(func.max(rendition.c.id))
            .where(rendition.c.revision_id.in_(IDS))
            .group_by(rendition.c.revision_id, rendition.c.target)
        )
    )
    .order_by(rendition.c.target)
)


def of_ids(connection: Connection, ids: Collection[int]) -> dict[int, Announcement]:
    """Many announcements at once, by id."""
    rows = connection.execute(_OF_IDS, {"ids": list(ids)})
    return {row.id: _announcement(row) for row in rows}


def latest_revisions(connection: Connection, ids: Collection[int]) -> dict[int, Revision]:
    """The newest revision of each announcement, by the announcement's id."""
    rows = connection.execute(_LATEST, {"ids": list(ids)})
    return {row.announcement_id: _revision(dict(row._mapping)) for row in rows}


def all_renditions(
    connection: Connection, revision_ids: Collection[int]
) -> dict[int, list[Rendition]]:
    """The newest renditions of many revisions, by revision and in the order of their targets."""
    rows = connection.execute(_RENDITIONS, {"ids": list(revision_ids)})
    found: dict[int, list[Rendition]] = {}
    for row in rows:
        found.setdefault(row.revision_id, []).append(Rendition(**row._mapping))
    return found


def contents(connection: Connection, ids: Collection[int]) -> dict[int, Mapping[str, Any]]:
    """What is in each rendition, by its id."""
    rows = connection.execute(
        select(rendition.c.id, rendition.c.content).where(rendition.c.id.in_(ids))
    )
    return {row.id: row.content for row in rows}


class Once:
    """The announcement, revision and rendition of many deliveries: each row is read once."""

    def __init__(self, connection: Connection) -> None:
        self.announcement = cache(partial(by_id, connection))
        self.revision = cache(partial(revision_by_id, connection))
        self.rendition = cache(partial(rendition_by_id, connection))
        self.decisions = cache(partial(approvals.of_revision, connection))
        self.order = cache(partial(emergencies.of_rule, connection))
