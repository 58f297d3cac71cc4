"""`broadcaster delivery list | show | make-up | resolve`."""

from __future__ import annotations

import sys
from datetime import timedelta

import click

from broadcaster.cli.base import Session, acting, answering, local, state_word
from broadcaster.cli.delivery_make_up import make_up
from broadcaster.cli.i18n import t
from broadcaster.cli.logbook import (
    advice_on,
    cause_of,
    delivery_data,
    outcome_word,
    show_deliveries,
)
from broadcaster.domain.delivery import Action, Delivery, State
from broadcaster.domain.people import Right
from broadcaster.errors import Conflict, InputError
from broadcaster.services import dispatching, reporting
from broadcaster.services.reporting import History, Line

OUTCOMES = {
    "": ("đang gửi", "under way"),
    "accepted": ("kênh đã nhận", "accepted"),
    "again": ("chưa gửi được, sẽ thử lại", "not delivered, to be tried again"),
    "refused": ("bị từ chối", "refused"),
    "withdrawn": ("đã gỡ", "withdrawn"),
    "unknown": ("chưa rõ", "unknown"),
    "lost": ("bị ngắt khi đang gửi", "interrupted while sending"),
    "aired": ("đã phát", "aired"),
    "partly_aired": ("phát dở", "partly aired"),
    "missed": ("lỡ giờ", "missed"),
    "cancelled": ("đã hủy", "cancelled"),
}


@click.group("delivery", help=t("Từng lượt phát và kết quả.", "Deliveries and outcomes."))
def command() -> None: ...


command.add_command(make_up)


@command.command("list", help=t("Các lượt phát gần đây và sắp tới.", "Recent and coming ones."))
@click.option("--announcement", "number", type=int, help=t("Chỉ của tin này", "Of this one only"))
@click.option("--days", default=7, help=t("Số ngày trước và sau", "Days back and ahead"))
@answering
def every(session: Session, number: int | None, days: int) -> None:
    now, span = session.now(), timedelta(days=days)
    lines = reporting.lines(session.context, after=now - span, before=now + span, number=number)
    session.answer(
        {"deliveries": [delivery_data(line) for line in lines]}, lambda: show_deliveries(lines)
    )
    if any(line.delivery.state == State.UNKNOWN for line in lines):
        sys.exit(5)


@command.command("show", help=t("Mọi điều đã ghi về một lượt phát.", "All about one delivery."))
@click.argument("delivery_id", type=int)
@answering
def show(session: Session, delivery_id: int) -> None:
    found = reporting.history(session.context, delivery_id)
    data = {
        **delivery_data(found.line),
        "attempt_rows": found.attempts,
        "as_run": [entry["body"] for entry in found.entries],
    }
    session.answer(data, lambda: _show(found))


def _voice(line: Line) -> str:
    why = f" ({t(line.fallback.vi, line.fallback.en)})" if line.fallback else ""
    return line.voice and line.voice + why


def _show(found: History) -> None:
    one = found.line.delivery
    click.secho(t(f"Lượt phát số {one.id}", f"Delivery {one.id}"), bold=True)
    facts = [
        (t("Bản tin", "Announcement"), f"{found.line.number}. {found.line.title}"),
        (t("Kênh", "Outlet"), f"{found.line.target_name} ({one.target})"),
        (t("Giờ hẹn", "Planned"), local(one.due_at)),
        (t("Giờ thực", "Actual"), local(one.actual_at)),
        (t("Kết quả", "State"), outcome_word(one)),
        (t("Nguyên nhân", "Cause"), cause_of(one)),
        (t("Cần làm", "To do"), advice_on(found.line).removeprefix("→ ").replace("\n", "\n    ")),
        (t("Số hiệu", "Reference"), one.marker),
        (t("Bằng chứng", "Proof"), found.line.proof()),
        (t("Giọng đọc", "Voice"), _voice(found.line)),
    ]
    for name, value in facts:
        if value:
            click.echo(f"  {name}: {value}")
    for row in found.attempts:
        outcome = t(*OUTCOMES[row["outcome"]])
        reason = t(row["detail"].get("vi", ""), row["detail"].get("en", ""))
        click.echo(
            t(f"  Lần thử {row['n']}", f"  Try {row['n']}")
            + f": {local(row['started_at'])} → {local(row['ended_at'])}: {outcome}"
            + (f" ({reason})" if reason else "")
        )


