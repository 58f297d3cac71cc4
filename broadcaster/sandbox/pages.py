"""The page that shows what the public would now see, and the posts' own pages."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from broadcaster.sandbox import public
from broadcaster.sandbox.ranges import file_reply
from broadcaster.sandbox.sniffing import picture_type, video_type
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.views import page, simple_html
from broadcaster.sandbox.wire import Reply
from broadcaster.sandbox.zalo.book import Article


def to_response(reply: Reply) -> Response:
    return Response(reply.body, reply.status, dict(reply.headers))


def base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def router(state: SandboxState) -> APIRouter:
    """Routes of the pages for people."""
    pages = APIRouter(include_in_schema=False)

    @pages.get("/", response_model=None)
    def front(request: Request) -> Response:
        return to_response(front_page(state, base(request)))

    @pages.get("/facebook/{page_id}/posts/{number}", response_model=None)
    def facebook_post(request: Request, page_id: str, number: str) -> Response:
        return to_response(facebook_page(state, base(request), f"{page_id}_{number}"))

    @pages.get("/facebook/media/{media_id}", response_model=None)
    def facebook_media(request: Request, media_id: str) -> Response:
        return to_response(media_file(state, media_id, request.headers.get("range", "")))

    @pages.get("/zalo/article/{article_id}", response_model=None)
    def zalo_article(request: Request, article_id: str) -> Response:
        return to_response(zalo_page(state, base(request), article_id))

    return pages


def front_page(state: SandboxState, base_url: str) -> Reply:
    with state.lock:
        now, options = public.settle(state), state.settings
        articles = state.world.zalo.articles
        return page(
            "front.html",
            now=now,
            version=public.version(state),
            names=(options.graph.page_name, options.zalo.oa_name, options.wordpress.site_name),
            facebook=public.facebook(state, base_url),
            zalo=[(v, zalo_body(state, articles[v.id])) for v in public.zalo(state, base_url)],
            website=[(v, Markup(v.text)) for v in public.website(state, base_url)],  # noqa: S704 - HTML of the site's editor; scripts are barred by policy
            groups=state.world.zalo.group_messages[::-1],
            faults=len(state.world.faults),
        )


def zalo_body(state: SandboxState, article: Article) -> list[dict[str, object]]:
    """The blocks of an article, text with the tags that survive."""
    blocks = article.fields.get("body")
    kept = state.settings.zalo.surviving_tags
    return [
        {**block, "html": simple_html(str(block.get("content", "")), kept)}
        for block in (blocks if isinstance(blocks, list) else [])
    ]


def facebook_page(state: SandboxState, base_url: str, post_id: str) -> Reply:
    with state.lock:
        public.settle(state)
        shown = {v.id: v for v in public.facebook(state, base_url)}
        if post_id not in shown:
            return page("missing.html", 404, what="Nội dung này hiện không xem được")
        return page("facebook.html", post=shown[post_id], name=state.settings.graph.page_name)


def zalo_page(state: SandboxState, base_url: str, article_id: str) -> Reply:
    with state.lock:
        public.settle(state)
        article = state.world.zalo.articles.get(article_id)
        if article is None or not article.live or article.fields["status"] != "show":
            return page("missing.html", 404, what="Bài viết không tồn tại hoặc đang ẩn")
        shown = public.zalo_article(base_url, article)
        body, name = zalo_body(state, article), state.settings.zalo.oa_name
        return page("zalo.html", post=shown, article=article, body=body, name=name)


def media_file(state: SandboxState, media_id: str, wanted: str) -> Reply:
    book = state.world.graph
    found = book.photos.get(media_id) or book.videos.get(media_id)
    if found is None or not found.blob:
        return Reply(404)
    content = state.blobs.get(found.blob)
    mime = picture_type(content) or video_type(content) or "application/octet-stream"
    return file_reply(content, mime, wanted)
