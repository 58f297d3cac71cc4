"""`broadcaster announcement new | edit | withdraw | override | submit | history | show | list`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from broadcaster.cli.base import Session, acting, answering, local, say, state_word, table
from broadcaster.cli.deeds import deed_data, show_deeds
from broadcaster.cli.i18n import t
from broadcaster.cli.logbook import delivery_data, show_deliveries
from broadcaster.cli.pictures import kept, picture_options
from broadcaster.cli.views import dossier_data, show_dossier
from broadcaster.documents import read_document
from broadcaster.domain.announcement import Priority, check_text, clean_text
from broadcaster.domain.category import GENERAL
from broadcaster.domain.delivery import Action
from broadcaster.domain.people import Right
from broadcaster.errors import InputError
from broadcaster.server.running import is_running
from broadcaster.services import reporting
from broadcaster.services.approval import submitting
from broadcaster.services.content import authoring, withdrawing
from broadcaster.services.people import attributing


@click.group("announcement", help=t("Soạn, sửa, xem bản tin.", "Write, edit and show."))
def command() -> None: ...


def _source(*, required: bool) -> Callable[[Any], Any]:
    return click.option(
        "--from",
        "source",
        required=required,
        metavar=t("TỆP|-", "FILE|-"),
        help=t("Tệp .txt, .md, .docx, hoặc - để đọc từ bàn phím", ".txt, .md, .docx, - for stdin"),
    )


_title = click.option("--title", default="", help=t("Tiêu đề (mặc định: dòng đầu)", "Title"))
_target = click.option(
    "--target",
    "targets",
    multiple=True,
    metavar=t("KHÓA", "KEY"),
    help=t("Kênh (lặp lại được; mặc định: mọi kênh)", "Outlet (repeatable; default: all)"),
)
_category = click.option(
    "--category",
    metavar=t("KHÓA", "KEY"),
    help=t("Chuyên mục (mặc định: thông báo chung)", "Category (default: general notices)"),
)
_paper = click.option(
    "--document",
    "document_number",
    metavar=t("SỐ HIỆU", "NUMBER"),
    help=t("Số văn bản được truyền đạt, ví dụ 1380/QĐ-UBND", "The paper it passes on"),
)


def _text(source: str) -> str:
    """What the file says; a mistake in it is told with the file's name."""
    text = read_document(source)
    try:
        check_text(source, clean_text(text))
    except InputError as error:
        vi, en = error.text.vi, error.text.en
        raise InputError(f"{_shown(source)}: {vi}", f"{_shown(source)}: {en}") from None
    return text


def _shown(source: str) -> str:
    return t("Đầu vào", "Input") if source == "-" else f"“{source}”"


@command.command("new", help=t("Soạn bản tin mới từ một tệp.", "A new announcement from a file."))
@_source(required=True)
@_title
@_target
@click.option(
    "--priority",
    type=click.Choice([p.value for p in Priority]),
    default=Priority.NORMAL.value,
    help=t("Loại bản tin theo Thông tư 39/2020", "Class of the announcement"),
)
@_category
@_paper
@picture_options
@acting
@answering
def new(
    session: Session,
    source: str,
    title: str,
    targets: tuple[str, ...],
    priority: str,
    category: str | None,
    document_number: str | None,
    pictures: tuple[str, ...],
    alts: tuple[str, ...],
) -> None:
    text = _text(source)
    person = session.person()
    made = authoring.draft(
        session.context,
        person,
        text,
        session.now(),
        title=title,
        targets=targets,
        priority=Priority(priority),
        category=category or GENERAL,
        document_number=document_number or "",
        pictures=kept(session.context, pictures, alts),
    )
    number = made.announcement.number
    session.answer(dossier_data(made), lambda: show_dossier(made))
    say(t(f"Tiếp theo: broadcaster render {number}", f"Next: broadcaster render {number}"))


@command.command("edit", help=t("Sửa bản tin; thu hồi phê duyệt cũ.", "A new revision."))
@click.argument("number", type=int)
@_source(required=False)
@_title
@_target
@_category
@_paper
@picture_options
@click.option("--no-pictures", is_flag=True, help=t("Bỏ mọi ảnh", "Take all pictures away"))
@acting
@answering
def edit(
    session: Session,
    number: int,
    source: str | None,
    title: str,
    targets: tuple[str, ...],
    category: str | None,
    document_number: str | None,
    pictures: tuple[str, ...],
    alts: tuple[str, ...],
    no_pictures: bool,
) -> None:
    text = None if source is None else _text(source)
    person = session.person()
    given = kept(session.context, pictures, alts)
    if no_pictures and given:
        raise InputError(
            "Chọn một trong hai: --picture hoặc --no-pictures.",
            "Choose one: --picture or --no-pictures.",
        )
    made = authoring.edit(
        session.context,
        person,
        number,
        text,
        session.now(),
        title=title,
        targets=targets,
        pictures=given if given or no_pictures else None,
        category=category,
        document_number=document_number,
    )
    session.answer(dossier_data(made), lambda: show_dossier(made))
    say(
        t(
            f"Đã có bản sửa lần {made.revision.n}. Tiếp theo: broadcaster render {number}",
            f"Revision {made.revision.n}. Next: broadcaster render {number}",
        )
    )


