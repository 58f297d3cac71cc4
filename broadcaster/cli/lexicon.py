"""`broadcaster lexicon list | add | remove | try`: the commune's own pronunciations."""

from __future__ import annotations

from pathlib import Path

import click

from broadcaster import speech
from broadcaster.cli.base import Session, answering, say, table
from broadcaster.cli.i18n import t
from broadcaster.speech import editing
from broadcaster.speech.lexicon import TABLES, Entry


@click.group("lexicon", help=t("Từ điển phát âm của xã.", "The pronunciation dictionary."))
def command() -> None: ...


_table = click.option(
    "--table",
    "name",
    type=click.Choice(list(TABLES)),
    default="abbreviations",
    help=t("Từ điển nào", "Which dictionary"),
)
_cells = click.argument("cells", nargs=-1, required=True, metavar=t("VIẾT ĐỌC […]", "CELLS"))


def _folder(session: Session) -> Path:
    return session.home / "lexicon"


def _data(entry: Entry) -> dict[str, str]:
    return {**dict(zip(TABLES[entry.table], entry.cells, strict=True)), "source": entry.source}


@command.command("list", help=t("Các dòng chứa một từ.", "Lines that contain a word."))
@click.argument("word", default="")
@click.option("--table", "name", type=click.Choice(list(TABLES)), help=t("Từ điển nào", "Which"))
@answering
def every(session: Session, word: str, name: str | None) -> None:
    found = editing.find(speech.load_lexicon(_folder(session)), name or "", word)
    rows = [(e.written, e.spoken, " · ".join(filter(None, e.cells[2:])), e.source) for e in found]
    titles = t("Viết,Đọc,Thêm,Ở dòng", "Written,Spoken,More,Line").split(",")
    session.answer({"entries": [_data(e) for e in found]}, lambda: table(titles, rows))


@command.command(
    "add",
    help=t(
        "Thêm một dòng vào từ điển của xã. Nghe thử trước bằng “lexicon try”.",
        "Add a line to the commune's dictionary. Hear it first with “lexicon try”.",
    ),
)
@_table
@_cells
@answering
def add(session: Session, name: str, cells: tuple[str, ...]) -> None:
    entry = editing.add(_folder(session), name, cells)
    session.answer(
        _data(entry),
        lambda: click.echo(
            t(
                f"Đã thêm: {entry.written} → {entry.spoken} ({entry.source}).",
                f"Added: {entry.written} → {entry.spoken} ({entry.source}).",
            )
        ),
    )
    say(
        t(
            "Tin đã tạo âm thanh trước đó chưa đổi: hãy render lại nếu cần.",
            "What was rendered before has not changed: render again if need be.",
        )
    )


@command.command("remove", help=t("Bỏ các dòng của một từ khỏi từ điển của xã.", "Remove a word."))
@_table
@click.argument("word")
@answering
def remove(session: Session, name: str, word: str) -> None:
    gone = editing.remove(_folder(session), name, word)
    session.answer(
        {"removed": [_data(e) for e in gone]},
        lambda: click.echo(t(f"Đã bỏ {len(gone)} dòng.", f"{len(gone)} lines removed.")),
    )


@command.command("try", help=t("Câu sẽ được đọc thế nào nếu thêm dòng này.", "Try a line out."))
@_table
@_cells
@click.option("--in", "sentence", required=True, help=t("Câu để thử", "The sentence"))
@answering
def attempt(session: Session, name: str, cells: tuple[str, ...], sentence: str) -> None:
    lexicon = speech.load_lexicon(_folder(session))
    before = speech.read(sentence, lexicon).spoken
    after = editing.try_out(lexicon, name, cells, sentence).spoken
    titles = t("Bây giờ,Khi thêm", "Now,With the line").split(",")
    session.answer({"before": before, "after": after}, lambda: table(titles, [(before, after)]))
