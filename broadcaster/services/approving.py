"""A second person allows exactly what was read and heard, or sends it back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Connection

from broadcaster.domain import approval as rules
from broadcaster.domain.announcement import Rendition
from broadcaster.domain.people import Person, Right
from broadcaster.domain.picture import MIME
from broadcaster.errors import Conflict, InputError, PolicyRefused
from broadcaster.services import accepting, authoring, calendar, checking
from broadcaster.services.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.store import approvals, events


def grant(
    context: Context,
    person: Person,
    number: int,
    now: datetime,
    *,
    accept: Mapping[str, str] | str = "",
    seen: str = "",
) -> Dossier:
    """Approve the newest revision with its renditions and rules.

    `accept`: why a finding is accepted, by its code (see `checking`); a bare reason is enough
    where there is only one. `seen`: the first characters of the code that the preview showed.
    Raises PolicyRefused or Conflict, naming what to do.
    """
    person.must_have(Right.APPROVE)
    with context.database.read() as connection:
        dossier = authoring.load(connection, context, number, now)
    authoring.refuse_withdrawn(dossier.announcement)
    _refuse_author(dossier, person)
    _refuse_unready(dossier, number)
    _refuse_too_late(dossier, now)
    checking.check_rows(dossier)
    _check_audio(context, dossier)
    accepted = accepting.accepted(person, checking.blocking(context, dossier, now), accept, number)
    code = rules.digest(dossier.pinned)
    if seen and not code.startswith(seen.lower()):
        raise Conflict(
            f"Mã bản xem trước là {code[:8]}, không phải {seen}: bản tin đã thay đổi. "
            "Hãy xem và nghe lại.",
            f"The preview's code is {code[:8]}, not {seen}: something changed. Look again.",
        )
    with context.database.write() as connection:
        current = authoring.load(connection, context, number, now)
        if rules.digest(current.pinned) != code or current.approval is not None:
            raise Conflict(
                f"Tin số {number} vừa thay đổi trong lúc duyệt. Hãy xem lại.",
                f"Announcement {number} changed meanwhile. Look again.",
            )
        approvals.void(connection, current.announcement.id, "hết hạn hoặc có bản mới", now)
        reason = "; ".join(dict.fromkeys(one.reason for one in accepted))
        _record(
            connection,
            context,
            current,
            person,
            "granted",
            reason,
            now,
            accepted=[asdict(one) for one in accepted],
        )
        return authoring.load(connection, context, number, now)


def give_back(context: Context, person: Person, number: int, reason: str, now: datetime) -> Dossier:
    """Send it back to its author, with the reason. An approval in force is taken back."""
    person.must_have(Right.APPROVE)
    if not reason.strip():
        raise InputError("Trả lại phải có lý do: --reason “…”", "A reason is needed: --reason")
    with context.database.write() as connection:
        dossier = authoring.load(connection, context, number, now)
        authoring.withdraw_approval(
            connection, context, dossier.announcement, f"trả lại: {reason}", now
        )
        _record(connection, context, dossier, person, "returned", reason.strip(), now)
        return authoring.load(connection, context, number, now)


def _record(
    connection: Connection,
    context: Context,
    dossier: Dossier,
    person: Person,
    decision: str,
    reason: str,
    now: datetime,
    **detail: object,
) -> None:
    pinned = dossier.pinned
    approvals.record(
        connection,
        {
            "revision_id": dossier.revision.id,
            "decision": decision,
            "person": person.name,
            "reason": reason,
            "digest": rules.digest(pinned),
            "pinned": pinned,
            "decided_at": now,
            "valid_until": now + timedelta(days=context.policy.valid_days),
            "voided_at": None,
            "voided_reason": "",
        },
    )
    subject = f"announcement {dossier.announcement.number}"
    events.note(
        connection, context.commune_id, person.name, f"approval.{decision}", subject, now,
        reason=reason, digest=rules.digest(pinned), **detail,
    )  # fmt: skip


def _refuse_author(dossier: Dossier, person: Person) -> None:
    if person.name in dossier.authors:
        raise PolicyRefused(
            f"{person.full_name} là người soạn tin này nên không thể tự duyệt. "
            "Cần một người khác có quyền duyệt.",
            f"{person.full_name} wrote this announcement and cannot approve it.",
        )


def _refuse_unready(dossier: Dossier, number: int) -> None:
    if dossier.approval is not None:
        raise Conflict(
            f"Tin số {number} đã được {dossier.approval.person} duyệt rồi.",
            f"Announcement {number} has already been approved by {dossier.approval.person}.",
        )
    if not dossier.rendered:
        raise PolicyRefused(
            f"Tin số {number} chưa có bản thể hiện của nội dung mới nhất. "
            f"Hãy chạy: broadcaster render {number}, rồi nghe và xem trước khi duyệt.",
            f"Announcement {number} has no rendition of its newest text. "
            f"Run: broadcaster render {number}",
        )


def _refuse_too_late(dossier: Dossier, now: datetime) -> None:
    """An approval of hours that have all passed would promise what never happens."""
    if dossier.rules and not any(calendar.to_rule(rule).first(1, now) for rule in dossier.rules):
        number = dossier.announcement.number
        raise PolicyRefused(
            f"Mọi giờ phát đã xếp cho tin số {number} đều đã qua. "
            f"Hãy xếp lịch lại (broadcaster timetable add {number} …) rồi mới duyệt.",
            f"Every scheduled time of announcement {number} has passed. Schedule it anew first: "
            f"broadcaster timetable add {number} …",
        )


def _check_audio(context: Context, dossier: Dossier) -> None:
    for rendition in dossier.renditions:
        check_files(context, rendition)


def check_files(context: Context, rendition: Rendition) -> None:
    """The frozen files still hold the bytes that their names say. Raises PolicyRefused."""
    content = rendition.content
    sounds = [
        (content[name]["digest"], kind)
        for name, kind in (("wav", "wav"), ("mp3", "mp3"), ("audio", "mp3"))
        if content.get(name) is not None
    ]
    sounds += [(cue["digest"], "wav") for cue in content.get("cues", ())]
    pictures = [(part["digest"], part["kind"]) for part in content.get("pictures", ())]
    for digest, kind in sounds + pictures:
        path = context.file(digest, kind)
        try:
            actual = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            actual = ""
        if actual == digest:
            continue
        if kind in MIME:
            raise PolicyRefused(
                f"Tệp ảnh {path.name} bị mất hoặc đã thay đổi. Hãy sửa bản tin, đưa ảnh vào lại.",
                f"The picture {path.name} is missing or changed. Edit and give it again.",
            )
        raise PolicyRefused(
            f"Tệp âm thanh {path.name} bị mất hoặc đã thay đổi. Hãy tạo lại bản thể hiện.",
            f"The audio file {path.name} is missing or changed. Render again.",
        )
