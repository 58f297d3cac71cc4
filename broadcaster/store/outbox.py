"""The tables of what goes out: each delivery, each try, and how each outlet is doing."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, Table, Text, UniqueConstraint, text

from broadcaster.store.columns import at as _at
from broadcaster.store.columns import key as _key
from broadcaster.store.columns import metadata
from broadcaster.store.columns import of_commune as _commune
from broadcaster.store.columns import own_id as _id
from broadcaster.store.columns import word as _word

delivery = Table(
    "delivery",
    metadata,
    _id(),
    _word("uid", unique=True),
    _commune(),
    _key("announcement"),
    _key("revision"),
    _key("rendition"),
    _key("approval"),
    _key("rule"),
    _word("channel"),
    _word("target"),
    _word("priority"),
    _at("due_at"),
    _at("expires_at"),
    _word("state"),
    _at("next_at", nullable=True),
    Column("attempt_no", Integer, nullable=False),
    _word("owner"),
    Column("absent_seen", Integer, nullable=False),
    _word("marker"),
    Column("remote_id", Text, nullable=False),
    Column("link", Text, nullable=False),
    _at("actual_at", nullable=True),
    Column("cause", JSON(none_as_null=True)),
    Column("proof", JSON, nullable=False),
    _at("cancel_asked_at", nullable=True),
    _word("action", server_default="post"),
    Column("about_id", Integer, nullable=True),  # the delivery that it corrects or withdraws
    # The rule's own instant, where a slot or a neighbour group moved the delivery away from it.
    _at("occurs_at", nullable=True),
    Column("slot_id", Integer),
    UniqueConstraint("approval_id", "target", "due_at"),
)
# An emergency finds a routine item there, and cuts it short.
_TAKES_THE_STATION = "state != 'cancelled' AND channel = 'loudspeaker' AND priority != 'emergency'"
_TAKES_THE_TIME = "state != 'cancelled' AND action != 'withdraw'"
# One row per target per time; what was cancelled makes room for its successor.
Index(
    "uq_delivery_target_time",
    delivery.c.announcement_id,
    delivery.c.target,
    delivery.c.due_at,
    unique=True,
    sqlite_where=text(_TAKES_THE_TIME),
    postgresql_where=text(_TAKES_THE_TIME),
)
_WITHDRAWS = "action = 'withdraw' AND state IN ('planned', 'sending', 'unknown', 'confirmed')"
# One withdrawal per post; what was refused makes room for another try.
Index(
    "uq_delivery_withdrawal",
    delivery.c.about_id,
    unique=True,
    sqlite_where=text(_WITHDRAWS),
    postgresql_where=text(_WITHDRAWS),
)
Index(
    "uq_delivery_station_time",
    delivery.c.commune_id,
    delivery.c.target,
    delivery.c.due_at,
    unique=True,
    sqlite_where=text(_TAKES_THE_STATION),
    postgresql_where=text(_TAKES_THE_STATION),
)
# By time alone: what is due is asked of all communes at once.
Index(
    "ix_delivery_next",
    delivery.c.next_at,
    sqlite_where=text("next_at IS NOT NULL"),
    postgresql_where=text("next_at IS NOT NULL"),
)
UNDER_WAY = "state = 'sending' AND channel != 'loudspeaker'"
Index(
    "ix_delivery_under_way",
    delivery.c.owner,
    sqlite_where=text(UNDER_WAY),
    postgresql_where=text(UNDER_WAY),
)
UNKNOWN = "state = 'unknown'"
Index(
    "ix_delivery_unknown",
    delivery.c.priority,
    sqlite_where=text(UNKNOWN),
    postgresql_where=text(UNKNOWN),
)
Index("ix_delivery_announcement", delivery.c.announcement_id, delivery.c.target)
Index("ix_delivery_target", delivery.c.commune_id, delivery.c.target, delivery.c.due_at)

attempt = Table(
    "attempt",
    metadata,
    _id(),
    _key("delivery"),
    Column("n", Integer, nullable=False),
    _word("owner"),
    _at("started_at"),
    _at("ended_at", nullable=True),
    _word("outcome"),  # "" while under way
    Column("detail", JSON, nullable=False),
    UniqueConstraint("delivery_id", "n"),
)

outlet = Table(
    "outlet",
    metadata,
    _id(),
    _commune(),
    _word("target"),
    Column("failures", Integer, nullable=False),
    _at("rests_until", nullable=True),
    Column("cause", JSON(none_as_null=True)),
    _word("day"),  # local, YYYY-MM-DD: the day that `used` counts
    Column("used", Integer, nullable=False),
    UniqueConstraint("commune_id", "target"),
)
