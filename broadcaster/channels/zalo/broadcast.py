"""A broadcast to the followers of an OA: the card of an article that is there already.

Zalo reviews it first (about half an hour), sends it by day only, and allows few of them a month. It
offers no way to ask what became of one, so an answer that was lost stays unknown for a person.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from broadcaster.channels.outcomes import carries
from broadcaster.channels.port import (
    Content,
    Draft,
    Gone,
    Health,
    Receipt,
    TargetSettings,
    Withdrawn,
)
from broadcaster.channels.text import body_of, moment, name_of, shorten, title_of, web_link
from broadcaster.channels.zalo.account import ZaloAccount, health_failed
from broadcaster.channels.zalo.api import ZaloApi
from broadcaster.channels.zalo.articles import DESCRIPTION, TITLE
from broadcaster.channels.zalo.errors import OF_BROADCASTS
from broadcaster.domain.ration import Ration, Report
from broadcaster.errors import InputError, Text, TryAgain

PER_MONTH = {
    "basic": 1, "cơ bản": 1, "trial": 4, "dùng thử": 4, "advanced": 4, "nâng cao": 4,
    "premium": 6,
}  # fmt: skip
"""By a word of the package's name; figures of 2022-23, replaced by the option quota_by_package."""

FEWEST = 1
"""Where neither the settings nor the OA say more."""

AUDIENCE = {"gender", "ages", "locations", "cities", "platform"}
_SPREAD = 15 * 60
"""Seconds after the opening over which held broadcasts are spread."""
_RECALL = Text(
    "Zalo không cho thu hồi broadcast đã gửi. Bài viết trên OA gỡ được thì người bấm vào sẽ không "
    "còn thấy; cần thì gửi tin đính chính.",
    "Zalo does not let a broadcast be recalled. Once the article is removed, who taps on it sees "
    "nothing; send a correction if needed.",
)


