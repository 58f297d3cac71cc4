"""How deliveries are shown: when, what became of them, the proof, or why not and what to do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import click

from broadcaster.cli.base import ZONE, local, say, state_word, width
from broadcaster.cli.i18n import t
from broadcaster.domain.changing import BY_HAND
from broadcaster.domain.delivery import Action, Delivery, State
from broadcaster.services.reporting import Line

_NAME_AT_MOST = 28


def delivery_data(line: Line) -> dict[str, Any]:
    one = line.delivery
    return {
        "id": one.id,
        "announcement": line.number,
        "title": line.title,
        "channel": one.channel,
        "target": one.target,
        "planned": one.due_at,
        "actual": one.actual_at,
        "action": one.action.value,
        "about": one.about_id,
        "state": one.state.value,
        "cause": cause_of(one) or None,
        "advice": advice_on(line) or None,
        "attempts": one.attempt_no,
        "reference": one.marker,
        "link": one.link or None,
        "proof": dict(one.proof) or None,
        "voice": line.voice or None,
        "unconfirmed": t(line.unconfirmed.vi, line.unconfirmed.en) if line.unconfirmed else None,
        "fallback": t(line.fallback.vi, line.fallback.en) if line.fallback else None,
    }


def show_deliveries(lines: Sequence[Line]) -> None:
    """By announcement; a line for each delivery, below it the proof, or the cause and the way out.

    Proofs are not folded: a link must stay one that can be clicked.
    """
    if not lines:
        say(t("Không có lượt phát nào trong khoảng này.", "No deliveries in this period."))
        return
    titles = t("Lượt,Kênh,Giờ hẹn,Giờ thực,Kết quả", "Id,Outlet,Planned,Actual,State").split(",")
    rows = [_row(line) for line in lines]
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    click.secho("  " + _aligned(titles, widths), bold=True)
    for (number, title, marker), some in groupby(zip(lines, rows, strict=True), key=_heading):
        click.secho(t(f"Tin {number}. {title}", f"{number}. {title}") + f"  [{marker}]")
        for line, row in some:
            click.echo("  " + _aligned(row, widths))
            for note in notes_on(line):
                click.echo(" " * (widths[0] + 4) + note)


def _heading(pair: tuple[Line, Sequence[str]]) -> tuple[int, str, str]:
    line, _ = pair
    return line.number, line.title, line.delivery.marker


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(text.ljust(most) for text, most in zip(row, widths, strict=True)).rstrip()


def _row(line: Line) -> tuple[str, ...]:
    one = line.delivery
    name = textwrap.shorten(line.target_name, _NAME_AT_MOST, placeholder="…")
    return str(one.id), name, local(one.due_at), _actual(one), outcome_word(one)


_CORRECTING = {
    State.PLANNED: ("chờ sửa bài", "to be corrected"),
    State.SENDING: ("đang sửa bài", "correcting"),
    State.ACCEPTED: ("kênh đã nhận bản sửa", "correction accepted"),
    State.CONFIRMED: ("đã sửa bài", "corrected"),
    State.FAILED: ("CHƯA SỬA", "NOT CORRECTED"),
    State.MISSED: ("CHƯA SỬA", "NOT CORRECTED"),
}
_WITHDRAWING = {
    State.PLANNED: ("chờ gỡ", "to be withdrawn"),
    State.SENDING: ("đang gỡ", "withdrawing"),
    State.CONFIRMED: ("đã gỡ", "withdrawn"),
    State.FAILED: ("CHƯA GỠ", "NOT WITHDRAWN"),
    State.MISSED: ("CHƯA GỠ", "NOT WITHDRAWN"),
    State.CANCELLED: ("không có gì để gỡ", "nothing to withdraw"),
}
_HOW = {
    (Action.CORRECT, BY_HAND): ("đã sửa bằng tay", "corrected by hand"),
    (Action.WITHDRAW, BY_HAND): ("đã gỡ bằng tay", "removed by hand"),
    (Action.WITHDRAW, "hidden"): ("đã ẩn", "hidden"),
}
_WORDS = {Action.POST: {}, Action.CORRECT: _CORRECTING, Action.WITHDRAW: _WITHDRAWING}


def outcome_word(one: Delivery) -> str:
    """The state in the words of what was to be done: posted, corrected, withdrawn, how."""
    how = _HOW.get((one.action, one.proof.get("how", "")))
    found = how or _WORDS[one.action].get(one.state)
    return t(*found) if found else state_word(one.state)


def _actual(one: Delivery) -> str:
    """Without the day when it is the planned one, as it nearly always is."""
    if one.actual_at is None:
        return "–"
    same = one.actual_at.astimezone(ZONE).date() == one.due_at.astimezone(ZONE).date()
    return local(one.actual_at).split()[0] if same else local(one.actual_at)


def notes_on(line: Line) -> Iterator[str]:
    """What stands below a delivery: proof, cause, advice; only prose is folded."""
    if proof := line.proof():
        yield proof
    if line.unconfirmed:
        yield t(line.unconfirmed.vi, line.unconfirmed.en)
    for text in (cause_of(line.delivery), *advice_on(line).splitlines()):
        if text.startswith("broadcaster "):  # to be copied whole
            yield "  " + text
        else:
            yield from textwrap.wrap(text, max(width() - 10, 40), break_long_words=False)


def cause_of(one: Delivery) -> str:
    return t(one.cause.vi, one.cause.en) if one.cause else ""


def advice_on(line: Line) -> str:
    """What a person can do about it now, each command on a line of its own; mostly nothing."""
    one = line.delivery
    if one.action != Action.POST:
        return _about_change(line)
    if one.state == State.UNKNOWN:
        return _about_unknown(one)
    if one.state == State.PLANNED and one.cause and one.next_at:
        again = local(one.next_at)
        return t(f"→ Tự thử lại lúc {again}.", f"→ Will be tried again at {again}.")
    if one.state not in {State.FAILED, State.MISSED, State.PARTLY_AIRED}:
        return ""
    if one.state == State.FAILED:
        said = t("→ Sửa nguyên nhân trên, rồi hẹn giờ đăng lại:", "→ Mend it, then schedule anew:")
    else:
        said = t("→ Muốn phát bù thì hẹn giờ mới:", "→ To make up for it, schedule it anew:")
    return f"{said}\nbroadcaster timetable add {line.number} --target {one.target} --on … --at …"


def _about_change(line: Line) -> str:
    """A correction or withdrawal is repeated by itself, until it is clear or refused."""
    one = line.delivery
    if one.state in {State.PLANNED, State.UNKNOWN} and one.cause and one.next_at:
        again = local(one.next_at)
        return t(f"→ Tự làm lại lúc {again}.", f"→ Will be repeated at {again}.")
    if one.state not in {State.FAILED, State.MISSED}:
        return ""
    if one.action == Action.CORRECT:
        return t(
            "→ Lời cũ vẫn còn trên kênh. Mở bài trên kênh, sửa bằng tay rồi chạy lệnh đầu, "
            "hoặc thu hồi bằng lệnh sau:",
            "→ The old words still stand. Correct the post there by hand and run the first, "
            "or withdraw it with the second:",
        ) + (
            f"\nbroadcaster delivery resolve {one.id} --corrected --as …"
            f"\nbroadcaster announcement withdraw {line.number} --reason … --as …"
        )
    return t(
        "→ Bài vẫn còn trên kênh. Gỡ bằng tay rồi chạy lệnh đầu, "
        "hoặc sửa nguyên nhân rồi chạy lệnh sau:",
        "→ The post still stands. Remove it by hand and run the first, "
        "or mend the cause and run the second:",
    ) + (
        f"\nbroadcaster delivery resolve {one.id} --removed --as …"
        f"\nbroadcaster announcement withdraw {line.number} --reason … --as …"
    )


def _about_unknown(one: Delivery) -> str:
    resolve = f"broadcaster delivery resolve {one.id}"
    if one.pulled:
        said, where = (
            t(
                "→ Khi máy loa liên lạc lại, kết quả tự có. Máy loa đã hỏng thì hỏi bà con; "
                "có nghe thì ghi ai nghe, không nghe thì ghi dòng sau:",
                "→ Settles itself when the station calls. If it is broken, ask in the village: "
                "write who heard it, or that nobody did:",
            ),
            t("“AI NGHE, LÚC NÀO”", "“BY WHOM, WHEN”"),
        )
    else:
        again = local(one.next_at)
        said, where = (
            t(
                f"→ Tự tra cứu lại lúc {again}. Nếu đã tự xem trên kênh: "
                "có bài thì ghi địa chỉ, chắc chắn không có thì ghi dòng sau:",
                f"→ Looked up again at {again}. If you looked yourself: "
                "write its address, or that it certainly is not there:",
            ),
            t("ĐỊA_CHỈ", "URL"),
        )
    return f"{said}\n{resolve} --posted {where}\n{resolve} --not-posted"
