"""`broadcaster station list | enroll`."""

from __future__ import annotations

import click

from broadcaster.cli.base import Session, acting, answering, local, say, table
from broadcaster.cli.i18n import t
from broadcaster.domain.people import Right
from broadcaster.services import syncing
from broadcaster.store import stations


@click.group("station", help=t("Các trạm loa.", "Loudspeaker stations."))
def command() -> None: ...


@command.command("list", help=t("Các trạm và lần liên lạc cuối.", "Stations and last contact."))
@answering
def every(session: Session) -> None:
    context = session.context
    with context.database.read() as connection:
        found = stations.every(connection, context.commune_id)
    data = [
        {
            "key": s.key,
            "seen": s.seen_at,
            "plan_version": s.rundown_version,
            "status": dict(s.status),
        }
        for s in found
    ]
    titles = t("Trạm,Liên lạc cuối,Bản kế hoạch,Thiết bị", "Station,Last seen,Plan,Device")
    rows = [
        (
            s.key,
            local(s.seen_at),
            str(s.status.get("version", "–")),
            str(s.status.get("device", "–")),
        )
        for s in found
    ]
    session.answer({"stations": data}, lambda: table(titles.split(","), rows))


@command.command("enroll", help=t("Cấp mã cho máy phát của một cụm loa.", "A token for a station."))
@click.argument("target")
@acting
@answering
def enroll(session: Session, target: str) -> None:
    person = session.person(Right.MANAGE)
    token = syncing.enroll(session.context, person, target, session.now())
    session.answer({"station": target, "token": token}, lambda: click.echo(token))
    say(
        t(
            "Mã chỉ hiện một lần; mã cũ của trạm này hết hiệu lực. Ghi vào tệp token của trạm.",
            "Shown once; an older token of this station is dead. Put it in the station's file.",
        )
    )
