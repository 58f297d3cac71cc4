"""The three usage headers of the Graph API; that they are missing is normal.

Meta, "Rate Limits": percent of the limit, and minutes until calls are taken again. Calls made
while throttled keep the usage above the limit, so what they say goes to the engine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from broadcaster.channels.port import Usage

_PARTS = ("call_count", "total_time", "total_cputime")
_BY_PAGE = "X-Business-Use-Case-Usage"
_LONGEST = timedelta(days=1)


def usage_of(headers: Mapping[str, str], now: datetime) -> Usage | None:
    """The worst of what they tell; None when there are none, or none that can be read."""
    found = list(_told(headers))
    percents = [_number(one.get(part)) for one in found for part in _PARTS]
    return Usage(max(percents), regained(headers, now)) if percents else None


def regained(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When calls are taken again, at most a day from now; None when they are taken now."""
    minutes = [_number(one.get("estimated_time_to_regain_access")) for one in _told(headers)]
    wait = max(minutes, default=0.0)
    return now + min(timedelta(minutes=wait), _LONGEST) if wait > 0 else None


def _told(headers: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    for name in ("X-App-Usage", "X-Page-Usage", _BY_PAGE):
        try:
            value = json.loads(headers.get(name, ""))
        except (ValueError, RecursionError):
            continue
        if not isinstance(value, dict):
            continue
        if name == _BY_PAGE:  # a list for each Page
            lists = [one for one in value.values() if isinstance(one, list)]
            yield from (part for one in lists for part in one if isinstance(part, dict))
        else:
            yield value


def _number(value: Any) -> float:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return float(min(value, 10**6)) if fits else 0.0
