"""`broadcaster delivery make-up`: another time for a sound that was missed or cut off."""

from __future__ import annotations

import click

from broadcaster.cli.base import Session, acting, answering, say
from broadcaster.cli.i18n import t
from broadcaster.cli.timetable_change import change_data, may_keep, show
from broadcaster.domain.people import Right
from broadcaster.services.timetable import making_up, timetabling


@click.command(
    "make-up",
    help=t(
        "Phát bù một lượt lỡ giờ hoặc phát dở vào giờ trống gần nhất, sau khi hỏi.",
        "Give a missed or cut-off sound the nearest free time, after asking.",
    ),
)
@click.argument("delivery_id", type=int)
@click.option("--yes", is_flag=True, help=t("Không hỏi lại", "Do not ask"))
@acting
@answering
def make_up(session: Session, delivery_id: int, yes: bool) -> None:
    person = session.person(Right.SCHEDULE)
    change = making_up.offer(session.context, delivery_id, session.now())
    show(change)
    chosen = may_keep(change.handed, yes=yes, recall=None)
    if chosen is None:
        return
    dossier, ids = timetabling.keep(session.context, person, change, session.now(), chosen.recall)
    session.answer(
        {**change_data(change), "rules": list(ids), "state": dossier.state()},
        lambda: click.echo(t(f"Đã xếp phát bù: lịch số {ids[0]}.", f"Made up: rule {ids[0]}.")),
    )
    if dossier.approval is None:
        number = dossier.announcement.number
        say(
            t(
                f"Tin số {number} phải được duyệt lại thì mới phát bù.",
                f"Announcement {number} has to be approved again before it is made up.",
            )
        )
