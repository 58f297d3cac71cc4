"""What is due: asked all day long, so answered from one small index."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.store.schema import delivery

_CLASSES = [name.value for name in (Priority.EMERGENCY, Priority.PRIORITY, Priority.NORMAL)]
_FEW = 50


@dataclass(frozen=True, slots=True)
class Due:
    """Of a delivery what it takes to give it to somebody, who will read the rest."""

    id: int
    commune_id: int
    channel: str
    target: str
    priority: str
    next_at: datetime

    @property
    def pulled(self) -> bool:
        return self.channel == LOUDSPEAKER


# Built once: putting such a statement together takes longer than the database needs for it.
_COLUMNS = [delivery.c[field.name] for field in fields(Due)]
_READY = and_(
    delivery.c.next_at <= bindparam("soon"),
    or_(delivery.c.next_at <= bindparam("now"), delivery.c.channel != LOUDSPEAKER),
)
_FIRST = select(*_COLUMNS).where(_READY).order_by(delivery.c.next_at).limit(_FEW + 1)
_LANE = (delivery.c.commune_id, delivery.c.target, delivery.c.priority)
_PLACE = func.row_number().over(partition_by=_LANE, order_by=delivery.c.next_at)
_PLACED = select(*_COLUMNS, _PLACE.label("place")).where(_READY).subquery()
_FIRST_OF_EACH = select(*(_PLACED.c[one.name] for one in _COLUMNS)).where(
    _PLACED.c.place <= bindparam("each")
)


def due(
    connection: Connection, now: datetime, each: int = 5, ahead: timedelta = timedelta()
) -> list[Due]:
    """What somebody must look at now, of every commune here: by class, then by time.

    Posts `ahead` of their time, too. Not what stations play: mostly they will have said by then
    that it was heard, and nobody has to look.

    At most `each` of every target and class, so that a pile-up on one Page hides no other target,
    no other commune and no emergency. Not narrowed to one commune: asked about it, a database may
    take an index that begins with the commune, and reads a million rows that are not due.
    """
    when = {"now": now, "soon": now + ahead}
    rows = connection.execute(_FIRST, when).all()
    if len(rows) > _FEW:  # a pile-up
        rows = connection.execute(_FIRST_OF_EACH, {**when, "each": each}).all()
    found = [Due(*row) for row in rows]
    return sorted(found, key=lambda one: (_CLASSES.index(one.priority), one.next_at))