@command.command(
    "override", help=t("Lời riêng cho một kênh, duyệt như bản chung.", "Own text for one outlet.")
)
@click.argument("number", type=int)
@click.option(
    "--target",
    required=True,
    metavar=t("KHÓA", "KEY"),
    help=t("Kênh có lời riêng", "The outlet that says it its own way"),
)
@_source(required=False)
@click.option("--remove", is_flag=True, help=t("Dùng lại lời chung", "Back to the common text"))
@acting
@answering
def override(session: Session, number: int, target: str, source: str | None, remove: bool) -> None:
    if remove == (source is not None):
        raise InputError(
            "Chọn một trong hai: --from TỆP (lời riêng) hoặc --remove (dùng lại lời chung).",
            "Choose one: --from FILE (its own text) or --remove (the common one again).",
        )
    text = None if source is None else _text(source)
    made = authoring.override(
        session.context, session.person(), number, target, text, session.now()
    )
    session.answer(dossier_data(made), lambda: show_dossier(made))
    say(t(f"Tiếp theo: broadcaster render {number}", f"Next: broadcaster render {number}"))


@command.command(
    "withdraw",
    help=t("Thu hồi: hủy lịch, gọi loa về, gỡ bài đã đăng.", "Take it back everywhere."),
)
@click.argument("number", type=int)
@click.option("--reason", required=True, help=t("Lý do, ghi vào nhật ký", "Why; it is logged"))
@acting
@answering
def withdraw(session: Session, number: int, reason: str) -> None:
    context, person = session.context, session.person(Right.WITHDRAW)
    withdrawing.withdraw(context, person, number, reason, session.now())
    lines = reporting.lines(context, number=number)
    posts = [line for line in lines if line.delivery.action == Action.WITHDRAW]
    session.answer(
        {"number": number, "deliveries": [delivery_data(line) for line in lines]},
        lambda: show_deliveries(lines),
    )
    said = (
        t(
            f"Tin số {number} đã thu hồi. {len(posts)} bài đang được gỡ; xem kết quả: ",
            f"Announcement {number} is withdrawn. {len(posts)} posts are being removed; see: ",
        )
        if posts
        else t(f"Tin số {number} đã thu hồi. Xem: ", f"Announcement {number} is withdrawn. See: ")
    )
    say(said + f"broadcaster delivery list --announcement {number}")
    if posts and not is_running(context.home):
        say(
            t(
                "Máy chủ chưa chạy nên chưa gỡ được gì. Chạy: broadcaster run",
                "The server is not running: nothing is removed yet. Start it: broadcaster run",
            )
        )


@command.command(
    "submit", help=t("Trình duyệt (khi có hai bước duyệt).", "Hand in, where two approve.")
)
@click.argument("number", type=int)
@acting
@answering
def submit(session: Session, number: int) -> None:
    made = submitting.submit(session.context, session.person(), number, session.now())
    session.answer(
        dossier_data(made),
        lambda: click.echo(
            t(f"Đã trình tin số {number}.", f"Announcement {number} was submitted.")
        ),
    )
    following = f"broadcaster approval grant {number} --as {t('NGƯỜI_BIÊN_TẬP', 'EDITOR')}"
    say(t(f"Tiếp theo: {following}", f"Next: {following}"))


@command.command("history", help=t("Ai đã làm gì với bản tin.", "Who did what to it."))
@click.argument("number", type=int)
@answering
def history(session: Session, number: int) -> None:
    deeds = attributing.history(session.context, number)
    session.answer(
        {"number": number, "events": [deed_data(d) for d in deeds]}, lambda: show_deeds(deeds)
    )


@command.command("show", help=t("Xem toàn bộ một bản tin.", "Everything about one."))
@click.argument("number", type=int)
@answering
def show(session: Session, number: int) -> None:
    found = authoring.show(session.context, number, session.now())
    session.answer(dossier_data(found), lambda: show_dossier(found, text=True))


@command.command("list", help=t("Danh sách bản tin, mới nhất trước.", "All, newest first."))
@answering
def every(session: Session) -> None:
    found = authoring.every(session.context, session.now())

    def people() -> None:
        titles = t("Số,Tiêu đề,Người soạn,Lúc,Tình trạng", "No.,Title,Author,At,State").split(",")
        table(
            titles,
            [
                (
                    str(d.announcement.number),
                    d.revision.title,
                    d.revision.author,
                    local(d.revision.created_at, seconds=False),
                    state_word(d.state()),
                )
                for d in found
            ],
        )

    session.answer({"announcements": [dossier_data(d) for d in found]}, people)
