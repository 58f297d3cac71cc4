"""`broadcaster announcement new | edit | show | list`."""

from __future__ import annotations

import click

from broadcaster.cli.base import Session, acting, answering, local, say, state_word, table
from broadcaster.cli.i18n import t
from broadcaster.cli.pictures import kept, picture_options
from broadcaster.cli.views import dossier_data, show_dossier
from broadcaster.documents import read_document
from broadcaster.domain.announcement import Priority, check_text, clean_text
from broadcaster.domain.people import Right
from broadcaster.errors import InputError
from broadcaster.services import authoring


@click.group("announcement", help=t("Soạn, sửa, xem bản tin.", "Write, edit and show."))
def command() -> None: ...


_source = click.option(
    "--from",
    "source",
    required=True,
    metavar=t("TỆP|-", "FILE|-"),
    help=t("Tệp .txt, .md, .docx, hoặc - để đọc từ bàn phím", ".txt, .md, .docx, or - for stdin"),
)
_title = click.option("--title", default="", help=t("Tiêu đề (mặc định: dòng đầu)", "Title"))
_target = click.option(
    "--target",
    "targets",
    multiple=True,
    metavar=t("KHÓA", "KEY"),
    help=t("Kênh (lặp lại được; mặc định: mọi kênh)", "Outlet (repeatable; default: all)"),
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
@_source
@_title
@_target
@click.option(
    "--priority",
    type=click.Choice([p.value for p in Priority]),
    default=Priority.NORMAL.value,
    help=t("Loại bản tin theo Thông tư 39/2020", "Class of the announcement"),
)
@picture_options
@acting
@answering
def new(
    session: Session,
    source: str,
    title: str,
    targets: tuple[str, ...],
    priority: str,
    pictures: tuple[str, ...],
    alts: tuple[str, ...],
) -> None:
    text = _text(source)
    person = session.person(Right.DRAFT)
    made = authoring.draft(
        session.context,
        person,
        text,
        session.now(),
        title=title,
        targets=targets,
        priority=Priority(priority),
        pictures=kept(session.context, pictures, alts),
    )
    number = made.announcement.number
    session.answer(dossier_data(made), lambda: show_dossier(made))
    say(t(f"Tiếp theo: broadcaster render {number}", f"Next: broadcaster render {number}"))


@command.command("edit", help=t("Sửa bản tin; thu hồi phê duyệt cũ.", "A new revision."))
@click.argument("number", type=int)
@_source
@_title
@_target
@picture_options
@click.option("--no-pictures", is_flag=True, help=t("Bỏ mọi ảnh", "Take all pictures away"))
@acting
@answering
def edit(
    session: Session,
    number: int,
    source: str,
    title: str,
    targets: tuple[str, ...],
    pictures: tuple[str, ...],
    alts: tuple[str, ...],
    no_pictures: bool,
) -> None:
    text = _text(source)
    person = session.person(Right.DRAFT)
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
    )
    session.answer(dossier_data(made), lambda: show_dossier(made))
    say(
        t(
            f"Đã có bản sửa lần {made.revision.n}. Tiếp theo: broadcaster render {number}",
            f"Revision {made.revision.n}. Next: broadcaster render {number}",
        )
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
