"""A Facebook Page through the Graph API: plain text posts with a visible reference.

The feed has no idempotency key. The reference line makes every post findable: after an unclear
answer the Page's published posts are read back, and only a complete list says "not there".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from broadcaster.channels.facebook_graph import (
    VERSION,
    Graph,
    code_of,
    failure,
    good,
    says_there,
    version_end,
)
from broadcaster.channels.http import Limits, Reply
from broadcaster.channels.options import Options
from broadcaster.channels.outcomes import absent, carries, only_asking
from broadcaster.channels.port import Content, Draft, Health, Receipt, TargetSettings
from broadcaster.channels.text import (
    body_of,
    mentions,
    moment,
    name_of,
    reference_line,
    title_of,
    web_link,
)
from broadcaster.errors import BroadcasterError, InputError, OutcomeUnknown, Refused, Text, TryAgain

READ_LAG = timedelta(seconds=60)
"""So long may a fresh post "not exist" for reads; seen for some seconds."""

BEFORE = timedelta(minutes=5)
"""Look-ups begin so long before the attempt: the two clocks may differ."""

RECENT = timedelta(hours=3)
"""A "duplicate" younger than this is our own lost first try; an older one an earlier airing."""

NEAR = timedelta(days=90)
_LIST = "id,message,created_time,permalink_url"
_ONE = "id,created_time,permalink_url,is_published,is_hidden"
_GONE = (100, 803)


class FacebookPage:
    """One Page. Options: base_url, version, page_id, link, max_characters, settle_seconds."""

    kind = "facebook_page"

    def __init__(self, settings: TargetSettings) -> None:
        self._options = options = Options(settings)
        self._who = f"Fanpage “{settings.name}”"
        self._page = options.needed("page_id")
        self._version = options.text("version", VERSION)
        self._base = options.address("base_url", "https://graph.facebook.com")
        self._limits = Limits.of(options)
        self._max = int(options.number("max_characters", 63_206))
        self._settle = timedelta(seconds=options.number("settle_seconds", 30))
        if not self._page.isdecimal() or not re.fullmatch(r"v\d{1,3}\.\d", self._version):
            raise InputError(
                f"{self._who}: “page_id” phải là dãy số và “version” có dạng {VERSION}.",
                f"{self._who}: “page_id” must be digits and “version” look like {VERSION}.",
            )

    def compose(self, draft: Draft) -> Content:
        title, body = title_of(draft), body_of(draft)
        last = f"{draft.commune}\n{reference_line(draft.reference)}".strip()
        message = "\n\n".join(part for part in (title, body if body != title else "", last) if part)
        if len(message) > self._max:
            raise InputError(
                f"{self._who}: bài dài {len(message)} ký tự, giới hạn là {self._max}. "
                "Hãy rút gọn bản tin.",
                f"{self._who}: the post has {len(message)} characters, the limit is {self._max}.",
            )
        link = self._options.text("link").replace("{slug}", draft.reference.lower())
        return {"message": message, **({"link": link} if link else {})}

    def show(self, content: Content) -> str:
        return "\n\n".join(str(content[k]) for k in ("message", "link") if content.get(k))

    def publish(self, content: Content, reference: str, now: datetime) -> Receipt:
        carries(self._who, content, reference)
        with self._open() as graph:
            form = {k: str(v) for k, v in content.items()}
            reply = graph.post(f"/{self._page}/feed", "id,permalink_url", form)
            if says_there(reply):
                return self._already(graph, reply, content, reference, now)
            answer = good(reply, now)
            post = name_of(answer.get("id"))
            if not post:
                raise reply.unclear(now)
            return Receipt(post, web_link(answer.get("permalink_url")), at=now)

    def verify(self, receipt: Receipt, now: datetime) -> Receipt | None:
        with only_asking(), self._open() as graph:
            reply = graph.get(f"/{receipt.remote_id}", {"fields": _ONE})
            if code_of(reply) in _GONE:
                self._sure_it_is_gone(graph, receipt, now)
                return None
            post = good(reply, now)
            if post.get("id") != receipt.remote_id or not web_link(post.get("permalink_url")):
                raise reply.unclear(now)
            return _receipt(post, receipt.at)

    def look_up(
        self, content: Content, reference: str, since: datetime, now: datetime
    ) -> Receipt | None:
        with only_asking(), self._open() as graph:
            post = self._find(graph, content, reference, since - BEFORE, now)
        if post is None:
            absent(self._who, since, now, self._settle)
            return None
        return _receipt(post, moment(post.get("created_time")))

    def check(self, now: datetime) -> Health:
        try:
            with self._open() as graph:
                reply = graph.get("/me", {"fields": "id,name"})
                me = good(reply, now)
        except BroadcasterError as error:
            return Health(False, error.text)
        name = reply.words(me.get("name"))
        if str(me.get("id")) != self._page:
            text = Text(
                f"{self._who}: mã truy cập thuộc về “{name}”, không phải Trang này. "
                "Hãy lấy mã truy cập của đúng Trang.",
                f"{self._who}: the token belongs to “{name}”, not to this Page. Get the right one.",
            )
            return Health(False, text)
        return self._healthy(name, now)

    def _healthy(self, name: str, now: datetime) -> Health:
        vi, en = f"{self._who}: sẵn sàng đăng lên “{name}”.", f"{self._who}: ready for “{name}”."
        details = {"page": name, "version": self._version}
        end = version_end(self._version, now, NEAR)
        if end:
            vi += (
                f" Chú ý: phiên bản API {self._version} hết hạn ngày {end:%d/%m/%Y}; "
                f"hãy đổi “version” thành {VERSION}."
            )
            en += f" Warning: API {self._version} ends on {end}; set “version” to {VERSION}."
            details["warning"] = f"{self._version} ends {end}"
        return Health(True, Text(vi, en), details)

    def _open(self) -> Graph:
        token = self._options.secret("page_token")
        app_secret = self._options.optional_secret("app_secret")
        return Graph(self._who, f"{self._base}/{self._version}", self._limits, token, app_secret)

    def _find(
        self, graph: Graph, content: Content, reference: str, since: datetime, now: datetime
    ) -> Mapping[str, Any] | None:
        """Our post in the list: with exactly our words if there is one, else with our reference."""
        found = [
            post
            for post in graph.posts(self._page, _LIST, since, now)
            if isinstance(post.get("message"), str)
            and mentions(post["message"], reference)
            and name_of(post.get("id"))
            and (moment(post.get("created_time")) or since) >= since
        ]
        same = [post for post in found if post["message"].strip() == content["message"].strip()]
        best = same or found
        return best[-1] if best else None  # the first one posted: lists begin with the newest

    def _already(
        self, graph: Graph, reply: Reply, content: Content, reference: str, now: datetime
    ) -> Receipt:
        """Facebook calls it a duplicate: adopt our own lost try, refuse an earlier airing's."""
        try:
            with only_asking():
                post = self._find(graph, content, reference, now - timedelta(days=7), now)
        except TryAgain:
            post = None
        if post is None:
            raise failure(reply, now)
        created = moment(post.get("created_time"))
        if created and created < now - RECENT:
            link = web_link(post.get("permalink_url"))
            raise Refused(
                f"{self._who}: Facebook không cho đăng lại nguyên văn bài đã đăng ({link}). "
                "Hãy sửa lời rồi duyệt lại nếu cần nhắc lại.",
                f"{self._who}: Facebook does not take the same words again ({link}). Reword it.",
                code="506",
            )
        return _receipt(post, created)

    def _sure_it_is_gone(self, graph: Graph, receipt: Receipt, now: datetime) -> None:
        """Believe "does not exist" only of an older post, and only if the token is the Page's."""
        if receipt.at is None or now - receipt.at < READ_LAG:
            raise TryAgain(
                f"{self._who}: Facebook chưa đọc lại được bài vừa đăng. Sẽ hỏi lại.",
                f"{self._who}: Facebook cannot read the fresh post back yet. It is asked again.",
                at=now + timedelta(seconds=4),
                code="read-lag",
            )
        me = good(graph.get("/me", {"fields": "id"}), now)
        if str(me.get("id")) != self._page:
            raise OutcomeUnknown(
                f"{self._who}: mã truy cập không thuộc về Trang này nên không đọc được bài.",
                f"{self._who}: the token is not this Page's, the post cannot be read.",
            )


def _receipt(post: Mapping[str, Any], at: datetime | None) -> Receipt:
    visible = post.get("is_published") is True and post.get("is_hidden") is not True
    kept = ("id", "created_time", "is_published", "is_hidden")
    proof = {k: post[k] for k in kept if isinstance(post.get(k), str | bool)}
    return Receipt(str(post["id"]), web_link(post.get("permalink_url")), visible, proof, at)
