"""The tables. Every row belongs to a commune; every instant is UTC."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    Time,
    UniqueConstraint,
    text,
)

from broadcaster.store import columns, outbox

metadata = columns.metadata
_id, _key, _commune = columns.own_id, columns.key, columns.of_commune
_word, _at = columns.word, columns.at

# `key`: its folder's name in a province; empty for the one commune on its own. The last three
# are about moving it between databases: see `moves`.
commune = Table(
    "commune",
    metadata,
    _id(),
    _word("name"),
    _word("key", server_default=""),
    _word("moved_to", server_default=""),
    Column("sealed_as", Integer),
    Column("incoming", JSON(none_as_null=True)),
)
Index("uq_commune_key", commune.c.key, unique=True)

person = Table(
    "person",
    metadata,
    _id(),
    _commune(),
    _word("name"),
    _word("full_name"),
    Column("roles", JSON, nullable=False),
    Column("villages", JSON, nullable=False, server_default="[]"),
    Column("categories", JSON, nullable=False, server_default="[]"),
    UniqueConstraint("commune_id", "name"),
)

announcement = Table(
    "announcement",
    metadata,
    _id(),
    _commune(),
    _word("uid", unique=True),
    Column("number", Integer, nullable=False),
    _word("priority"),
    _word("author"),
    _at("created_at"),
    _at("withdrawn_at", nullable=True),
    Column("withdrawn_reason", Text, nullable=False, server_default=""),
    UniqueConstraint("commune_id", "number"),
)

revision = Table(
    "revision",
    metadata,
    _id(),
    _key("announcement"),
    Column("n", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("targets", JSON, nullable=False),
    Column("pictures", JSON, nullable=False, server_default="[]"),
    _word("category", server_default="thong-bao-chung"),
    _word("document_number", server_default=""),
    Column("overrides", JSON, nullable=False, server_default="{}"),
    _word("digest"),
    _word("author"),
    _at("created_at"),
    UniqueConstraint("announcement_id", "n"),
)

rendition = Table(
    "rendition",
    metadata,
    _id(),
    _key("revision"),
    _word("target"),
    _word("channel"),
    _word("digest"),
    Column("content", JSON, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    _at("created_at"),
    Index("ix_rendition_revision", "revision_id", "target"),
)

approval = Table(
    "approval",
    metadata,
    _id(),
    _key("revision"),
    _word("decision"),  # granted | returned
    _word("person"),
    Column("reason", Text, nullable=False),
    _word("digest"),
    Column("pinned", JSON, nullable=False),
    _at("decided_at"),
    _at("valid_until"),
    _at("voided_at", nullable=True),
    Column("voided_reason", Text, nullable=False),
    Index("ix_approval_revision", "revision_id"),
    Index("ix_approval_decided_at", "decided_at"),
)
Index(
    "uq_approval_one_in_force",
    approval.c.revision_id,
    unique=True,
    sqlite_where=text("decision = 'granted' AND voided_at IS NULL"),
    postgresql_where=text("decision = 'granted' AND voided_at IS NULL"),
)

slot = Table(
    "slot",
    metadata,
    _id(),
    _commune(),
    _word("key"),
    Column("start", Time, nullable=False),  # local times by design
    Column("end", Time, nullable=False),
    Column("targets", JSON, nullable=False),
    _word("author"),
    _at("created_at"),
    _at("removed_at", nullable=True),
)
Index(
    "uq_slot_key",
    slot.c.commune_id,
    slot.c.key,
    unique=True,
    sqlite_where=text("removed_at IS NULL"),
    postgresql_where=text("removed_at IS NULL"),
)

rule = Table(
    "rule",
    metadata,
    _id(),
    _key("announcement"),
    Column("rrule", Text, nullable=False),
    Column("dtstart", DateTime(timezone=False), nullable=False),  # local time by design
    _word("zone"),
    Column("targets", JSON, nullable=False),
    _word("author"),
    _at("created_at"),  # of the wording in force: an edit begins anew
    _at("removed_at", nullable=True),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("added", JSON, nullable=False, server_default="[]"),
    Column("skipped", JSON, nullable=False, server_default="[]"),
    Column("avoids", JSON, nullable=False, server_default="[]"),
    Column(
        "slot_id", Integer
    ),  # of the table above: collected in it, at a minute that planning finds
    Index("ix_rule_announcement", "announcement_id"),
    Index("ix_rule_created_at", "created_at"),
)

# Single days off of a year, as an official calendar tells them; see also config/holidays.toml.
holiday = Table(
    "holiday",
    metadata,
    _id(),
    _commune(),
    Column("day", Date, nullable=False),
    _word("name"),
    _word("key"),
    _word("source"),
    _word("person"),
    _at("created_at"),
    UniqueConstraint("commune_id", "day"),
)

# An announcement that the law wants aired on consecutive days in every village.
publicity = Table(
    "publicity",
    metadata,
    _id(),
    _commune(),
    _key("announcement"),
    Column("legal_basis", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("days", Integer, nullable=False),
    Column("villages", JSON, nullable=False),
    _word("person"),
    _at("created_at"),
    UniqueConstraint("announcement_id"),
)

publicity_confirmation = Table(
    "publicity_confirmation",
    metadata,
    _id(),
    _commune(),
    _key("announcement"),
    _word("village"),
    _word("person"),
    Column("note", Text, nullable=False),
    _at("created_at"),
    UniqueConstraint("announcement_id", "village"),
)

waiver = Table(
    "waiver",
    metadata,
    _id(),
    _commune(),
    _key("announcement"),
    _word("limit"),
    Column("first_day", Date, nullable=False),  # local days by design
    Column("last_day", Date, nullable=False),
    Column("reason", Text, nullable=False),
    _word("person"),
    _word("place"),
    _at("created_at"),
    _at("revoked_at", nullable=True),
    _word("revoked_by"),
    Index("ix_waiver_announcement", "announcement_id"),
)

plan_mark = Table(
    "plan_mark",
    metadata,
    _id(),
    _commune(),
    Column("announcement_id", ForeignKey("announcement.id"), nullable=False, unique=True),
    _word("key"),
    _at("until"),
)

delivery, attempt, outlet = outbox.delivery, outbox.attempt, outbox.outlet

event = Table(
    "event",
    metadata,
    _id(),
    _commune(),
    _at("at"),
    _word("person"),
    _word("what"),
    _word("subject"),
    Column("detail", JSON, nullable=False),
    _word("origin", server_default=""),  # from where
    _word("prior", server_default=""),  # the seal of the record before
    _word("seal", server_default=""),  # empty: written before there were seals
    Index("ix_event_subject", "commune_id", "subject"),
    Index("ix_event_commune_id", "commune_id", "id"),
)

VERSION = "0023"
"""The newest migration; a database of another version is refused with a clear message."""
