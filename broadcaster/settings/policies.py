"""The commune's broadcasting rules in files: named profiles, and what the settings change in one.

A profile is HOME/policy/NAME.toml, or one of those shipped in config/policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from broadcaster import resources
from broadcaster.domain.announcement import Priority
from broadcaster.domain.policy import Area, Policy, QuietHours, Window
from broadcaster.domain.timetable import day_numbers
from broadcaster.errors import InputError
from broadcaster.settings.file import Strict, checked, read_toml

_HOUR = r"(?:[01]\d|2[0-3]):[0-5]\d"


def _two_times(value: str) -> str:
    match = re.fullmatch(rf"({_HOUR})-({_HOUR})", value)
    if value not in {"", "none"} and (match is None or match[1] == match[2]):
        raise ValueError("viết như 21:00-06:00, hoặc none")
    return value


def _window(value: str) -> str:
    match = re.fullmatch(rf"({_HOUR})-({_HOUR})", value)
    if match is None or match[1] >= match[2]:
        raise ValueError("viết như 06:00-07:30, giờ đầu trước giờ cuối")
    return value


def _time(value: str) -> str:
    if value and not re.fullmatch(_HOUR, value):
        raise ValueError("viết như 06:00, hoặc để trống")
    return value


def _day(value: str) -> str:
    try:
        datetime.strptime(value or "01/01/2026", "%d/%m/%Y")  # noqa: DTZ007 -- a date has no zone
    except ValueError:
        raise ValueError("viết ngày/tháng/năm như 01/09/2026, hoặc để trống") from None
    return value


def _weekdays(value: list[str]) -> list[str]:
    try:
        day_numbers(value)
    except InputError:
        raise ValueError('viết tên các ngày, như ["thứ hai", "thứ sáu", "chủ nhật"]') from None
    return value


QuietTimes = Annotated[str, AfterValidator(_two_times)]
_Windows = list[Annotated[str, AfterValidator(_window)]]
_Minutes = Annotated[float, Field(gt=0, le=1440)]
_Count = Annotated[int, Field(ge=1, le=1000)]
_Volume = Annotated[int, Field(ge=0, le=100)]


class _Area(Strict):
    """Stricter rules near such a place."""

    windows: _Windows = Field(default_factory=list)
    max_volume: _Volume | None = None


class _Grace(Strict):
    """Minutes after its time at which a delivery of each class is missed."""

    normal: _Minutes | None = None
    priority: _Minutes | None = None
    emergency: _Minutes | None = None


class Profile(Strict):
    """One profile as its file says it; what is left out is not limited."""

    title: str = Field(min_length=1, max_length=200)
    regulation: str = Field(default="", max_length=200)
    regulation_date: Annotated[str, AfterValidator(_day)] = ""
    quiet_hours: QuietTimes = "21:00-06:00"
    earliest: Annotated[str, AfterValidator(_time)] = ""
    windows: _Windows = Field(default_factory=list)
    weekdays: Annotated[list[str], AfterValidator(_weekdays)] = Field(default_factory=list)
    sessions_a_day: _Count | None = None
    session_break_minutes: _Minutes = 15
    minutes_a_session: _Minutes | None = None
    minutes_a_day: _Minutes | None = None
    repeats_in_7_days: _Count | None = None
    max_volume: _Volume | None = None
    stagger_seconds: dict[str, Annotated[int, Field(ge=0, le=59)]] = Field(default_factory=dict)
    gap_seconds: Annotated[float, Field(ge=0, le=600)] = 2
    valid_days: Annotated[int, Field(ge=1, le=366)] = 30
    near: dict[Literal["school", "clinic", "temple"], _Area] = Field(default_factory=dict)
    grace_minutes: dict[str, _Grace] = Field(default_factory=dict)


class PolicySettings(Strict):
    """[policy] of the settings: which profile, and the few things that stand above it.

    Without a profile only the quiet hours and the graces bind, as before there were profiles.
    """

    profile: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9-]{0,60})?$")
    regulation: str | None = None
    quiet_hours: QuietTimes | None = None
    loudspeaker_grace_minutes: float | None = Field(default=None, gt=0, le=60)
    post_grace_hours: float | None = Field(default=None, gt=0, le=72)
    valid_days: int | None = Field(default=None, ge=1, le=366)


def names(home: Path) -> dict[str, Path]:
    """Every profile there is; the commune's own file hides a shipped one of that name."""
    folders = (resources.folder("config") / "policy", home / "policy")
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}


