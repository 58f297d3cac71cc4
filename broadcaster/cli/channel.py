"""`broadcaster channel list | check | connect | tokens`."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Any

import click

from broadcaster.channels import Health
from broadcaster.cli.base import Session, answering, local, table
from broadcaster.cli.connect import connect, tokens
from broadcaster.cli.i18n import t
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.errors import BroadcasterError, Text
from broadcaster.services import dispatching
from broadcaster.services.context import Context
from broadcaster.settings.config import Target
from broadcaster.store import stations

_SILENT_AFTER = timedelta(minutes=3)


@click.group("channel", help=t("Các kênh và tình trạng.", "Outlets and their health."))
def command() -> None: ...


command.add_command(connect)
command.add_command(tokens)


@command.command("list", help=t("Các kênh trong cấu hình.", "Outlets in the settings."))
@answering
def every(session: Session) -> None:
    found = session.context.config.targets
    data = [{"key": x.key, "channel": x.channel, "name": x.name} for x in found]
    titles = t("Khóa,Loại,Tên", "Key,Channel,Name").split(",")
    session.answer(
        {"targets": data}, lambda: table(titles, [(x.key, x.channel, x.name) for x in found])
    )


@command.command("check", help=t("Hỏi từng kênh xem có dùng được không.", "Ask every outlet."))
@click.argument("key", required=False)
@answering
def check(session: Session, key: str | None) -> None:
    context = session.context
    chosen = [context.config.target(key)] if key else context.config.targets
    now = session.now()
    found = [(target, _health(context, target, now)) for target in chosen]
    rests = {target.key: _rest(context, target, health, now) for target, health in found}
    data = [
        {
            "key": target.key,
            "ok": health.ok,
            "message": t(health.message.vi, health.message.en),
            "warnings": [t(text.vi, text.en) for text in health.warnings],
            "resting": t(rests[target.key].vi, rests[target.key].en) or None,
            "details": dict(health.details),
        }
        for target, health in found
    ]

    def people() -> None:
        words = {True: t("tốt", "good"), False: t("HỎNG", "BROKEN")}
        rows = [(x.name, words[h.ok], _told(h, rests[x.key])) for x, h in found]
        table(t("Kênh,Tình trạng,Chi tiết", "Outlet,State,Details").split(","), rows)

    session.answer({"targets": data}, people)
    good = sum(health.ok for _, health in found)
    sys.exit(0 if good == len(found) else 4 if good else 1)


def _told(health: Health, rest: Text) -> str:
    mark = t("Chú ý: ", "Warning: ")
    warnings = [mark + t(text.vi, text.en) for text in health.warnings]
    lines = [t(health.message.vi, health.message.en), t(rest.vi, rest.en), *warnings]
    return "\n".join(filter(None, lines))


def _rest(context: Context, target: Target, health: Health, now: datetime) -> Text:
    """Whether posts wait for it to rest. One that rests for its failures and works may go on."""
    if health.ok and dispatching.seen_well(context, target.key, now):
        return Text(
            "Kênh đã tạm nghỉ vì lỗi, nay mở lại.", "It rested after failures; now it goes on."
        )
    outlet = dispatching.states(context).get(target.key)
    if outlet is None or outlet.rests_until is None or outlet.rests_until <= now:
        return Text("", "")
    until, why = local(outlet.rests_until), outlet.cause or Text("", "")
    return Text(
        f"Tạm nghỉ đến {until}, bài chờ chứ không mất. {why.vi}",
        f"Rests until {until}; posts wait and are not lost. {why.en}",
    )


def _health(context: Context, target: Target, now: datetime) -> Health:
    if target.channel == LOUDSPEAKER:
        return _station_health(context, target, now)
    try:
        return context.channel(target.key).check(now)
    except BroadcasterError as error:
        return Health(ok=False, message=error.text)


def _station_health(context: Context, target: Target, now: datetime) -> Health:
    with context.database.read() as connection:
        known = {s.key: s for s in stations.every(connection, context.commune_id)}
    station = known.get(target.key)
    if station is None or station.seen_at is None:
        text = Text(
            "Trạm chưa kết nối lần nào. Loa ở máy này: chạy broadcaster run; loa ở máy khác: "
            "chạy trạm ở máy đó.",
            "The station has never called. This machine's: broadcaster run; else start it there.",
        )
        return Health(ok=False, message=text)
    status: dict[str, Any] = dict(station.status)
    seen = local(station.seen_at)
    if now - station.seen_at > _SILENT_AFTER:
        text = Text(
            f"Mất liên lạc từ {seen}. Kiểm tra điện, mạng và chương trình ở máy loa.",
            f"Silent since {seen}. Look at its power, line and program.",
        )
        return Health(ok=False, message=text, details=status)
    device = status.get("device", "")
    text = Text(f"Liên lạc lúc {seen}, thiết bị: {device}.", f"Seen {seen}, device: {device}.")
    return Health(ok=True, message=text, details=status)
