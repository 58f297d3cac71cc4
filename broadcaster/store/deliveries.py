"""Deliveries and attempts. Every change is compare-and-set: see `swap`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, Select, Update, bindparam, select, update

from broadcaster.domain.delivery import FINAL, LOUDSPEAKER, Action, Delivery, State
from broadcaster.errors import NotFound, Text
from broadcaster.store import stations
from broadcaster.store.columns import IDS
from broadcaster.store.rows import add, add_all_new, add_if_new
from broadcaster.store.schema import announcement, attempt, delivery, rendition

_OPEN = [state.value for state in State if state not in FINAL]


# Built once: putting such a statement together takes longer than the database needs for it.
_FENCE = ("id", "state", "attempt_no", "owner", "action", "absent_seen", "next_at",
          "cancel_asked_at")  # fmt: skip
_UNMOVED = (
    *(delivery.c[name].is_not_distinct_from(bindparam(f"old_{name}")) for name in _FENCE[1:]),
    delivery.c.id == bindparam("old_id"),
)


@cache
def _swap(names: tuple[str, ...]) -> Update:
    return update(delivery).where(*_UNMOVED).values({n: bindparam(f"new_{n}") for n in names})


_BY_ID = select(delivery).where(
    delivery.c.id == bindparam("id"), delivery.c.commune_id == bindparam("commune")
)

_SOUNDING = (
    select(
        *(
            delivery.c[name]
            for name in ("id", "target", "state", "due_at", "occurs_at", "slot_id", "rendition_id",
                         "cancel_asked_at", "priority", "approval_id", "rule_id",
                         "announcement_id")
        ),
        announcement.c.number,
        rendition.c.duration_ms,
    )
    .join(announcement, announcement.c.id == delivery.c.announcement_id)
    .join(rendition, rendition.c.id == delivery.c.rendition_id)
    .where(
        delivery.c.commune_id == bindparam("commune"),
        delivery.c.channel == LOUDSPEAKER,
        delivery.c.target.in_(bindparam("targets", expanding=True)),
        delivery.c.due_at >= bindparam("after"),
        delivery.c.due_at < bindparam("before"),
    )
)  # fmt: skip


def plan(connection: Connection, new: Delivery) -> bool:
    """Insert unless it has been planned already (or its place is taken); whether it was new."""
    values = _values(new)
    del values["id"]
    is_new = add_if_new(connection, delivery, values)
    if is_new and new.pulled:
        stations.touch(connection, new.commune_id, new.target)
    return is_new


def plan_all(connection: Connection, new: Sequence[Delivery]) -> int:
    """Insert what has not been planned already and whose place is free; how many were new."""
    if not new:
        return 0
    for commune_id, target in sorted({(one.commune_id, one.target) for one in new if one.pulled}):
        stations.touch(connection, commune_id, target)
    by_column = zip(*map(_ALL_OF, new), strict=True)
    columns: dict[str, Sequence[Any]] = dict(zip(_NEW, by_column, strict=True))
    columns |= {name: list(map(stored, columns[name])) for name, stored in _STORED.items()}
    return add_all_new(connection, delivery, columns)


@dataclass(frozen=True, slots=True)
class Brief:
    """Of a delivery only what planning asks."""

    announcement_id: int
    revision_id: int
    approval_id: int
    target: str
    due_at: datetime
    occurs_at: datetime | None
    slot_id: int | None
    state: State

    @property
    def occurrence(self) -> datetime:
        return self.occurs_at or self.due_at


_BRIEFS = select(*(delivery.c[field.name] for field in fields(Brief))).where(
    delivery.c.announcement_id.in_(IDS),
    delivery.c.action != Action.WITHDRAW,
    (delivery.c.channel != LOUDSPEAKER) | (delivery.c.due_at >= bindparam("after")),
)


def briefs(
    connection: Connection, announcement_ids: Collection[int], after: datetime
) -> dict[int, list[Brief]]:
    """By announcement: every post, and the loudspeakers' rows that are due after `after`."""
    rows = connection.execute(_BRIEFS, {"ids": list(announcement_ids), "after": after})
    found: dict[int, list[Brief]] = {}
    for row in rows:
        brief = Brief(**{**row._mapping, "state": State(row.state)})
        found.setdefault(brief.announcement_id, []).append(brief)
    return found


def swap(connection: Connection, old: Delivery, new: Delivery) -> bool:
    """Write `new` only if nobody has moved, claimed, counted, put off or called back since `old`.

    False means that somebody else was first: read again, decide again.
    """
    before, after = _values(old), _values(new)
    moved = tuple(name for name in _FIELDS if before[name] != after[name]) or ("state",)
    given = {f"old_{name}": before[name] for name in _FENCE}
    given |= {f"new_{name}": after[name] for name in moved}
    result = connection.execute(_swap(moved), given)
    if result.rowcount == 1 and new.pulled and _shows(old) != _shows(new):
        stations.touch(connection, new.commune_id, new.target)
    return result.rowcount == 1


def _shows(one: Delivery) -> tuple[object, ...]:
    """What a station's plan says about a delivery."""
    on_it = one.state in {State.SENDING, State.ACCEPTED}
    return on_it, one.final, one.cancel_asked_at, one.due_at, one.expires_at


def by_id(connection: Connection, commune_id: int, delivery_id: int) -> Delivery:
    """Raises NotFound."""
    row = connection.execute(_BY_ID, {"id": delivery_id, "commune": commune_id}).one_or_none()
    if row is None:
        raise not_there(delivery_id)
    return of_row(row)


def not_there(delivery_id: int) -> NotFound:
    return NotFound(
        f"Không có lượt phát số {delivery_id}. Xem: broadcaster delivery list",
        f"There is no delivery {delivery_id}. See: broadcaster delivery list",
    )


