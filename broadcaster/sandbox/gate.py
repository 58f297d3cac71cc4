"""The way of one request: counted, struck by faults, handled, saved, struck again, answered."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from broadcaster.sandbox.faults import Struck
from broadcaster.sandbox.platform import Handler, Platform, find
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Refusal, Reply, notice_page


async def pass_through(state: SandboxState, platform: Platform, call: Call) -> Reply | None:
    """The reply, or None when the socket shall be closed without one.

    Once a call is in, it is carried to its end even if the client has gone: like the real
    platforms, which store what a dead client has sent.
    """
    operation, handler, call = find(platform, platform.prepare(state, call))
    struck = state.arrive(platform.name, operation)
    await asyncio.sleep(struck.delay(after=False))
    if struck.has("drop"):
        return None
    early = scripted(state, platform, struck, after=False)
    if early is not None:
        return early
    call = under_conditions(call, struck)
    reply = await asyncio.to_thread(handle, state, platform, struck, handler, call)
    await asyncio.sleep(struck.delay(after=True))
    if struck.has("store_then_drop", "rotate_then_drop"):
        return None
    if struck.has("store_then_500"):
        return platform.crash()
    return scripted(state, platform, struck, after=True) or reply


def under_conditions(call: Call, struck: Struck) -> Call:
    """Lay lag, endless processing and a long review on the call."""
    stuck, review = struck.first("stuck_processing"), struck.first("review_delay")
    seconds = None if stuck is None else stuck.seconds or float("inf")
    reviewed = None if review is None else review.seconds
    return replace(call, lag=struck.lag(), stuck=seconds, review=reviewed)


def scripted(
    state: SandboxState, platform: Platform, struck: Struck, *, after: bool
) -> Reply | None:
    """The answer that the script puts in place of the platform's."""
    fault = struck.first(
        "error", "rate_limit", "html", "quota", "night", "expired_upload", after=after
    )
    if fault is None:
        return None
    if fault.kind == "html":
        text = fault.message or "Hệ thống đang bảo trì"
        return notice_page("503", text, fault.status or 503)
    return platform.throttle(state, fault) if fault.kind == "rate_limit" else platform.error(fault)


def handle(
    state: SandboxState, platform: Platform, struck: Struck, handler: Handler, call: Call
) -> Reply:
    """Run the handler with the world held, and save what it changed."""
    with state.lock:
        now = state.now()
        platform.settle(state, now)
        death = struck.first("token_death")
        if death is not None:
            platform.revoke(state, death)
        try:
            reply = handler(state, call, now)
        except Refusal as refusal:
            reply = refusal.reply
        reply = platform.finish(state, call, reply, now)
        if call.method not in {"GET", "HEAD", "OPTIONS"} or death is not None:
            state.save()
        return reply
