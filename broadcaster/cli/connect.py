"""`broadcaster channel connect | tokens`: secrets in, and what is held, never shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from broadcaster.bootstrap import open_secrets, target_settings
from broadcaster.channels import make
from broadcaster.channels.connecting import Connected, Held, connector, holding
from broadcaster.cli.asking import asker
from broadcaster.cli.base import Session, answering, local, say, table
from broadcaster.cli.i18n import t
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.errors import BroadcasterError, InputError, Text
from broadcaster.secrecy.files import write_private
from broadcaster.secrecy.masking import MASK
from broadcaster.secrecy.store import Secrets
from broadcaster.settings import config
from broadcaster.settings.config import Config, Target

_SINCE = "connected.json"


@click.command(
    "connect",
    help=t(
        "Kết nối một kênh với tài khoản thật, từng bước. Mật khẩu và mã được hỏi, không nhận trên "
        "dòng lệnh.",
        "Connect an outlet to its account, step by step. Secrets are asked for, never taken from "
        "the command line.",
    ),
)
@click.argument("key")
@click.option(
    "--answers",
    metavar=t("TỆP", "FILE"),
    help=t(
        "Tệp TOML chỉ chủ máy được đọc, mỗi dòng một câu trả lời; “-”: đầu vào chuẩn",
        "TOML file for its owner only, one answer a line; “-”: standard input",
    ),
)
@answering
def connect(session: Session, key: str, answers: str | None) -> None:
    settings, now = config.load(session.home), session.now()
    target = settings.target(key)
    _must_connect_itself(target)
    secrets = open_secrets(session.home, settings)
    how = connector(target.channel)
    if how is None:
        raise InputError(
            f"Kênh “{key}” ({target.channel}) không cần kết nối.",
            f"The target “{key}” ({target.channel}) needs no connecting.",
        )
    made = target_settings(session.home, settings, secrets, key)
    kept: list[str] = []

    def keep(name: str, value: str) -> None:
        secrets.put(key, name, value)
        _note(made.state, name, now)
        kept.append(name)

    done = how.run(made, asker(answers, keep), now)
    todo = {k: v for k, v in done.options.items() if str(target.options.get(k) or "") != v}
    data = {
        "key": key,
        "message": t(done.message.vi, done.message.en),
        "kept": {name: secrets.source(key, name) for name in kept},
        "write_options": todo,
    }
    session.answer(data, lambda: _said(done, todo, key))


def _must_connect_itself(target: Target) -> None:
    if target.channel == LOUDSPEAKER:
        raise InputError(
            "Trạm loa được cấp mã bằng: broadcaster station code KHÓA",
            "A station gets its code with: broadcaster station code KEY",
        )
    if target.account:
        raise InputError(
            f"Kênh “{target.key}” dùng tài khoản của kênh “{target.account}”. "
            f"Hãy kết nối kênh đó: broadcaster channel connect {target.account}",
            f"“{target.key}” uses the account of “{target.account}”. "
            f"Connect that one: broadcaster channel connect {target.account}",
        )


def _said(done: Connected, todo: dict[str, str], key: str) -> None:
    click.secho(t(done.message.vi, done.message.en), fg="green")
    if todo:
        lines = ", ".join(f'{name} = "{value}"' for name, value in todo.items())
        say(
            t(
                f"Hãy ghi vào options của kênh “{key}” trong broadcaster.toml: {lines}",
                f"Write into the options of “{key}” in broadcaster.toml: {lines}",
            )
        )
    say(t(f"Kiểm tra: broadcaster channel check {key}", f"Next: broadcaster channel check {key}"))


@click.command(
    "tokens",
    help=t(
        "Các mật khẩu và mã đang giữ: ở đâu, từ bao giờ, hết hạn khi nào. Không hiện giá trị.",
        "Secrets that are held: where, since when, until when. Their values are not shown.",
    ),
)
@click.argument("key", required=False)
@answering
def tokens(session: Session, key: str | None) -> None:
    settings, now = config.load(session.home), session.now()
    chosen = [settings.target(key)] if key else settings.targets
    rows = [row for one in chosen for row in _held(session, settings, one, now)]
    session.answer({"tokens": rows}, lambda: _table(rows))


def _table(rows: list[dict[str, Any]]) -> None:
    titles = t(
        "Kênh,Mã,Giá trị,Nơi giữ,Có từ,Hết hạn,Làm mới lần cuối,Ghi chú",
        "Outlet,Secret,Value,Kept in,Since,Ends,Last refresh,Note",
    )
    times = ("since", "expires_at", "refreshed_at")
    table(
        titles.split(","),
        [
            (
                row["key"],
                row["name"],
                row["value"],
                t(*_PLACES[row["source"]]),
                *(local(row[name], seconds=False) for name in times),
                row["note"],
            )
            for row in rows
        ],
    )


_PLACES = {
    "environment": ("biến môi trường", "environment"),
    "file": ("secrets.toml", "secrets.toml"),
    "keyring": ("kho mật khẩu của máy", "system keyring"),
    "sealed": ("tệp mã hóa", "sealed file"),
    "": ("CHƯA CÓ", "MISSING"),
}


def _held(
    session: Session, settings: Config, target: Target, now: datetime
) -> Iterator[dict[str, Any]]:
    """One row for each secret of a target that has an account of its own."""
    how = None if target.account else connector(target.channel)
    if how is None:
        return
    secrets = open_secrets(session.home, settings)
    state = target_settings(session.home, settings, secrets, target.key).state
    notes = _notes(state)
    for name in how.secrets:
        source = secrets.source(target.key, name)
        if source or name not in _LATER:
            yield _row(target, Held(name, notes.get(name)), source)
    yield from _rotating(session.home, settings, secrets, target, now)


_LATER = {"code_verifier"}
"""Needed by one way of connecting only."""


def _rotating(
    home: Path, settings: Config, secrets: Secrets, target: Target, now: datetime
) -> Iterator[dict[str, Any]]:
    """What the channel itself keeps, sealed. A channel that cannot say it says why."""
    try:
        made = make(target.channel, target_settings(home, settings, secrets, target.key))
        own = holding(made)
        for one in own.held(now) if own else ():
            yield _row(target, one, "sealed")
    except BroadcasterError as error:
        yield _row(target, Held("–", note=error.text), "")


def _row(target: Target, held: Held, source: str) -> dict[str, Any]:
    note = held.note or Text("", "")
    return {
        "key": target.key,
        "channel": target.channel,
        "name": held.name,
        "value": MASK if source else "",
        "source": source,
        "since": held.since,
        "expires_at": held.until,
        "refreshed_at": held.refreshed,
        "note": t(note.vi, note.en),
    }


def _note(state: Path, name: str, now: datetime) -> None:
    """When a secret was given; the secret itself does not lie here."""
    times = {key: value.isoformat() for key, value in _notes(state).items()}
    write_private(state / _SINCE, json.dumps({**times, name: now.isoformat()}, indent=1))


def _notes(state: Path) -> dict[str, datetime]:
    try:
        found = json.loads((state / _SINCE).read_text("utf-8"))
        return {name: datetime.fromisoformat(at) for name, at in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
