"""The account itself: its card, followers, and groups."""

from __future__ import annotations

import json
from datetime import datetime

from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Reply, whole_number
from broadcaster.sandbox.zalo.access import check
from broadcaster.sandbox.zalo.answers import (
    given_object,
    inside,
    invalid,
    milliseconds,
    refuse,
    success,
)
from broadcaster.sandbox.zalo.book import Group, Message
from broadcaster.sandbox.zalo.messages import message_id


def card(state: SandboxState, call: Call, now: datetime) -> Reply:
    """getoa: the health check."""
    check(state, call, now)
    options, people = state.settings.zalo, state.world.zalo.people.values()
    return success(
        {
            "oa_id": options.oa_id,
            "oaid": options.oa_id,
            "name": options.oa_name,
            "is_verified": options.verified,
            "num_follower": sum(p.follows for p in people),
            "package_name": options.package,
            "package_valid_through_date": options.package_valid_through,
            "linked_ZCA": "",
        }
    )


def data_of(call: Call) -> dict[str, object]:
    """Parameters of a GET: one query parameter `data` that holds JSON."""
    try:
        found = json.loads(call.query.get("data", "{}"))
    except ValueError:
        raise invalid("data") from None
    if not isinstance(found, dict):
        raise invalid("data")
    return found


def followers(state: SandboxState, call: Call, now: datetime) -> Reply:
    check(state, call, now)
    given = data_of(call)
    offset, count = whole_number(given.get("offset"), 0), whole_number(given.get("count"), 50)
    if not 0 <= offset <= 9_951 or not 1 <= count <= 50:
        raise refuse(-210)
    ids = [p.id for p in state.world.zalo.people.values() if p.follows]
    page = [{"user_id": i} for i in ids[offset : offset + count]]
    return success({"total": len(ids), "count": len(page), "offset": offset, "users": page})


def groups(state: SandboxState, call: Call, now: datetime) -> Reply:
    check(state, call, now)
    known = [g for g in state.world.zalo.groups.values() if g.oa_inside]
    rows = [
        {
            "group_id": g.id,
            "name": g.name,
            "total_member": len(g.members),
            "status": "enabled" if g.enabled else "disabled",
        }
        for g in known
    ]
    return success({"groups": rows, "total": len(rows)})


def members(state: SandboxState, call: Call, now: datetime) -> Reply:
    check(state, call, now)
    group_id = call.query.get("group_id") or data_of(call).get("group_id")
    people = state.world.zalo.people
    rows = [{"user_id": m, "name": people[m].name} for m in group_of(state, group_id).members]
    return success({"members": rows, "total": len(rows)})


def group_of(state: SandboxState, group_id: object) -> Group:
    """The group; it must be alive and have the account in it."""
    group = state.world.zalo.groups.get(str(group_id))
    if group is None:
        raise invalid("group_id")
    if not group.oa_inside:
        raise refuse(-403)
    if not group.enabled:
        raise refuse(-237)
    return group


def group_message(state: SandboxState, call: Call, now: datetime) -> Reply:
    """A text to a GMF group: at once, at any hour, without review."""
    check(state, call, now)
    given = given_object(call)
    text = inside(given, "message", "text")
    if not isinstance(text, str) or not text.strip():
        raise invalid("text")
    if not state.settings.zalo.verified:
        raise refuse(-221)
    if state.settings.zalo.package == "free":
        raise refuse(-224)
    group = group_of(state, inside(given, "recipient", "group_id"))
    sent = Message(message_id(state), group.id, text, now)
    state.world.zalo.group_messages.append(sent)
    data = {"message_id": sent.id, "group_id": group.id, "sent_time": milliseconds(now)}
    return success(data)
