"""Zalo's OAuth v4: consent, single-use refresh tokens; and the check of every call."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Refusal, Reply, as_json
from broadcaster.sandbox.zalo.answers import refuse
from broadcaster.sandbox.zalo.book import Grant

# No code of its own is documented for a refused grant; clients treat every one as final.
BAD_GRANT = -14014


def challenge_of(verifier: str) -> str:
    """PKCE: base64url of the raw SHA-256, without padding."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def oauth_refusal(code: int, name: str, reason: str) -> Refusal:
    """OAuth errors have names of their own, and HTTP 200 like all others."""
    body = {
        "error": code,
        "error_name": name,
        "error_reason": reason,
        "error_description": reason,
        "ref_doc": "https://developers.zalo.me/docs/official-account",
    }
    return Refusal(as_json(body))


def permission(state: SandboxState, call: Call, now: datetime) -> Reply:
    """The consent page; here the administrator agrees at once."""
    options, where = state.settings.zalo, call.query.get("redirect_uri", "")
    if call.query.get("app_id") != options.app_id or not options.app_active:
        raise oauth_refusal(-14002, "Inactive app", "The app is not active")
    if not where or (options.redirect_uri and where != options.redirect_uri):
        raise oauth_refusal(-14003, "Invalid redirect uri", "Redirect URI is not registered")
    if call.query.get("code_challenge") != challenge_of(options.code_verifier):
        raise oauth_refusal(-14003, "Invalid code challenge", "Code challenge is not registered")
    code = secrets.token_urlsafe(32)
    end = now + timedelta(minutes=options.code_minutes)
    with state.changing() as world:  # a GET that changes something
        world.zalo.codes[code] = Grant(end)
    answer = {"code": code, "oa_id": options.oa_id, "state": call.query.get("state", "")}
    joint = "&" if "?" in where else "?"
    return Reply(302, b"", {"Location": f"{where}{joint}{urlencode(answer)}"})


def access_token(state: SandboxState, call: Call, now: datetime) -> Reply:
    """Code or refresh token to a new pair; both work once."""
    options, book, form = state.settings.zalo, state.world.zalo, call.form
    if not options.app_active or form.get("app_id") != options.app_id:
        raise oauth_refusal(-14002, "Invalid app", "App id is invalid or the app is not active")
    if call.headers.get("secret_key") != options.app_secret:
        raise oauth_refusal(-14004, "Invalid secret key", "Secret key is invalid")
    if form.get("grant_type") == "authorization_code":
        grant = book.codes.get(form.get("code", ""))
        if form.get("code_verifier") != options.code_verifier:
            grant = None
    elif form.get("grant_type") == "refresh_token":
        grant = book.refresh.get(form.get("refresh_token", ""))
    else:
        raise oauth_refusal(-14005, "Invalid grant type", "Grant type is invalid")
    if grant is None or grant.used or grant.expires <= now:
        raise oauth_refusal(BAD_GRANT, "Invalid grant", "Grant is invalid, expired or used")
    grant.used = True
    return new_pair(state, now)


def new_pair(state: SandboxState, now: datetime) -> Reply:
    options, book = state.settings.zalo, state.world.zalo
    access, refresh = secrets.token_urlsafe(48), secrets.token_urlsafe(48)
    book.access[access] = Grant(now + timedelta(hours=options.access_hours))
    book.refresh[refresh] = Grant(now + timedelta(days=options.refresh_days))
    seconds = str(options.access_hours * 3_600)
    return as_json({"access_token": access, "refresh_token": refresh, "expires_in": seconds})


def token_of(state: SandboxState, call: Call) -> str:
    """The header; the query only where the settings allow the older way."""
    header = call.headers.get("access_token", "")
    query = state.settings.zalo.accept_query_token
    return header or (call.query.get("access_token", "") if query else "")


def check(state: SandboxState, call: Call, now: datetime) -> None:
    """Token, proof and rate of one API call."""
    count_minute(state, call, now)
    token = token_of(state, call)
    grant = state.world.zalo.access.get(token)
    if grant is None:
        raise refuse(-216)
    if grant.used or grant.expires <= now:
        raise refuse(-220 if grant.expires <= now else -216)
    check_proof(state, call, token)
    if remaining(state, call) < 0:
        raise refuse(-32)


def check_proof(state: SandboxState, call: Call, token: str) -> None:
    """Hex HMAC-SHA256 over the token with the app secret as key, in a header."""
    options, given = state.settings.zalo, call.headers.get("appsecret_proof")
    if given is None and not options.require_appsecret_proof:
        return
    right = hmac.new(options.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), (given or "").encode()):
        raise refuse(-242)


def family(call: Call) -> str:
    """Articles have a rate limit of their own."""
    return "article" if "/article/" in call.path else "oa"


def count_minute(state: SandboxState, call: Call, now: datetime) -> None:
    """Add one call to the running minute."""
    book, minute = state.world.zalo, now.strftime("%Y-%m-%dT%H:%M")
    if book.minute != minute:
        book.minute, book.minute_calls = minute, {}
    book.minute_calls[family(call)] = book.minute_calls.get(family(call), 0) + 1


def remaining(state: SandboxState, call: Call) -> int:
    used = state.world.zalo.minute_calls.get(family(call), 0)
    return state.settings.zalo.calls_per_minute - used


def rate_headers(state: SandboxState, call: Call) -> Mapping[str, str]:
    left = max(0, remaining(state, call))
    limit = state.settings.zalo.calls_per_minute
    return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remain": str(left)}