def load(home: Path, name: str) -> Policy:
    """Raises InputError for a profile that is not there, with the ones that are, or is wrong."""
    known = names(home)
    if name not in known:
        listed = ", ".join(known)
        raise InputError(
            f"Không có hồ sơ quy định “{name}” trong {home / 'policy'}. Các hồ sơ: {listed}.",
            f"There is no policy profile “{name}” in {home / 'policy'}. Known: {listed}.",
        )
    return _policy(name, checked(Profile, read_toml(known[name]), str(known[name])))


def resolve(home: Path, settings: PolicySettings) -> Policy:
    """The policy in force: the profile, with what [policy] itself says above it."""
    base = load(home, settings.profile) if settings.profile else Policy()
    changes = dict(_above(settings, base))
    return replace(base, **changes)


def _above(settings: PolicySettings, base: Policy) -> Iterator[tuple[str, Any]]:
    graces = dict(base.graces)
    if settings.regulation is not None:
        yield "name", settings.regulation
    if settings.quiet_hours is not None:
        yield "quiet_hours", quiet(settings.quiet_hours)
    if settings.loudspeaker_grace_minutes is not None:
        yield "loudspeaker_grace", timedelta(minutes=settings.loudspeaker_grace_minutes)
        graces = {key: value for key, value in graces.items() if key[0] != "loudspeaker"}
    if settings.post_grace_hours is not None:
        yield "post_grace", timedelta(hours=settings.post_grace_hours)
        graces = {key: value for key, value in graces.items() if key[0] != "post"}
    if settings.valid_days is not None:
        yield "valid_days", settings.valid_days
    yield "graces", graces


def quiet(written: str) -> QuietHours | None:
    """ "21:00-06:00"; "none" and nothing mean that there are no quiet hours."""
    if written in {"", "none"}:
        return None
    start, end = written.split("-")
    return QuietHours(time.fromisoformat(start), time.fromisoformat(end))


def _policy(name: str, of: Profile) -> Policy:
    return Policy(
        name=of.regulation or of.title,
        profile=name,
        regulation_date=_date(of.regulation_date),
        quiet_hours=quiet(of.quiet_hours),
        earliest=time.fromisoformat(of.earliest) if of.earliest else None,
        windows=_windows(of.windows),
        weekdays=frozenset(day_numbers(of.weekdays)),
        sessions_a_day=of.sessions_a_day,
        session_break=timedelta(minutes=of.session_break_minutes),
        session_length=_minutes(of.minutes_a_session),
        day_length=_minutes(of.minutes_a_day),
        repeats_in_7_days=of.repeats_in_7_days,
        areas={k: Area(_windows(v.windows), v.max_volume) for k, v in of.near.items()},
        max_volume=of.max_volume,
        stagger=of.stagger_seconds,
        graces=_graces(of.grace_minutes),
        gap=timedelta(seconds=of.gap_seconds),
        valid_days=of.valid_days,
    )


def _graces(written: Mapping[str, _Grace]) -> dict[tuple[str, Priority], timedelta]:
    return {
        (channel, Priority(name)): timedelta(minutes=minutes)
        for channel, grace in written.items()
        for name, minutes in grace
        if minutes is not None
    }


def _minutes(count: float | None) -> timedelta | None:
    return None if count is None else timedelta(minutes=count)


def _windows(written: list[str]) -> tuple[Window, ...]:
    return tuple(sorted(Window(*map(time.fromisoformat, one.split("-"))) for one in written))


def _date(written: str) -> date | None:
    if not written:
        return None
    return datetime.strptime(written, "%d/%m/%Y").date()  # noqa: DTZ007 -- a date has no zone
