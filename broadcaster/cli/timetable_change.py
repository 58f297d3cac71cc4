"""A change of the timetable before one's eyes: the plan before and after, then a question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import click

from broadcaster.cli.base import Session, local, say, table
from broadcaster.cli.i18n import t
from broadcaster.cli.views import rule_words
from broadcaster.errors import InputError
from broadcaster.services import timetabling
from broadcaster.services.agenda import Entry, by_time
from broadcaster.services.changes import Change

_MOST_ROWS = 60


def change_options(function: Callable[..., None]) -> Callable[..., None]:
    """--yes, and what becomes of what stations hold."""
    for option in (
        click.option(
            "--recall/--keep-handed",
            "recall",
            default=None,
            help=t(
                "Những lượt đã giao cho trạm loa: thu hồi, hay vẫn để trạm phát",
                "What stations hold already: call it back, or let it be played",
            ),
        ),
        click.option("--yes", is_flag=True, help=t("Không hỏi lại", "Do not ask")),
    ):
        function = option(function)
    return function


def change_data(change: Change) -> dict[str, Any]:
    return {
        "announcement": change.dossier.announcement.number,
        "words": [rule_words(rule) for rule in change.rules],
        "targets": change.targets,
        "next": list(change.dates),
        "before": [_entry(one) for one in change.before],
        "after": [_entry(one) for one in change.after],
        "handed": [
            {"delivery": one.id, "at": one.due_at, "target": one.target} for one in change.handed
        ],
        "voids_approval": list(change.voids),
    }


def _entry(one: Entry) -> dict[str, Any]:
    return {"at": one.at, "announcement": one.number, "title": one.title, "target": one.target}


def show(change: Change) -> None:
    """The new rules, the next dates, and the next seven days before and after."""
    for rule in change.rules:
        say(t(f"Lịch: {rule_words(rule)}", f"Rule: {rule_words(rule)}"))
    if change.dates:
        say(t(f"Kênh: {', '.join(change.targets)}", f"Outlets: {', '.join(change.targets)}"))
        say(t("Những lần phát tới:", "Next dates:"))
        for date in change.dates:
            say(f"  {local(date)}")
    _show_days(change)
    if change.voids:
        differs = ", ".join(change.voids)
        say(
            t(
                f"Phê duyệt đang có sẽ mất hiệu lực ({differs} đổi): phải duyệt lại rồi mới phát.",
                "The approval in force will be voided: it has to be approved again.",
            )
        )
    if change.handed:
        say(t(f"Đã giao cho trạm loa ({len(change.handed)}):", "Stations hold:"))
        for one in change.handed:
            say(f"  {local(one.due_at)} {one.target}")


def _show_days(change: Change) -> None:
    before = Counter(one.what for one in change.before)
    after = Counter(one.what for one in change.after)
    every = {one.what: one for one in (*change.before, *change.after)}
    rows = sorted(every.values(), key=by_time)
    if len(rows) > _MOST_ROWS:
        rows = [one for one in rows if before[one.what] != after[one.what]]
        hidden = len(every) - len(rows)
        say(t(f"{hidden} lượt khác không đổi.", f"{hidden} others stay as they are."))
    say(t("Bảy ngày tới, trước và sau khi đổi:", "The next seven days, before and after:"))
    titles = t("Giờ,Kênh,Tin,Tiêu đề,Trước,Sau,", "Time,Outlet,No.,Title,Before,After,").split(",")
    table(
        titles,
        [
            (
                local(one.at),
                one.target,
                str(one.number),
                one.title,
                _tick(before[one.what]),
                _tick(after[one.what]),
                _mark(before[one.what], after[one.what]),
            )
            for one in rows
        ],
        err=True,
    )


def _tick(count: int) -> str:
    return "–" if count == 0 else "●" * count


def _mark(before: int, after: int) -> str:
    if before == after:
        return ""
    return t("+ thêm", "+ new") if after > before else t("− bỏ", "− gone")


def settle(
    session: Session, change: Change, question: str, *, yes: bool, recall: bool | None
) -> tuple[Any, Any] | None:
    """Show, ask, and keep; None when the person said no. Raises InputError where nobody can ask."""
    show(change)
    asking = click.get_text_stream("stdin").isatty()
    if not yes and not asking:
        raise InputError(
            "Chưa lưu gì. Xem kỹ các lần phát ở trên rồi chạy lại với --yes.",
            "Nothing was kept. Look at the dates above, then run again with --yes.",
        )
    if not yes and not click.confirm(question, err=True):
        say(t("Không lưu gì.", "Nothing was kept."))
        return None
    if recall is None and asking and not yes and change.handed:
        recall = click.confirm(
            t(
                f"{len(change.handed)} lượt đã giao cho trạm loa. Thu hồi? (Không: trạm vẫn phát)",
                f"Stations hold {len(change.handed)} of these. Recall them? (No: they are played)",
            ),
            err=True,
        )
    person = session.person()
    return timetabling.keep(session.context, person, change, session.now(), recall)
