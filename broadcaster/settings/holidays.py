"""The yearly days off in a file: HOME/holidays.toml, or the one shipped in config."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from broadcaster import resources
from broadcaster.domain.timetable.holidays import Holiday
from broadcaster.errors import InputError
from broadcaster.settings.file import Strict, checked, read_toml

FILE = "holidays.toml"


def _day(value: str) -> str:
    match = re.fullmatch(r"(\d{1,2})/(\d{1,2})", value, re.ASCII)
    try:
        date(2000, int(match[2]), int(match[1])) if match else date(0, 1, 1)
    except ValueError:
        if match is None or match[1] != "30" or not 1 <= int(match[2]) <= 12:  # lunar 30/2
            raise ValueError("viết ngày/tháng như 2/9") from None
    return value


class _Holiday(Strict):
    key: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    name: str = Field(min_length=1, max_length=100)
    day: Annotated[str, AfterValidator(_day)]
    lunar: bool = False
    before: int = Field(default=0, ge=0, le=10)
    days: int = Field(default=1, ge=1, le=20)


class _File(Strict):
    holiday: list[_Holiday] = Field(default_factory=list)


def load(home: Path) -> tuple[Holiday, ...]:
    """Raises InputError naming every mistake in the file."""
    own = home / FILE
    path = own if own.exists() else resources.folder("config") / FILE
    found = checked(_File, read_toml(path), str(path)).holiday
    keys = [one.key for one in found]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise InputError(f"{path}: có hai ngày lễ “{twice}”.", f"{path}: two holidays “{twice}”.")
    return tuple(_holiday(one) for one in found)


def _holiday(one: _Holiday) -> Holiday:
    day, month = map(int, one.day.split("/"))
    return Holiday(one.key, one.name, month, day, one.lunar, one.before, one.days)
