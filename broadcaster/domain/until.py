"""The end of something that a person orders for a while: "11:00" or "11:00 25/11/2026"."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from broadcaster.domain.policy import ZONE
from broadcaster.errors import InputError

LONGEST = timedelta(days=7)


def end_of(text: str, now: datetime, zone: str = ZONE) -> datetime:
    """Local time, the next one to come where no day is named. Raises InputError, too, when it has
    passed or is more than LONGEST away."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?:\s+(\d{1,2})/(\d{1,2})/(\d{4}))?", text.strip())
    here = now.astimezone(ZoneInfo(zone))
    try:
        if match is None:
            raise ValueError(text)
        until = here.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
        if match[3]:
            until = until.replace(year=int(match[5]), month=int(match[4]), day=int(match[3]))
        elif until <= here:
            until += timedelta(days=1)
        if not here < until <= here + LONGEST:
            raise ValueError(text)
    except ValueError:
        raise InputError(
            f"Giờ kết thúc “{text}” không dùng được: viết như 11:00 hoặc “11:00 25/11/2026”, "
            "trong vòng 7 ngày tới.",
            f"The end “{text}” cannot be used: write 11:00 or “11:00 25/11/2026”, within 7 days.",
        ) from None
    return until
