"""`broadcaster emergency send | stop | all-clear | list | prepare`."""

from __future__ import annotations

import click

from broadcaster.cli.base import Session, acting, answering, local, say, table
from broadcaster.cli.i18n import t
from broadcaster.domain.emergency import ROUNDS, Emergency, Kind, Status
from broadcaster.domain.people import Right
from broadcaster.domain.until import end_of
from broadcaster.services.stations import alerting

_STATUS = {
    Status.ACTUAL: ("THẬT", "ACTUAL"),
    Status.EXERCISE: ("diễn tập", "exercise"),
    Status.TEST: ("thử", "test"),
}
_ENDED = {
    "": ("", ""),
    "cancel": ("đã hủy", "cancelled"),
    "all_clear": ("hết nguy hiểm", "all clear"),
    "update": ("đã thay bằng tin mới", "replaced"),
}


@click.group(
    "emergency",
    help=t(
        "Phát khẩn cấp: ngắt chương trình đang phát, lặp lại cho đến khi có lệnh dừng.",
        "Emergency broadcasts: they cut in, and repeat until stopped.",
    ),
)
def command() -> None: ...


@command.command(
    "send",
    help=t(
        "Phát ngay một tin khẩn cấp đã duyệt. Người ra lệnh chịu trách nhiệm.",
        "Broadcast an approved emergency text now. Whoever orders it answers for it.",
    ),
)
@click.argument("number", type=int)
@click.option("--until", required=True, help=t("Giờ hết hạn, như 11:00", "Its end, like 11:00"))
@click.option(
    "--status",
    type=click.Choice([one.value for one in Status]),
    required=True,
    help=t(
        "actual là thật; exercise, test: nói “Đây là bản tin diễn tập” ba lần trước, chỉ trên loa",
        "exercise and test are announced as such first, and go to loudspeakers only",
    ),
)
@click.option(
    "--repeat",
    type=click.Choice(list(ROUNDS)),
    default="until-stopped",
    show_default=True,
    help=t("Phát bao nhiêu lần", "How often it sounds"),
)
@click.option(
    "--level",
    type=click.IntRange(1, 5),
    default=3,
    show_default=True,
    help=t("Cấp độ thiên tai, theo phương án của xã", "Level of the danger"),
)
@click.option(
    "--follows",
    type=int,
    help=t("Thay cho lệnh số này (cập nhật)", "Takes the place of this order (an update)"),
)
@click.option("--target", "targets", multiple=True, help=t("Chỉ kênh này", "Only this target"))
@acting
@answering
def send(
    session: Session,
    number: int,
    until: str,
    status: str,
    repeat: str,
    level: int,
    follows: int | None,
    targets: tuple[str, ...],
) -> None:
    person, now = session.person(Right.EMERGENCY), session.now()
    wish = alerting.Wish(
        number=number,
        until=end_of(until, now),
        kind=Kind.UPDATE if follows else Kind.ALERT,
        status=Status(status),
        level=level,
        rounds=ROUNDS[repeat],
        targets=targets,
        follows=follows,
    )
    order = alerting.send(session.context, person, wish, now)
    session.answer(_data(order), lambda: click.echo(order.id))
    say(
        t(
            f"Đã ra lệnh số {order.id}, hết hạn {local(order.until)}. Dừng: broadcaster emergency "
            f"stop {order.id}; hết nguy hiểm: broadcaster emergency all-clear {order.id}",
            f"Order {order.id}, until {local(order.until)}. Stop it: broadcaster emergency "
            f"stop {order.id}",
        )
    )
    if order.status == Status.ACTUAL:
        following = f"broadcaster approval confirm {number}"
        say(t(f"Người thứ hai xác nhận: {following}", f"A second person confirms: {following}"))


@command.command("stop", help=t("Dừng một lệnh khẩn cấp (phát nhầm).", "Cancel an emergency."))
@click.argument("order", type=int)
@click.option("--reason", required=True, help=t("Lý do, ghi vào sổ", "Why, for the log"))
@acting
@answering
def stop(session: Session, order: int, reason: str) -> None:
    _end(session, order, Right.STOP, Kind.CANCEL, reason)


@command.command(
    "all-clear", help=t("Báo hết nguy hiểm: ngừng lặp lại.", "All clear: repeat it no more.")
)
@click.argument("order", type=int)
@click.option("--say", "number", type=int, help=t("Phát một lần tin này", "Say this text, once"))
@click.option("--reason", default="", help=t("Ghi chú vào sổ", "A note for the log"))
@acting
@answering
def all_clear(session: Session, order: int, number: int | None, reason: str) -> None:
    if number is None:
        return _end(session, order, Right.EMERGENCY, Kind.ALL_CLEAR, reason)
    person, now = session.person(Right.EMERGENCY), session.now()
    said = alerting.say_all_clear(session.context, person, order, number, now)
    return session.answer(_data(said), lambda: click.echo(said.id))


def _end(session: Session, order: int, right: Right, how: Kind, reason: str) -> None:
    person = session.person(right)
    ended = alerting.end(session.context, person, order, how, reason, session.now())
    session.answer(_data(ended), lambda: click.echo(t(*_ENDED[ended.ended_as])))


@command.command("list", help=t("Các lệnh khẩn cấp, mới nhất trước.", "Orders, newest first."))
@answering
def every(session: Session) -> None:
    orders, now = alerting.every(session.context), session.now()
    titles = t(
        "Lệnh,Tình trạng,Cấp,Người ra lệnh,Lúc,Hết hạn,Kết thúc",
        "Order,Status,Level,Ordered by,At,Until,Ended",
    )
    rows = [
        (
            str(one.id),
            t(*_STATUS[one.status]),
            str(one.level),
            one.person,
            local(one.sent_at),
            local(one.until),
            t("ĐANG PHÁT", "IN FORCE") if one.in_force(now) else t(*_ENDED[one.ended_as]),
        )
        for one in orders
    ]
    session.answer(
        {"emergencies": [_data(one) for one in orders]}, lambda: table(titles.split(","), rows)
    )


@command.command(
    "prepare",
    help=t(
        "Đọc sẵn lời báo diễn tập, để có trên mọi trạm loa.",
        "Speak what is said before an exercise, so that every station has it.",
    ),
)
@acting
@answering
def prepare(session: Session) -> None:
    person = session.person(Right.EMERGENCY)
    made = alerting.prepare(session.context, person, session.now(), lambda *_: None)
    session.answer(
        {"digest": made.digest, "duration_ms": made.duration_ms}, lambda: click.echo(made.digest)
    )


def _data(order: Emergency) -> dict[str, object]:
    return {
        "order": order.id,
        "kind": order.kind.value,
        "status": order.status.value,
        "level": order.level,
        "rounds": order.rounds,
        "person": order.person,
        "sent_at": order.sent_at,
        "until": order.until,
        "follows": order.follows_id,
        "ended_at": order.ended_at,
        "ended_as": order.ended_as,
        "ended_by": order.ended_by,
        "reason": order.reason,
    }
