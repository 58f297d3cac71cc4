"""Who is calling the website: HTTP Basic with an application password, or nobody."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime

from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Refusal, Reply, as_json
from broadcaster.sandbox.wordpress.answers import refuse, wire_time

USER_ID = 2
UUID = "5a0d4c1e-7b52-4f3a-9c58-2f1e6d7b8a90"


def basic(call: Call) -> tuple[str, str] | None:
    kind, _, coded = call.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(coded).decode("utf-8").partition(":")
    except ValueError:
        return "", ""
    return user, password


def logged_in(state: SandboxState, call: Call, now: datetime) -> bool:
    """True for the right user and password; a wrong password is silently anonymous."""
    options, book = state.settings.wordpress, state.world.wordpress
    given = None if options.strip_authorization else basic(call)
    if given is None or book.password_revoked:
        return False
    same_password = hmac.compare_digest(
        given[1].replace(" ", "").encode(), options.app_password.replace(" ", "").encode()
    )
    if given[0] == options.user and same_password:
        book.last_used = now
        return True
    return False


def need_login(state: SandboxState, call: Call, now: datetime, code: str, text: str) -> None:
    """Refuse anybody else with 401 and `code`, or the code newer versions give."""
    if logged_in(state, call, now):
        return
    newer = state.settings.wordpress.wrong_password_code
    raise unauthorized(newer if newer and basic(call) else code, text)


def unauthorized(code: str, text: str) -> Refusal:
    return refuse(code, text, 401)


def me(state: SandboxState, call: Call, now: datetime) -> Reply:
    """The probe of a password: 200 with `roles` in context=edit, else 401."""
    need_login(state, call, now, "rest_not_logged_in", "Bạn hiện chưa đăng nhập.")
    options = state.settings.wordpress
    card: dict[str, object] = {"id": USER_ID, "name": options.user, "slug": options.user}
    if call.query.get("context") == "edit":
        rights = ["publish_posts", "upload_files", "edit_posts"]
        if options.role == "editor":
            rights += ["manage_categories", "unfiltered_html", "edit_others_posts"]
        card |= {
            "username": options.user,
            "roles": [options.role],
            "capabilities": dict.fromkeys(rights, True),
        }
    return as_json(card)


def introspect(state: SandboxState, call: Call, now: datetime) -> Reply:
    """Which application password is in use."""
    before = state.world.wordpress.last_used
    need_login(state, call, now, "rest_not_logged_in", "Bạn hiện chưa đăng nhập.")
    return as_json(
        {
            "uuid": UUID,
            "app_id": "",
            "name": "Truyền thanh",
            "created": "2026-01-01T00:00:00",
            "last_used": wire_time(before) if before else None,
            "last_ip": "127.0.0.1",
        }
    )
