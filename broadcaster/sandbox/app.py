"""The FastAPI app: turns HTTP into calls and replies, and mounts the stand-ins."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from broadcaster.sandbox import control, cutting, pages
from broadcaster.sandbox.gate import pass_through
from broadcaster.sandbox.graph.api import Graph
from broadcaster.sandbox.platform import Platform
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Reply, Upload
from broadcaster.sandbox.wordpress.api import WordPress
from broadcaster.sandbox.zalo.api import Zalo

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Door = Callable[[Request], Coroutine[Any, Any, Response]]


def create_app(state: SandboxState) -> FastAPI:
    """All stand-ins, the public page and the control door over one state."""
    app = FastAPI(title="Môi trường thử", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.sandbox = state
    for path, platform in (
        ("/graph/{rest:path}", Graph()),
        ("/zalo-oauth/{rest:path}", zalo := Zalo()),
        ("/zalo-api/{rest:path}", zalo),
        ("/wordpress", wordpress := WordPress()),
        ("/wordpress/{rest:path}", wordpress),
    ):
        app.add_api_route(path, door(state, platform), methods=METHODS, response_model=None)
    app.include_router(control.router(state))
    app.include_router(pages.router(state))
    return app


def door(state: SandboxState, platform: Platform) -> Door:
    """One platform's entrance."""

    async def enter(request: Request) -> Response:
        try:
            call = await read_call(request)
        except ClientDisconnect:
            return Response(status_code=400)  # half a request is no request
        reply = await pass_through(state, platform, call)
        if reply is None:
            cutting.cut(request.scope)
            return Response(status_code=500)  # nobody reads it: the socket is closed
        return to_response(reply)

    return enter


async def read_call(request: Request) -> Call:
    """The whole request as a value."""
    body = await request.body()
    form, files = await read_form(request)
    return Call(
        method=request.method,
        path=request.url.path,
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=body,
        form=form,
        files=files,
        base_url=str(request.base_url).rstrip("/"),
    )


async def read_form(request: Request) -> tuple[dict[str, str], dict[str, Upload]]:
    """Fields and files of a form; both empty when the body is none, or a broken one."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        return {}, {}
    fields: dict[str, str] = {}
    files: dict[str, Upload] = {}
    try:
        async with request.form() as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    content = await value.read()
                    files[name] = Upload(value.filename or "", value.content_type or "", content)
                else:
                    fields[name] = value
    except HTTPException:
        return {}, {}
    return fields, files


def to_response(reply: Reply) -> Response:
    return Response(reply.body, reply.status, dict(reply.headers))
