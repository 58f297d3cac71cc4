"""`broadcaster approval grant | confirm | return`."""

from __future__ import annotations

import re

import click

from broadcaster.cli.base import Session, acting, answering, local, say
from broadcaster.cli.i18n import t
from broadcaster.cli.views import dossier_data
from broadcaster.domain.people import Person
from broadcaster.services.approval import approving, confirming
from broadcaster.services.content import authoring
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.timetable import rationing


@click.group("approval", help=t("Duyệt hoặc trả lại bản tin.", "Grant or return."))
def command() -> None: ...


@command.command("grant", help=t("Duyệt đúng những gì đã xem và nghe.", "Approve what was seen."))
@click.argument("number", type=int)
@click.option(
    "--accept",
    "accept",
    multiple=True,
    metavar=t("MÃ=LÝ DO", "CODE=REASON"),
    help=t(
        "Chấp nhận một lưu ý theo mã của nó (lặp lại được); chỉ có một thì chỉ cần lý do",
        "Accept a finding by its code (repeatable); the reason is enough for the only one",
    ),
)
@click.option("--seen", default="", metavar=t("MÃ", "CODE"), help=t("Mã xem trước", "Preview code"))
@click.option("--reason", default="", help=t("Lý do (tin khẩn cấp bắt buộc)", "Why (emergencies)"))
@acting
@answering
def grant(session: Session, number: int, accept: tuple[str, ...], seen: str, reason: str) -> None:
    person = session.person()
    context, now = session.context, session.now()
    asked = authoring.show(context, number, now)
    unanswered = rationing.ask(context, asked.revision.targets, now)
    made = approving.grant(
        context, person, number, now, accept=_reasons(accept), seen=seen, reason=reason
    )
    if made.approval is None:
        _told_first(session, person, made)
        return
    rations = [*rationing.outlook(context, made, now), *unanswered]
    if made.rules:
        following = "broadcaster plan show"
    else:
        following = f"broadcaster timetable add {number} --on … --at …"
    until = local(made.approval.valid_until, seconds=False) if made.approval else ""
    session.answer(
        {**dossier_data(made), "rations": [t(text.vi, text.en) for text in rations]},
        lambda: click.echo(
            t(
                f"{person.full_name} đã duyệt tin số {number}, có hiệu lực đến {until}.",
                f"{person.full_name} approved announcement {number} until {until}.",
            )
        ),
    )
    for text in rations:
        say(t(text.vi, text.en))
    say(t(f"Tiếp theo: {following}", f"Next: {following}"))


def _told_first(session: Session, person: Person, made: Dossier) -> None:
    """The first of two approvals."""
    number = made.announcement.number
    session.answer(
        dossier_data(made),
        lambda: click.echo(
            t(
                f"{person.full_name} đã duyệt lần một tin số {number}.",
                f"{person.full_name} gave announcement {number} its first approval.",
            )
        ),
    )
    following = f"broadcaster approval grant {number} --as {t('LÃNH_ĐẠO', 'LEADER')}"
    say(t(f"Tiếp theo: {following}", f"Next: {following}"))


def _reasons(given: tuple[str, ...]) -> dict[str, str] | str:
    """ "giong=đã nghe" by code; one without a code is a bare reason."""
    if len(given) == 1 and not re.match(r"[a-z][a-z-]*(?:-[0-9a-f]{4})?\s*=", given[0]):
        return given[0]
    pairs = [one.partition("=") for one in given]
    return {code.strip(): reason.strip() for code, _, reason in pairs}


@command.command(
    "confirm",
    help=t("Người thứ hai xác nhận một tin khẩn cấp.", "A second person confirms an emergency."),
)
@click.argument("number", type=int)
@click.option("--reason", default="", help=t("Ghi chú", "A note"))
@acting
@answering
def confirm(session: Session, number: int, reason: str) -> None:
    person = session.person()
    made = confirming.confirm(session.context, person, number, session.now(), reason)
    session.answer(
        dossier_data(made),
        lambda: click.echo(
            t(
                f"{person.full_name} đã xác nhận tin khẩn cấp số {number}.",
                f"{person.full_name} confirmed emergency {number}.",
            )
        ),
    )


@command.command("return", help=t("Trả lại người soạn kèm lý do.", "Send back with a reason."))
@click.argument("number", type=int)
@click.option("--reason", required=True, help=t("Lý do trả lại", "Why"))
@acting
@answering
def give_back(session: Session, number: int, reason: str) -> None:
    person = session.person()
    made = approving.give_back(session.context, person, number, reason, session.now())
    session.answer(
        dossier_data(made),
        lambda: click.echo(t(f"Đã trả lại tin số {number}.", f"Announcement {number} returned.")),
    )
    following = f"broadcaster announcement edit {number} --from {t('TỆP', 'FILE')}"
    say(t(f"Người soạn làm tiếp: {following}", f"Next, by its author: {following}"))
