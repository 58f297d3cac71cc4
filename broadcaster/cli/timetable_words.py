"""The options in which a clerk writes a rule: the same for every command that takes one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from broadcaster.cli.i18n import t
from broadcaster.domain.timetable import Words


def _times() -> list[Callable[[Any], Any]]:
    """On which days, and at what hour."""
    return [
        click.option(
            "--on",
            default="",
            help=t(
                "“hằng ngày”, “thứ hai, thứ sáu”, “ngày 1 và 15 hằng tháng”, "
                "“thứ hai đầu tiên hằng tháng”, “ngày 2/9 hằng năm”, hoặc một ngày 24/11/2026",
                "daily | monday,friday | day 1, 15 monthly | first monday monthly | 2/9 yearly | "
                "24/11/2026",
            ),
        ),
        click.option(
            "--lunar",
            default="",
            help=t(
                "Ngày âm lịch: “mồng 1, rằm” (hằng tháng), “rằm tháng 7”, “10/3”",
                "Lunar days: “mồng 1, rằm” (monthly), or 10/3 (day/month, yearly)",
            ),
        ),
        click.option(
            "--at", default="", help=t("Giờ: 05:30 hoặc 05:30,17:00", "05:30 or 05:30,17:00")
        ),
        click.option(
            "--slot",
            default="",
            help=t(
                "Khung giờ, thay cho --at (xem: broadcaster slot list)",
                "A slot in the place of --at (see: broadcaster slot list)",
            ),
        ),
    ]


def _limits() -> list[Callable[[Any], Any]]:
    """How often, how long, and except when."""
    return [
        click.option(
            "--every",
            default="",
            help=t("Cách quãng: “2 tuần”, “3 ngày”, “2 tháng”", "Interval: “2 weeks”, “3 days”"),
        ),
        click.option(
            "--from", "start", default="", help=t("Từ ngày 01/12/2026", "First day: 01/12/2026")
        ),
        click.option(
            "--until", default="", help=t("Đến hết ngày 30/11/2026", "Last day: 30/11/2026")
        ),
        click.option("--count", type=int, help=t("Số lần, cho mỗi giờ", "How many times an hour")),
        click.option(
            "--skip",
            multiple=True,
            help=t(
                "Bỏ ngày này, hoặc ngày lễ này: 25/11/2026, “Tết Nguyên đán” (lặp lại được)",
                "Not on this date or holiday: 25/11/2026 (repeatable)",
            ),
        ),
        click.option(
            "--add",
            multiple=True,
            help=t(
                "Thêm ngày này: 25/11/2026 hoặc “25/11/2026 17:00” (lặp lại được)",
                "Also on this date: 25/11/2026, or “25/11/2026 17:00” (repeatable)",
            ),
        ),
        click.option(
            "--skip-holidays",
            is_flag=True,
            help=t(
                "Không phát vào mọi ngày lễ (xem: broadcaster holiday list)", "Not on any holiday"
            ),
        ),
    ]


def written_options(function: Callable[..., None]) -> Callable[..., None]:
    """Hand the options over as `words`."""

    @wraps(function)
    def gathered(*args: Any, **kwargs: Any) -> None:
        names = ("on", "lunar", "at", "slot", "every", "start", "until", "count", "skip", "add")
        given = {name: kwargs.pop(name) for name in names}
        words = Words(**given, skip_holidays=kwargs.pop("skip_holidays"))
        function(*args, words=words, **kwargs)

    decorated: Callable[..., None] = gathered
    for option in reversed([*_times(), *_limits()]):
        decorated = option(decorated)
    return decorated


target_option = click.option(
    "--target",
    "targets",
    multiple=True,
    metavar=t("KHÓA", "KEY"),
    help=t("Chỉ cho kênh này (lặp lại được)", "Only this outlet (repeatable)"),
)
