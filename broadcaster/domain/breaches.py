"""Why a sound may not be, said so that a clerk knows what to change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from broadcaster.domain.policy import Limit, Policy
from broadcaster.errors import Text

WEEKDAYS = (
    ("thứ hai", "Monday"),
    ("thứ ba", "Tuesday"),
    ("thứ tư", "Wednesday"),
    ("thứ năm", "Thursday"),
    ("thứ sáu", "Friday"),
    ("thứ bảy", "Saturday"),
    ("chủ nhật", "Sunday"),
)


@dataclass(frozen=True, slots=True)
class Breach:
    """One limit that would be broken, and the sentence that says so."""

    limit: Limit
    text: Text


class Heard(Protocol):
    """What a clash is told of."""

    @property
    def begins(self) -> datetime: ...
    @property
    def number(self) -> int: ...


def overlap(policy: Policy, station: str, other: Heard, new: Heard) -> Breach:
    theirs, mine = policy.local(other.begins), policy.local(new.begins)
    return Breach(
        Limit.OVERLAP,
        Text(
            f"Trùng giờ: cụm loa “{station}” đã có tin số {other.number} vào lúc "
            f"{theirs:%H:%M:%S %d/%m/%Y}, trùng với {mine:%H:%M:%S}.",
            f"Clash: station “{station}” already has announcement {other.number} at "
            f"{theirs:%d/%m/%Y %H:%M:%S}, which meets {mine:%H:%M:%S}.",
        ),
    )


def quiet(policy: Policy, local: datetime) -> Breach:
    hours = policy.quiet_hours
    end = f"{hours.end:%H:%M}" if hours else ""
    return Breach(
        Limit.QUIET,
        Text(
            f"Loa phát lúc {local:%H:%M ngày %d/%m/%Y} rơi vào giờ yên tĩnh {hours}. "
            f"Hãy chọn giờ khác, sớm nhất là {end}.",
            f"Loudspeaker time {local:%d/%m/%Y %H:%M} is in the quiet hours {hours}. "
            f"Choose another, the earliest is {end}.",
        ),
    )


def earliest(policy: Policy, local: datetime) -> Breach:
    return Breach(
        Limit.EARLIEST,
        Text(
            f"Loa phát lúc {local:%H:%M ngày %d/%m/%Y} sớm hơn giờ đầu tiên được phát, "
            f"{policy.earliest:%H:%M}.",
            f"Loudspeaker time {local:%d/%m/%Y %H:%M} is before the first hour allowed, "
            f"{policy.earliest:%H:%M}.",
        ),
    )


def window(policy: Policy, local: datetime, length: timedelta) -> Breach:
    ends = local + length
    windows = ", ".join(map(str, policy.windows))
    return Breach(
        Limit.WINDOW,
        Text(
            f"Loa phát từ {local:%H:%M:%S} đến {ends:%H:%M:%S} ngày {local:%d/%m/%Y} không nằm "
            f"trọn trong khung giờ được phát: {windows}.",
            f"From {local:%H:%M:%S} to {ends:%H:%M:%S} on {local:%d/%m/%Y} is not within the hours "
            f"allowed: {windows}.",
        ),
    )


def weekday(policy: Policy, local: datetime) -> Breach:
    allowed = [WEEKDAYS[day] for day in sorted(policy.weekdays)]
    vi, en = (", ".join(names) for names in zip(*allowed, strict=True))
    today = WEEKDAYS[local.weekday()]
    return Breach(
        Limit.WEEKDAY,
        Text(
            f"{today[0].capitalize()} {local:%d/%m/%Y} không phải ngày được phát; "
            f"các ngày được phát: {vi}.",
            f"{today[1]} {local:%d/%m/%Y} is not a day of broadcasting; these are: {en}.",
        ),
    )


def sessions(policy: Policy, station: str, local: datetime) -> Breach:
    most = policy.sessions_a_day
    return Breach(
        Limit.SESSIONS,
        Text(
            f"Thêm lượt lúc {local:%H:%M} thì ngày {local:%d/%m/%Y} có quá {most} buổi phát trên "
            f"cụm loa “{station}”.",
            f"With one at {local:%H:%M}, {local:%d/%m/%Y} has more than {most} sessions on "
            f"station “{station}”.",
        ),
    )


def session_length(policy: Policy, station: str, local: datetime, total: timedelta) -> Breach:
    most = policy.session_length or timedelta()
    return Breach(
        Limit.SESSION_MINUTES,
        Text(
            f"Buổi phát quanh {local:%H:%M ngày %d/%m/%Y} trên cụm loa “{station}” sẽ dài "
            f"{_vi(total)}, quá {_vi(most)} một buổi.",
            f"The session around {local:%d/%m/%Y %H:%M} on station “{station}” would last "
            f"{_en(total)}, more than {_en(most)}.",
        ),
    )


def day_length(policy: Policy, station: str, local: datetime, total: timedelta) -> Breach:
    most = policy.day_length or timedelta()
    return Breach(
        Limit.DAY_MINUTES,
        Text(
            f"Ngày {local:%d/%m/%Y} cụm loa “{station}” sẽ phát {_vi(total)}, "
            f"quá {_vi(most)} một ngày.",
            f"On {local:%d/%m/%Y} station “{station}” would sound for {_en(total)}, "
            f"more than {_en(most)} a day.",
        ),
    )


def repeats(policy: Policy, station: str, local: datetime) -> Breach:
    most = policy.repeats_in_7_days
    return Breach(
        Limit.REPEATS,
        Text(
            f"Thêm lượt ngày {local:%d/%m/%Y} thì tin này phát quá {most} lần trong 7 ngày liền "
            f"trên cụm loa “{station}”.",
            f"With one on {local:%d/%m/%Y} this item would sound more than {most} times in 7 days "
            f"on station “{station}”.",
        ),
    )


def _vi(length: timedelta) -> str:
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    return f"{minutes} phút {seconds:02d} giây" if seconds else f"{minutes} phút"


def _en(length: timedelta) -> str:
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    return f"{minutes} min {seconds:02d} s" if seconds else f"{minutes} min"
