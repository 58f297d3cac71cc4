"""The control door for scripts and tests: what is public, counters, faults, clock, settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from broadcaster.sandbox import public, saving
from broadcaster.sandbox.graph.posts import new_post
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.summary import summary

Answer = Callable[[SandboxState, Request, object], object]


def router(state: SandboxState) -> APIRouter:
    """All routes under `/_control`."""
    door = APIRouter(prefix="/_control", include_in_schema=False)
    for path, method, answer in (
        ("/public", "GET", see_public),
        ("/version", "GET", see_version),
        ("/summary", "GET", see_summary),
        ("/counters", "GET", see_counters),
        ("/faults", "GET", see_faults),
        ("/faults", "POST", add_faults),
        ("/faults", "DELETE", clear_faults),
        ("/clock", "GET", see_clock),
        ("/clock", "POST", set_clock),
        ("/settings", "GET", see_settings),
        ("/settings", "PATCH", change_settings),
        ("/credentials", "GET", see_credentials),
        ("/reset", "POST", reset),
        ("/facebook/posts", "POST", post_by_person),
    ):
        door.add_api_route(path, wrapped(state, answer), methods=[method], response_model=None)
    return door


def wrapped(state: SandboxState, answer: Answer) -> Callable[[Request], Awaitable[JSONResponse]]:
    """Read the JSON body, take the lock, and say in Vietnamese what is wrong with the input."""

    async def enter(request: Request) -> JSONResponse:
        try:
            body = await request.json() if await request.body() else None
            with state.lock:
                return JSONResponse(answer(state, request, body))
        except ValidationError as error:
            reason = saving.problems(error)
        except (ValueError, TypeError) as error:
            reason = str(error)
        return JSONResponse({"error": f"Yêu cầu không dùng được: {reason}"}, 400)

    return enter


def base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def see_public(state: SandboxState, request: Request, _body: object) -> object:
    return public.dump(state, base(request))


def see_version(state: SandboxState, _request: Request, _body: object) -> object:
    return {"version": public.version(state)}


def see_summary(state: SandboxState, _request: Request, _body: object) -> object:
    return summary(state)


def see_counters(state: SandboxState, _request: Request, _body: object) -> object:
    return state.world.counters


def see_faults(state: SandboxState, _request: Request, _body: object) -> object:
    return saving.FAULTS.dump_python(state.world.faults, mode="json")


def add_faults(state: SandboxState, request: Request, body: object) -> object:
    """One fault or a list of them."""
    state.add_faults(saving.FAULTS.validate_python(body if isinstance(body, list) else [body]))
    return see_faults(state, request, None)


def clear_faults(state: SandboxState, _request: Request, _body: object) -> object:
    with state.changing() as world:
        world.faults.clear()
    return []


def see_clock(state: SandboxState, _request: Request, _body: object) -> object:
    return {"now": state.now().isoformat(), "stopped": state.world.stopped_at is not None}


def set_clock(state: SandboxState, request: Request, body: object) -> object:
    """`advance` seconds; `at` a time to stop at; `run` true to go with the machine again."""
    given = body if isinstance(body, dict) else {}
    if not given or set(given) - {"advance", "at", "run"}:
        raise ValueError("advance (giây), at (giờ có múi giờ), run (true)")
    at = datetime.fromisoformat(given["at"]) if "at" in given else None
    if at is not None and at.tzinfo is None:
        raise ValueError("at: thiếu múi giờ")
    with state.changing() as world:
        if at is not None or given.get("run"):
            world.stopped_at, world.shift_seconds = at, 0.0
        world.shift_seconds += float(given.get("advance", 0))
    return see_clock(state, request, None)


def see_settings(state: SandboxState, _request: Request, _body: object) -> object:
    return saving.SETTINGS.dump_python(state.settings, mode="json")


def change_settings(state: SandboxState, request: Request, body: object) -> object:
    """Some settings, as {"graph": {"list_lag": 5}}."""
    merged = saving.merged_settings(state.settings, body)
    with state.changing() as world:
        world.settings = merged
    return see_settings(state, request, None)


def see_credentials(state: SandboxState, request: Request, _body: object) -> object:
    """Base addresses and keys, ready to be put into a client's configuration."""
    options, root = state.settings, base(request)
    return {
        "graph": {
            "base_url": f"{root}/graph",
            "page_id": options.graph.page_id,
            "page_token": options.graph.page_token,
            "app_id": options.graph.app_id,
            "app_secret": options.graph.app_secret,
        },
        "zalo": {
            "oauth_url": f"{root}/zalo-oauth",
            "api_url": f"{root}/zalo-api",
            "oa_id": options.zalo.oa_id,
            "app_id": options.zalo.app_id,
            "app_secret": options.zalo.app_secret,
            "access_token": options.zalo.access_token,
            "refresh_token": options.zalo.refresh_token,
        },
        "wordpress": {
            "base_url": f"{root}/wordpress",
            "user": options.wordpress.user,
            "app_password": options.wordpress.app_password,
        },
    }


def reset(state: SandboxState, request: Request, _body: object) -> object:
    """Forget all posts, counters, faults and the clock's shift."""
    state.reset()
    return see_clock(state, request, None)


def post_by_person(state: SandboxState, _request: Request, body: object) -> object:
    """A post that somebody wrote by hand in Facebook: {"message": …}."""
    message = body.get("message") if isinstance(body, dict) else None
    if not isinstance(message, str) or not message.strip():
        raise ValueError("message")
    with state.changing():
        post = new_post(state, state.now(), message, by_app=False)
    return {"id": post.id}
