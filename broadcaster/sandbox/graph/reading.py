"""Reading from Graph: the Page, one object, and the lists with their paging."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from broadcaster.sandbox.credentials import FACEBOOK_USER_ID
from broadcaster.sandbox.graph.access import Bearer, check_token, need_page_token
from broadcaster.sandbox.graph.answers import missing_object, params, pick, refuse, stamp, wanted
from broadcaster.sandbox.graph.book import PagePost, Photo, Video
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Reply, as_json, is_young, parse_time, whole_number

_KINDS = {
    "status": "mobile_status_update",
    "link": "shared_story",
    "photo": "added_photos",
    "video": "added_video",
}
TASKS = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]


def page_fields(state: SandboxState, bearer: Bearer) -> dict[str, object]:
    options = state.settings.graph
    own = options.page_token if bearer == "user" else None
    return {
        "id": options.page_id,
        "name": options.page_name,
        "access_token": own,
        "tasks": TASKS,
        "category": "Government organization",
        "link": f"https://www.facebook.com/{options.page_id}",
    }


def me(state: SandboxState, call: Call, now: datetime) -> Reply:
    """The Page itself with a page token, the person with a user token."""
    owner = check_token(state, call, now)
    names = wanted(params(call), "id,name")
    if owner == "page":
        return as_json(pick(page_fields(state, owner), names))
    return as_json(pick({"id": FACEBOOK_USER_ID, "name": "Cán bộ văn hóa xã"}, names))


def accounts(state: SandboxState, call: Call, now: datetime) -> Reply:
    """The Pages that the person manages."""
    if check_token(state, call, now) != "user":
        raise refuse(100, "(#100) Tried accessing nonexisting field (accounts)")
    names = wanted(params(call), "access_token,category,name,id,tasks")
    cursors = {"before": "MAZDZD", "after": "MAZDZD"}
    data = [pick(page_fields(state, "user"), names)]
    return as_json({"data": data, "paging": {"cursors": cursors}})


def post_fields(call: Call, state: SandboxState, post: PagePost) -> dict[str, object]:
    """Everything that can be asked of a post."""
    due = post.scheduled_for
    return {
        "id": post.id,
        "message": post.message or None,
        "created_time": stamp(post.created),
        "updated_time": stamp(post.updated),
        "permalink_url": permalink(call.base_url, post.id),
        "is_published": post.published,
        "is_hidden": post.hidden,
        "is_expired": False,
        "scheduled_publish_time": int(due.timestamp()) if due else None,
        "status_type": _KINDS[post.kind],
        "from": {"id": state.settings.graph.page_id, "name": state.settings.graph.page_name},
        "full_picture": None,
        "attachments": {"data": attachments(post)} if post.kind != "status" else None,
    }


def permalink(base_url: str, post_id: str) -> str:
    """Where a person can look at the post."""
    page, _, number = post_id.partition("_")
    return f"{base_url}/facebook/{page}/posts/{number}"


def attachments(post: PagePost) -> list[dict[str, object]]:
    photos: list[dict[str, object]] = [
        {"media_type": "photo", "type": "photo", "target": {"id": p}} for p in post.photos
    ]
    if len(photos) > 1:
        return [{"media_type": "album", "type": "album", "subattachments": {"data": photos}}]
    if photos:
        return photos
    if post.video:
        return [{"media_type": "video", "target": {"id": post.video}}]
    return [{"media_type": "link", "url": post.link, "unshimmed_url": post.link}]


def described(
    state: SandboxState, call: Call, post: PagePost, given: Mapping[str, str]
) -> dict[str, object]:
    names = wanted(given, "created_time,message,id")
    return pick(post_fields(call, state, post), names)


def read(state: SandboxState, call: Call, now: datetime) -> Reply:
    """GET /{id}: Page, post, picture or video."""
    owner = check_token(state, call, now)
    book, object_id, given = state.world.graph, call.args["id"], params(call)
    if object_id == state.settings.graph.page_id:
        return as_json(pick(page_fields(state, owner), wanted(given, "id,name")))
    found = book.posts.get(object_id) or book.photos.get(object_id) or book.videos.get(object_id)
    lag = max(call.lag, state.settings.graph.read_lag)
    if found is None or is_young(found.created, now, lag):
        raise missing_object(object_id)
    if isinstance(found, PagePost):
        return as_json(described(state, call, found, given))
    if isinstance(found, Photo):
        return as_json(pick(photo_fields(call, found), wanted(given, "created_time,id")))
    full = video_fields(state, call, found, now)
    return as_json(pick(full, wanted(given, "updated_time,description,id")))


def photo_fields(call: Call, photo: Photo) -> dict[str, object]:
    source = photo.url or f"{call.base_url}/facebook/media/{photo.id}"
    return {
        "id": photo.id,
        "created_time": stamp(photo.created),
        "name": photo.caption or None,
        "alt_text_custom": photo.alt_text or None,
        "images": [{"source": source}],
        "page_story_id": photo.post_id or None,
        "link": permalink(call.base_url, photo.post_id) if photo.post_id else None,
    }


def video_fields(state: SandboxState, call: Call, video: Video, now: datetime) -> dict[str, object]:
    book, post_id = state.world.graph, video.post_id
    post = book.posts.get(post_id)
    whole = state.settings.graph.video_post_id_whole
    return {
        "id": video.id,
        "title": video.title or None,
        "description": video.description or None,
        "created_time": stamp(video.created),
        "updated_time": stamp(video.created),
        "status": {"video_status": video_status(state, video, now)},
        "published": post is not None and post.published,
        "permalink_url": permalink(call.base_url, post_id) if post_id else None,
        "post_id": (post_id if whole else post_id.partition("_")[2]) or None,
    }


def video_status(state: SandboxState, video: Video, now: datetime) -> str:
    """What the platform is doing with it: processing, ready or error."""
    options = state.settings.graph
    if is_young(video.created, now, options.video_processing):
        return "processing"
    return "error" if options.video_fails else "ready"


def published(state: SandboxState, call: Call, now: datetime) -> Reply:
    """What shows on the Page, newest first; young posts come with a lag."""
    need_page_token(state, call, now)
    lag = max(call.lag, state.settings.graph.list_lag)
    shown = [p for p in state.world.graph.posts.values() if p.published]
    old = [p for p in shown if not is_young(p.created, now, lag)]
    return listing(state, call, sorted(old, key=lambda p: (p.created, p.id), reverse=True))


def scheduled(state: SandboxState, call: Call, now: datetime) -> Reply:
    """What waits for its time, soonest first."""
    need_page_token(state, call, now)
    lag = max(call.lag, state.settings.graph.list_lag)
    waiting = [p for p in state.world.graph.posts.values() if p.scheduled_for is not None]
    old = [p for p in waiting if not is_young(p.created, now, lag)]
    return listing(state, call, sorted(old, key=lambda p: (p.scheduled_for or now, p.id)))


def listing(state: SandboxState, call: Call, posts: list[PagePost]) -> Reply:
    """One page of a list: `limit`, `since`, `until`, and cursors to go on."""
    given = params(call)
    kept = [p for p in posts if in_window(p, given)]
    limit = max(1, min(100, whole_number(given.get("limit"), 25)))
    ids = [p.id for p in kept]
    after = given.get("after", "")
    start = ids.index(uncursor(after)) + 1 if after and uncursor(after) in ids else 0
    page = kept[start : start + limit]
    body: dict[str, object] = {"data": [described(state, call, p, given) for p in page]}
    if page:
        cursors = {"before": cursor(page[0].id), "after": cursor(page[-1].id)}
        paging: dict[str, object] = {"cursors": cursors}
        if start + limit < len(kept):
            more = {**given, "after": cursors["after"]}
            paging["next"] = f"{call.base_url}{call.path}?{urlencode(more)}"
        body["paging"] = paging
    return as_json(body)


def in_window(post: PagePost, given: Mapping[str, str]) -> bool:
    since, until = moment(given.get("since", "")), moment(given.get("until", ""))
    return (since is None or post.created >= since) and (until is None or post.created <= until)


def moment(text: str) -> datetime | None:
    return datetime.fromtimestamp(int(text), UTC) if text.isdigit() else parse_time(text)


def cursor(post_id: str) -> str:
    return base64.urlsafe_b64encode(post_id.encode()).decode().rstrip("=")


def uncursor(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return ""
