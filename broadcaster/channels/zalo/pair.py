"""A pair of Zalo's tokens as it is kept: how old it is, when it is due, what ends soon."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from broadcaster.channels.connecting import Held
from broadcaster.channels.text import moment
from broadcaster.errors import Text

LIFE = timedelta(hours=25)
REFRESH_AFTER = 0.8
"""Of an access token's life: at 20 of 25 hours."""

REST = timedelta(minutes=5)
"""Between two tries to refresh while the old access token still works."""

REFRESH_WARNING = timedelta(days=14)
"""So long before the refresh token's end a person is warned: nobody has refreshed it for months."""

_TOKEN = re.compile(r"[\x21-\x7e]{4,4000}")


@dataclass(frozen=True, slots=True)
class Pair:
    """Access and refresh token; times are ISO 8601, UTC."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    since: str
    until: str

    def living(self, now: datetime) -> bool:
        until = moment(self.until)
        return bool(self.access) and until is not None and now < until

    def due(self, now: datetime) -> bool:
        """Whether it is time for a new pair."""
        since, until = moment(self.since), moment(self.until)
        if not self.access or since is None or until is None:
            return True
        return now >= since + (until - since) * REFRESH_AFTER


@dataclass(frozen=True, slots=True)
class Kept:
    """What the file holds. `seed` names the pair in the settings that it all began with;
    `trying`: since when a refresh has gone without a good answer; `tried`: the last such try."""

    pair: Pair
    previous: Pair
    seed: str
    trying: str = ""
    tried: str = ""

    def resting(self, now: datetime) -> bool:
        """Whether a refresh has just failed, and the pair still serves."""
        tried = moment(self.tried)
        return tried is not None and tried <= now < tried + REST and self.pair.living(now)

    def warnings(self, now: datetime, refresh_life: timedelta) -> list[Text]:
        """What an administrator of the OA should do while the pair still works."""
        found, failing, since = [], moment(self.trying), moment(self.pair.since)
        if failing:
            found.append(_failing(failing))
        if since and now >= since + refresh_life - REFRESH_WARNING:
            end = since + refresh_life
            found.append(
                Text(
                    f"mã làm mới hết hạn khoảng {end:%d/%m/%Y}; quản trị viên OA nên cấp quyền lại",
                    f"the refresh token ends about {end:%d/%m/%Y}; an OA admin should grant anew",
                )
            )
        return found

    def held(self, refresh_life: timedelta) -> list[Held]:
        """Both tokens with their ages, for showing them to a person; not the tokens themselves."""
        since, until = moment(self.pair.since), moment(self.pair.until)
        rotated = since if self.previous.refresh != self.pair.refresh else None
        dies = since + refresh_life if since else None
        failing = moment(self.trying)
        return [
            Held("access_token", since, until, rotated, _failing(failing) if failing else None),
            Held("refresh_token", since, dies, rotated),
        ]


def _failing(since: datetime) -> Text:
    return Text(
        f"chưa làm mới được từ {since:%H:%M %d/%m/%Y} UTC; quản trị viên OA nên cấp quyền lại",
        f"refresh failing since {since:%d/%m/%Y %H:%M} UTC; an OA admin should grant it anew",
    )


def name_of_token(token: str) -> str:
    """Tells tokens apart without showing them."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def is_token(value: Any) -> bool:
    """Whether an answer holds something that can be sent as a token."""
    return isinstance(value, str) and bool(_TOKEN.fullmatch(value))


def life_of(seconds: Any) -> timedelta:
    """`expires_in` comes as a string; nonsense counts as the usual 25 hours."""
    try:
        found = timedelta(seconds=int(seconds))
    except (TypeError, ValueError, OverflowError):
        return LIFE
    return found if timedelta(minutes=1) <= found <= timedelta(days=30) else LIFE
