"""Times as text: RFC 5545 and ISO forms, the same to the second; local unless they say UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from broadcaster.errors import InputError, PolicyRefused

_FORM = re.compile(
    r"(?P<y>\d{4})-?(?P<mo>\d\d)-?(?P<d>\d\d)"
    r"(?:[T ](?P<h>\d\d):?(?P<mi>\d\d)(?::?(?P<s>\d\d))?(?P<zone>Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)


def parse_moment(text: str) -> datetime:
    """ "2026-11-23T05:30" or "20261123T053000" -> naive local; with Z or an offset, aware UTC.

    Raises InputError for what is no time, PolicyRefused for a date without one.
    """
    found = _read(text)
    if not isinstance(found, datetime):
        raise PolicyRefused(
            f"“{text.strip()}” chỉ có ngày. Ở đây cần cả giờ, ví dụ {found}T05:30.",
            f"“{text.strip()}” is a date only. A time is needed, such as {found}T05:30.",
        )
    return found


def parse_bound(text: str, *, end: bool) -> datetime:
    """The edge of a window; a date alone is its first or its last second."""
    found = _read(text)
    if isinstance(found, datetime):
        return found
    return datetime.combine(found, time(23, 59, 59) if end else time())


def _read(text: str) -> date | datetime:
    match = _FORM.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        day = date(int(match["y"]), int(match["mo"]), int(match["d"]))
        if match["h"] is None:
            return day
        hour = time(int(match["h"]), int(match["mi"]), int(match["s"] or 0))
        naive = datetime.combine(day, hour)
        if match["zone"] is None:
            return naive
        offset = match["zone"].replace("Z", "+00:00")
        return datetime.fromisoformat(f"{naive.isoformat()}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(
            f"Thời điểm “{text.strip()}” không hợp lệ. Viết như 2026-11-23T05:30.",
            f"“{text.strip()}” is not a time. Write 2026-11-23T05:30.",
        ) from None


def to_instant(moment: datetime, zone: ZoneInfo) -> datetime:
    """Aware UTC. RFC 5545 §3.3.5: a skipped hour by the offset before, a repeated one the first."""
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    return moment.replace(tzinfo=zone, fold=0).astimezone(UTC)


def parse_zone(name: str) -> ZoneInfo:
    """Raises InputError for a zone that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            f"Không có múi giờ “{name}”. Ví dụ: Asia/Ho_Chi_Minh.",
            f"There is no time zone “{name}”. Example: Asia/Ho_Chi_Minh.",
        ) from None
