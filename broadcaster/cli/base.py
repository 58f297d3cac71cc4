"""What every command shares: options, output for people or programs, errors, exit codes."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec
from zoneinfo import ZoneInfo

import click

from broadcaster.cli.i18n import t
from broadcaster.errors import BroadcasterError, InputError, Unavailable
from broadcaster.secrecy.masking import mask
from broadcaster.settings.folders import find_home

if TYPE_CHECKING:
    from broadcaster.domain.people import Person, Right
    from broadcaster.services.context import Context

P = ParamSpec("P")
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class Session:
    """One call of the command line: where the commune's folder is, who acts, how to answer."""

    def __init__(self, home: Path | None) -> None:
        self.home = find_home(home, os.environ, Path.cwd()).absolute()
        self.as_json = False
        self.person_name = ""
        self._context: Context | None = None

    @property
    def context(self) -> Context:
        if self._context is None:
            from broadcaster.bootstrap import connect  # noqa: PLC0415 - keeps --help quick

            self._context = connect(self.home)
        return self._context

    def close(self) -> None:
        """Leave no connection to the database behind."""
        if self._context is not None:
            self._context.database.close()

    def now(self) -> datetime:
        from broadcaster.bootstrap import clock  # noqa: PLC0415 - keeps --help quick

        return clock()

    def person(self, right: Right | None = None) -> Person:
        """Who acts: --as or BROADCASTER_AS. Raises InputError when nobody was named."""
        name = self.person_name or os.environ.get("BROADCASTER_AS", "")
        if not name:
            raise InputError(
                "Ai đang làm việc này? Thêm --as TÊN (xem: broadcaster person list), "
                "hoặc đặt biến BROADCASTER_AS.",
                "Who is acting? Add --as NAME (see: broadcaster person list).",
            )
        return self.context.person(name, right)

    def answer(self, data: Any, people: Callable[[], None]) -> None:
        """Data for programs with --json, else whatever `people` prints."""
        if self.as_json:
            click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=_plain))
        else:
            people()


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(ZONE).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (set, frozenset, tuple)):
        return sorted(value) if not isinstance(value, tuple) else list(value)
    raise TypeError(type(value))


def acting(function: Callable[P, None]) -> Callable[P, None]:
    """Add --as to a command that a named person answers for."""
    return click.option(
        "--as",
        "person_name",
        metavar=t("TÊN", "NAME"),
        expose_value=False,
        callback=lambda ctx, _param, value: setattr(ctx.obj, "person_name", value or ""),
        help=t("Người đang thao tác", "Who is acting"),
    )(function)


def answering(function: Callable[..., None]) -> Callable[..., None]:
    """Add --json, hand over the session, and turn errors into words and exit codes."""

    @wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> None:
        session = click.get_current_context().obj
        try:
            function(session, *args, **kwargs)
        except BroadcasterError as error:
            fail(session, error)
        except BrokenPipeError:  # `broadcaster log | head`: click ends quietly
            raise
        except OSError as error:
            fail(session, _disk(error))
        except KeyboardInterrupt:
            fail(session, _interrupted())

    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        expose_value=False,
        callback=lambda ctx, _param, value: setattr(ctx.obj, "as_json", value),
        help=t("In dữ liệu JSON", "Print JSON"),
    )(guarded)


def _interrupted() -> BroadcasterError:
    return BroadcasterError(
        "Đã dừng theo lệnh; việc đang làm dở không được lưu. Cần thì chạy lại lệnh này.",
        "Interrupted; what was under way has not been kept. Run the command again if needed.",
    )


def _disk(error: OSError) -> BroadcasterError:
    name = error.filename or ""
    if error.errno == errno.ENOSPC:
        return Unavailable(
            f"Ổ đĩa đã đầy: chưa ghi gì cả {name}. Hãy giải phóng dung lượng rồi làm lại.",
            f"The disk is full: nothing was written {name}. Free some space and try again.",
        )
    return Unavailable(
        f"Hệ thống báo lỗi: {error.strerror or error} {name}".strip(),
        f"System error: {error.strerror or error} {name}".strip(),
    )


