"""Posts over REST: create, read, list, change, delete."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Reply, as_json, is_young, truthy
from broadcaster.sandbox.wordpress import post_rules as rules
from broadcaster.sandbox.wordpress.access import logged_in, need_login
from broadcaster.sandbox.wordpress.answers import bad_param, given_params, only, paged, refuse
from broadcaster.sandbox.wordpress.book import Post
from broadcaster.sandbox.wordpress.shapes import post_json
from broadcaster.sandbox.wordpress.slugs import TRASHED

_SCRIPTS = re.compile(r"(?is)<(script|iframe)\b.*?</\1>")


def create(state: SandboxState, call: Call, now: datetime) -> Reply:
    text = "Xin lỗi, bạn không được phép tạo bài viết dưới danh nghĩa người dùng này."
    need_login(state, call, now, "rest_cannot_create", text)
    book, given = state.world.wordpress, given_params(call)
    blank = Post(book.last_id + 1, "draft", now, now)
    post = changed(state, blank, given, now, asked=given.get("status") or "draft")
    if not (post.title.strip() or post.content.strip() or post.excerpt.strip()):
        raise refuse("empty_content", "Nội dung, tiêu đề và đoạn trích đều trống.", 400)
    book.posts[book.next_id()] = post
    place = {"Location": f"{call.base_url}/wordpress/wp-json/wp/v2/posts/{post.id}"}
    return as_json(post_json(state, call, post, edit=True), 201, place)


def changed(
    state: SandboxState,
    post: Post,
    given: Mapping[str, object],
    now: datetime,
    *,
    asked: object = None,
) -> Post:
    """A copy of the post with the given fields; raises before anything is stored."""
    book = state.world.wordpress
    status = rules.given_status({**given, "status": asked or given.get("status")})
    date = rules.given_date(state, given)
    new = replace(post, modified=now)
    for name in ("title", "content", "excerpt"):
        text = rules.raw_text(given, name)
        if text is not None:
            setattr(new, name, filtered(state, text))
    new.date = date or (now if post.status in {"draft", "pending"} else post.date)
    new.status = rules.settled_status(status or post.status, new.date, now)
    found = rules.check_terms(book, given, "categories")
    new.categories = (post.categories if found is None else found) or [1]
    found = rules.check_terms(book, given, "tags")
    new.tags = post.tags if found is None else found
    featured = rules.check_featured(book, given)
    new.featured_media = post.featured_media if featured is None else featured
    new.comment_status = comment_status(given, post)
    password = rules.raw_text(given, "password")
    new.password = post.password if password is None else password
    slug = rules.raw_text(given, "slug")
    if new.status != "trash":
        was = post.slug.removesuffix(TRASHED)
        new.slug = rules.placed_slug(book, new, was if slug is None else slug)
    return new


def filtered(state: SandboxState, text: str) -> str:
    """An author's HTML is filtered, an editor's is kept as it is."""
    return text if state.settings.wordpress.role == "editor" else _SCRIPTS.sub("", text)


def comment_status(given: Mapping[str, object], post: Post) -> str:
    value = given.get("comment_status", post.comment_status)
    if value not in {"open", "closed"}:
        raise bad_param("comment_status", "phải là open hoặc closed", "rest_not_in_enum")
    return str(value)


def existing(state: SandboxState, call: Call) -> Post:
    post = state.world.wordpress.posts.get(int(call.args["id"]))
    if post is None:
        raise refuse("rest_post_invalid_id", "ID bài viết không hợp lệ.", 404)
    return post


def update(state: SandboxState, call: Call, now: datetime) -> Reply:
    """`status=publish` alone leaves a scheduled post scheduled: its date decides."""
    post = existing(state, call)
    text = "Xin lỗi, bạn không được phép sửa bài viết này."
    need_login(state, call, now, "rest_cannot_edit", text)
    new = changed(state, post, given_params(call), now)
    state.world.wordpress.posts[post.id] = new
    return as_json(post_json(state, call, new, edit=True))


def delete(state: SandboxState, call: Call, now: datetime) -> Reply:
    """To the trash, or for good with `force=true`."""
    post = existing(state, call)
    text = "Xin lỗi, bạn không được phép xóa bài viết này."
    need_login(state, call, now, "rest_cannot_delete", text)
    if truthy(given_params(call).get("force"), default=False):
        del state.world.wordpress.posts[post.id]
        gone = post_json(state, call, post, edit=True)
        return as_json({"deleted": True, "previous": gone})
    if post.status == "trash":
        raise refuse("rest_already_trashed", "Bài viết đã được bỏ vào thùng rác.", 410)
    rules.trash(post, now)
    return as_json(post_json(state, call, post, edit=True))


def read(state: SandboxState, call: Call, now: datetime) -> Reply:
    """Anybody sees what is published; the rest needs a login."""
    post, known = existing(state, call), logged_in(state, call, now)
    edit = call.query.get("context") == "edit"
    if edit and not known:
        text = "Xin lỗi, bạn không được phép sửa bài viết này."
        raise refuse("rest_forbidden_context", text, 401)
    if post.status != "publish" and not known:
        raise refuse("rest_forbidden", "Xin lỗi, bạn không được phép làm điều đó.", 401)
    full = post_json(state, call, post, edit=edit)
    return as_json(only(full, call.query.get("_fields", "")))


def listing(state: SandboxState, call: Call, now: datetime) -> Reply:
    """Filters and paging; newest first."""
    known = logged_in(state, call, now)
    edit = call.query.get("context") == "edit"
    if edit and not known:
        text = "Xin lỗi, bạn không được phép sửa các bài viết này."
        raise refuse("rest_forbidden_context", text, 401)
    wanted = asked(call, known)
    kept = [p for p in state.world.wordpress.posts.values() if p.status in wanted]
    lag = max(call.lag, state.settings.wordpress.list_lag)
    kept = [p for p in kept if fits(state, call, p) and not is_young(p.modified, now, lag)]
    kept.sort(key=lambda p: (p.date, p.id), reverse=call.query.get("order", "desc") != "asc")
    page, headers = paged(call, kept)
    fields = call.query.get("_fields", "")
    rows = [only(post_json(state, call, p, edit=edit), fields) for p in page]
    return as_json(rows, headers=headers)


def asked(call: Call, known: bool) -> set[str]:
    """The statuses of the list; only `publish` without a login. `any` leaves out the trash."""
    wanted = {s.strip() for s in call.query.get("status", "publish").split(",")}
    if wanted - {"any", "trash", *rules.STATUSES}:
        raise bad_param("status[0]", "không phải là một trạng thái", "rest_not_in_enum")
    if wanted != {"publish"} and not known:
        raise bad_param("status", "Trạng thái bị cấm.", "rest_forbidden_status")
    return set(rules.STATUSES) | wanted if "any" in wanted else wanted


def fits(state: SandboxState, call: Call, post: Post) -> bool:
    """All filters of the query."""
    query = call.query
    slugs = [s.strip() for s in query.get("slug", "").split(",") if s.strip()]
    words = query.get("search", "").casefold()
    text = f"{post.title}\n{post.content}\n{post.excerpt}".casefold()
    return (
        (not slugs or post.slug in slugs)
        and words in text
        and after_before(state, call, post)
        and one_of(query.get("include", ""), [post.id])
        and one_of(query.get("categories", ""), post.categories)
        and one_of(query.get("tags", ""), post.tags)
    )


def one_of(wanted: str, held: list[int]) -> bool:
    numbers = {int(n) for n in wanted.split(",") if n.strip().isdigit()}
    return not numbers or bool(numbers.intersection(held))


def after_before(state: SandboxState, call: Call, post: Post) -> bool:
    """`after` and `before`; without a zone they are in the site's."""
    for name, sign in (("after", 1), ("before", -1)):
        text = call.query.get(name, "")
        if not text:
            continue
        limit = rules.given_date(state, {"date": text.replace(" ", "+")}) or datetime.now(UTC)
        if (post.date - limit).total_seconds() * sign <= 0:
            return False
    return True