def by_uid(connection: Connection, commune_id: int, uid: str) -> Delivery | None:
    row = connection.execute(
        select(delivery).where(delivery.c.uid == uid, delivery.c.commune_id == commune_id)
    ).one_or_none()
    return None if row is None else of_row(row)


def by_uids(
    connection: Connection, commune_id: int, uids: Collection[str], states: Collection[State]
) -> list[Delivery]:
    """Those of these that are the commune's and in one of the states."""
    wanted = select(delivery).where(
        delivery.c.uid.in_(uids),
        delivery.c.state.in_(states),
        delivery.c.commune_id == commune_id,
    )
    return [of_row(row) for row in connection.execute(wanted)]


def find(
    connection: Connection,
    commune_id: int,
    *,
    announcement_id: int | None = None,
    target: str | None = None,
    states: Collection[State] | None = None,
    after: datetime | None = None,
    before: datetime | None = None,
) -> list[Delivery]:
    """Deliveries by time, narrowed by what is given; after <= due_at < before."""
    query: Select[Any] = select(delivery).where(delivery.c.commune_id == commune_id)
    if announcement_id is not None:
        query = query.where(delivery.c.announcement_id == announcement_id)
    if target is not None:
        query = query.where(delivery.c.target == target)
    if states is not None:
        query = query.where(delivery.c.state.in_([s.value for s in states]))
    if after is not None:
        query = query.where(delivery.c.due_at >= after)
    if before is not None:
        query = query.where(delivery.c.due_at < before)
    rows = connection.execute(query.order_by(delivery.c.due_at, delivery.c.id))
    return [of_row(row) for row in rows]


def sounding(
    connection: Connection,
    commune_id: int,
    targets: Collection[str],
    after: datetime,
    before: datetime,
) -> list[Row[Any]]:
    """Loudspeaker deliveries with after <= due_at < before, with what says how long they sound.

    Rows of id, target, state, due_at, occurs_at, slot_id, cancel_asked_at, priority, approval_id,
    rule_id, announcement_id, number, rendition_id, duration_ms.
    """
    period = {"after": after, "before": before}
    given = {"commune": commune_id, "targets": list(targets), **period}
    return list(connection.execute(_SOUNDING, given))


_ON_STATION = (
    select(delivery)
    .where(
        delivery.c.commune_id == bindparam("commune"),
        delivery.c.target == bindparam("target"),
        delivery.c.channel == LOUDSPEAKER,
        delivery.c.state.in_(_OPEN),
    )
    .order_by(delivery.c.due_at)
)


def on_station(connection: Connection, commune_id: int, target: str) -> list[Delivery]:
    """What a station may still have to play or to account for."""
    rows = connection.execute(_ON_STATION, {"commune": commune_id, "target": target})
    return [of_row(row) for row in rows]


def waiting(connection: Connection, commune_id: int, target: str, at: datetime) -> list[Delivery]:
    """What is planned for a target and put off until exactly that moment."""
    rows = connection.execute(
        select(delivery).where(
            delivery.c.next_at == at,
            delivery.c.commune_id == commune_id,
            delivery.c.target == target,
            delivery.c.state == State.PLANNED.value,
        )
    )
    return [of_row(row) for row in rows]


def begin_attempt(connection: Connection, claimed: Delivery, now: datetime) -> None:
    """The attempt's row, committed before the call leaves."""
    add(
        connection,
        attempt,
        delivery_id=claimed.id,
        n=claimed.attempt_no,
        owner=claimed.owner,
        started_at=now,
        ended_at=None,
        outcome="",
        detail={},
    )


_END = (
    update(attempt)
    .where(attempt.c.delivery_id == bindparam("of"), attempt.c.n == bindparam("no"))
    .values({name: bindparam(f"new_{name}") for name in ("ended_at", "outcome", "detail")})
)


def end_attempt(
    connection: Connection,
    of: Delivery,
    outcome: str,
    detail: Mapping[str, Any],
    now: datetime,
) -> None:
    """`outcome`: accepted | again | refused | unknown | lost."""
    ended = {"new_ended_at": now, "new_outcome": outcome, "new_detail": dict(detail)}
    connection.execute(_END, {"of": of.id, "no": of.attempt_no, **ended})


def attempts(connection: Connection, delivery_id: int) -> list[Mapping[str, Any]]:
    """All tries of a delivery, oldest first, as they were written."""
    rows = connection.execute(
        select(attempt).where(attempt.c.delivery_id == delivery_id).order_by(attempt.c.n)
    )
    return [dict(row._mapping) for row in rows]


_FIELDS = [f.name for f in fields(Delivery)]
_NEW = [name for name in _FIELDS if name != "id"]
_ALL_OF = attrgetter(*_NEW)
_STORED: dict[str, Callable[[Any], Any]] = {
    "state": attrgetter("value"),
    "action": attrgetter("value"),
    "cause": lambda cause: None if cause is None else asdict(cause),
    "proof": dict,
}
"""How the database has what it has otherwise than the domain."""


def _values(value: Delivery) -> dict[str, Any]:
    row = {name: getattr(value, name) for name in _FIELDS}
    return row | {name: stored(row[name]) for name, stored in _STORED.items()}


def of_row(row: Row[Any]) -> Delivery:
    """From a row with all columns of the table, and maybe others."""
    found = row._mapping
    values = {name: found[name] for name in _FIELDS}
    values["state"] = State(values["state"])
    values["action"] = Action(values["action"])
    values["cause"] = None if values["cause"] is None else Text(**values["cause"])
    return Delivery(**values)
