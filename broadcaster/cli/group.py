"""The command `broadcaster` and the names of its sub-commands, each loaded only when asked for."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import click

from broadcaster import __version__
from broadcaster.cli.base import Session
from broadcaster.cli.i18n import t
from broadcaster.cli.usage import OPTIONS, SUBCOMMAND, name_values
from broadcaster.settings.folders import find_home, is_province


def _commands() -> dict[str, tuple[str, str]]:
    """Command -> (module under broadcaster.cli, one line of help), in the order of the work."""
    return {
        "init": ("init", t("Tạo cấu hình và cơ sở dữ liệu của xã", "Create settings and database")),
        "announcement": ("announcement", t("Soạn, sửa, xem bản tin", "Write, edit, show")),
        "render": ("render", t("Tạo giọng đọc và bài đăng", "Make speech and posts")),
        "preview": ("preview", t("Xem trước mọi kênh cạnh nhau", "Show all outlets side by side")),
        "approval": ("approval", t("Duyệt hoặc trả lại", "Grant or return")),
        "timetable": ("timetable", t("Lịch phát", "When to broadcast")),
        "slot": ("slot", t("Khung giờ gom nhiều tin", "Slots that collect items")),
        "programme": ("programme", t("Chương trình của một ngày", "The programme of a day")),
        "policy": ("policy", t("Quy định phát thanh và ngoại lệ", "Rules and exceptions")),
        "holiday": ("holiday", t("Ngày nghỉ lễ", "Days off")),
        "publicity": ("publicity", t("Công khai bắt buộc", "Mandatory publicity")),
        "plan": ("plan", t("Những gì sắp phát", "What is ahead")),
        "run": ("run", t("Chạy máy chủ và trạm loa của máy này", "Run server and local station")),
        "delivery": ("delivery", t("Từng lượt phát và kết quả", "Each delivery and its outcome")),
        "log": ("log", t("Sổ nhật ký phát", "The broadcast log")),
        "channel": ("channel", t("Các kênh và tình trạng", "Outlets and their health")),
        "station": ("station", t("Các trạm loa", "Loudspeaker stations")),
        "alarm": ("alarm", t("Cảnh báo về trạm loa", "Alarms about stations")),
        "person": ("person", t("Người dùng và vai trò", "People and roles")),
        "emergency": ("emergency", t("Phát khẩn cấp", "Emergency broadcasts")),
        "stop-all": ("stop_all", t("Dừng khẩn cấp tất cả", "Stop everything now")),
        "speech": ("speech", t("Cách đọc văn bản", "How text is read aloud")),
        "lexicon": ("lexicon", t("Từ điển phát âm", "Pronunciation dictionary")),
        "voice": ("voice", t("Các giọng đọc", "Voices")),
        "studio": ("studio", t("Đo âm thanh", "Measure sound")),
        "store": ("store", t("Sao lưu, phục hồi, chuyển kho", "Back up, restore, move the store")),
        "sandbox": ("sandbox", t("Các kênh giả để tập và thử", "Stand-ins to try things on")),
        _OF_PROVINCE: ("commune", t("Các xã của tỉnh", "The communes of the province")),
    }


_OF_PROVINCE = "commune"
"""Listed only in a province's folder: whoever works for one commune has no use for it."""


class _Lazy(click.Group):
    """Imports a sub-command's file when it is called, not to show the list."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_commands())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - same
        known = _commands()
        if cmd_name not in known:
            return None
        found: click.Command = import_module(f"broadcaster.cli.{known[cmd_name][0]}").command
        name_values(found)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        home = find_home(ctx.params.get("home"), os.environ, Path.cwd())
        shown = _commands()
        if not is_province(home):
            del shown[_OF_PROVINCE]
        with formatter.section(t("Các lệnh", "Commands")):
            formatter.write_dl([(name, line) for name, (_, line) in shown.items()])


@click.group(
    cls=_Lazy,
    options_metavar=t(*OPTIONS),
    subcommand_metavar=t(*SUBCOMMAND),
    help=t(
        "Một bản tin, mọi kênh của xã: loa truyền thanh, Fanpage, Zalo OA, trang web.\n\n"
        "Mã kết thúc: 0 xong · 1 lỗi · 2 sai cách dùng · 4 xong một phần · "
        "5 chưa rõ kết quả · 6 bị quy định từ chối.",
        "One announcement, every outlet of a commune.\n\nExit codes: 0 ok · 1 failed · "
        "2 usage · 4 partial · 5 unknown outcome · 6 refused by policy.",
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    is_eager=True,  # --help after it lists what is of use there
    metavar=t("THƯ_MỤC", "DIR"),
    help=t("Thư mục của xã (mặc định: thư mục này)", "The commune's folder (default: here)"),
)
@click.option("--lang", type=click.Choice(["vi", "en"]), help=t("Ngôn ngữ", "Language"))
@click.version_option(__version__, prog_name="broadcaster")
@click.pass_context
def group(ctx: click.Context, home: Path | None, lang: str | None) -> None:  # noqa: ARG001 - settled before
    ctx.obj = Session(home)
    ctx.call_on_close(ctx.obj.close)
