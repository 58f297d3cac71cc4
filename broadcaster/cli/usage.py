"""The words that stand for values in usage lines and help, in the reader's language."""

from __future__ import annotations

import click

from broadcaster.cli.i18n import t

OPTIONS = ("[TÙY CHỌN]", "[OPTIONS]")
SUBCOMMAND = ("LỆNH [THAM SỐ]...", "COMMAND [ARGS]...")
_ARGUMENTS = {
    "number": ("SỐ_TIN", "NUMBER"),
    "delivery_id": ("SỐ_LƯỢT", "DELIVERY"),
    "alarm": ("SỐ_CẢNH_BÁO", "ALARM"),
    "order": ("SỐ_LỆNH", "ORDER"),
    "rule": ("SỐ_LỊCH", "RULE"),
    "name": ("TÊN", "NAME"),
    "key": ("KHÓA", "KEY"),
    "target": ("KHÓA", "KEY"),
    "file": ("TỆP", "FILE"),
    "text": ("CÂU", "TEXT"),
    "source": ("[TỆP|-]", "[FILE|-]"),
}
_TYPES = {
    "text": ("CHỮ", "TEXT"),
    "integer": ("SỐ", "NUMBER"),
    "integer range": ("SỐ", "NUMBER"),
    "path": ("TỆP", "FILE"),
}


def name_values(command: click.Command) -> None:
    """Give a command, and those below it, words for its arguments, and for values without any."""
    command.options_metavar = t(*OPTIONS)
    for parameter in command.params:
        if parameter.metavar is None or isinstance(parameter, click.Argument):
            parameter.metavar = _word(parameter) or parameter.metavar
    if isinstance(command, click.Group):
        command.subcommand_metavar = t(*SUBCOMMAND)
        for below in command.commands.values():
            name_values(below)


def _word(parameter: click.Parameter) -> str | None:
    if isinstance(parameter, click.Argument):
        words = _ARGUMENTS.get(parameter.name or "")
    elif isinstance(parameter, click.Option) and parameter.is_flag:
        words = None
    else:
        words = _TYPES.get(parameter.type.name)
    return t(*words) if words else None
