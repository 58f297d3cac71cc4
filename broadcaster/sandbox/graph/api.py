"""Graph API's addresses and the way it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.graph import access, media, posts, reading
from broadcaster.sandbox.graph.answers import graph_error, params
from broadcaster.sandbox.platform import Route, route
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Reply, whole_number

_V = access.VERSION
_PAGE = _V + r"/(?P<page>me|\d+)"
_ID = _V + r"/(?P<id>\d+(?:_\d+)?)"

ROUTES: Sequence[Route] = (
    route("GET", _V + "/dialog/oauth", "oauth.dialog", access.dialog),
    route("GET", _V + "/oauth/access_token", "oauth.token", access.exchange),
    route("POST", _V + "/oauth/access_token", "oauth.token", access.exchange),
    route("GET", _V + "/me", "me", reading.me),
    route("GET", _V + "/me/accounts", "accounts", reading.accounts),
    route("POST", _PAGE + "/feed", "feed.create", posts.create),
    route("POST", _PAGE + "/photos", "photos.create", media.post_photo),
    route("POST", _PAGE + "/videos", "videos.create", media.post_video),
    route("POST", _PAGE + "/videos#start", "videos.start", media.start_upload),
    route("POST", _PAGE + "/videos#transfer", "videos.transfer", media.take_piece),
    route("POST", _PAGE + "/videos#finish", "videos.finish", media.finish_upload),
    route("GET", _PAGE + "/(?:feed|posts|published_posts)", "posts.list", reading.published),
    route("GET", _PAGE + "/scheduled_posts", "scheduled.list", reading.scheduled),
    route("GET", _ID, "object.read", reading.read),
    route("POST", _ID, "object.change", posts.change),
    route("DELETE", _ID, "object.delete", posts.delete),
)


class Graph:
    """The Facebook Graph API of one Page."""

    name = "graph"
    routes = ROUTES

    def prepare(self, _state: SandboxState, call: Call) -> Call:
        """Each phase of a video is a call of its own, for counters and scripts."""
        path, phase = call.path.rstrip("/"), params(call).get("upload_phase", "")
        return replace(call, path=f"{path}#{phase}" if phase else path)

    def settle(self, state: SandboxState, now: datetime) -> None:
        state.world.graph.settle(now)

    def unknown(self, state: SandboxState, call: Call, now: datetime) -> Reply:
        return access.unknown_path(state, call, now)

    def finish(self, state: SandboxState, _call: Call, reply: Reply, _now: datetime) -> Reply:
        return reply.with_headers(access.usage_headers(state))

    def crash(self) -> Reply:
        return graph_error(2, "An unexpected error has occurred. Please retry your request later.")

    def error(self, fault: Fault) -> Reply:
        code = whole_number(fault.code, 1)
        message = fault.message or f"(#{code}) Scripted error"
        return graph_error(
            code, message, subcode=fault.subcode, status=fault.status, extra=fault.extra
        )

    def throttle(self, state: SandboxState, fault: Fault) -> Reply:
        """80001 by default; `seconds` are rounded up to the minutes that Meta counts in."""
        code = whole_number(fault.code, 80001)
        subcode = fault.subcode or (2494055 if code == 80001 else None)
        message = fault.message or f"(#{code}) There have been too many calls to this Page account"
        minutes = -int(-(fault.seconds or 60) // 60)
        reply = graph_error(code, message, subcode=subcode, status=fault.status)
        return reply.with_headers(access.usage_headers(state, minutes=minutes))

    def revoke(self, state: SandboxState, fault: Fault) -> None:
        state.world.graph.dead_subcode = fault.subcode or 463
