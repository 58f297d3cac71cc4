"""What the public sees at this moment, on each platform."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime

from broadcaster.sandbox.graph.book import PagePost
from broadcaster.sandbox.graph.reading import permalink, video_status
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wordpress.book import Medium, Post
from broadcaster.sandbox.wordpress.shapes import post_link, rendered, source_url
from broadcaster.sandbox.zalo.articles import link_view
from broadcaster.sandbox.zalo.book import Article


@dataclass(frozen=True, slots=True)
class Visible:
    """One post as a reader meets it; `time` in ISO 8601, UTC."""

    id: str
    title: str
    text: str
    link: str
    time: str
    kind: str = ""
    pictures: list[str] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)


def settle(state: SandboxState) -> datetime:
    """Bring the platforms that work by themselves up to now. WordPress waits for a visit."""
    now = state.now()
    state.world.graph.settle(now)
    state.world.zalo.settle(now, alone=state.settings.zalo.unverified_articles_appear)
    return now


def facebook(state: SandboxState, base_url: str) -> list[Visible]:
    """Posts of the Page that show, newest first; pinned ones on top."""
    posts = [p for p in state.world.graph.posts.values() if shows(state, p)]
    posts.sort(key=lambda p: (p.pinned, p.created, p.id), reverse=True)
    return [facebook_post(state, base_url, p) for p in posts]


def shows(state: SandboxState, post: PagePost) -> bool:
    """A video is seen once it has been worked on, and never when that failed."""
    video = state.world.graph.videos.get(post.video)
    ready = video is None or video_status(state, video, state.now()) == "ready"
    return post.published and not post.hidden and ready


def facebook_post(state: SandboxState, base_url: str, post: PagePost) -> Visible:
    photos = [state.world.graph.photos[p] for p in post.photos if p in state.world.graph.photos]
    pictures = [p.url or f"{base_url}/facebook/media/{p.id}" for p in photos]
    if post.video in state.world.graph.videos:
        video = state.world.graph.videos[post.video]
        pictures = [video.file_url or f"{base_url}/facebook/media/{video.id}"]
    link, alts = permalink(base_url, post.id), [p.alt_text for p in photos]
    time = post.created.isoformat()
    return Visible(post.id, post.link, post.message, link, time, post.kind, pictures, alts)


def zalo(state: SandboxState, base_url: str) -> list[Visible]:
    """Articles with status `show`, newest first."""
    shown = [a for a in state.world.zalo.listed() if a.fields["status"] == "show"]
    return [zalo_article(base_url, a) for a in shown]


def zalo_article(base_url: str, article: Article) -> Visible:
    blocks = article.fields.get("body")
    texts = [str(b.get("content", "")) for b in blocks] if isinstance(blocks, list) else []
    cover = article.fields.get("cover")
    picture = str(cover.get("photo_url", "")) if isinstance(cover, dict) else ""
    return Visible(
        article.id,
        article.text("title"),
        "\n".join(t for t in [article.text("description"), *texts] if t),
        link_view(base_url, article.id),
        article.created.isoformat(),
        "article",
        [picture] if picture else [],
    )


def website(state: SandboxState, base_url: str) -> list[Visible]:
    """Published posts of the site, newest first; not those behind a password."""
    known = state.world.wordpress.posts.values()
    posts = [p for p in known if p.status == "publish" and not p.password]
    posts.sort(key=lambda p: (p.date, p.id), reverse=True)
    return [website_post(state, base_url, p) for p in posts]


def website_post(state: SandboxState, base_url: str, post: Post) -> Visible:
    medium: Medium | None = state.world.wordpress.media.get(post.featured_media)
    pictures = [source_url(base_url, medium)] if medium else []
    text, link = rendered(post.content), post_link(base_url, post)
    return Visible(str(post.id), post.title, text, link, post.date.isoformat(), "post", pictures)


def dump(state: SandboxState, base_url: str) -> dict[str, object]:
    """Everything public as plain data, for scripts and tests."""
    with state.lock:
        now = settle(state)
        book = state.world.zalo
        sent = [b for b in book.broadcasts if b.visible_at <= now]
        return {
            "graph": [asdict(v) for v in facebook(state, base_url)],
            "zalo": [asdict(v) for v in zalo(state, base_url)],
            "wordpress": [asdict(v) for v in website(state, base_url)],
            "zalo_broadcasts": [{"id": b.id, "articles": b.article_ids} for b in sent],
            "zalo_group_messages": [
                {"id": m.id, "group_id": m.to, "text": m.text} for m in book.group_messages
            ],
            "zalo_messages": [{"id": m.id, "user_id": m.to, "text": m.text} for m in book.messages],
        }


def version(state: SandboxState) -> str:
    """Changes when what the public sees changes."""
    text = json.dumps(dump(state, ""), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
