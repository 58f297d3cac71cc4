"""A Facebook Page through the Graph API: text, link, photos or a video, with a visible reference.

The feed has no idempotency key. The reference line makes every post findable: after an unclear
answer the Page's published posts are read back, and only a complete list says "not there".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from broadcaster.channels.facebook import still_picture, still_video
from broadcaster.channels.facebook.connecting import CONNECTOR
from broadcaster.channels.facebook.content import compose, photos_of, show
from broadcaster.channels.facebook.graph import GONE, Graph, code_of, says_there
from broadcaster.channels.facebook.media import (
    Videos,
    attached_video,
    check_same_number,
    permalink,
    read_file,
    stage_photos,
    stage_video,
    video_receipt,
)
from broadcaster.channels.facebook.versions import SHIPPED, Versions
from broadcaster.channels.http import Limits, Reply
from broadcaster.channels.options import Options
from broadcaster.channels.outcomes import absent, carries, only_asking
from broadcaster.channels.port import (
    Content,
    Draft,
    Gone,
    Health,
    Receipt,
    TargetSettings,
    Withdrawn,
)
from broadcaster.channels.text import mentions, moment, name_of, web_link
from broadcaster.errors import (
    BroadcasterError,
    InputError,
    NotThere,
    OutcomeUnknown,
    Refused,
    Text,
    TryAgain,
)

READ_LAG = timedelta(seconds=60)
"""So long may a fresh post "not exist" for reads; seen for some seconds."""

FIRST_READS = timedelta(seconds=1), timedelta(seconds=8)
"""A fresh post is asked for again after so long: first, and at the longest."""

BEFORE = timedelta(minutes=5)
"""Look-ups begin so long before the attempt: the two clocks may differ."""

RECENT = timedelta(hours=3)
"""A "duplicate" younger than this is our own lost first try; an older one an earlier airing."""

_LIST = "id,message,created_time,permalink_url"
_ONE = "id,message,created_time,permalink_url,is_published,is_hidden"


class FacebookPage:
    """One Page. Options: base_url, video_base_url, version, versions_file, page_id, link, audio
    ("none" or "video"), video_picture, font, max_characters, max_picture_bytes, settle_seconds.
    Secrets: page_token, app_secret.
    """

    kind = "facebook_page"
    connector = CONNECTOR

    def __init__(self, settings: TargetSettings) -> None:
        self._options = options = Options(settings)
        self._who = f"Fanpage “{settings.name}”"
        self._page = options.needed("page_id")
        self._versions = Versions.read(Path(options.text("versions_file", str(SHIPPED))))
        self._version = options.text("version", self._versions.default)
        self._base = options.address("base_url", "https://graph.facebook.com")
        # Meta's own client sends videos to another host.
        usual = "https://graph-video.facebook.com" if "facebook.com" in self._base else self._base
        self._video_base = options.address("video_base_url", usual)
        self._limits = Limits.of(options)
        self._settle = timedelta(seconds=options.number("settle_seconds", 30))
        if not self._page.isdecimal() or not re.fullmatch(r"v\d{1,3}\.\d", self._version):
            raise InputError(
                f"{self._who}: “page_id” phải là dãy số và “version” có dạng v26.0.",
                f"{self._who}: “page_id” must be digits and “version” look like v26.0.",
            )

    def compose(self, draft: Draft) -> Content:
        return compose(self._who, self._options, draft)

    def show(self, content: Content) -> str:
        return show(content)

    def publish(self, content: Content, reference: str, now: datetime) -> Receipt:
        carries(self._who, content, reference)
        if "video" in content:
            return self._publish_video(content, reference, now)
        form = {name: str(content[name]) for name in ("message", "link") if name in content}
        with self._open(now) as graph:
            photos = photos_of(content, self._options.settings.blob)
            if photos:
                form["attached_media"] = stage_photos(graph, self._page, photos)
            reply = graph.post(f"/{self._page}/feed", form, "id,permalink_url")
            if says_there(reply):
                return self._already(graph, reply, content, reference)
            post = graph.named(reply)
            link = web_link(reply.fields.get("permalink_url"))
            return Receipt(post, link, at=now, usage=graph.usage)

    def update(self, content: Content, receipt: Receipt, reference: str, now: datetime) -> Receipt:
        """Facebook lets the words be changed; pictures, video and link stay as they are."""
        carries(self._who, content, reference)
        words = "message" if "_" in receipt.remote_id else "description"
        with self._open(now) as graph:
            path = f"/{receipt.remote_id}"
            if "_" in receipt.remote_id and "video" not in content:
                check_same_number(graph, receipt.remote_id, len(content.get("pictures", ())))
            reply = graph.post(path, {words: str(content["message"])})
            if code_of(reply) in GONE:
                self._sure_it_is_gone(graph, receipt)
                raise NotThere(
                    f"{self._who}: bài cũ không còn trên Trang.",
                    f"{self._who}: the old post is not on the Page any more.",
                    code="gone",
                )
            if graph.good(reply).get("success") is not True:
                raise reply.unclear(now)
            read = graph.get(path, f"id,{words},permalink_url").fields
            there = str(read.get(words) or "").strip() == str(content["message"]).strip()
            link = permalink(read) or receipt.link
            proof = {"updated": now.isoformat(), words: there}
            at, usage = receipt.at, graph.usage
            return Receipt(receipt.remote_id, link, there, proof, at, usage)

    def withdraw(self, receipt: Receipt, now: datetime) -> Withdrawn:
        with self._open(now) as graph:
            reply = graph.delete(f"/{receipt.remote_id}")
            if code_of(reply) in GONE:
                self._sure_it_is_gone(graph, receipt)
            elif graph.good(reply).get("success") is not True:
                raise reply.unclear(now)
        return Withdrawn(Gone.DELETED, proof={"id": receipt.remote_id})

    def verify(self, receipt: Receipt, now: datetime) -> Receipt | None:
        with self._open(now) as graph:
            if "_" not in receipt.remote_id:
                return self._verify_video(graph, receipt)
            with only_asking():
                reply = graph.get(f"/{receipt.remote_id}", _ONE)
                if code_of(reply) in GONE:
                    self._sure_it_is_gone(graph, receipt)
                    return None
                post = graph.good(reply)
                if post.get("id") != receipt.remote_id or not permalink(post):
                    raise reply.unclear(now)
                return _receipt(graph, post, receipt.at)

    def look_up(
        self, content: Content, reference: str, since: datetime, now: datetime
    ) -> Receipt | None:
        with self._open(now) as graph, only_asking():
            for video in Videos(self._options.settings.state, reference).known():
                shown = video_receipt(graph, self._page, video, Receipt(video))
                if shown and (shown.at is None or shown.at >= since - BEFORE):
                    return shown
            post = self._find(graph, content, reference, since - BEFORE)
            if post is not None:
                return self._found(graph, content, post)
        absent(self._who, since, now, self._settle)
        return None

    def check(self, now: datetime) -> Health:
        try:
            with self._open(now) as graph:
                reply = graph.get("/me", "id,name")
                me = graph.good(reply)
        except BroadcasterError as error:
            return Health(False, error.text, warnings=self._warnings(now))
        name = reply.words(me.get("name"))
        if str(me.get("id")) != self._page:
            text = Text(
                f"{self._who}: mã truy cập thuộc về “{name}”, không phải Trang này. "
                "Hãy lấy mã truy cập của đúng Trang.",
                f"{self._who}: the token belongs to “{name}”, not to this Page. Get the right one.",
            )
            return Health(False, text, warnings=self._warnings(now))
        details = {"page": name, "version": self._version}
        text = Text(
            f"{self._who}: sẵn sàng đăng lên “{name}”.", f"{self._who}: ready for “{name}”."
        )
        return Health(True, text, details, self._warnings(now))

    def _warnings(self, now: datetime) -> tuple[Text, ...]:
        found = self._versions.warning(self._version, now)
        return (found,) if found else ()

    def _open(self, now: datetime, base: str = "") -> Graph:
        token = self._options.secret("page_token")
        app_secret = self._options.optional_secret("app_secret")
        address = f"{base or self._base}/{self._version}"
        return Graph(self._who, address, self._limits, token, app_secret, now)

    def _publish_video(self, content: Content, reference: str, now: datetime) -> Receipt:
        """Everything is sent before the last call; only that one makes the video public."""
        film = self._film(content, reference)
        with self._open(now, self._video_base) as graph:
            session, video = stage_video(graph, self._page, film)
            Videos(self._options.settings.state, reference).add(self._who, video)
            form = {
                "upload_phase": "finish",
                "upload_session_id": session,
                "title": str(content["video"]["title"]),
                "description": str(content["message"]),
            }
            reply = graph.post(f"/{self._page}/videos", form)
            if graph.good(reply).get("success") is not True:
                raise reply.unclear(now)
            return Receipt(video, at=now, usage=graph.usage)

    def _film(self, content: Content, reference: str) -> bytes:
        still_picture.need_extra(self._who)
        blob, video = self._options.settings.blob, content["video"]
        photos = photos_of(content, blob)
        if photos:
            picture = read_file(self._who, photos[0][1])
        elif video.get("picture_digest"):
            picture = read_file(self._who, Path(self._options.needed("video_picture")))
            if hashlib.sha256(picture).hexdigest() != video["picture_digest"]:
                raise Refused(
                    f"{self._who}: tệp ảnh “video_picture” đã thay đổi sau khi duyệt. Hãy tạo lại "
                    "nội dung rồi duyệt lại.",
                    f"{self._who}: the file “video_picture” changed after the approval. Render "
                    "and approve again.",
                    code="picture-changed",
                )
        else:
            below = f"{video['below']}\nSố hiệu: {reference}".strip()
            font = self._options.text("font")
            picture = still_picture.draw(self._who, str(video["title"]), below, font)
        return still_video.make(self._who, blob(content["audio"]["digest"], "mp3"), picture)

    def _verify_video(self, graph: Graph, receipt: Receipt) -> Receipt | None:
        """Known by its own id while Facebook works on it. A video it cannot use is refused."""
        try:
            found = video_receipt(graph, self._page, receipt.remote_id, receipt)
        except Refused as error:
            if error.code == "video-error":
                raise
            text = error.text
            raise TryAgain(text.vi, text.en, code=error.code) from error
        with only_asking():
            if found is None:
                self._sure_it_is_gone(graph, receipt)
        return found

    def _find(
        self, graph: Graph, content: Content, reference: str, since: datetime
    ) -> Mapping[str, Any] | None:
        """Our post in the list: with exactly our words if there is one, else with our reference."""
        found = [
            post
            for post in graph.posts(self._page, _LIST, since)
            if isinstance(post.get("message"), str)
            and mentions(post["message"], reference)
            and name_of(post.get("id"))
            and (moment(post.get("created_time")) or since) >= since
        ]
        same = [post for post in found if post["message"].strip() == content["message"].strip()]
        best = same or found
        return best[-1] if best else None  # the first one posted: lists begin with the newest

    def _found(self, graph: Graph, content: Content, post: Mapping[str, Any]) -> Receipt:
        """A post with a video calls itself published before its video can be seen."""
        found = _receipt(graph, post, moment(post.get("created_time")))
        video = attached_video(graph, found.remote_id) if "video" in content else ""
        return (video and video_receipt(graph, self._page, video, found)) or found

    def _already(self, graph: Graph, reply: Reply, content: Content, reference: str) -> Receipt:
        """Facebook calls it a duplicate: adopt our own lost try, refuse an earlier airing's."""
        now = graph.now
        try:
            with only_asking():
                post = self._find(graph, content, reference, now - timedelta(days=7))
        except TryAgain:
            post = None
        if post is None:
            raise graph.failure(reply)
        created = moment(post.get("created_time"))
        if created and created < now - RECENT:
            link = web_link(post.get("permalink_url"))
            raise Refused(
                f"{self._who}: Facebook không cho đăng lại nguyên văn bài đã đăng ({link}). "
                "Hãy sửa lời rồi duyệt lại nếu cần nhắc lại.",
                f"{self._who}: Facebook does not take the same words again ({link}). Reword it.",
                code="506",
            )
        return _receipt(graph, post, created)

    def _sure_it_is_gone(self, graph: Graph, receipt: Receipt) -> None:
        """Believe "does not exist" only of an older post, and only if the token is the Page's."""
        now = graph.now
        if receipt.at is None or now - receipt.at < READ_LAG:
            shortest, longest = FIRST_READS
            age = now - receipt.at if receipt.at else longest
            raise TryAgain(
                f"{self._who}: Facebook chưa đọc lại được bài vừa đăng. Sẽ hỏi lại.",
                f"{self._who}: Facebook cannot read the fresh post back yet. It is asked again.",
                at=now + min(max(age, shortest), longest),
                code="read-lag",
            )
        me = graph.good(graph.get("/me", "id"))
        if str(me.get("id")) != self._page:
            raise OutcomeUnknown(
                f"{self._who}: mã truy cập không thuộc về Trang này nên không đọc được bài.",
                f"{self._who}: the token is not this Page's, the post cannot be read.",
            )


def _receipt(graph: Graph, post: Mapping[str, Any], at: datetime | None) -> Receipt:
    visible = post.get("is_published") is True and post.get("is_hidden") is not True
    kept = ("id", "created_time", "is_published", "is_hidden")
    proof = {k: post[k] for k in kept if isinstance(post.get(k), str | bool)}
    return Receipt(str(post["id"]), permalink(post), visible, proof, at, graph.usage)
