"""How WordPress decides on date, status and slug of a post, as observed on a real one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wordpress.answers import bad_param, refuse
from broadcaster.sandbox.wordpress.book import Post, Status, WordPressBook
from broadcaster.sandbox.wordpress.slugs import TRASHED, slugify, unique

STATUSES = ("publish", "future", "draft", "pending", "private")
_AT_ONCE = timedelta(seconds=60)  # due in less: published now, with the future date
_UNPLACED = ("draft", "pending")  # these do not yet compete for a slug


def site_zone(state: SandboxState) -> ZoneInfo:
    return ZoneInfo(state.settings.wordpress.time_zone)


def given_status(given: Mapping[str, object]) -> Status | None:
    """The status asked for; anything unknown is refused."""
    text = given.get("status")
    if text is None:
        return None
    if text not in STATUSES:
        reason = "status không phải là một trong " + ", ".join(STATUSES)
        raise bad_param("status", reason, "rest_not_in_enum")
    return cast(Status, text)


def given_date(state: SandboxState, given: Mapping[str, object]) -> datetime | None:
    """`date_gmt` (no zone: UTC) or `date` (no zone: the site's); a zone is converted."""
    for name, zone in (("date", site_zone(state)), ("date_gmt", UTC)):
        text = given.get(name)
        if text is None:
            continue
        try:
            found = datetime.fromisoformat(str(text))
        except ValueError:
            raise bad_param(name, "Ngày không hợp lệ.", "rest_invalid_date") from None
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    return None


def settled_status(asked: Status, date: datetime, now: datetime) -> Status:
    """publish and future are decided by the date alone."""
    if asked not in {"publish", "future"}:
        return asked
    return "future" if date - now >= _AT_ONCE else "publish"


def placed_slug(book: WordPressBook, post: Post, asked: str) -> str:
    """The slug after WordPress has made it unique; drafts keep what they ask for."""
    slug = slugify(asked or post.title)
    if post.status in _UNPLACED:
        return slugify(asked)
    taken = {p.slug for p in book.posts.values() if p.id != post.id}
    taken |= {m.slug for m in book.media.values()}
    return unique(slug or str(post.id), taken)


def trash(post: Post, now: datetime) -> None:
    post.status, post.modified = "trash", now
    post.slug += TRASHED


def check_terms(book: WordPressBook, given: Mapping[str, object], name: str) -> list[int] | None:
    """Term ids; unknown ones are left out, as WordPress does."""
    value = given.get(name)
    if value is None:
        return None
    parts = value if isinstance(value, list) else str(value).split(",")
    try:
        ids = [int(str(p)) for p in parts if str(p).strip()]
    except ValueError:
        raise bad_param(name, f"{name}[0] không phải là số nguyên", "rest_invalid_type") from None
    known = book.categories if name == "categories" else book.tags
    return [i for i in ids if i in known]


def check_featured(book: WordPressBook, given: Mapping[str, object]) -> int | None:
    value = given.get("featured_media")
    if value is None:
        return None
    if not str(value).isdigit():
        raise bad_param("featured_media", "không phải là số nguyên", "rest_invalid_type")
    number = int(str(value))
    if number and number not in book.media:
        raise refuse("rest_invalid_featured_media", "ID ảnh đại diện không hợp lệ.", 400)
    return number


def raw_text(given: Mapping[str, object], name: str) -> str | None:
    """A text field, given plain or as {"raw": …}."""
    value = given.get(name)
    if isinstance(value, dict):
        value = value.get("raw", "")
    if value is not None and not isinstance(value, str):
        raise bad_param(name, f"{name} không phải là chuỗi", "rest_invalid_type")
    return value