class ZaloBroadcast:
    """Options: those of the account; monthly_quota, quota_by_package, daily_quota, quota_user_id (a
    follower for whom Zalo tells what is left), opens, closes, zone, review_minutes, find_days,
    audience (gender, ages, locations, cities, platform as Zalo numbers them; nothing: everybody).
    """

    kind = "zalo_broadcast"

    def __init__(self, settings: TargetSettings) -> None:
        self._who = f"Broadcast Zalo “{settings.name}”"
        self._account = ZaloAccount(settings, self._who)
        self._account.must_be_shared()
        options = self._account.options
        self._opens = self._time("opens", "06:00")
        self._closes = self._time("closes", "22:00")
        self._review = timedelta(minutes=options.number("review_minutes", 30))
        self._days = timedelta(days=options.number("find_days", 30))
        self._audience = self._checked_audience()
        try:
            self._zone = ZoneInfo(options.text("zone", "Asia/Ho_Chi_Minh"))
        except (ZoneInfoNotFoundError, ValueError):
            raise self._wrong("zone", "Asia/Ho_Chi_Minh") from None
        self._figures()

    def compose(self, draft: Draft) -> Content:
        content: dict[str, Any] = {
            "title": shorten(title_of(draft), TITLE),
            "description": shorten(body_of(draft), DESCRIPTION),
            "reference": draft.reference,
        }
        if self._audience:
            content["audience"] = dict(self._audience)
        return content

    def show(self, content: Content) -> str:
        audience = content.get("audience")
        whom = ", ".join(f"{k} {v}" for k, v in audience.items()) if audience else "mọi người"
        return (
            f"{content['title']}\n\n{content['description']}\n\n"
            f"[Thẻ mở bài viết số hiệu {content['reference']} trên OA]\n"
            f"[Gửi tới người quan tâm OA: {whom}. Zalo duyệt trước, khoảng "
            f"{self._review // timedelta(minutes=1)} phút; không dùng cho tin khẩn.]"
        )

    def publish(self, content: Content, reference: str, now: datetime) -> Receipt:
        carries(self._who, content, reference)
        self._by_day(reference, now)
        with self._account.open(now) as zalo:
            article, link = self._article(zalo, content, reference, now)
            reply = zalo.post("/v2.0/oa/message", _message(article, content), told=True)
            sent = name_of(zalo.data(reply, OF_BROADCASTS).get("message_id"))
            if not sent:
                raise reply.unclear(now)
        return Receipt(
            sent, link, proof={"message_id": sent, "article": article}, at=now, usage=zalo.usage
        )

    def verify(self, receipt: Receipt, now: datetime) -> Receipt | None:
        """Zalo tells no result: once the review's time is over, its acceptance is all there is."""
        sent = receipt.at or now
        if now < sent + self._review:
            raise TryAgain(
                f"{self._who}: Zalo đã nhận và đang duyệt.",
                f"{self._who}: accepted, and under Zalo's review.",
                at=sent + self._review,
                code="in-review",
            )
        proof = {"message_id": receipt.remote_id, "basis": "accepted; Zalo tells no result"}
        return Receipt(receipt.remote_id, receipt.link, True, proof, receipt.at)

    def look_up(
        self,
        content: Content,  # noqa: ARG002 - the port's
        reference: str,
        since: datetime,  # noqa: ARG002 - the port's
        now: datetime,
    ) -> Receipt | None:
        """There is no list of broadcasts: never "not there"."""
        raise TryAgain(
            f"{self._who}: Zalo không cho tra cứu broadcast {reference}. Người trực hãy xem mục "
            "Broadcast ở trang quản trị OA (oa.zalo.me), rồi chạy: broadcaster delivery resolve",
            f"{self._who}: Zalo lists no broadcasts ({reference}). Look at Broadcast in the OA's "
            "dashboard (oa.zalo.me), then run: broadcaster delivery resolve",
            at=now + timedelta(hours=6),
            code="no-look-up",
        )

    def withdraw(self, receipt: Receipt, now: datetime) -> Withdrawn:  # noqa: ARG002 - the port's
        return Withdrawn(Gone.CANNOT, _RECALL)

    def ration(self, now: datetime) -> Ration:  # noqa: ARG002 - the port's
        """Figures from the settings, else by the package that the OA last named."""
        per_month, basis = self._figures()
        noted = self._account.noted()
        at, left = moment(noted.get("quota_at")), noted.get("quota_left")
        report = Report(left, at) if isinstance(left, int) and at else None
        per_day = int(self._account.options.number("daily_quota", 1))
        return Ration(
            per_month, per_day, self._opens, self._closes, self._zone, basis, self._review, report
        )

    def ask_ration(self, now: datetime) -> None:
        """Note the OA's package, and what is left where Zalo can be asked for it."""
        with self._account.open(now) as zalo:
            self._account.card(zalo, now)
            self._ask_left(zalo, now)

    def check(self, now: datetime) -> Health:
        health, card = self._account.health(now)
        if card is None:
            return health
        if card.verified is False:
            why = Text(
                f"{self._who}: OA chưa xác thực nên Zalo từ chối broadcast. Hãy xác thực OA.",
                f"{self._who}: the OA is not verified, so Zalo refuses broadcasts. Verify it.",
            )
            return health_failed(health, why)
        figures = self.ration(now)
        left = figures.report.left if figures.report else None
        more = {**health.details, "monthly_quota": figures.per_month, "left_by_zalo": left}
        return Health(True, health.message, more, health.warnings)

    def _by_day(self, reference: str, now: datetime) -> None:
        ration = self.ration(now)
        opens = ration.next_open(now)
        if opens == now:
            return
        seed = hashlib.sha256(reference.encode()).digest()
        spread = timedelta(seconds=int.from_bytes(seed[:4]) % _SPREAD)
        local = opens.astimezone(self._zone)
        raise TryAgain(
            f"{self._who}: Zalo không gửi broadcast ngoài {self._opens:%H:%M}–{self._closes:%H:%M};"
            f" chờ đến {local:%H:%M} ngày {local:%d/%m/%Y}.",
            f"{self._who}: no broadcasts outside {self._opens:%H:%M}–{self._closes:%H:%M}; "
            f"waiting until {local:%H:%M} on {local:%d/%m/%Y}.",
            at=opens + spread,
            code="night",
        )

    def _article(
        self, zalo: ZaloApi, content: Content, reference: str, now: datetime
    ) -> tuple[str, str]:
        """Id and address of the article with our reference; TryAgain while it is not shown."""
        found = zalo.article_with(reference, now - self._days, str(content.get("title")))
        if found is None or found.get("status", "show") != "show":
            raise TryAgain(
                f"{self._who}: bài số hiệu {reference} chưa có trên OA; broadcast chờ bài lên.",
                f"{self._who}: the article {reference} is not on the OA yet; waiting for it.",
                at=now + timedelta(minutes=1),
                code="no-article",
            )
        return name_of(found["id"]), web_link(found.get("link_view"))

    def _ask_left(self, zalo: ZaloApi, now: datetime) -> None:
        follower = self._account.options.text("quota_user_id")
        if not follower:
            return
        data = zalo.data(zalo.post("/v3.0/oa/quota/message", {"user_id": follower}, told=False))
        promotion = data.get("promotion")
        left = promotion.get("monthly_remain") if isinstance(promotion, dict) else None
        if str(left).isdecimal():
            self._account.note(quota_left=int(str(left)), quota_at=now.isoformat())

    def _figures(self) -> tuple[int, Text]:
        options = self._account.options
        if options.settings.options.get("monthly_quota") is not None:
            basis = Text("theo cấu hình của kênh", "by the settings")
            return int(options.number("monthly_quota", FEWEST)), basis
        table = options.settings.options.get("quota_by_package", PER_MONTH)
        if not isinstance(table, Mapping) or not all(type(n) is int for n in table.values()):
            raise self._wrong("quota_by_package", "{ basic = 1, advanced = 4 }")
        card = self._account.noted().get("card")
        package = str(card.get("package") or "") if isinstance(card, dict) else ""
        for word, most in table.items():
            if str(word).lower() in package.lower():
                return most, Text(f"gói “{package}”", f"package “{package}”")
        unknown = Text(
            "chưa biết gói của OA: đặt monthly_quota cho kênh này",
            "the OA's package is not known: set monthly_quota",
        )
        return FEWEST, unknown

    def _time(self, name: str, usual: str) -> time:
        given = self._account.options.text(name, usual)
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", given):
            raise self._wrong(name, usual)
        return time.fromisoformat(given)

    def _checked_audience(self) -> Mapping[str, str]:
        given = self._account.options.settings.options.get("audience") or {}
        right = isinstance(given, Mapping) and all(
            name in AUDIENCE and re.fullmatch(r"\d+(,\d+)*", str(value))
            for name, value in given.items()
        )
        if not right:
            raise self._wrong("audience", '{ gender = "0", cities = "4" }')
        return {str(name): str(value) for name, value in given.items()}

    def _wrong(self, name: str, example: str) -> InputError:
        return InputError(
            f"{self._who}: mục “{name}” viết như {example}. Hãy sửa trong tệp cấu hình.",
            f"{self._who}: write “{name}” as {example} in the configuration file.",
        )


def _message(article: str, content: Content) -> dict[str, Any]:
    """Values are sent as comma-joined strings; no target means everybody."""
    target = dict(content.get("audience") or {})
    elements = [{"media_type": "article", "attachment_id": article}]
    payload = {"template_type": "media", "elements": elements}
    return {
        "recipient": {"target": target},
        "message": {"attachment": {"type": "template", "payload": payload}},
    }
