"""A message to one GMF group of an OA, such as that of the hamlet heads: at once, at any hour.

Zalo keeps no list of what was sent to a group, so an answer that was lost stays unknown for a
person who can look into the group.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

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
from broadcaster.channels.text import body_of, name_of, reference_line, title_of
from broadcaster.channels.zalo.account import ZaloAccount, health_failed
from broadcaster.channels.zalo.errors import OF_GROUPS
from broadcaster.errors import BroadcasterError, InputError, Text, TryAgain

MOST = 2_000
"""Characters, as of a message to a person; of groups the papers say nothing."""

_MENTION = re.compile(r"\[@[^\[\]]*\]")
_RECALL = Text(
    "Zalo không cho chương trình thu hồi tin nhóm. Người quản trị nhóm hãy thu hồi trong ứng dụng "
    "Zalo, hoặc gửi tin đính chính vào nhóm.",
    "Zalo does not let a program recall a group message. Let the group's admin recall it in the "
    "Zalo app, or send a correction to the group.",
)


class ZaloGroup:
    """Options: those of the account; group_id, max_characters."""

    kind = "zalo_group"

    def __init__(self, settings: TargetSettings) -> None:
        self._who = f"Nhóm Zalo “{settings.name}”"
        self._account = ZaloAccount(settings, self._who)
        self._account.must_be_shared()
        self._group = self._account.options.needed("group_id")
        self._max = int(self._account.options.number("max_characters", MOST))

    def compose(self, draft: Draft) -> Content:
        title, body = title_of(draft), body_of(draft)
        last = f"{draft.commune}\n{reference_line(draft.reference)}".strip()
        parts = [title, body if body != title else "", last]
        text = without_mentions("\n\n".join(part for part in parts if part))
        if len(text) > self._max:
            raise InputError(
                f"{self._who}: tin dài {len(text)} ký tự, giới hạn là {self._max}. Hãy viết một "
                "bản ngắn riêng cho nhóm này, hoặc bỏ nhóm khỏi các kênh của tin.",
                f"{self._who}: the message has {len(text)} characters, the limit is {self._max}. "
                "Write a short text for this group, or leave the group out.",
            )
        return {"text": text}

    def show(self, content: Content) -> str:
        return str(content["text"])

    def publish(self, content: Content, reference: str, now: datetime) -> Receipt:
        carries(self._who, content, reference)
        message = {
            "recipient": {"group_id": self._group},
            "message": {"text": without_mentions(str(content["text"]))},
        }
        with self._account.open(now) as zalo:
            reply = zalo.post("/v3.0/oa/group/message", message, told=True)
            sent = name_of(zalo.data(reply, OF_GROUPS).get("message_id"))
            if not sent:
                raise reply.unclear(now)
        proof = {"message_id": sent, "group_id": self._group}
        return Receipt(sent, visible=True, proof=proof, at=now, usage=zalo.usage)

    def verify(self, receipt: Receipt, now: datetime) -> Receipt | None:  # noqa: ARG002 - the port's
        """A group message is there when Zalo has given it a number; nothing more can be asked."""
        return Receipt(receipt.remote_id, receipt.link, True, receipt.proof, receipt.at)

    def look_up(
        self,
        content: Content,  # noqa: ARG002 - the port's
        reference: str,
        since: datetime,  # noqa: ARG002 - the port's
        now: datetime,
    ) -> Receipt | None:
        """What was sent to a group cannot be listed: never "not there"."""
        raise TryAgain(
            f"{self._who}: Zalo không cho tra cứu tin nhóm. Người trực hãy mở nhóm, tìm số hiệu "
            f"{reference}, rồi chạy: broadcaster delivery resolve",
            f"{self._who}: Zalo lists no group messages. Open the group, look for {reference}, "
            "then run: broadcaster delivery resolve",
            at=now + timedelta(hours=6),
            code="no-look-up",
        )

    def withdraw(self, receipt: Receipt, now: datetime) -> Withdrawn:  # noqa: ARG002 - the port's
        return Withdrawn(Gone.CANNOT, _RECALL)

    def check(self, now: datetime) -> Health:
        health, card = self._account.health(now)
        if card is None:
            return health
        try:
            with self._account.open(now) as zalo:
                reply = zalo.get("/v3.0/oa/group/getgroupsofoa")
                found = zalo.data(reply, OF_GROUPS).get("groups")
                if not isinstance(found, list):
                    raise reply.unclear(now)
        except BroadcasterError as error:
            return health_failed(health, error.text)
        groups = [one for one in found if isinstance(one, dict)]
        mine = [one for one in groups if name_of(one.get("group_id")) == self._group]
        if not mine or mine[0].get("status", "enabled") == "disabled":
            return health_failed(health, self._no_group(groups), groups=_names(groups))
        name = reply.words(mine[0].get("name"))
        ready = Text(
            f"{self._who}: sẵn sàng gửi vào nhóm “{name}”.", f"{self._who}: ready for “{name}”."
        )
        details = {**health.details, "group": name, "members": mine[0].get("total_member")}
        return Health(True, ready, details, health.warnings)

    def _no_group(self, groups: list[dict[str, Any]]) -> Text:
        known = ", ".join(f"{key} ({name})" for key, name in _names(groups).items()) or "–"
        return Text(
            f"{self._who}: OA không có nhóm GMF {self._group} đang hoạt động. Các nhóm thấy được: "
            f"{known}. Hãy sửa “group_id”, hoặc gia hạn gói GMF.",
            f"{self._who}: the OA has no active GMF group {self._group}. Groups seen: {known}. "
            "Correct “group_id”, or renew the GMF asset.",
        )


def without_mentions(text: str) -> str:
    """`[@…]` would mention people in the group; what is left never holds one."""
    while (shorter := _MENTION.sub("", text)) != text:
        text = shorter
    return text


def _names(groups: list[dict[str, Any]]) -> Mapping[str, str]:
    return {name_of(one.get("group_id")): str(one.get("name") or "")[:60] for one in groups}
