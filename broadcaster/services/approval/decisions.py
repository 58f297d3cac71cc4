"""What people decided about an announcement, kept with all that it binds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from broadcaster.domain import approval as rules
from broadcaster.domain.announcement import Priority
from broadcaster.domain.approval import Decision
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.domain.people import Person
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.store import approvals, events, stations


def record(
    connection: Connection,
    context: Context,
    dossier: Dossier,
    person: Person,
    decision: Decision,
    reason: str,
    now: datetime,
    *,
    pinned: Mapping[str, Any] | None = None,
    **detail: object,
) -> None:
    """Keep a decision and note it in the log. `pinned`: all of the dossier unless given."""
    bound = dossier.pinned if pinned is None else pinned
    approvals.record(
        connection,
        {
            "revision_id": dossier.revision.id,
            "decision": decision,
            "person": person.name,
            "reason": reason,
            "digest": rules.digest(bound),
            "pinned": bound,
            "decided_at": now,
            "valid_until": now + timedelta(days=context.policy.valid_days),
            "voided_at": None,
            "voided_reason": "",
        },
    )
    if dossier.announcement.priority == Priority.EMERGENCY:  # its sound goes to every station now
        stations.touch(connection, context.commune_id)
    subject = f"announcement {dossier.announcement.number}"
    events.note(
        connection, context.commune_id, person.name, f"approval.{decision}", subject, now,
        reason=reason, digest=rules.digest(bound), **detail,
    )  # fmt: skip


def sound_of(dossier: Dossier) -> dict[str, str]:
    """What is to be heard: the digest of the WAV file of each loudspeaker."""
    return {
        one.target: one.content["wav"]["digest"]
        for one in dossier.renditions
        if one.channel == LOUDSPEAKER
    }


def heard_by(dossier: Dossier, name: str) -> bool:
    """Whether a person has confirmed hearing exactly the sound there is now."""
    digests = set(sound_of(dossier).values())
    heard = {
        digest
        for one in dossier.decisions
        if one.decision == Decision.HEARD and one.person == name
        for digest in one.pinned.values()
    }
    return digests <= heard
