"""Broadcasts to followers, messages to persons and to groups."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Reply
from broadcaster.sandbox.zalo.access import check
from broadcaster.sandbox.zalo.answers import (
    characters,
    given_object,
    inside,
    invalid,
    milliseconds,
    refuse,
    success,
)
from broadcaster.sandbox.zalo.articles import VIETNAM
from broadcaster.sandbox.zalo.book import Broadcast, Message
from broadcaster.sandbox.zalo.uploads import live_attachment

MOST_TEXT = 2_000
PER_MONTH = {"free": 0, "basic": 1, "trial": 4, "advanced": 4, "premium": 6}


def message_id(state: SandboxState) -> str:
    return str(7_300_000_000_000_000_000 + state.next_serial() * 1_000_033)


def broadcast(state: SandboxState, call: Call, now: datetime) -> Reply:
    """One to five articles to everybody or a target group; shown after the review."""
    check(state, call, now)
    given = given_object(call)
    if inside(given, "recipient", "user_id") is not None:
        raise refuse(-240)
    article_ids = broadcast_articles(state, given)
    check_target(state, inside(given, "recipient", "target"))
    check_broadcast_rules(state, now)
    review = timedelta(minutes=state.settings.zalo.broadcast_review_minutes)
    if call.review is not None:
        review = timedelta(seconds=call.review)
    sent = Broadcast(message_id(state), article_ids, now, now + review)
    state.world.zalo.broadcasts.append(sent)
    return success({"message_id": sent.id})


def broadcast_articles(state: SandboxState, given: dict[str, object]) -> list[str]:
    """The article ids of the payload; each must be an article that exists."""
    payload = inside(given, "message", "attachment", "payload")
    elements = inside(payload, "elements")
    if inside(payload, "template_type") != "media" or not isinstance(elements, list):
        raise refuse(-233)
    if not 1 <= len(elements) <= 5:
        raise refuse(-210, "elements must hold 1 to 5 articles")
    ids = [str(inside(e, "attachment_id")) for e in elements]
    live = {a.id for a in state.world.zalo.listed()}
    if any(inside(e, "media_type") != "article" for e in elements) or not live.issuperset(ids):
        raise invalid("attachment_id")
    return ids


def check_target(state: SandboxState, target: object) -> None:
    """Comma-joined strings, numbers and lists are all taken; the values have ranges."""
    if target is None:
        return
    if not isinstance(target, dict):
        raise invalid("target")
    cities = state.settings.zalo.highest_city_code
    ranges = {"gender": 2, "ages": 7, "locations": 2, "cities": cities, "platform": 3}
    for name, value in target.items():
        if name not in ranges:
            raise invalid(name)
        parts = value if isinstance(value, list) else str(value).split(",")
        texts = [str(p).strip() for p in parts]
        if not all(t.isdigit() for t in texts):
            raise invalid(name)
        if any(int(t) > ranges[name] for t in texts):
            raise refuse(-210, f"{name} is out of range")


def check_broadcast_rules(state: SandboxState, now: datetime) -> None:
    """Verified account, package, daytime, one a day and so many a month."""
    options, local = state.settings.zalo, now.astimezone(VIETNAM)
    if not options.verified:
        raise refuse(-221)
    daily, monthly = broadcasts_left(state, now)
    if most_per_month(state) == 0:
        raise refuse(-224)
    if local.hour >= 22 or local.hour < 6:
        raise refuse(-234)
    if daily <= 0 or monthly <= 0:
        raise refuse(-211)


def most_per_month(state: SandboxState) -> int:
    own = state.settings.zalo.broadcasts_per_month
    return PER_MONTH[state.settings.zalo.package] if own is None else own


def broadcasts_left(state: SandboxState, now: datetime) -> tuple[int, int]:
    """What is left today and this month, Vietnamese calendar."""
    sent = [b.sent.astimezone(VIETNAM) for b in state.world.zalo.broadcasts]
    local = now.astimezone(VIETNAM)
    today = sum(s.date() == local.date() for s in sent)
    month = sum((s.year, s.month) == (local.year, local.month) for s in sent)
    left = max(0, most_per_month(state) - month)
    return min(left, max(0, 1 - today)), left


def quota(state: SandboxState, call: Call, now: datetime) -> Reply:
    """What one follower may still get as broadcasts."""
    check(state, call, now)
    if str(given_object(call).get("user_id")) not in state.world.zalo.people:
        raise invalid("user_id")
    daily, monthly = broadcasts_left(state, now)
    return success({"promotion": {"daily_remain": daily, "monthly_remain": monthly}})


def customer_service(state: SandboxState, call: Call, now: datetime) -> Reply:
    """A message to one person who wrote within seven days; free within 48 hours."""
    check(state, call, now)
    given = given_object(call)
    user_id = str(inside(given, "recipient", "user_id"))
    text = message_text(state, given, now)
    person = state.world.zalo.people.get(user_id)
    if person is None:
        raise invalid("user_id")
    if not person.follows:
        raise refuse(-213)
    if person.last_interaction is None:
        raise refuse(-232)
    silence = now - person.last_interaction
    if silence > timedelta(days=7):
        raise refuse(-230)
    sent = Message(message_id(state), user_id, text[0], now, text[1])
    state.world.zalo.messages.append(sent)
    free = silence <= timedelta(hours=48)
    data = {"message_id": sent.id, "user_id": user_id, "sent_time": milliseconds(now)}
    return success({**data, "quota": {"quota_type": "free" if free else "billed"}})


def message_text(state: SandboxState, given: dict[str, object], now: datetime) -> tuple[str, str]:
    """Text and attachment of a message; one of them must be there."""
    text = inside(given, "message", "text")
    if text is not None and (not isinstance(text, str) or not text.strip()):
        raise invalid("text")
    if isinstance(text, str) and characters(text) > MOST_TEXT:
        raise refuse(-210, f"text is longer than {MOST_TEXT} characters")
    attachment = inside(given, "message", "attachment")
    found = attached(state, attachment, now) if attachment is not None else ""
    if text is None and not found:
        raise invalid("message")
    return str(text or ""), found


def attached(state: SandboxState, attachment: object, now: datetime) -> str:
    """A picture by address or upload, or an uploaded file."""
    payload = inside(attachment, "payload")
    if inside(attachment, "type") == "file":
        return live_attachment(state, inside(payload, "token"), "file", now)
    elements = inside(payload, "elements")
    first = elements[0] if isinstance(elements, list) and elements else None
    if inside(payload, "template_type") != "media" or inside(first, "media_type") not in {
        "image",
        "gif",
    }:
        raise refuse(-233)
    url = inside(first, "url")
    if isinstance(url, str) and url.startswith("https://"):
        return url
    kind = str(inside(first, "media_type"))
    return live_attachment(state, inside(first, "attachment_id"), kind, now)


def template(state: SandboxState, call: Call, now: datetime) -> Reply:
    """An approved template to one person by user id; it takes no tracking_id."""
    check(state, call, now)
    given = given_object(call)
    user_id = str(given.get("user_id"))
    if user_id not in state.world.zalo.people:
        raise invalid("user_id")
    if "tracking_id" in given:
        raise invalid("tracking_id")
    if not isinstance(given.get("template_data"), dict):
        raise invalid("template_data")
    if str(given.get("template_id")) not in state.settings.zalo.templates_for_uid:
        raise refuse(-249)
    text = json.dumps(given["template_data"], ensure_ascii=False)
    sent = Message(message_id(state), user_id, text, now, str(given["template_id"]))
    state.world.zalo.messages.append(sent)
    data = {"message_id": sent.id, "user_id": user_id, "sent_time": milliseconds(now)}
    return success(data)


def shut_down(state: SandboxState, call: Call, now: datetime) -> Reply:
    """Message paths that Zalo switched off in 2026."""
    check(state, call, now)
    raise refuse(-240)
