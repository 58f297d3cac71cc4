"""Posts, media and terms as the REST answers show them."""

from __future__ import annotations

import re
from datetime import UTC

from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call
from broadcaster.sandbox.wordpress.access import USER_ID
from broadcaster.sandbox.wordpress.answers import wire_time
from broadcaster.sandbox.wordpress.book import Medium, Post, Term
from broadcaster.sandbox.wordpress.post_rules import site_zone

_BLOCK_MARKS = re.compile(r"<!--\s*/?wp:.*?-->\n?", re.DOTALL)


def rendered(content: str) -> str:
    """What a visitor gets: block marks gone, bare text in paragraphs."""
    text = _BLOCK_MARKS.sub("", content).strip()
    if "<!-- wp:" in content or re.search(r"<(p|h\d|ul|ol|figure|div|table)\b", text):
        return text
    parts = [p.strip().replace("\n", "<br />\n") for p in re.split(r"\n{2,}", text)]
    return "\n".join(f"<p>{p}</p>" for p in parts if p)


def post_link(base_url: str, post: Post) -> str:
    """The address; `/?p=ID` until the post is published."""
    if post.status in {"publish", "private"} and post.slug:
        return f"{base_url}/wordpress/{post.slug}/"
    return f"{base_url}/wordpress/?p={post.id}"


def text_field(raw: str, shown: str, *, edit: bool) -> dict[str, object]:
    return {"raw": raw, "rendered": shown} if edit else {"rendered": shown}


def post_json(state: SandboxState, call: Call, post: Post, *, edit: bool) -> dict[str, object]:
    """All fields of a post; `edit` adds the raw texts."""
    zone = site_zone(state)
    locked = bool(post.password)  # its words are given to whoever may edit it
    words = "" if locked and not edit else rendered(post.content)
    content = text_field(post.content, words, edit=edit)
    excerpt = text_field(
        post.excerpt, "" if locked and not edit else rendered(post.excerpt), edit=edit
    )
    guid = f"{call.base_url}/wordpress/?p={post.id}"
    return {
        "id": post.id,
        "date": wire_time(post.date.astimezone(zone)),
        "date_gmt": wire_time(post.date.astimezone(UTC)),
        "guid": text_field(guid, guid, edit=edit),
        "modified": wire_time(post.modified.astimezone(zone)),
        "modified_gmt": wire_time(post.modified.astimezone(UTC)),
        "slug": post.slug,
        "status": post.status,
        "type": "post",
        "link": post_link(call.base_url, post),
        "title": text_field(post.title, post.title, edit=edit),
        "content": {**content, "protected": locked},
        "excerpt": {**excerpt, "protected": locked},
        **({"password": post.password} if edit else {}),
        "author": USER_ID,
        "featured_media": post.featured_media,
        "comment_status": post.comment_status,
        "ping_status": "closed",
        "sticky": False,
        "template": "",
        "format": "standard",
        "meta": [],
        "categories": post.categories,
        "tags": post.tags,
    }


def source_url(base_url: str, medium: Medium) -> str:
    return f"{base_url}/wordpress/wp-content/uploads/{medium.path}"


def medium_json(
    state: SandboxState, call: Call, medium: Medium, *, edit: bool = False
) -> dict[str, object]:
    """All fields of a file of the media library."""
    details: dict[str, object] = {"filesize": medium.size, "sizes": {}}
    if medium.length:
        clock = f"{medium.length // 60}:{medium.length % 60:02}"
        details |= {"length": medium.length, "length_formatted": clock}
    link = f"{call.base_url}/wordpress/{medium.slug}/"
    return {
        "id": medium.id,
        "date": wire_time(medium.date.astimezone(site_zone(state))),
        "date_gmt": wire_time(medium.date.astimezone(UTC)),
        "slug": medium.slug,
        "status": "inherit",
        "type": "attachment",
        "link": link,
        "title": text_field(medium.title, medium.title, edit=edit),
        "author": USER_ID,
        "caption": text_field(medium.caption, rendered(medium.caption), edit=edit),
        "alt_text": medium.alt_text,
        "media_type": "image" if medium.mime.startswith("image/") else "file",
        "mime_type": medium.mime,
        "media_details": details,
        "post": medium.post or None,
        "source_url": source_url(call.base_url, medium),
    }


def term_json(call: Call, term: Term, taxonomy: str, count: int) -> dict[str, object]:
    folder = "tag" if taxonomy == "post_tag" else "category"
    full: dict[str, object] = {
        "id": term.id,
        "count": count,
        "description": term.description,
        "link": f"{call.base_url}/wordpress/{folder}/{term.slug}/",
        "name": term.name,
        "slug": term.slug,
        "taxonomy": taxonomy,
        "meta": [],
    }
    return full | ({"parent": term.parent} if taxonomy == "category" else {})
