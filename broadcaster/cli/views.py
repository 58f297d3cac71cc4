"""How announcements are shown, to people and to programs."""

from __future__ import annotations

from typing import Any

import click

from broadcaster.cli.base import length, local, state_word
from broadcaster.cli.i18n import t
from broadcaster.domain.approval import Decision
from broadcaster.domain.category import GENERAL
from broadcaster.domain.timetable import Rule, describe
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.timetable.calendar import to_rule


def dossier_data(dossier: Dossier) -> dict[str, Any]:
    granted = dossier.approval
    return {
        "number": dossier.announcement.number,
        "reference": dossier.reference,
        "state": dossier.state(),
        "priority": dossier.announcement.priority.value,
        "title": dossier.revision.title,
        "body": dossier.revision.body,
        "revision": dossier.revision.n,
        "author": dossier.revision.author,
        "created_at": dossier.revision.created_at,
        "targets": list(dossier.revision.targets),
        "category": dossier.revision.category,
        "document_number": dossier.revision.document_number or None,
        "overrides": dict(dossier.revision.overrides),
        "pictures": [one.as_json() for one in dossier.revision.pictures],
        "renditions": [
            {"target": r.target, "channel": r.channel, "digest": r.digest}
            for r in dossier.renditions
        ],
        "approved_by": granted.person if granted else None,
        "confirmed_by": dossier.confirmation.person if dossier.confirmation else None,
        "approved_until": granted.valid_until if granted else None,
        "rules": [rule_data(rule) for rule in dossier.rules],
    }


def rule_data(rule: Any) -> dict[str, Any]:
    return {
        "id": rule.id,
        "rrule": rule.rrule,
        "dtstart": rule.dtstart.isoformat(),
        "words": rule_words(to_rule(rule)),
        "targets": list(rule.targets),
        "added": list(rule.added),
        "skipped": list(rule.skipped),
        "avoids": list(rule.avoids),
    }


def rule_words(rule: Rule) -> str:
    """A rule in the reader's language, e.g. "Monday, Friday at 17:00, from 24/11/2026"."""
    words = describe(rule)
    return t(words.vi, words.en)


def show_dossier(dossier: Dossier, *, text: bool = False) -> None:
    one, revision = dossier.announcement, dossier.revision
    click.secho(t(f"Bản tin số {one.number}", f"Announcement {one.number}"), bold=True, nl=False)
    click.echo(f"  {dossier.reference}  [{state_word(dossier.state())}]")
    click.echo(revision.title)
    for name, value in [*_about(dossier), *_decided(dossier)]:
        click.echo(f"  {name}: {value}")
    if text:
        click.echo("\n" + revision.body)
        for key, own in sorted(revision.overrides.items()):
            click.secho("\n" + t(f"Lời riêng cho {key}:", f"Own text for {key}:"), bold=True)
            click.echo(own)


def _about(dossier: Dossier) -> list[tuple[str, str]]:
    """What it is, as (name, value)."""
    revision = dossier.revision
    facts = [
        (t("Người soạn", "Author"), f"{revision.author}, {local(revision.created_at)}"),
        (t("Lần sửa", "Revision"), str(revision.n)),
        (t("Kênh", "Outlets"), ", ".join(revision.targets)),
    ]
    if revision.category != GENERAL:
        facts.append((t("Chuyên mục", "Category"), revision.category))
    if revision.document_number:
        facts.append((t("Số văn bản", "Document"), revision.document_number))
    if revision.overrides:
        facts.append((t("Lời riêng cho", "Own text for"), ", ".join(sorted(revision.overrides))))
    facts += [
        (t(f"Ảnh {n}", f"Picture {n}"), f"{one.alt} ({one.kind}, {one.width}×{one.height})")
        for n, one in enumerate(revision.pictures, 1)
    ]
    return facts


def _decided(dossier: Dossier) -> list[tuple[str, str]]:
    """What people decided about it, and when it is to go out."""
    facts = [
        (t("Duyệt lần một", "First approval"), f"{one.person}, {local(one.decided_at)}")
        for one in dossier.decisions
        if one.decision == Decision.EDITED and dossier.stage() == Decision.EDITED
    ][-1:]
    if dossier.approval:
        until = local(dossier.approval.valid_until, seconds=False)
        who = dossier.approval.person
        facts.append((t("Duyệt", "Approved"), t(f"{who}, đến {until}", f"{who}, until {until}")))
    if dossier.order is not None:
        facts.append((t("Xác nhận", "Confirmed"), _confirmed(dossier)))
    for decision in dossier.decisions:
        if decision.decision == "returned":
            facts.append((t("Trả lại", "Returned"), f"{decision.person}: {decision.reason}"))
        elif decision.voided_at:
            facts.append((t("Thu hồi duyệt", "Voided"), decision.voided_reason))
    facts += [(t("Lịch", "Rule"), f"{r.id}: {rule_words(to_rule(r))}") for r in dossier.rules]
    return facts


def _confirmed(dossier: Dossier) -> str:
    """Whether a second person stands behind an emergency."""
    said = dossier.confirmation
    if said is None:
        return t("CHƯA XÁC NHẬN", "NOT CONFIRMED")
    return f"{said.person}, {local(said.decided_at)}"


def duration_of(dossier: Dossier) -> str:
    longest = max((r.duration_ms for r in dossier.renditions), default=0)
    return length(longest)
