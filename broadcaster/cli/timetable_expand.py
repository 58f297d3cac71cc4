"""`broadcaster timetable expand`: the dates of an RFC 5545 rule; needs no commune."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from broadcaster.cli.base import Session, answering, say
from broadcaster.cli.i18n import t
from broadcaster.domain.policy import ZONE
from broadcaster.domain.timetable import Rule, moments, recurrence
from broadcaster.domain.timetable.rule import HORIZON
from broadcaster.errors import InputError

_SECOND = timedelta(seconds=1)
_EVER, _NEVER = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)


@click.command(
    "expand",
    help=t(
        "Các lần phát của một luật lặp RFC 5545. Giờ bắt đầu chỉ được tính khi chính luật nêu nó. "
        "--from và --until là hai đầu của khoảng xem, tính cả hai; không có --until thì luật "
        "không kết thúc được xem trong hai năm.",
        "The occurrences of an RFC 5545 rule. The start counts only where the rule itself names "
        "it. --from and --until bound the view, both included; without --until, a rule without an "
        "end is shown for two years.",
    ),
)
@click.option("--rule", default="", help="RRULE: FREQ=WEEKLY;BYDAY=MO,FR;COUNT=10")
@click.option(
    "--dtstart",
    required=True,
    help=t("Giờ địa phương bắt đầu: 2026-11-23T05:30", "Local start: 2026-11-23T05:30"),
)
@click.option(
    "--rdate", multiple=True, help=t("Lần thêm (lặp lại được, hoặc cách nhau dấu phẩy)", "Added")
)
@click.option(
    "--exdate", multiple=True, help=t("Lần bỏ (lặp lại được, hoặc cách nhau dấu phẩy)", "Left out")
)
@click.option("--from", "low", help=t("Xem từ lúc này", "Show from here"))
@click.option("--until", "high", help=t("Xem đến hết lúc này", "Show up to here"))
@click.option("--zone", default=ZONE, help=t("Múi giờ", "Time zone"))
@answering
def expand(
    session: Session,
    rule: str,
    dtstart: str,
    rdate: tuple[str, ...],
    exdate: tuple[str, ...],
    low: str | None,
    high: str | None,
    zone: str,
) -> None:
    here = moments.parse_zone(zone)
    if rule.strip():
        recurrence.parse(rule)
    start = _local_start(dtstart)
    wanted = Rule(rule.strip(), start, zone, _moments(rdate), _moments(exdate))
    after = moments.to_instant(moments.parse_bound(low, end=False), here) if low else _EVER
    before = _end(wanted, high, max(after, moments.to_instant(start, here)), here)
    found = [_shown(one, here) for one in wanted.occurrences(after, before)]
    session.answer({"occurrences": found}, lambda: click.echo("\n".join(found)))


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="seconds")


def _local_start(text: str) -> datetime:
    start = moments.parse_moment(text)
    if start.tzinfo is not None:
        raise InputError(
            f"--dtstart “{text}” phải là giờ địa phương, không có Z hay độ lệch múi giờ; "
            "múi giờ ghi ở --zone.",
            f"--dtstart “{text}” is local time: without Z or an offset; the zone goes to --zone.",
        )
    return start


def _moments(given: Sequence[str]) -> tuple[datetime, ...]:
    pieces = [piece for text in given for piece in text.split(",") if piece.strip()]
    return tuple(moments.parse_moment(piece) for piece in pieces)


def _end(wanted: Rule, high: str | None, begin: datetime, zone: ZoneInfo) -> datetime:
    """The first instant that is not shown any more."""
    if high:
        return moments.to_instant(moments.parse_bound(high, end=True), zone) + _SECOND
    if not wanted.endless:
        return _NEVER
    end = begin + HORIZON
    say(
        t(
            f"Luật này không kết thúc: chỉ xem đến {end:%d/%m/%Y}. Thêm --until để xem xa hơn.",
            f"The rule has no end: shown up to {end:%d/%m/%Y}. Add --until to see further.",
        )
    )
    return end
