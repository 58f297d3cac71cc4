"""What an article must look like to be accepted."""

from __future__ import annotations

from urllib.parse import urlsplit

from broadcaster.sandbox.settings import ZaloSettings
from broadcaster.sandbox.zalo.answers import characters, invalid, refuse

LIMITS = {"title": 150, "author": 50, "description": 300}
_SHOWN = {"show", "hide"}


def https(value: object) -> bool:
    """Zalo fetches pictures itself, over TLS only."""
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        return False


def checked_article(options: ZaloSettings, given: dict[str, object]) -> dict[str, object]:
    """The article with its defaults filled in; raises the refusal of the first wrong field."""
    if given.get("type") != "normal":
        raise invalid("type")
    for name, most in LIMITS.items():
        value = given.get(name)
        if not isinstance(value, str) or not value.strip():
            raise invalid(name)
        if characters(value) > most:
            raise refuse(options.too_long_code, f"{name} is longer than {most} characters")
    check_cover(given.get("cover"))
    check_body(options, given.get("body"))
    full = {**given, "status": given.get("status", "hide"), "comment": given.get("comment", "show")}
    for name in ("status", "comment"):
        if full[name] not in _SHOWN:
            raise invalid(name)
    if full.get("tracking_link") and not https(full["tracking_link"]):
        raise invalid("tracking_link")
    related = full.get("related_medias", [])
    if not isinstance(related, list) or not all(isinstance(r, str) for r in related):
        raise invalid("related_medias")
    return full


def check_cover(cover: object) -> None:
    """A picture by https address, or a video by id with its shape."""
    if not isinstance(cover, dict) or cover.get("status", "show") not in _SHOWN:
        raise invalid("cover")
    if cover.get("cover_type") == "photo":
        right = https(cover.get("photo_url"))
    elif cover.get("cover_type") == "video":
        shape = cover.get("cover_view") in {"horizontal", "vertical", "square"}
        right = shape and bool(cover.get("video_id"))
    else:
        right = False
    if not right:
        raise invalid("cover")


def check_body(options: ZaloSettings, body: object) -> None:
    """A list of text, image, video and product blocks; there is no sound block."""
    if not isinstance(body, list) or not body or not all(map(right_block, body)):
        raise invalid("body")
    most = options.max_body_characters
    length = sum(characters(str(block.get("content", ""))) for block in body)
    if most is not None and length > most:
        raise refuse(options.too_long_code, f"body is longer than {most} characters")


def right_block(block: object) -> bool:
    if not isinstance(block, dict):
        return False
    kind = block.get("type")
    if kind == "text":
        content = block.get("content")
        return isinstance(content, str) and bool(content.strip())
    if kind == "image":
        return https(block.get("url"))
    if kind == "video":
        fetched = https(block.get("url")) and https(block.get("thumb"))
        return fetched or bool(block.get("video_id"))
    return kind == "product" and bool(block.get("id"))
