"""Who may call Graph: versions, tokens, appsecret_proof, the OAuth steps, and usage headers."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal
from urllib.parse import urlencode

from broadcaster.sandbox.graph.answers import graph_error, missing_object, params, refuse
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Refusal, Reply, as_json

Bearer = Literal["page", "user"]
VERSION = r"/graph(?:/(?P<version>v\d+\.\d+))?"

# Last day of each version that has one (Meta changelog).
_ENDS = {
    "v20.0": date(2026, 9, 24),
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
}
_NEWEST = 26


def check_version(state: SandboxState, call: Call, now: datetime) -> None:
    """An ended version is served or refused, as the settings say; a future one is refused."""
    version = call.args.get("version")
    if not version:
        return
    number = int(re.sub(r"^v|\..*$", "", version))
    end = _ENDS.get(version)
    ended = number < 20 or (end is not None and end < now.date())
    if number > _NEWEST or (ended and not state.settings.graph.serve_ended_versions):
        raise refuse(2500, f"Unknown path components: /{version}")


def token_of(call: Call) -> str:
    bearer = call.headers.get("authorization", "")
    given = params(call).get("access_token", "")
    return given or (bearer[7:].strip() if bearer.lower().startswith("bearer ") else "")


def check_token(state: SandboxState, call: Call, now: datetime) -> Bearer:
    """Whose token it is; raises 190 for a wrong one and 100 for a wrong proof."""
    check_version(state, call, now)
    options, book, token = state.settings.graph, state.world.graph, token_of(call)
    is_page = bool(token) and token == options.page_token
    is_user = bool(token) and token in {options.user_token, *book.user_tokens}
    if book.dead_subcode is not None and (is_page or is_user):
        raise bad_token(state, book.dead_subcode)
    if not is_page and not is_user:
        raise bad_token(state, options.wrong_token_subcode)
    check_proof(state, call, token)
    return "page" if is_page else "user"


def bad_token(state: SandboxState, subcode: int | None) -> Refusal:
    """190 with the reason as subcode."""
    texts = {
        None: "Invalid OAuth access token - Cannot parse access token",
        458: "Error validating access token: The user has not authorized application",
        460: "Error validating access token: The session is invalid: the password was changed",
        463: "Error validating access token: Session has expired",
        467: "Error validating access token: The session was invalidated",
    }
    message = texts.get(subcode, "Error validating access token")
    return refuse(190, message, subcode=subcode, status=state.settings.graph.auth_status)


def check_proof(state: SandboxState, call: Call, token: str) -> None:
    """Hex HMAC-SHA256 over the token with the app secret as key."""
    options = state.settings.graph
    given = params(call).get("appsecret_proof")
    if given is None and not options.require_appsecret_proof:
        return
    if given is None:
        raise refuse(100, "API calls from the server require an appsecret_proof argument")
    right = hmac.new(options.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), given.encode()):
        raise refuse(100, "Invalid appsecret_proof provided in the API argument")


def need_page_token(state: SandboxState, call: Call, now: datetime) -> None:
    """Only the Page itself may post, and only on itself."""
    bearer = check_token(state, call, now)
    page = call.args.get("page", "me")
    if page not in {"me", state.settings.graph.page_id}:
        raise missing_object(page, call.method.lower())
    if bearer != "page":
        message = "(#200) This call needs a Page access token with pages_manage_posts"
        raise refuse(200, message)


def dialog(state: SandboxState, call: Call, now: datetime) -> Reply:
    """The login page; here the user agrees at once."""
    check_version(state, call, now)
    where = call.query.get("redirect_uri", "")
    if call.query.get("client_id") != state.settings.graph.app_id or not where:
        raise refuse(101, "Error validating application. Invalid application ID.")
    code = "AQ" + secrets.token_urlsafe(24)
    state.world.graph.codes.append(code)
    more = urlencode({"code": code, "state": call.query.get("state", "")})
    return Reply(302, b"", {"Location": f"{where}{'&' if '?' in where else '?'}{more}"})


def exchange(state: SandboxState, call: Call, now: datetime) -> Reply:
    """Code to short user token, or any user token to a long-lived one."""
    check_version(state, call, now)
    options, book, given = state.settings.graph, state.world.graph, params(call)
    if given.get("client_id") != options.app_id:
        raise refuse(101, "Error validating application. Invalid application ID.")
    if given.get("client_secret") != options.app_secret:
        raise refuse(1, "Error validating client secret.", status=400)
    if given.get("grant_type") == "fb_exchange_token":
        known = {options.user_token, *book.user_tokens}
        if given.get("fb_exchange_token") not in known:
            raise bad_token(state, options.wrong_token_subcode)
        return new_user_token(state, 5_183_944)
    code = given.get("code", "")
    if code not in book.codes:
        raise refuse(100, "This authorization code has been used.", subcode=36009)
    book.codes.remove(code)
    return new_user_token(state, 5_400)


def new_user_token(state: SandboxState, seconds: int) -> Reply:
    token = "EAAK" + secrets.token_urlsafe(24)
    state.world.graph.user_tokens.append(token)
    return as_json({"access_token": token, "token_type": "bearer", "expires_in": seconds})


def usage_headers(state: SandboxState, *, minutes: int | None = None) -> Mapping[str, str]:
    """The three usage headers, in percent; `minutes` to regain access means: over the limit."""
    options, calls = state.settings.graph, state.calls("graph")
    if minutes is None and calls <= options.usage_headers_after_calls:
        return {}
    part = 100 if minutes is not None else min(99, calls * 100 // options.usage_call_budget)
    plain = {"call_count": part, "total_time": part, "total_cputime": part}
    page = {"type": "pages", **plain, "estimated_time_to_regain_access": minutes or 0}
    return {
        "X-App-Usage": json.dumps(plain),
        "X-Page-Usage": json.dumps(plain),
        "X-Business-Use-Case-Usage": json.dumps({options.page_id: [page]}),
    }


def unknown_path(state: SandboxState, call: Call, now: datetime) -> Reply:
    check_version(state, call, now)
    return graph_error(2500, f"Unknown path components: {call.path.removeprefix('/graph')}")
