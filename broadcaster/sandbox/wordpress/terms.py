"""Categories and tags."""

from __future__ import annotations

from datetime import datetime

from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Reply, as_json, truthy
from broadcaster.sandbox.wordpress.access import need_login
from broadcaster.sandbox.wordpress.answers import given_params, only, paged, refuse
from broadcaster.sandbox.wordpress.book import Term
from broadcaster.sandbox.wordpress.shapes import term_json
from broadcaster.sandbox.wordpress.slugs import slugify, unique

_TAXONOMY = {"categories": "category", "tags": "post_tag"}


def shelf(state: SandboxState, call: Call) -> dict[int, Term]:
    book = state.world.wordpress
    return book.categories if call.args["kind"] == "categories" else book.tags


def shown(state: SandboxState, call: Call, term: Term) -> dict[str, object]:
    kind = call.args["kind"]
    posts = [p for p in state.world.wordpress.posts.values() if p.status == "publish"]
    count = sum(term.id in (p.categories if kind == "categories" else p.tags) for p in posts)
    return term_json(call, term, _TAXONOMY[kind], count)


def create(state: SandboxState, call: Call, now: datetime) -> Reply:
    """A name that exists already answers with the term to use."""
    text = "Xin lỗi, bạn không được phép tạo mục trong phân loại này."
    need_login(state, call, now, "rest_cannot_create", text)
    given, terms = given_params(call), shelf(state, call)
    name = str(given.get("name") or "").strip()
    if not name:
        text = "Thiếu tham số: name"
        raise refuse("rest_missing_callback_param", text, 400, params=["name"])
    same = [t.id for t in terms.values() if t.name.casefold() == name.casefold()]
    if same:
        text = "Mục đã tồn tại với tên này trong phân loại."
        raise refuse("term_exists", text, 400, term_id=same[0])
    slug = unique(slugify(str(given.get("slug") or name)), {t.slug for t in terms.values()})
    description = str(given.get("description") or "")
    term = Term(state.world.wordpress.next_id(), name, slug, description)
    terms[term.id] = term
    base = f"{call.base_url}/wordpress/wp-json/wp/v2/{call.args['kind']}/{term.id}"
    return as_json(shown(state, call, term), 201, {"Location": base})


def existing(state: SandboxState, call: Call) -> Term:
    term = shelf(state, call).get(int(call.args["id"]))
    if term is None:
        raise refuse("rest_term_invalid", "Mục không tồn tại.", 404)
    return term


def read(state: SandboxState, call: Call, _now: datetime) -> Reply:
    full = shown(state, call, existing(state, call))
    return as_json(only(full, call.query.get("_fields", "")))


def listing(state: SandboxState, call: Call, _now: datetime) -> Reply:
    """By name; `search` and `slug` filter."""
    words = call.query.get("search", "").casefold()
    slugs = [s for s in call.query.get("slug", "").split(",") if s]
    kept = [
        t
        for t in shelf(state, call).values()
        if words in t.name.casefold() and (not slugs or t.slug in slugs)
    ]
    page, headers = paged(call, sorted(kept, key=lambda t: t.name))
    fields = call.query.get("_fields", "")
    return as_json([only(shown(state, call, t), fields) for t in page], headers=headers)


def delete(state: SandboxState, call: Call, now: datetime) -> Reply:
    term = existing(state, call)
    text = "Xin lỗi, bạn không được phép xóa mục này."
    need_login(state, call, now, "rest_cannot_delete", text)
    if not truthy(given_params(call).get("force"), default=False):
        text = "Mục không hỗ trợ thùng rác. Đặt 'force=true' để xóa."
        raise refuse("rest_trash_not_supported", text, 501)
    gone = shown(state, call, term)
    del shelf(state, call)[term.id]
    return as_json({"deleted": True, "previous": gone})
