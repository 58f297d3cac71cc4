"""A website on WordPress, through its REST API: articles with a fixed slug and an audio player.

The same request twice makes two articles, so the announcement's reference is the slug: it is looked
up before every creation and after every unclear answer, and a hit is adopted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from broadcaster.channels import wordpress_html as blocks
from broadcaster.channels.http import Http, Limits
from broadcaster.channels.options import Options, safe_address
from broadcaster.channels.outcomes import absent, carries, only_asking
from broadcaster.channels.port import Content, Draft, Health, Receipt, TargetSettings
from broadcaster.channels.text import body_of, name_of, reference_line, shorten, title_of, web_link
from broadcaster.channels.wordpress_api import WordPressApi
from broadcaster.channels.wordpress_connect import CONNECTOR
from broadcaster.errors import BroadcasterError, Refused, Text

EXCERPT = 300
_MAX_HOPS = 3


class WordPress:
    """One site. Options: base_url, user, categories, tags, plain_permalinks (true/false; found out
    when unset), settle_seconds. Secret: app_password.
    """

    kind = "wordpress"
    connector = CONNECTOR

    def __init__(self, settings: TargetSettings) -> None:
        self._options = options = Options(settings)
        self._who = f"Trang web “{settings.name}”"
        self._base = options.address("base_url")
        self._user = options.needed("user")
        self._limits = Limits.of(options)
        self._settle = timedelta(seconds=options.number("settle_seconds", 30))
        plain = options.text("plain_permalinks").lower()
        self._said = plain == "true" if plain in {"true", "false"} else None
        self._plain = self._said

    def compose(self, draft: Draft) -> Content:
        body, slug = body_of(draft), draft.reference.lower()
        last = f"{draft.commune}\n{reference_line(draft.reference)}".strip()
        player = [blocks.PLAYER] if draft.audio_digest else []
        content: dict[str, Any] = {
            "title": title_of(draft),
            "content": "\n\n".join([*player, *blocks.blocks(body), *blocks.blocks(last)]),
            "excerpt": shorten(body, EXCERPT),
            "slug": slug,
            "categories": self._options.names("categories"),
            "tags": self._options.names("tags"),
        }
        if draft.audio_digest:
            # Another voice is another file: the name tells them apart on the site as well.
            filename = f"ban-tin-{slug}-{draft.audio_digest[:8].lower()}.mp3"
            content["audio"] = {"digest": draft.audio_digest, "filename": filename}
        return content

    def show(self, content: Content) -> str:
        terms = ", ".join([*content["categories"], *content["tags"]])
        head = f"{content['title']}\n{f'[{terms}]' if terms else ''}".strip()
        return f"{head}\n\n{blocks.as_text(content)}"

    def publish(self, content: Content, reference: str, now: datetime) -> Receipt:
        carries(self._who, content, reference)
        with self._open(now) as site:
            site.me()
            found = site.post_by_slug(content["slug"])
            if found is None:
                reply = site.create(self._article(site, content))
                found = site.good(reply)
                if not isinstance(found, dict) or not name_of(found.get("id")):
                    raise reply.unclear(now)
        return _receipt(found, now)

    def verify(self, receipt: Receipt, now: datetime) -> Receipt | None:
        with only_asking(), self._open(now) as site:
            reply = site.get(f"/posts/{receipt.remote_id}", {"context": "edit"})
            if reply.status == 404 and reply.fields.get("code") == "rest_post_invalid_id":
                site.me()
                return None
            post = site.good(reply)
            if not isinstance(post, dict) or name_of(post.get("id")) != receipt.remote_id:
                raise reply.unclear(now)
            if post.get("status") == "trash":
                return None
            status = self._as_the_public(web_link(post.get("link")))
        found = _receipt(post, receipt.at)
        visible = post.get("status") == "publish" and status == 200
        proof = {**found.proof, "http": status}
        return Receipt(found.remote_id, found.link, visible, proof, receipt.at)

    def look_up(
        self,
        content: Content,  # noqa: ARG002 - the port's; the slug alone is certain here
        reference: str,
        since: datetime,
        now: datetime,
    ) -> Receipt | None:
        with only_asking(), self._open(now) as site:
            site.me()
            post = site.post_by_slug(reference.lower())
        if post is None:
            absent(self._who, since, now, self._settle)
            return None
        return _receipt(post, None)

    def check(self, now: datetime) -> Health:
        try:
            with self._open(now) as site:
                me = site.me()
                plain = site.plain
        except BroadcasterError as error:
            return Health(False, error.text)
        rights = me.get("capabilities")
        if not isinstance(rights, Mapping) or not rights.get("publish_posts"):
            can = bool({"administrator", "editor", "author"} & set(map(str, me["roles"])))
        else:
            can = True
        details = {"user": self._user, "roles": list(map(str, me["roles"])), "plain": plain}
        if not can:
            text = Text(
                f"{self._who}: tài khoản “{self._user}” không có quyền đăng bài. "
                "Hãy cho tài khoản vai trò Biên tập viên (Editor).",
                f"{self._who}: “{self._user}” may not publish. Give the account the role Editor.",
            )
            return Health(False, text, details)
        text = Text(f"{self._who}: sẵn sàng đăng bài.", f"{self._who}: ready to publish.")
        return Health(True, text, details)

    @contextmanager
    def _open(self, now: datetime) -> Iterator[WordPressApi]:
        login = (self._user, self._options.secret("app_password"))
        try:
            with WordPressApi(self._who, self._base, self._limits, login, now, self._plain) as site:
                self._plain = site.plain
                yield site
        except BroadcasterError:
            self._plain = self._said  # its administrator may have changed it: look again next time
            raise

    def _article(self, site: WordPressApi, content: Content) -> dict[str, Any]:
        """What is sent: the approved content, with numbers for names and the player's address."""
        text = str(content["content"])
        audio = content.get("audio")
        if audio:
            path = self._options.settings.blob(audio["digest"], "mp3")
            address = site.audio(audio["filename"], lambda: _bytes(self._who, path))
            text = blocks.with_player(text, address)
        return {
            "title": blocks.escape(content["title"]),
            "content": text,
            "excerpt": blocks.escape(content["excerpt"]),
            "slug": content["slug"],
            "status": "publish",
            "categories": [site.term("categories", name) for name in content["categories"]],
            "tags": [site.term("tags", name) for name in content["tags"]],
        }

    def _as_the_public(self, link: str) -> int:
        """The HTTP status that anybody gets there; no login is sent. 0: not even asked."""
        status = 0
        for _ in range(_MAX_HOPS):
            base, host = urlsplit(self._base), urlsplit(link)
            if not safe_address(link.partition("?")[0]) and host.netloc != base.netloc:
                return status
            with Http(self._who, f"{host.scheme}://{host.netloc}", self._limits) as public:
                path = (host.path or "/") + (f"?{host.query}" if host.query else "")
                reply = public.ask("GET", path)
            status = reply.status
            if status not in {301, 302, 307, 308}:
                return status
            link = web_link(reply.headers.get("Location"))
        return status


def _bytes(who: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Refused(
            f"{who}: không đọc được tệp âm thanh {path.name} trên máy này. Hãy tạo lại âm thanh.",
            f"{who}: the audio file {path.name} cannot be read on this machine. Render it again.",
            code="no-audio",
        ) from None


def _receipt(post: Mapping[str, Any], at: datetime | None) -> Receipt:
    status = str(post.get("status"))
    return Receipt(
        name_of(post.get("id")), web_link(post.get("link")), False, {"status": status}, at
    )
