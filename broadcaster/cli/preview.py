"""`broadcaster preview NUMBER`: what every outlet would get, side by side, and what is heard."""

from __future__ import annotations

from typing import Any

import click

from broadcaster.cli.base import Session, acting, answering, console, length, say, width
from broadcaster.cli.i18n import t
from broadcaster.cli.views import dossier_data, show_dossier
from broadcaster.domain import approval
from broadcaster.domain.announcement import Rendition
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.errors import PolicyRefused
from broadcaster.services.approval import checking, submitting
from broadcaster.services.approval.checking import Finding
from broadcaster.services.content import authoring
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.timetable import rationing

_READABLE = 36
"""Characters that a column needs to be read without effort."""


@click.command(
    "preview",
    help=t("Xem trước mọi kênh, lời đọc và độ dài.", "All outlets, spoken text and length."),
)
@click.argument("number", type=int)
@click.option(
    "--heard",
    is_flag=True,
    help=t("Xác nhận đã nghe hết âm thanh này", "Confirm having listened to all of it"),
)
@acting
@answering
def command(session: Session, number: int, heard: bool) -> None:
    if heard:
        dossier = submitting.hear(session.context, session.person(), number, session.now())
    else:
        dossier = authoring.show(session.context, number, session.now())
    if not dossier.renditions:
        raise PolicyRefused(
            f"Chưa có gì để xem. Hãy chạy: broadcaster render {number}",
            f"Nothing to show yet. Run: broadcaster render {number}",
        )
    outputs = [_output(session, rendition) for rendition in dossier.renditions]
    code = approval.digest(dossier.pinned)[:8]
    found = checking.findings(session.context, dossier, session.now())
    rations = rationing.outlook(session.context, dossier, session.now())
    data = {
        **dossier_data(dossier),
        "code": code,
        "outputs": outputs,
        "warnings": [t(one.text.vi, one.text.en) for one in found if one.blocks],
        "findings": [_finding(one) for one in found],
        "rations": [t(text.vi, text.en) for text in rations],
    }

    def people() -> None:
        _people(dossier, outputs, found)
        for text in rations:
            click.echo(t(text.vi, text.en))
        _code(dossier, code)

    session.answer(data, people)


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "code": one.code,
        "kind": one.kind,
        "text": t(one.text.vi, one.text.en),
        "severe": one.severe,
        "blocks": one.blocks,
        "target": one.target or None,
        "written": one.written or None,
        "other": one.other or None,
    }


def _output(session: Session, rendition: Rendition) -> dict[str, Any]:
    content = rendition.content
    target = session.context.config.target(rendition.target)
    shown: dict[str, Any] = {"target": target.key, "name": target.name, "channel": target.channel}
    if rendition.channel == LOUDSPEAKER:
        digest = content["wav"]["digest"]
        return {
            **shown,
            "text": content["spoken"],
            "duration_s": rendition.duration_ms / 1000,
            "voice": content["voice"],
            "fallback": content.get("fallback"),
            "flags": content["flags"],
            "lufs": content["lufs"],
            "true_peak_dbtp": content["true_peak_dbtp"],
            "longest_silence_s": content.get("longest_silence_s"),
            "audio": str(session.context.audio / f"{digest}.wav"),
        }
    pictures = [
        str(session.context.file(one["digest"], one["kind"])) for one in content.get("pictures", ())
    ]
    text = session.context.channel(rendition.target).show(content)
    sound = content.get("audio")
    path = {"audio": str(session.context.file(sound["digest"], "mp3"))} if sound else {}
    return {**shown, "text": text, **path, **({"pictures": pictures} if pictures else {})}


def _people(dossier: Dossier, outputs: list[dict[str, Any]], found: list[Finding]) -> None:
    from rich import box  # noqa: PLC0415 - only where people look
    from rich.table import Table  # noqa: PLC0415 - same

    show_dossier(dossier)
    at_once = max(1, width() // _READABLE)
    for first in range(0, len(outputs), at_once):
        some = outputs[first : first + at_once]
        grid = Table(box=box.MINIMAL, pad_edge=False, expand=True)
        for output in some:
            grid.add_column(f"{output['name']}\n({output['target']})", ratio=1)
        grid.add_row(*(output["text"] for output in some))
        console().print(grid)
    for output in outputs:
        if output["channel"] == LOUDSPEAKER:
            _sound(output)
    posted = [one for one in outputs if one["channel"] != LOUDSPEAKER]
    for path in dict.fromkeys(one["audio"] for one in posted if "audio" in one):
        click.echo(t(f"Nghe bản đăng: {path}", f"Listen to what is posted: {path}"))
    for path in dict.fromkeys(one for output in posted for one in output.get("pictures", ())):
        click.echo(t(f"Xem ảnh: {path}", f"Picture: {path}"))
    for one in found:
        mark = "!!" if one.severe else "!" if one.blocks else "·"
        said = f"{mark} [{one.code}] {t(one.text.vi, one.text.en)}"
        click.secho(said, fg="red" if one.severe else "yellow" if one.blocks else None)


def _code(dossier: Dossier, code: str) -> None:
    """What the approver names, to be sure that it is this very preview."""
    number = dossier.announcement.number
    click.echo(t(f"Mã bản xem trước: {code}", f"Code of this preview: {code}"))
    if dossier.approval is not None:
        return
    say(
        t(
            f"Duyệt: broadcaster approval grant {number} --seen {code} --as NGƯỜI_DUYỆT",
            f"Approve: broadcaster approval grant {number} --seen {code} --as APPROVER",
        )
    )


def _sound(output: dict[str, Any]) -> None:
    heard = length(round(output["duration_s"] * 1000))
    voice, level = output["voice"], f"{output['lufs']:.1f}"
    peak = f"{output['true_peak_dbtp']:.1f}"
    click.echo(
        t(
            f"Âm thanh {output['target']}: {heard}, giọng {voice}, "
            f"{level} LUFS, đỉnh {peak} dBTP".replace(".", ","),
            f"Sound of {output['target']}: {heard}, voice {voice}, {level} LUFS, {peak} dBTP",
        )
    )
    if output["fallback"]:
        why = output["fallback"]
        click.secho(t(f"  {why['vi']}", f"  {why['en']}"), fg="yellow")
    click.echo(t(f"  Nghe thử: {output['audio']}", f"  Listen: {output['audio']}"))
