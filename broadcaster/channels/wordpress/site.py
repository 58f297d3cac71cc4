"""A website on WordPress, through its REST API: articles with a fixed slug, a player and pictures.

The same request twice makes two articles, so the announcement's reference is the slug: it is looked
up before every creation and after every unclear answer, and a hit is adopted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from broadcaster.channels.http import Http, Limits
from broadcaster.channels.options import Options, safe_address
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
from broadcaster.channels.text import (
    body_of,
    mentions,
    name_of,
    reference_line,
    shorten,
    title_of,
    web_link,
)
from broadcaster.channels.wordpress import html as blocks
from broadcaster.channels.wordpress.api import WordPressApi
from broadcaster.channels.wordpress.connecting import CONNECTOR
from broadcaster.domain.picture import MIME
from broadcaster.errors import BroadcasterError, NotThere, Refused, Text, TryAgain

EXCERPT = 300
_MAX_HOPS = 3
_CACHES = timedelta(minutes=5)
"""So long may caches show what was taken down, before we look again."""


class WordPress:
    """One site. Options: base_url, user, categories, tags, plain_permalinks (true/false; found out
    when unset), withdraw ("trash" or "draft"), delay_minutes (scheduled so long ahead, for the
    site's editor to have a last look; unset: at once), settle_seconds. Secret: app_password.
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
        self._withdraw = options.choice("withdraw", ("trash", "draft"))
        delayed = options.text("delay_minutes")
        self._delay = timedelta(minutes=options.number("delay_minutes", 0) if delayed else 0)
        plain = options.text("plain_permalinks").lower()
        self._said = plain == "true" if plain in {"true", "false"} else None
        self._plain = self._said
        self._waiting: set[str] = set()  # articles seen as scheduled

    def compose(self, draft: Draft) -> Content:
        body, slug = body_of(draft), draft.reference.lower()
        last = f"{draft.commune}\n{reference_line(draft.reference)}".strip()
        player = [blocks.PLAYER] if draft.audio_digest else []
        # The first picture is the article's own, which the site's design shows above the text.
        others = [blocks.picture(n, one.alt) for n, one in enumerate(draft.pictures) if n]
        parts = [*player, *blocks.blocks(body), *blocks.gallery(others), *blocks.blocks(last)]
        content: dict[str, Any] = {
            "title": title_of(draft),
            "content": "\n\n".join(parts),
            "excerpt": shorten(body, EXCERPT),
            "slug": slug,
            "categories": self._options.names("categories"),
            "tags": self._options.names("tags"),
        }
        # Another voice or picture is another file: the name tells them apart on the site as well.
        if draft.audio_digest:
            filename = f"ban-tin-{slug}-{draft.audio_digest[:8].lower()}.mp3"
            content["audio"] = {"digest": draft.audio_digest, "filename": filename}
        if draft.pictures:
            content["pictures"] = [
                {
                    "digest": one.digest,
                    "kind": one.kind,
                    "alt": one.alt,
                    "filename": f"anh-{slug}-{one.digest[:8]}.{one.kind}",
                }
                for one in draft.pictures
            ]
        return content

    def show(self, content: Content) -> str:
        terms = ", ".join([*content["categories"], *content["tags"]])
        cover = [f"[Ảnh đại diện: {one['alt']}]" for one in content.get("pictures", ())[:1]]
        head = [content["title"], *([f"[{terms}]"] if terms else []), *cover]
        return "\n".join(head) + f"\n\n{blocks.as_text(content)}"

    def publish(self, content: Content, reference: str, now: datetime) -> Receipt:
        carries(self._who, content, reference)
        with self._open(now) as site:
            site.me()
            found = site.post_by_slug(content["slug"])
            if found is None:
                made = {**self._article(site, content), "slug": content["slug"]}
                reply = site.create({**made, **self._when(now)})
            elif found.get("status") == "future" and not self._delay:  # its time is now
                # `status` alone would leave it scheduled: the date decides.
                reply = site.change(name_of(found["id"]), {**_dated(now), "status": "publish"})
            else:
                return _receipt(found, now)
            found = site.good(reply)
            if not isinstance(found, dict) or not name_of(found.get("id")):
                raise reply.unclear(now)
        return _receipt(found, now)

    def update(self, content: Content, receipt: Receipt, reference: str, now: datetime) -> Receipt:
        """Number, address and day stay the article's own."""
        carries(self._who, content, reference)
        with self._open(now) as site:
            if site.article(receipt.remote_id) is None:
                raise NotThere(
                    f"{self._who}: bài cũ không còn trên trang.",
                    f"{self._who}: the old article is not on the site any more.",
                    code="gone",
                )
            reply = site.change(receipt.remote_id, self._article(site, content))
            found = site.good(reply)
            if not isinstance(found, dict) or name_of(found.get("id")) != receipt.remote_id:
                raise reply.unclear(now)
            status, page = self._as_the_public(web_link(found.get("link")))
        seen = status == 200 and found.get("status") == "publish" and mentions(page, reference)
        proof = {"status": str(found.get("status")), "http": status, "updated": now.isoformat()}
        link = web_link(found.get("link")) or receipt.link
        return Receipt(receipt.remote_id, link, seen, proof, receipt.at)

    def withdraw(self, receipt: Receipt, now: datetime) -> Withdrawn:
        """Into the bin (or back among the drafts), out of its address, and nobody sees it."""
        with self._open(now) as site:
            article = site.article(receipt.remote_id)
            if article is not None:
                if self._withdraw == "draft":
                    slug = f"{article.get('slug')}-da-go"  # its place is free for a new article
                    hidden = {"status": "draft", "slug": slug}
                    site.good(site.change(receipt.remote_id, hidden))
                else:
                    reply = site.trash(receipt.remote_id)
                    if reply.fields.get("code") not in {"rest_already_trashed", _NO_POST}:
                        site.good(reply)
            self._sure_it_is_hidden(receipt.link, now)
        return Withdrawn(Gone.HIDDEN, proof={"id": receipt.remote_id, "how": self._withdraw})

    def verify(self, receipt: Receipt, now: datetime) -> Receipt | None:
        with only_asking(), self._open(now) as site:
            if receipt.remote_id in self._waiting:
                site.wake()  # before any question: those take WordPress' lock, and it then waits
            post = site.article(receipt.remote_id)
            if post is None:
                return None
            keep = post.get("status") == "future"
            (self._waiting.add if keep else self._waiting.discard)(receipt.remote_id)
            status, _ = self._as_the_public(web_link(post.get("link")))
        found = _receipt(post, receipt.at)
        locked = bool(post.get("password"))
        visible = post.get("status") == "publish" and status == 200 and not locked
        proof = {**found.proof, "http": status, **({"password": True} if locked else {})}
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

    def _when(self, now: datetime) -> dict[str, str]:
        """At once, or by WordPress' own clock after the delay."""
        if not self._delay:
            return {"status": "publish"}
        return {**_dated(now + self._delay), "status": "future"}

    def _article(self, site: WordPressApi, content: Content) -> dict[str, Any]:
        """What is sent: the approved content, with numbers for names and addresses for files."""
        text = str(content["content"])
        audio = content.get("audio")
        if audio:
            path = self._options.settings.blob(audio["digest"], "mp3")
            _, address = site.file(audio["filename"], "audio/mpeg", lambda: _bytes(self._who, path))
            text = blocks.with_player(text, address)
        featured = 0
        for n, one in enumerate(content.get("pictures", ())):
            number, address = self._picture(site, one)
            featured = featured or number
            text = blocks.with_picture(text, n, address)
        return {
            "title": blocks.escape(content["title"]),
            "content": text,
            "excerpt": blocks.escape(content["excerpt"]),
            "categories": [site.term("categories", name) for name in content["categories"]],
            "tags": [site.term("tags", name) for name in content["tags"]],
            "featured_media": featured,
        }

    def _picture(self, site: WordPressApi, one: Mapping[str, str]) -> tuple[int, str]:
        path = self._options.settings.blob(one["digest"], one["kind"])
        mime = MIME[one["kind"]]
        return site.file(one["filename"], mime, lambda: _bytes(self._who, path), one["alt"])

    def _sure_it_is_hidden(self, link: str, now: datetime) -> None:
        """A cache in front of the site may go on showing it."""
        status, _ = self._as_the_public(link, hops=1) if link else (0, "")
        if status == 200:
            raise TryAgain(
                f"{self._who}: đã gỡ bài nhưng địa chỉ {link} vẫn mở được (bộ nhớ đệm?). Sẽ xem "
                "lại; nếu kéo dài, hãy xóa bộ nhớ đệm của trang.",
                f"{self._who}: taken down, but {link} still opens (a cache?). It is looked at "
                "again; if it goes on, empty the site's cache.",
                at=now + _CACHES,
                code="cached",
            )

    def _as_the_public(self, link: str, hops: int = _MAX_HOPS) -> tuple[int, str]:
        """Status and page that anybody gets there; no login is sent. Status 0: not even asked."""
        status, page = 0, ""
        for _ in range(hops):
            base, host = urlsplit(self._base), urlsplit(link)
            if not safe_address(link.partition("?")[0]) and host.netloc != base.netloc:
                break
            with Http(self._who, f"{host.scheme}://{host.netloc}", self._limits) as public:
                path = (host.path or "/") + (f"?{host.query}" if host.query else "")
                reply = public.ask("GET", path)
            status, page = reply.status, reply.body.decode("utf-8", "replace")
            if status not in {301, 302, 307, 308}:
                break
            link = web_link(reply.headers.get("Location"))
        return status, page


_NO_POST = "rest_post_invalid_id"


def _dated(moment: datetime) -> dict[str, str]:
    return {"date_gmt": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")}


def _bytes(who: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Refused(
            f"{who}: không đọc được tệp {path.name} trên máy này. Hãy tạo lại âm thanh hoặc đưa "
            "lại ảnh, rồi duyệt lại.",
            f"{who}: the file {path.name} cannot be read on this machine. Render or give it again.",
            code="no-file",
        ) from None


def _receipt(post: Mapping[str, Any], at: datetime | None) -> Receipt:
    status = str(post.get("status"))
    return Receipt(
        name_of(post.get("id")), web_link(post.get("link")), False, {"status": status}, at
    )
