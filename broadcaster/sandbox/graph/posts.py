"""Posts of the Page: create, schedule, change, delete."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from broadcaster.sandbox.graph.access import check_token, need_page_token
from broadcaster.sandbox.graph.answers import SUCCESS, missing_object, params, refuse
from broadcaster.sandbox.graph.book import PagePost, Video
from broadcaster.sandbox.graph.reading import described
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Refusal, Reply, as_json, parse_time, truthy

_STEPS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}


def create(state: SandboxState, call: Call, now: datetime) -> Reply:
    """POST /{page}/feed: text, link, or pictures uploaded before."""
    need_page_token(state, call, now)
    given = params(call)
    message, link = given.get("message", ""), given.get("link", "")
    photos = attached(state, given, now)
    check_temporary(state, given, photos)
    if not (message.strip() or link or photos):
        raise refuse(100, "(#100) Missing message or attachment")
    check_message(state, message)
    check_link(state, link)
    published, due = planned(state, given, now)
    check_duplicate(state, message)
    post = new_post(state, now, message, published=published, due=due)
    post.link, post.photos = link, photos
    post.kind = "photo" if photos else "link" if link else "status"
    for photo in photos:
        state.world.graph.photos[photo].post_id = post.id
    return as_json(described(state, call, post, {"fields": given.get("fields", "id")}))


def new_post(
    state: SandboxState,
    now: datetime,
    message: str,
    *,
    published: bool = True,
    due: datetime | None = None,
    by_app: bool = True,
) -> PagePost:
    """Store a post under an id of the real shape."""
    number = 122_100_000_000_000_000 + state.next_serial() * 6_007
    post_id = f"{state.settings.graph.page_id}_{number}"
    post = PagePost(post_id, message, now, now, published=published, by_app=by_app)
    post.scheduled_for = due
    state.world.graph.posts[post_id] = post
    return post


def attached(state: SandboxState, given: Mapping[str, str], now: datetime) -> list[str]:
    """The picture ids of `attached_media`, as one JSON list or as `attached_media[0]`…"""
    texts = [given[n] for n in sorted(given) if re.fullmatch(r"attached_media\[\d+\]", n)]
    try:
        entries = [json.loads(t) for t in texts] or json.loads(given.get("attached_media") or "[]")
        found = [str(entry["media_fbid"]) for entry in entries]
    except (ValueError, TypeError, KeyError):
        raise refuse(100, "(#100) Param attached_media must be an array.") from None
    for photo_id in found:
        check_photo(state, photo_id, now)
    return found


def check_photo(state: SandboxState, photo_id: str, now: datetime) -> None:
    """It must be a picture, not dropped for age, and not in a post already."""
    photo = state.world.graph.photos.get(photo_id)
    age = timedelta(hours=state.settings.graph.unpublished_photo_hours)
    if photo is None or (not photo.post_id and not photo.temporary and now - photo.created > age):
        raise refuse(100, f"(#100) Object {photo_id} of attached_media cannot be used")
    if photo.post_id:
        raise refuse(100, "(#100) These photos were already posted.", subcode=1366051)


def check_temporary(state: SandboxState, given: Mapping[str, str], photos: list[str]) -> None:
    """Where the settings say so, a scheduled post takes only pictures sent as `temporary`."""
    if not state.settings.graph.scheduled_photos_temporary:
        return
    known = state.world.graph.photos
    if given.get("scheduled_publish_time") and not all(known[p].temporary for p in photos):
        raise refuse(100, "(#100) Photos of a scheduled post must be temporary")


def check_message(state: SandboxState, message: str) -> None:
    if len(message) > state.settings.graph.max_message:
        raise refuse(100, "(#100) The message is too long")


def check_link(state: SandboxState, link: str) -> None:
    """Refuse links to Facebook, malformed ones, and those the settings call unreadable."""
    if not link:
        return
    try:
        parts = urlsplit(link)
        host = parts.hostname or ""
    except ValueError:
        raise link_error(state, 2061006, "The link is not a valid URL") from None
    if parts.scheme not in {"http", "https"} or not host or re.search(r"\s", link):
        raise link_error(state, 2061006, "The link is not a valid URL")
    if host in {"facebook.com", "fb.com"} or host.endswith((".facebook.com", ".fb.com")):
        raise link_error(state, 1609008, "Links to facebook.com cannot be posted")
    if link.startswith(state.settings.graph.unscrapable_links or ("\0",)):
        raise link_error(state, 1609005, "There was a problem scraping data from the link")


def link_error(state: SandboxState, code: int, message: str) -> Refusal:
    if state.settings.graph.link_errors_as_subcode:
        return refuse(100, message, subcode=code)
    return refuse(code, message)


def check_duplicate(state: SandboxState, message: str) -> None:
    """Equal text in a row is refused."""
    options, last = state.settings.graph, state.world.graph.newest()
    if options.refuse_duplicates and message and last is not None and last.message == message:
        text = "You've already posted this" if options.duplicate_code == 368 else "Duplicate post"
        raise refuse(options.duplicate_code, f"(#{options.duplicate_code}) {text}")


def planned(
    state: SandboxState, given: Mapping[str, str], now: datetime
) -> tuple[bool, datetime | None]:
    """Whether the post is to show at once, and if not, when."""
    published = truthy(given.get("published"), default=True)
    text = given.get("scheduled_publish_time", "")
    if not text:
        return published, None
    if published:
        message = "(#100) You cannot specify a scheduled publish time on a published post"
        raise refuse(100, message)
    return False, due_time(state, text, now)


def due_time(state: SandboxState, text: str, now: datetime) -> datetime:
    """Unix seconds, ISO 8601 or "+2 hours", inside the scheduling window."""
    options = state.settings.graph
    due = read_due(text.strip(), now)
    first = now + timedelta(minutes=options.schedule_min_minutes)
    last = now + timedelta(days=options.schedule_max_days)
    if due is None or not first <= due <= last:
        raise refuse(100, "(#100) The specified scheduled publish time is invalid.")
    return due


def read_due(text: str, now: datetime) -> datetime | None:
    if re.fullmatch(r"\d{9,11}", text):
        return datetime.fromtimestamp(int(text), UTC)
    relative = re.fullmatch(r"\+(\d{1,4}) (minute|hour|day|week)s?", text)
    if relative:
        return now + timedelta(seconds=int(relative[1]) * _STEPS[relative[2]])
    return parse_time(text)


def own_post(state: SandboxState, call: Call, now: datetime) -> PagePost:
    """The post of the path, for a change; raises 100 when it is not there."""
    need_page_token(state, call, now)
    post = state.world.graph.posts.get(call.args["id"])
    if post is None:
        raise missing_object(call.args["id"], call.method.lower())
    if not post.by_app and state.settings.graph.edit_only_own_posts:
        raise refuse(200, "(#200) An app can change only posts that it made itself")
    return post


def change(state: SandboxState, call: Call, now: datetime) -> Reply:
    """POST /{post}: text, time, visibility; everything is checked before anything changes."""
    video = state.world.graph.videos.get(call.args["id"])
    if video is not None:
        return describe_video(state, call, video, now)
    post, given = own_post(state, call, now), params(call)
    check_message(state, given.get("message", ""))
    due = post.scheduled_for
    if "scheduled_publish_time" in given:
        if post.published:
            raise refuse(100, "(#100) The post is already published")
        due = due_time(state, given["scheduled_publish_time"], now)
    show = truthy(given.get("is_published"), default=False) and not post.published
    if show and not state.settings.graph.publish_now_works:
        raise refuse(100, "(#100) is_published cannot be set on this post")
    post.message = given.get("message", post.message)
    post.hidden = truthy(given.get("is_hidden"), default=post.hidden)
    post.pinned = truthy(given.get("is_pinned"), default=post.pinned)
    post.scheduled_for, post.updated = due, now
    if show:
        post.published, post.scheduled_for, post.created = True, None, now
    return as_json(SUCCESS)


def describe_video(state: SandboxState, call: Call, video: Video, now: datetime) -> Reply:
    """POST /{video}: its words, and those of its post."""
    need_page_token(state, call, now)
    given = params(call)
    check_message(state, given.get("description", ""))
    video.title = given.get("title", video.title)
    video.description = given.get("description", video.description)
    post = state.world.graph.posts.get(video.post_id)
    if post is not None:
        post.message, post.updated = video.description, now
    return as_json(SUCCESS)


def delete(state: SandboxState, call: Call, now: datetime) -> Reply:
    """DELETE of a post, a picture or a video; with a video goes its post, and with it the video."""
    book, object_id = state.world.graph, call.args["id"]
    if object_id in book.photos or object_id in book.videos:
        check_token(state, call, now)
        book.photos.pop(object_id, None)
        video = book.videos.pop(object_id, None)
        book.posts.pop(video.post_id if video else "", None)
        return as_json(SUCCESS)
    post = own_post(state, call, now)
    del book.posts[post.id]
    book.videos.pop(post.video, None)
    return as_json(SUCCESS)
