"""`broadcaster log [verify]`: the broadcast log, and the record of what people did."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import click

from broadcaster.cli.base import ZONE, Session, answering, local
from broadcaster.cli.deeds import deed_data, show_deeds
from broadcaster.cli.i18n import t
from broadcaster.cli.logbook import delivery_data, show_deliveries
from broadcaster.cli.policy import exception_data, show_exceptions
from broadcaster.domain.timetable import parse_date
from broadcaster.errors import BroadcasterError
from broadcaster.services import reporting
from broadcaster.services.people import attributing
from broadcaster.services.policy import excepting


@click.group(
    "log",
    invoke_without_command=True,
    help=t("Sổ nhật ký phát: mỗi lượt một dòng.", "A row for each delivery."),
)
@click.option("--from", "first", help=t("Từ ngày 01/11/2026", "From 01/11/2026"))
@click.option("--to", "last", help=t("Đến hết ngày 30/11/2026", "To 30/11/2026"))
@click.option(
    "--events", is_flag=True, help=t("Ai làm gì, từ đâu, vì sao", "Who did what, from where, why")
)
@answering
def command(session: Session, first: str | None, last: str | None, events: bool) -> None:
    if click.get_current_context().invoked_subcommand:
        return
    today = session.now().astimezone(ZONE).date()
    begins = parse_date(first) if first else today - timedelta(days=30)
    ends = (parse_date(last) if last else today) + timedelta(days=1)
    after = datetime.combine(begins, time(), ZONE).astimezone(UTC)
    before = datetime.combine(ends, time(), ZONE).astimezone(UTC)
    if events:
        deeds = attributing.deeds(session.context, after=after, before=before)
        session.answer({"events": [deed_data(d) for d in deeds]}, lambda: show_deeds(deeds))
        return
    lines = reporting.lines(session.context, after=after, before=before)
    allowed = excepting.every(session.context, begins, ends - timedelta(days=1))

    def people() -> None:
        show_deliveries(lines)
        if allowed:
            click.secho(t("Ngoại lệ của quy định", "Exceptions to the rules"), bold=True)
            show_exceptions(allowed)

    data = {
        "deliveries": [delivery_data(line) for line in lines],
        "exceptions": [exception_data(one) for one in allowed],
    }
    session.answer(data, people)


@command.command(
    "verify",
    help=t(
        "Kiểm tra niêm phong của sổ việc làm; nêu bản ghi đầu tiên bị sửa.",
        "Check the seals of the record of deeds; names the first that was touched.",
    ),
)
@click.option(
    "--head",
    default="",
    metavar=t("MÃ", "SEAL"),
    help=t("Mã đã chép ra giấy lần trước, phải còn trong sổ", "A seal noted before; must be there"),
)
@answering
def verify(session: Session, head: str) -> None:
    chain = attributing.verify(session.context, head)
    if (one := chain.broken) is not None:
        about = f"{one['id']} ({local(one['at'])}, {one['person']}, {one['what']})"
        raise BroadcasterError(
            f"Sổ đã bị sửa: bản ghi số {about} không khớp niêm phong. Hãy giữ nguyên máy, "
            "sao lưu thư mục dữ liệu và báo người giám sát.",
            f"The record was touched: number {about} does not fit its seal. Keep the machine as "
            "it is, copy its data and tell the auditor.",
        )
    if head and not any(seal.startswith(head.lower().strip()) for seal in chain.seals):
        raise BroadcasterError(
            f"Sổ đã bị cắt: không còn bản ghi mang niêm phong {head}.",
            f"The record was cut: there is none with the seal {head} any more.",
        )
    session.answer(
        {"records": chain.records, "unsealed": chain.unsealed, "head": chain.head or None},
        lambda: click.echo(
            t(
                f"{chain.records} bản ghi nguyên vẹn. Niêm phong mới nhất (nên chép ra giấy): "
                f"{chain.head[:16] or '–'}",
                f"{chain.records} records are whole. The newest seal (note it on paper): "
                f"{chain.head[:16] or '–'}",
            )
        ),
    )
