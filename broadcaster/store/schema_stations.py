"""Tables about stations: what they are told and say, emergencies, the emergency stop."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, Table, Text, UniqueConstraint, text

from broadcaster.store.columns import at, key, metadata, of_commune, own_id, word

station = Table(
    "station",
    metadata,
    own_id(),
    of_commune(),
    word("key"),
    word("token_digest", unique=True),
    Column("rundown_version", Integer, nullable=False),
    word("rundown_digest"),
    at("seen_at", nullable=True),
    Column("status", JSON, nullable=False),
    # What a station asks every few seconds is answered from these: see services.syncing.
    Column("changed", Integer, nullable=False, server_default="0"),
    Column("built", Integer, nullable=False, server_default="-1"),
    at("fresh_until", nullable=True),
    word("basis", server_default=""),
    at("mute_until", nullable=True),
    word("mute_reason", server_default=""),
    UniqueConstraint("commune_id", "key"),
)
OUTDATED = station.c.changed != station.c.built
Index("ix_station_outdated", station.c.id, sqlite_where=OUTDATED, postgresql_where=OUTDATED)

station_code = Table(
    "station_code",
    metadata,
    own_id(),
    of_commune(),
    word("station"),
    word("code_digest", unique=True),
    at("expires_at"),
    at("used_at", nullable=True),
)

incident = Table(
    "incident",
    metadata,
    own_id(),
    of_commune(),
    word("entry"),
    word("station"),
    word("kind"),  # forged | tampered | guard
    word("subject"),
    at("at"),
    Column("text", JSON, nullable=False),
    at("received_at"),
    UniqueConstraint("commune_id", "entry"),
    Index("ix_incident_station", "commune_id", "station"),
)

as_run = Table(
    "as_run",
    metadata,
    own_id(),
    of_commune(),
    word("entry"),
    word("station"),
    word("delivery_uid"),
    Column("body", JSON, nullable=False),
    at("received_at"),
    UniqueConstraint("commune_id", "entry"),
    Index("ix_as_run_delivery_uid", "commune_id", "delivery_uid"),
)

stop = Table(
    "stop",
    metadata,
    own_id(),
    of_commune(),
    word("person"),
    Column("reason", Text, nullable=False),
    at("stopped_at"),
    at("released_at", nullable=True),
    word("released_by"),
)

emergency = Table(
    "emergency",
    metadata,
    own_id(),
    of_commune(),
    key("announcement"),
    key("rule"),
    word("kind"),  # alert | update | cancel | all_clear
    word("status"),  # actual | exercise | test
    Column("level", Integer, nullable=False),
    Column("rounds", Integer, nullable=False),  # 0: until stopped
    at("until"),
    word("person"),
    at("sent_at"),
    Column("follows_id", Integer, nullable=True),
    at("ended_at", nullable=True),
    word("ended_by"),
    word("ended_as"),  # cancel | all_clear | update
    Column("reason", Text, nullable=False),
    UniqueConstraint("rule_id"),
)

ready_sound = Table(
    "ready_sound",
    metadata,
    own_id(),
    of_commune(),
    word("name"),
    word("digest"),
    Column("size", Integer, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    UniqueConstraint("commune_id", "name"),
)

alarm = Table(
    "alarm",
    metadata,
    own_id(),
    of_commune(),
    word("kind"),  # see domain.alarm.Kind
    word("subject"),
    word("station"),
    Column("text", JSON, nullable=False),
    at("raised_at"),
    at("acked_at", nullable=True),
    word("acked_by"),
    at("closed_at", nullable=True),
    Column("closed_cause", JSON(none_as_null=True)),
)
Index(
    "uq_alarm_one_open",
    alarm.c.commune_id,
    alarm.c.kind,
    alarm.c.subject,
    unique=True,
    sqlite_where=text("closed_at IS NULL"),
    postgresql_where=text("closed_at IS NULL"),
)
