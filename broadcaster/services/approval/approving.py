"""A second person allows exactly what was read and heard, or sends it back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from broadcaster.domain import approval as rules
from broadcaster.domain.announcement import Priority, Rendition
from broadcaster.domain.approval import Decision
from broadcaster.domain.people import Person, Right
from broadcaster.domain.picture import MIME
from broadcaster.errors import Conflict, InputError, PolicyRefused
from broadcaster.services.approval import accepting, checking, decisions, submitting
from broadcaster.services.content import authoring
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.services.timetable import calendar
from broadcaster.store import approvals


def grant(
    context: Context,
    person: Person,
    number: int,
    now: datetime,
    *,
    accept: Mapping[str, str] | str = "",
    seen: str = "",
    reason: str = "",
) -> Dossier:
    """Approve the newest revision with its renditions and rules.

    Where two approve, the editor in chief comes first and another person last (see
    `submitting.steps`). An emergency has one accountable person, who says why (`reason`) and may
    have written it; somebody confirms later.

    `accept`: why a finding is accepted, by its code (see `checking`); a bare reason is enough
    where there is only one. `seen`: the first characters of the code that the preview showed.
    Raises PolicyRefused or Conflict, naming what to do.
    """
    with context.database.read() as connection:
        dossier = authoring.load(connection, context, number, now)
    authoring.refuse_withdrawn(dossier.announcement)
    decision = _step(context, dossier, person, reason)
    authoring.must_cover(context, person, dossier.revision)
    _refuse_unready(dossier, number)
    _refuse_too_late(dossier, now)
    checking.check_rows(dossier)
    _check_audio(context, dossier)
    _refuse_unheard(context, dossier, person)
    found = checking.blocking(context, dossier, now) if decision == Decision.GRANTED else []
    accepted = accepting.accepted(person, found, accept, number)
    code = rules.digest(dossier.pinned)
    _refuse_other(code, seen)
    said = "; ".join(dict.fromkeys([reason.strip(), *(one.reason for one in accepted)]))
    with context.database.write() as connection:
        current = authoring.load(connection, context, number, now)
        _refuse_changed(current, code)
        if decision == Decision.GRANTED:
            approvals.void(connection, current.announcement.id, "hết hạn hoặc có bản mới", now)
        decisions.record(
            connection, context, current, person, decision, said.strip("; "), now,
            accepted=[asdict(one) for one in accepted],
        )  # fmt: skip
        return authoring.load(connection, context, number, now)


def _refuse_changed(current: Dossier, code: str) -> None:
    """Between the look at it and the write somebody else may have been there."""
    if rules.digest(current.pinned) != code or current.approval is not None:
        number = current.announcement.number
        raise Conflict(
            f"Tin số {number} vừa thay đổi trong lúc duyệt. Hãy xem lại.",
            f"Announcement {number} changed meanwhile. Look again.",
        )


def give_back(context: Context, person: Person, number: int, reason: str, now: datetime) -> Dossier:
    """Send it back to its author, with the reason. An approval in force is taken back."""
    if not person.may(Right.REVIEW):
        person.must_have(Right.APPROVE)
    if not reason.strip():
        raise InputError("Trả lại phải có lý do: --reason “…”", "A reason is needed: --reason")
    with context.database.write() as connection:
        dossier = authoring.load(connection, context, number, now)
        authoring.must_cover(context, person, dossier.revision)
        authoring.withdraw_approval(
            connection, context, dossier.announcement, f"trả lại: {reason}", now
        )
        decisions.record(
            connection, context, dossier, person, Decision.RETURNED, reason.strip(), now
        )
        return authoring.load(connection, context, number, now)


def _step(context: Context, dossier: Dossier, person: Person, reason: str) -> Decision:
    """Which step this person takes now. Raises PolicyRefused for one who may take none."""
    if dossier.announcement.priority == Priority.EMERGENCY:
        person.must_have(Right.EMERGENCY)
        if not reason.strip():
            raise PolicyRefused(
                "Ra lệnh phát khẩn cấp phải có lý do: thêm --reason “…”. "
                "Sau đó một người khác xác nhận: broadcaster approval confirm "
                f"{dossier.announcement.number}",
                "An emergency needs a reason: --reason. Somebody else confirms it afterwards.",
            )
        return Decision.GRANTED
    if submitting.steps(context, dossier) == 1:
        person.must_have(Right.APPROVE)
        _refuse_author(dossier, person)
        return Decision.GRANTED
    if dossier.stage() != Decision.EDITED and person.may(Right.REVIEW):
        _refuse_unsubmitted(dossier)
        return Decision.EDITED
    person.must_have(Right.APPROVE)
    _refuse_author(dossier, person)
    _refuse_unedited(dossier, person)
    return Decision.GRANTED


def _refuse_unsubmitted(dossier: Dossier) -> None:
    number = dossier.announcement.number
    if dossier.rendered and dossier.stage() != Decision.SUBMITTED:
        raise PolicyRefused(
            f"Tin số {number} chưa được trình, hoặc đã thay đổi sau khi trình. "
            f"Người soạn làm: broadcaster announcement submit {number}",
            f"Announcement {number} is not submitted, or changed since. "
            f"Its author: broadcaster announcement submit {number}",
        )


def _refuse_unedited(dossier: Dossier, person: Person) -> None:
    number = dossier.announcement.number
    if dossier.stage() != Decision.EDITED:
        raise PolicyRefused(
            f"Tin số {number} chưa được biên tập duyệt lần một, hoặc đã thay đổi sau đó. "
            f"Người biên tập làm: broadcaster approval grant {number}",
            f"Announcement {number} has no first approval, or changed since. "
            f"The editor: broadcaster approval grant {number}",
        )
    editor = [one for one in dossier.decisions if one.decision == Decision.EDITED][-1].person
    if editor == person.name:
        raise PolicyRefused(
            f"{person.full_name} đã duyệt lần một; lần cuối phải là một người khác.",
            f"{person.full_name} gave the first approval; the last is somebody else's.",
        )


def _refuse_unheard(context: Context, dossier: Dossier, person: Person) -> None:
    number = dossier.announcement.number
    if context.config.approval.must_hear and not decisions.heard_by(dossier, person.name):
        raise PolicyRefused(
            f"{person.full_name} chưa xác nhận đã nghe âm thanh này. Hãy nghe hết rồi ghi: "
            f"broadcaster preview {number} --heard",
            f"{person.full_name} has not heard this sound. Listen, then: "
            f"broadcaster preview {number} --heard",
        )


def _refuse_other(code: str, seen: str) -> None:
    if seen and not code.startswith(seen.lower()):
        raise Conflict(
            f"Mã bản xem trước là {code[:8]}, không phải {seen}: bản tin đã thay đổi. "
            "Hãy xem và nghe lại.",
            f"The preview's code is {code[:8]}, not {seen}: something changed. Look again.",
        )


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


def files_of(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Digest and kind of every file that a rendition of that content is made of."""
    sounds = [
        (content[name]["digest"], kind)
        for name, kind in (("wav", "wav"), ("mp3", "mp3"), ("audio", "mp3"))
        if content.get(name) is not None
    ]
    sounds += [(cue["digest"], "wav") for cue in content.get("cues", ())]
    return sounds + [(part["digest"], part["kind"]) for part in content.get("pictures", ())]


def check_files(context: Context, rendition: Rendition) -> None:
    """The frozen files still hold the bytes that their names say. Raises PolicyRefused."""
    for digest, kind in files_of(rendition.content):
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
