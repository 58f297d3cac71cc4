"""`broadcaster station list | code | revoke | mute | unmute | key`."""

from __future__ import annotations

from typing import Any

import click

from broadcaster.cli.base import Session, acting, answering, local, say, table
from broadcaster.cli.i18n import t
from broadcaster.domain.people import Right
from broadcaster.domain.until import end_of
from broadcaster.services.stations import enrolling, muting, signing
from broadcaster.signature import fingerprint
from broadcaster.store import stations


@click.group("station", help=t("Các trạm loa.", "Loudspeaker stations."))
def command() -> None: ...


@command.command("list", help=t("Các trạm và lần liên lạc cuối.", "Stations and last contact."))
@answering
def every(session: Session) -> None:
    context = session.context
    with context.database.read() as connection:
        found = stations.every(connection, context.commune_id)
        refused = stations.incidents(connection, context.commune_id)
    data = [
        {
            "key": s.key,
            "seen": s.seen_at,
            "plan_version": s.rundown_version,
            "muted_until": s.mute_until,
            "mute_reason": s.mute_reason,
            "incidents": [
                {"kind": one["kind"], "at": one["at"], **one["text"]}
                for one in refused
                if one["station"] == s.key
            ],
            "status": dict(s.status),
        }
        for s in found
    ]
    session.answer({"stations": data}, lambda: _show(data))


def _show(data: list[dict[str, Any]]) -> None:
    titles = t(
        "Trạm,Liên lạc cuối,Kế hoạch,Thiết bị,Âm lượng,Lệch giờ,Đĩa trống,Sự cố",
        "Station,Last seen,Plan,Device,Volume,Clock,Disk,Incidents",
    )
    table(titles.split(","), map(_row, data))


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    status = one["status"]

    def word(name: str, form: str = "{}") -> str:
        value = status.get(name)
        return "–" if value is None or value == "" else form.format(value)

    volume = t("tắt tiếng", "muted") if status.get("muted") else word("volume", "{}%")
    return (
        one["key"],
        local(one["seen"]),
        word("version"),
        word("device"),
        volume,
        word("clock_offset_ms", "{} ms"),
        word("free_disk_mb", "{} MB"),
        str(len(one["incidents"]) or "–"),
    )


@command.command(
    "code",
    help=t(
        "Mã dùng một lần để một máy ghi danh làm trạm của cụm loa này.",
        "A code, used once, with which a machine becomes the station of a target.",
    ),
)
@click.argument("target")
@acting
@answering
def code(session: Session, target: str) -> None:
    person = session.person(Right.MANAGE)
    made = enrolling.code(session.context, person, target, session.now())
    minutes = round(enrolling.VALID.total_seconds() / 60)
    session.answer({"station": target, "code": made, "minutes": minutes}, lambda: click.echo(made))
    say(
        t(
            f"Dùng được một lần, trong {minutes} phút. Trên máy phát: "
            f"python -m broadcaster.station enroll --home THƯ_MỤC --server ĐỊA_CHỈ --code {made}",
            f"Good once, for {minutes} minutes. On the station: "
            f"python -m broadcaster.station enroll --home DIR --server URL --code {made}",
        )
    )


@command.command(
    "revoke", help=t("Thu hồi mã truy cập của một trạm.", "Take a station's token back.")
)
@click.argument("target")
@acting
@answering
def revoke(session: Session, target: str) -> None:
    person = session.person(Right.MANAGE)
    enrolling.revoke(session.context, person, target, session.now())
    session.answer({"station": target, "revoked": True}, lambda: None)
    say(
        t(
            "Trạm không lấy được gì nữa. Lịch đã ở trên máy thì vẫn phát: dừng tại máy bằng "
            "python -m broadcaster.station --home THƯ_MỤC stop",
            "The station gets nothing any more. What it holds it still plays: stop it there.",
        )
    )


@command.command(
    "mute",
    help=t(
        "Tạm im tin thường của một cụm loa đến một giờ (đám tang…); tin khẩn cấp vẫn phát.",
        "Nothing routine on a target for a while (a funeral…); emergencies still sound.",
    ),
)
@click.argument("target")
@click.option(
    "--until", required=True, help=t("11:00 hoặc “11:00 25/11/2026”", "11:00, “11:00 25/11/2026”")
)
@click.option("--reason", required=True, help=t("Lý do, ghi vào sổ", "Why, for the log"))
@acting
@answering
def mute(session: Session, target: str, until: str, reason: str) -> None:
    person, now = session.person(Right.MUTE), session.now()
    end = end_of(until, now)
    muting.mute(session.context, person, target, end, reason, now)
    session.answer({"station": target, "muted_until": end}, lambda: click.echo(local(end)))


@command.command("unmute", help=t("Hết tạm im.", "End the silence."))
@click.argument("target")
@acting
@answering
def unmute(session: Session, target: str) -> None:
    muting.unmute(session.context, session.person(Right.MUTE), target, session.now())
    session.answer({"station": target, "muted_until": None}, lambda: None)


@command.command(
    "key",
    help=t(
        "Khóa ký lịch của máy chủ; --rotate thay khóa mới, do khóa cũ ký.",
        "The key that signs plans; --rotate makes a new one, signed by the old.",
    ),
)
@click.option("--rotate", is_flag=True, help=t("Thay khóa mới", "Make a new key"))
@acting
@answering
def key(session: Session, rotate: bool) -> None:
    if rotate:
        person = session.person(Right.MANAGE)
        signer = signing.rotate(session.context, person, session.now())
    else:
        signer = signing.signer(session.context)
    name = fingerprint(signer.public)
    session.answer({"key": signer.public, "fingerprint": name}, lambda: click.echo(name))
