"""One Official Account, as its articles, its broadcasts and its groups share it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from broadcaster.channels.http import Limits
from broadcaster.channels.options import Options
from broadcaster.channels.port import Health, TargetSettings
from broadcaster.channels.text import name_of
from broadcaster.channels.zalo.api import ZaloApi
from broadcaster.channels.zalo.tokens import ZaloTokens
from broadcaster.errors import BroadcasterError, InputError, Text
from broadcaster.secrecy.files import write_private

SOON = timedelta(days=30)
"""So long before its end a package is warned about; a refresh token half that time."""

_CARD = "zalo-account.json"


@dataclass(frozen=True, slots=True)
class Card:
    """What getoa says of the account. `verified` None and empty texts: it did not say."""

    oa_id: str
    name: str
    package: str = ""
    verified: bool | None = None
    valid_through: str = ""
    followers: int | None = None

    @property
    def details(self) -> dict[str, Any]:
        return {
            "oa_id": self.oa_id,
            "name": self.name,
            "package": self.package,
            "verified": self.verified,
            "package_valid_through": self.valid_through,
            "followers": self.followers,
        }

    def warnings(self, now: datetime) -> list[Text]:
        """What a person should do while posting still works."""
        found = []
        if self.verified is False:
            found.append(
                Text(
                    "OA chưa xác thực: broadcast và tin nhóm sẽ bị từ chối. Hãy xác thực OA.",
                    "The OA is not verified: broadcasts and groups are refused. Verify it.",
                )
            )
        ends = _day(self.valid_through)
        if ends and ends - now.date() <= SOON:
            found.append(
                Text(
                    f"Gói dịch vụ “{self.package}” của OA hết hạn ngày {ends:%d/%m/%Y}; "
                    "hãy gia hạn.",
                    f"The OA's package “{self.package}” ends on {ends}; renew it.",
                )
            )
        return found


class ZaloAccount:
    """Options: base_url, oauth_url, app_id, appsecret_proof, time-outs. Secrets: app_secret, and
    access_token and refresh_token to begin with."""

    def __init__(self, settings: TargetSettings, who: str) -> None:
        self.options = options = Options(settings)
        self.who = who
        self._base = options.address("base_url", "https://openapi.zalo.me")
        self._limits = Limits.of(options)
        self.tokens = ZaloTokens(options, who, self._limits)
        self._file = settings.state / _CARD

    def must_be_shared(self) -> None:
        """Raises InputError for a target with a pair of its own: two refreshers lose the grant."""
        if not self.options.settings.account:
            raise InputError(
                f"{self.who}: thêm dòng account = “…” với khóa của kênh Zalo OA, vì chỉ một nơi "
                "được làm mới mã truy cập.",
                f"{self.who}: add account = “…” with the key of the Zalo OA target: only one may "
                "refresh the tokens.",
            )

    def open(self, now: datetime) -> ZaloApi:
        secret = self.options.secret("app_secret")
        proves = self.options.text("appsecret_proof").lower() != "false"
        return ZaloApi(self.who, self._base, self._limits, self.tokens, secret, now, proves=proves)

    def card(self, zalo: ZaloApi, now: datetime) -> Card:
        """Ask for the account, and note it for those who need its package without asking."""
        reply = zalo.get("/v2.0/oa/getoa")
        found = zalo.data(reply)
        account = name_of(found.get("oa_id") or found.get("oaid"))
        if not account:
            raise reply.unclear(now)
        followers = name_of(found.get("num_follower"))
        card = Card(
            account,
            reply.words(found.get("name")),
            reply.words(found.get("package_name")),
            _truth(found.get("is_verified")),
            reply.words(found.get("package_valid_through_date")),
            int(followers) if followers.isdecimal() else None,
        )
        self.note(card=card.details, card_at=now.isoformat())
        return card

    def health(self, now: datetime) -> tuple[Health, Card | None]:
        """Whether calls work, with package, verification and what ends soon."""
        try:
            with self.open(now) as zalo:
                card = self.card(zalo, now)
            warnings = [*card.warnings(now), *self.tokens.warnings(now)]
        except BroadcasterError as error:
            return Health(False, error.text), None
        ready = Text(
            f"{self.who}: sẵn sàng đăng lên “{card.name}”.", f"{self.who}: ready for “{card.name}”."
        )
        return Health(True, ready, card.details, tuple(warnings)), card

    def noted(self) -> dict[str, Any]:
        """What has been noted of the account; holds no secret."""
        try:
            found = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def note(self, **facts: Any) -> None:
        """Remember facts for later. A disk that cannot be written costs no post."""
        try:
            write_private(self._file, json.dumps({**self.noted(), **facts}, ensure_ascii=False))
        except OSError:
            return


def _truth(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())


def _day(text: str) -> date | None:
    """Zalo writes 31/12/2027; ISO is read as well. None when it is neither."""
    parts = text.strip()[:10].split("/")
    try:
        if len(parts) == 3:
            return date(int(parts[2]), int(parts[1]), int(parts[0]))
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def health_failed(health: Health, why: Text, **details: Any) -> Health:
    """The same account, with something that keeps this target from working."""
    known: Mapping[str, Any] = {**health.details, **details}
    return Health(False, why, known, health.warnings)