@command.command(
    "resolve",
    help=t(
        "Ghi điều người trực đã thấy: kết quả của lượt CHƯA RÕ; đã tự tay sửa lượt CHƯA SỬA, "
        "gỡ lượt CHƯA GỠ.",
        "Write what a person saw: an unknown outcome; a post corrected or removed by hand.",
    ),
)
@click.argument("delivery_id", type=int)
@click.option("--posted", metavar="URL", help=t("Đã đăng, ở địa chỉ này", "It is there"))
@click.option("--not-posted", is_flag=True, help=t("Chắc chắn chưa đăng", "It is not there"))
@click.option("--removed", is_flag=True, help=t("Bài đã được gỡ bằng tay", "Removed by hand"))
@click.option("--corrected", is_flag=True, help=t("Bài đã được sửa bằng tay", "Corrected by hand"))
@acting
@answering
def resolve(
    session: Session,
    delivery_id: int,
    posted: str | None,
    not_posted: bool,
    removed: bool,
    corrected: bool,
) -> None:
    if (bool(posted), not_posted, removed, corrected).count(True) != 1:
        raise InputError(
            "Chọn đúng một: --posted ĐỊA_CHỈ hoặc --not-posted; với lượt CHƯA GỠ: --removed; "
            "với lượt CHƯA SỬA: --corrected.",
            "Choose one: --posted URL or --not-posted; for a NOT WITHDRAWN one: --removed; "
            "for a NOT CORRECTED one: --corrected.",
        )
    person, context = session.person(Right.SETTLE), session.context
    before = reporting.history(context, delivery_id).line.delivery
    if removed:
        _refuse_done(before, Action.WITHDRAW)
        one = dispatching.settle_removed(context, person, delivery_id, session.now())
    elif corrected:
        _refuse_done(before, Action.CORRECT)
        one = dispatching.settle_corrected(context, person, delivery_id, session.now())
    else:
        _refuse_settled(before)
        one = dispatching.settle(context, person, delivery_id, session.now(), posted=posted or None)
    session.answer(
        delivery_data(reporting.history(session.context, delivery_id).line),
        lambda: click.echo(
            t(
                f"Lượt phát số {delivery_id}: {outcome_word(one)}.",
                f"Delivery {delivery_id}: {outcome_word(one)}.",
            )
        ),
    )


def _refuse_settled(one: Delivery) -> None:
    if one.state != State.UNKNOWN:
        now = state_word(one.state)
        raise Conflict(
            f"Lượt phát số {one.id} {now}: chỉ lượt CHƯA RÕ mới cần người xác định.",
            f"Delivery {one.id} is {now}: only an UNKNOWN one is for a person to settle.",
        )


_NOT_DONE = {State.FAILED, State.MISSED}


_BY_HAND = {
    Action.CORRECT: ("CHƯA SỬA mới cần người sửa", "NOT CORRECTED is for a person to correct"),
    Action.WITHDRAW: ("CHƯA GỠ mới cần người gỡ", "NOT WITHDRAWN is for a person to remove"),
}


def _refuse_done(one: Delivery, action: Action) -> None:
    """Only what was to be done to a post, and was not, can be done by hand."""
    if one.action != action or one.state not in _NOT_DONE:
        now, (vi, en) = outcome_word(one), _BY_HAND[action]
        raise Conflict(
            f"Lượt phát số {one.id} {now}: chỉ lượt {vi} bằng tay.",
            f"Delivery {one.id} is {now}: only one {en}.",
        )
