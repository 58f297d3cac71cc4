"""A change of the timetable before one's eyes: the plan before and after, then a question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import click

from broadcaster.cli.base import local, say, table
from broadcaster.cli.i18n import t
from broadcaster.cli.views import rule_words
from broadcaster.domain.delivery import Delivery
from broadcaster.errors import InputError
from broadcaster.services.timetable.agenda import Entry, by_time
from broadcaster.services.timetable.changes import Change

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
        "before": entries(change.before),
        "after": entries(change.after),
        "handed": [
            {"delivery": one.id, "at": one.due_at, "target": one.target} for one in change.handed
        ],
        "voids_approval": list(change.voids),
    }


def entries(found: Sequence[Entry]) -> list[dict[str, Any]]:
    return [
        {"at": one.at, "announcement": one.number, "title": one.title, "target": one.target}
        for one in found
    ]


def show(change: Change) -> None:
    """The new rules, the next dates, and the next seven days before and after."""
    for rule in change.rules:
        say(t(f"Lịch: {rule_words(rule)}", f"Rule: {rule_words(rule)}"))
    if change.dates:
        say(t(f"Kênh: {', '.join(change.targets)}", f"Outlets: {', '.join(change.targets)}"))
        say(t("Những lần phát tới:", "Next dates:"))
        for date in change.dates:
            say(f"  {local(date)}")
    show_days(change.before, change.after)
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


def show_days(then: Sequence[Entry], now: Sequence[Entry]) -> None:
    """The next seven days side by side; where there are many, only what differs."""
    before, after = Counter(one.what for one in then), Counter(one.what for one in now)
    every = {one.what: one for one in (*then, *now)}
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


@dataclass(frozen=True)
class Answer:
    """The person wants it kept; `recall` what they said about what stations hold."""

    recall: bool | None


def may_keep(handed: Sequence[Delivery], *, yes: bool, recall: bool | None) -> Answer | None:
    """Ask; None when the person said no. Raises InputError where nobody can be asked."""
    asking = click.get_text_stream("stdin").isatty()
    if not yes and not asking:
        raise InputError(
            "Chưa lưu gì. Xem kỹ các lần phát ở trên rồi chạy lại với --yes.",
            "Nothing was kept. Look at the dates above, then run again with --yes.",
        )
    if not yes and not click.confirm(t("Lưu thay đổi này?", "Keep this change?"), err=True):
        say(t("Không lưu gì.", "Nothing was kept."))
        return None
    if recall is None and asking and not yes and handed:
        recall = click.confirm(
            t(
                f"{len(handed)} lượt đã giao cho trạm loa. Thu hồi? (Không: trạm vẫn phát)",
                f"Stations hold {len(handed)} of these. Recall them? (No: they are played)",
            ),
            err=True,
        )
    return Answer(recall)
