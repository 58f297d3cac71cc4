"""`broadcaster alarm list | ack`."""

from __future__ import annotations

import click

from broadcaster.cli.base import Session, acting, answering, local, table
from broadcaster.cli.i18n import t
from broadcaster.domain.alarm import Kind
from broadcaster.services.stations import alarming
from broadcaster.store.alarms import Standing

_KINDS = {
    Kind.NO_PROOF: ("chưa có bằng chứng", "no proof"),
    Kind.WILL_BE_MISSED: ("sắp lỡ giờ", "will be missed"),
    Kind.SILENT: ("trạm im", "silent"),
    Kind.CLOCK: ("sai giờ", "clock"),
    Kind.OUTPUT: ("lỗi loa", "output"),
    Kind.INCIDENT: ("SỰ CỐ", "INCIDENT"),
}


@click.group("alarm", help=t("Cảnh báo về các trạm loa.", "Alarms about the stations."))
def command() -> None: ...


@command.command(
    "list",
    help=t(
        "Cảnh báo đang mở, mới nhất trước. Hết việc thì tự đóng, có ghi lý do.",
        "Open alarms, newest first. They close by themselves, with the reason.",
    ),
)
@click.option(
    "--days",
    type=click.IntRange(0, 366),
    default=0,
    help=t("Cả cảnh báo đã đóng trong số ngày này", "Also those closed in so many days"),
)
@answering
def every(session: Session, days: int) -> None:
    found = alarming.standing(session.context, session.now(), days)
    titles = t("Số,Loại,Trạm,Lúc,Nội dung,Đã xem,Đóng", "No,Kind,Station,At,Text,Seen,Closed")
    rows = [
        (
            str(one.id),
            t(*_KINDS[one.kind]),
            one.station,
            local(one.raised_at),
            one.text.say(t("vi", "en")),
            one.acked_by or "–",
            one.closed_cause.say(t("vi", "en")) if one.closed_cause else "–",
        )
        for one in found
    ]
    session.answer(
        {"alarms": [_data(one) for one in found]}, lambda: table(titles.split(","), rows)
    )


@command.command("ack", help=t("Ghi nhận đã xem một cảnh báo.", "Say that somebody has seen it."))
@click.argument("alarm", type=int)
@acting
@answering
def ack(session: Session, alarm: int) -> None:
    seen = alarming.ack(session.context, session.person(), alarm, session.now())
    session.answer(_data(seen), lambda: click.echo(seen.text.say(t("vi", "en"))))


def _data(one: Standing) -> dict[str, object]:
    return {
        "alarm": one.id,
        "kind": one.kind.value,
        "station": one.station,
        "subject": one.subject,
        "vi": one.text.vi,
        "en": one.text.en,
        "raised_at": one.raised_at,
        "acked_at": one.acked_at,
        "acked_by": one.acked_by,
        "closed_at": one.closed_at,
        "closed_vi": one.closed_cause.vi if one.closed_cause else "",
        "closed_en": one.closed_cause.en if one.closed_cause else "",
    }
