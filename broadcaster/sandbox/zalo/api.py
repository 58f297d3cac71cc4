"""Zalo's addresses and the way it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.platform import Route, route
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Reply, notice_page, whole_number
from broadcaster.sandbox.zalo import access, account, articles, messages, uploads
from broadcaster.sandbox.zalo.answers import zalo_error

_OAUTH = "/zalo-oauth/v4/oa"
_V2, _V3 = "/zalo-api/v2.0", "/zalo-api/v3.0"
_ARTICLE = _V2 + "/article"

ROUTES: Sequence[Route] = (
    route("GET", _OAUTH + "/permission", "oauth.permission", access.permission),
    route("POST", _OAUTH + "/access_token", "oauth.token", access.access_token),
    route("POST", _ARTICLE + "/create", "article.create", articles.create),
    route("POST", _ARTICLE + "/verify", "article.verify", articles.verify),
    route("GET", _ARTICLE + "/getdetail", "article.read", articles.detail),
    route("GET", _ARTICLE + "/getslice", "article.list", articles.listing),
    route("POST", _ARTICLE + "/update", "article.update", articles.update),
    route("POST", _ARTICLE + "/remove", "article.remove", articles.remove),
    route("POST", _ARTICLE + "/upload_video/preparevideo", "video.create", uploads.prepare_video),
    route("GET", _ARTICLE + "/upload_video/verify", "video.verify", uploads.verify_video),
    route("POST", _V2 + "/oa/message", "broadcast.create", messages.broadcast),
    route("POST", f"(?:{_V2}|{_V3})/oa/quota/message", "quota", messages.quota),
    route("POST", _V3 + "/oa/message/cs", "cs.create", messages.customer_service),
    route("POST", _V3 + "/oa/message/template", "template.create", messages.template),
    route("POST", _V3 + "/oa/message/(?:transaction|promotion)", "shut", messages.shut_down),
    route("POST", _V3 + "/oa/group/message", "group.message", account.group_message),
    route("GET", _V3 + "/oa/group/getgroupsofoa", "group.list", account.groups),
    route("GET", _V3 + "/oa/group/listmember", "group.members", account.members),
    route("POST", _V2 + "/oa/upload/(?P<kind>image|gif|file)", "upload", uploads.upload),
    route("GET", _V3 + "/oa/user/getlist", "followers", account.followers),
    route("GET", _V2 + "/oa/getoa", "getoa", account.card),
)

_USUAL = {"quota": -211, "night": -234, "expired_upload": -100}


class Zalo:
    """Zalo OAuth and OpenAPI of one Official Account."""

    name = "zalo"
    routes = ROUTES

    def prepare(self, _state: SandboxState, call: Call) -> Call:
        return replace(call, path=call.path.rstrip("/"))

    def settle(self, state: SandboxState, now: datetime) -> None:
        alone = state.settings.zalo.unverified_articles_appear
        state.world.zalo.settle(now, alone=alone)

    def unknown(self, _state: SandboxState, _call: Call, _now: datetime) -> Reply:
        return notice_page("404", "Not Found", 404)

    def finish(self, state: SandboxState, call: Call, reply: Reply, _now: datetime) -> Reply:
        if call.path.startswith("/zalo-oauth"):
            return reply
        return reply.with_headers(access.rate_headers(state, call))

    def crash(self) -> Reply:
        return notice_page("502", "502 Bad Gateway", 502)

    def error(self, fault: Fault) -> Reply:
        """HTTP 200 as always, unless the script names a status."""
        usual = _USUAL.get(fault.kind, -200)
        if fault.kind == "quota" and fault.operation.startswith("article."):
            usual = -223
        reply = zalo_error(whole_number(fault.code, usual), fault.message)
        return replace(reply, status=fault.status or 200)

    def throttle(self, state: SandboxState, fault: Fault) -> Reply:
        limit = str(state.settings.zalo.calls_per_minute)
        headers = {"X-RateLimit-Limit": limit, "X-RateLimit-Remain": "0"}
        reply = zalo_error(whole_number(fault.code, -32), fault.message)
        return replace(reply, status=fault.status or 200).with_headers(headers)

    def revoke(self, state: SandboxState, fault: Fault) -> None:
        """Every access token dies; with code -14014 the refresh tokens die too."""
        for grant in state.world.zalo.access.values():
            grant.used = True
        if fault.code == access.BAD_GRANT:
            for grant in state.world.zalo.refresh.values():
                grant.used = True
