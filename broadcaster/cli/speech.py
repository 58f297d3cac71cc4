"""`broadcaster speech read | explain | check`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

import click

from broadcaster import speech
from broadcaster.cli.base import ZONE, Session, answering, table
from broadcaster.cli.i18n import t
from broadcaster.documents import read_document
from broadcaster.speech import Reading


@click.group("speech", help=t("Văn bản được đọc lên như thế nào.", "How text is read aloud."))
def command() -> None: ...


_source = click.argument("source", default="-", metavar="[FILE|-]")


def _read(session: Session, source: str) -> tuple[str, Reading]:
    """The commune's own dictionary, if there is one, wins over the shipped one."""
    text = read_document(source)
    lexicon = speech.load_lexicon(session.home / "lexicon")
    return text, speech.read(text, lexicon)


def _flags(reading: Reading) -> list[dict[str, Any]]:
    return [
        {
            "kind": flag.kind,
            "span": list(flag.span),
            "written": flag.written,
            "spoken": flag.spoken,
            "message": t(flag.message.vi, flag.message.en),
            "blocking": flag.blocking,
        }
        for flag in reading.flags
    ]


@command.command("read", help=t("In lời đọc, mỗi dòng một dòng.", "The spoken text, line by line."))
@_source
@answering
def read(session: Session, source: str) -> None:
    _, reading = _read(session, source)
    data = {
        "spoken": reading.spoken,
        "syllables": reading.syllables,
        "seconds": round(reading.seconds, 1),
        "trace": [asdict(word) for word in reading.trace],
        "flags": _flags(reading),
    }
    session.answer(data, lambda: click.echo(reading.spoken))


@command.command("explain", help=t("Viết gì, đọc gì, vì sao.", "Written, spoken, and why."))
@_source
@answering
def explain(session: Session, source: str) -> None:
    text, reading = _read(session, source)
    rows = _rows(text, reading)
    data = [{"written": w, "spoken": s, "rule": r} for w, s, r in rows]
    titles = t("Viết,Đọc,Quy tắc", "Written,Spoken,Rule").split(",")
    session.answer({"rows": data}, lambda: table(titles, rows))


def _rows(text: str, reading: Reading) -> list[tuple[str, str, str]]:
    """Neighbouring words with one origin are one row."""
    rows: list[tuple[tuple[int, int, str], list[str]]] = []
    for word in reading.trace:
        origin = (word.start, word.end, word.rule)
        if not rows or rows[-1][0] != origin:
            rows.append((origin, []))
        rows[-1][1].append(word.text)
    return [(text[start:end], " ".join(words), rule) for (start, end, rule), words in rows]


@command.command(
    "check",
    help=t(
        "Những chỗ phải đoán; mã 6 khi có chỗ cần người quyết định.",
        "What was guessed; exit 6 when a person must decide.",
    ),
)
@_source
@answering
def check(session: Session, source: str) -> None:
    text, reading = _read(session, source)
    today = session.now().astimezone(ZONE).date()
    findings = speech.lint(text, today)
    data = {
        "flags": _flags(reading),
        "findings": [
            {
                "rule": finding.rule,
                "span": list(finding.span),
                "written": finding.written,
                "message": t(finding.message.vi, finding.message.en),
            }
            for finding in findings
        ],
    }

    def people() -> None:
        rows = [(f["written"], f["kind"], f["message"]) for f in data["flags"]]
        rows += [(f["written"], f["rule"], f["message"]) for f in data["findings"]]
        if rows:
            table(t("Chỗ viết,Loại,Nhận xét", "Written,Kind,Remark").split(","), rows)
        else:
            click.echo(t("Không có gì phải đoán.", "Nothing was guessed."))

    session.answer(data, people)
    if reading.blocked:
        sys.exit(6)
