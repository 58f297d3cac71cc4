"""What a database can be asked about its own soundness. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Table, literal, or_, select, text

from broadcaster.domain.delivery import FINAL, LOUDSPEAKER, State
from broadcaster.store import portable, schema
from broadcaster.store.schema import attempt, delivery, rendition, revision
from broadcaster.store.schema_stations import ready_sound, station

_SHOWN = 20


def of_database(connection: Connection) -> list[str]:
    """What the database itself finds damaged, in its own words."""
    if connection.dialect.name == "sqlite":
        said = connection.scalars(text("PRAGMA integrity_check"))
        loose_rows = connection.execute(text("PRAGMA foreign_key_check")).all()
        found = sorted({f"{row[0]} -> {row[2]}: foreign key" for row in loose_rows})
        return [line for line in said if line != "ok"] + found
    loose = text("SELECT conname FROM pg_constraint WHERE NOT convalidated ORDER BY conname")
    unsound = text(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1"
    )
    return [str(name) for query in (loose, unsound) for name in connection.scalars(query)]


def astray(connection: Connection, commune_id: int) -> list[tuple[str, int, str]]:
    """A commune's rows that point at nothing, or at another commune's: table, id, column."""
    return [
        (table.name, number, column)
        for table in portable.tables()
        for column, of in portable.pointers(table).items()
        if column != "id"
        for number in _astray(connection, commune_id, table, column, of)
    ]


def _astray(
    connection: Connection, commune_id: int, table: Table, column: str, of: str
) -> list[int]:
    """Of what is pointed at, only ids of the same commune are right."""
    mine = portable.of_commune(table, commune_id).order_by(None)
    right = select(schema.metadata.tables[of].c.id)
    if of != "commune":
        right = portable.of_commune(schema.metadata.tables[of], commune_id).order_by(None)
        right = right.with_only_columns(schema.metadata.tables[of].c.id)
    pointer = table.c[column]
    query = mine.where(pointer.is_not(None), pointer.not_in(right)).with_only_columns(table.c.id)
    return list(connection.scalars(query.order_by(table.c.id).limit(_SHOWN)))


_OPEN = [state.value for state in State if state not in FINAL]
_PUSHED = delivery.c.channel != LOUDSPEAKER
_OF_ANOTHER = (
    select(delivery.c.id)
    .join(revision, revision.c.id == delivery.c.revision_id)
    .join(rendition, rendition.c.id == delivery.c.rendition_id)
    .where(
        or_(
            revision.c.announcement_id != delivery.c.announcement_id,
            rendition.c.revision_id != delivery.c.revision_id,
        )
    )
)
_ODD: Mapping[str, Any] = {
    "unknown_state": select(delivery.c.id).where(
        delivery.c.state.not_in([state.value for state in State])
    ),
    "sending_without_attempt": select(delivery.c.id)
    .outerjoin(
        attempt,
        (attempt.c.delivery_id == delivery.c.id) & (attempt.c.n == delivery.c.attempt_no),
    )
    .where(delivery.c.state == State.SENDING.value, attempt.c.id.is_(None)),
    "nobody_looks": select(delivery.c.id).where(
        delivery.c.state.in_(_OPEN), _PUSHED, delivery.c.next_at.is_(None)
    ),
    "final_yet_waiting": select(delivery.c.id).where(
        delivery.c.state.in_([state.value for state in FINAL]), delivery.c.next_at.is_not(None)
    ),
    "posted_nowhere": select(delivery.c.id).where(
        delivery.c.state.in_([State.ACCEPTED.value, State.CONFIRMED.value]),
        _PUSHED,
        delivery.c.remote_id == "",
        delivery.c.link == "",
        delivery.c.action == "post",
    ),
    "of_another_text": _OF_ANOTHER,
}


def odd_deliveries(connection: Connection, commune_id: int) -> Iterator[tuple[str, int]]:
    """Deliveries in a shape that no move of theirs leads to: what is odd, and which one."""
    for what, query in _ODD.items():
        mine = query.where(delivery.c.commune_id == commune_id).order_by(delivery.c.id)
        for number in connection.scalars(mine.limit(_SHOWN)):
            yield what, number


def rows(connection: Connection, commune_id: int) -> int:
    return sum(portable.count(connection, table, commune_id) for table in portable.tables())


def contents(connection: Connection, commune_id: int) -> Iterator[Mapping[str, Any]]:
    """Of every rendition of a commune."""
    of = portable.of_commune(rendition, commune_id).with_only_columns(rendition.c.content)
    yield from connection.scalars(of)


def given_pictures(connection: Connection, commune_id: int) -> Iterator[Mapping[str, Any]]:
    """Of every revision of a commune, as they are kept."""
    of = portable.of_commune(revision, commune_id).with_only_columns(revision.c.pictures)
    for pictures in connection.scalars(of):
        yield from pictures


def ready_sounds(connection: Connection, commune_id: int) -> list[str]:
    """Digests of what lies ready for emergencies."""
    mine = select(ready_sound.c.digest).where(ready_sound.c.commune_id == commune_id)
    return list(connection.scalars(mine))


def has_stations(connection: Connection, commune_id: int) -> bool:
    found = select(literal(1)).select_from(station).where(station.c.commune_id == commune_id)
    return connection.scalar(found.limit(1)) is not None
