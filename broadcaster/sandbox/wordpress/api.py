"""The website's addresses and the way it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.platform import Route, route
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Reply, as_json, notice_page
from broadcaster.sandbox.wordpress import access, media, posts, site, terms
from broadcaster.sandbox.wordpress.answers import wp_error

_ROOT = "/wordpress"
_JSON = _ROOT + "/wp-json"
_API = _JSON + "/wp/v2"
_ID = r"/(?P<id>\d+)"
_TERMS = _API + "/(?P<kind>categories|tags)"
_INTROSPECT = _API + "/users/me/application-passwords/introspect"
_UPDATES = ("POST", "PUT", "PATCH")

ROUTES: Sequence[Route] = (
    route("GET", _JSON, "discovery", site.discovery),
    route("GET", _API + "/posts", "posts.list", posts.listing),
    route("POST", _API + "/posts", "posts.create", posts.create),
    route("GET", _API + "/posts" + _ID, "posts.read", posts.read),
    *(route(m, _API + "/posts" + _ID, "posts.update", posts.update) for m in _UPDATES),
    route("DELETE", _API + "/posts" + _ID, "posts.delete", posts.delete),
    route("GET", _API + "/media", "media.list", media.listing),
    route("POST", _API + "/media", "media.create", media.create),
    route("GET", _API + "/media" + _ID, "media.read", media.read),
    *(route(m, _API + "/media" + _ID, "media.update", media.update) for m in _UPDATES),
    route("DELETE", _API + "/media" + _ID, "media.delete", media.delete),
    route("GET", _TERMS, "terms.list", terms.listing),
    route("POST", _TERMS, "terms.create", terms.create),
    route("GET", _TERMS + _ID, "terms.read", terms.read),
    route("DELETE", _TERMS + _ID, "terms.delete", terms.delete),
    route("GET", _API + "/users/me", "users.me", access.me),
    route("GET", _INTROSPECT, "users.introspect", access.introspect),
    route("GET", _ROOT + r"/wp-cron\.php", "cron", site.cron),
    route("POST", _ROOT + r"/wp-cron\.php", "cron", site.cron),
    route("GET", _ROOT + "/feed", "feed", site.feed),
    route("GET", _ROOT + "/wp-content/uploads/(?P<path>.+)", "file", site.file),
    route("GET", _ROOT, "home", site.home),
    route("GET", _ROOT + r"/(?P<slug>(?!wp-)[a-z0-9_-]+)", "article", site.article),
)


class WordPress:
    """A commune's website on WordPress."""

    name = "wordpress"
    routes = ROUTES

    def prepare(self, state: SandboxState, call: Call) -> Call:
        """`?rest_route=` always works; `/wp-json/` only with pretty permalinks."""
        path = call.path.rstrip("/")
        if path.startswith(_JSON) and not state.settings.wordpress.pretty_permalinks:
            return replace(call, path=_ROOT + "/wp-off")
        if path in {_ROOT, _ROOT + "/index.php"} and "rest_route" in call.query:
            path = _JSON + "/" + call.query["rest_route"].strip("/")
        return replace(call, path=path.rstrip("/"))

    def settle(self, state: SandboxState, now: datetime) -> None:
        """Nothing: WordPress does its timed work on visits only."""

    def unknown(self, state: SandboxState, call: Call, now: datetime) -> Reply:
        if not call.path.startswith(_JSON):
            return site.not_found(state, call, now)
        if call.method == "OPTIONS":
            return as_json({})
        text = "Không tìm thấy đường dẫn nào khớp với URL và phương thức yêu cầu."
        return wp_error("rest_no_route", text, 404)

    def finish(self, state: SandboxState, call: Call, reply: Reply, now: datetime) -> Reply:
        """Cron runs behind the visit that wakes it: only the next request sees its work."""
        if state.settings.wordpress.cron_on_visit:
            state.world.wordpress.run_cron(now)
        origin = call.headers.get("origin")
        if not origin or not call.path.startswith(_JSON):
            return reply
        return reply.with_headers(
            {
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Credentials": "true",
                "Access-Control-Expose-Headers": "X-WP-Total, X-WP-TotalPages, Link",
                "Vary": "Origin",
            }
        )

    def crash(self) -> Reply:
        text = "Đã xảy ra lỗi nghiêm trọng trên trang web này."
        return wp_error("internal_server_error", text, 500)

    def error(self, fault: Fault) -> Reply:
        code = str(fault.code or "internal_server_error")
        return wp_error(code, fault.message, fault.status or 500, **fault.extra)

    def throttle(self, _state: SandboxState, fault: Fault) -> Reply:
        status = fault.status or 429
        reply = notice_page("429", fault.message or "Too Many Requests", status)
        return reply.with_headers({"Retry-After": str(round(fault.seconds or 60))})

    def revoke(self, state: SandboxState, _fault: Fault) -> None:
        state.world.wordpress.password_revoked = True