def fail(session: Session, error: BroadcasterError) -> NoReturn:
    """Say what happened and what to do on stderr; end with the error's own exit code."""
    if session.as_json:
        body = {"vi": error.text.vi, "en": error.text.en, "exit_code": error.exit_code}
        click.echo(json.dumps({"error": body}, ensure_ascii=False))
    click.secho(t("Lỗi: ", "Error: ") + t(error.text.vi, error.text.en), fg="red", err=True)
    sys.exit(error.exit_code)


def say(text: str) -> None:
    """Talk to the person, beside the data."""
    click.echo(text, err=True)


def local(moment: datetime | None, *, seconds: bool = True) -> str:
    """ "17:00:05 24/11/2026" in Vietnam's time, or a dash."""
    if moment is None:
        return "–"
    form = "%H:%M:%S %d/%m/%Y" if seconds else "%H:%M %d/%m/%Y"
    return moment.astimezone(ZONE).strftime(form)


def length(milliseconds: int) -> str:
    """ "1 phút 05 giây"."""
    minutes, rest = divmod(round(milliseconds / 1000), 60)
    if minutes:
        return t(f"{minutes} phút {rest:02d} giây", f"{minutes} min {rest:02d} s")
    return t(f"{rest} giây", f"{rest} s")


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, err: bool = False) -> None:
    """A table folded to the window's width: on stdout, or beside the data on stderr."""
    from rich import box  # noqa: PLC0415 - keeps --help quick
    from rich.table import Table  # noqa: PLC0415 - same

    kept = list(rows)
    if not kept:
        return say(t("Chưa có gì.", "Nothing yet."))
    grid = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for title in titles:
        grid.add_column(title, overflow="fold")
    for row in kept:
        grid.add_row(*map(mask, row))  # folded, a secret would be in no line as a whole
    console(err=err).print(grid)
    return None


def width() -> int:
    """Of the window; COLUMNS or 120 where the output goes into a file."""
    if sys.stdout.isatty():
        return shutil.get_terminal_size().columns
    columns = os.environ.get("COLUMNS", "")
    return max(int(columns), 40) if columns.isdecimal() else 120


def console(*, err: bool = False) -> Any:
    """A rich console on stdout (or stderr) that does not guess at markup in people's texts."""
    from rich.console import Console  # noqa: PLC0415 - keeps --help quick

    return Console(
        file=sys.stderr if err else sys.stdout,
        width=width(),
        markup=False,
        highlight=False,
        emoji=False,
    )


STATES = {
    "planned": ("đã lên lịch", "planned"),
    "sending": ("đang gửi", "sending"),
    "accepted": ("kênh đã nhận", "accepted"),
    "confirmed": ("đã phát", "confirmed"),
    "unknown": ("CHƯA RÕ", "UNKNOWN"),
    "failed": ("bị từ chối", "failed"),
    "missed": ("lỡ giờ", "missed"),
    "cancelled": ("đã hủy", "cancelled"),
    "partly_aired": ("phát dở", "partly aired"),
    "draft": ("bản nháp", "draft"),
    "rendered": ("chờ duyệt", "waiting for approval"),
    "submitted": ("chờ biên tập", "waiting for the editor"),
    "edited": ("chờ lãnh đạo duyệt", "waiting for the last approval"),
    "expired": ("phê duyệt hết hạn", "approval expired"),
    "returned": ("bị trả lại", "returned"),
    "approved": ("đã duyệt", "approved"),
    "scheduled": ("đã xếp lịch", "scheduled"),
    "done": ("hoàn thành", "done"),
    "withdrawn": ("đã thu hồi", "withdrawn"),
}


def state_word(state: str) -> str:
    return t(*STATES[state])
