"""Articles of the Official Account: create, verify, change, list, remove."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Reply, is_young, whole_number
from broadcaster.sandbox.zalo.access import check
from broadcaster.sandbox.zalo.answers import given_object, invalid, milliseconds, refuse, success
from broadcaster.sandbox.zalo.article_rules import checked_article
from broadcaster.sandbox.zalo.book import Article, Processing

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_FIRST_ID = 4_200_000_000_000_000_000  # ids are larger than a double can count


def create(state: SandboxState, call: Call, now: datetime) -> Reply:
    """A token, not yet an article."""
    check(state, call, now)
    fields = checked_article(state.settings.zalo, given_object(call))
    check_quota(state, now)
    number = _FIRST_ID + state.next_serial() * 1_000_003
    article = Article(str(number), fields, now, now)
    state.world.zalo.articles[article.id] = article
    return process(state, call, article, fields, now)


def check_quota(state: SandboxState, now: datetime) -> None:
    quota = state.settings.zalo.article_quota_per_month
    if quota is None:
        return
    month = now.astimezone(VIETNAM).strftime("%Y-%m")
    made = state.world.zalo.articles.values()
    if sum(a.created.astimezone(VIETNAM).strftime("%Y-%m") == month for a in made) >= quota:
        raise refuse(-223)


def process(
    state: SandboxState, call: Call, article: Article, fields: dict[str, object], now: datetime
) -> Reply:
    """Put the article on its way; it is in force when processed."""
    options = state.settings.zalo
    wait = options.processing_seconds if call.stuck is None else call.stuck
    ready = None if wait == float("inf") else now + timedelta(seconds=wait)
    token = secrets.token_urlsafe(36)
    state.world.zalo.processing[token] = Processing(
        token, article.id, fields, ready, options.processing_polls
    )
    return success({"token": token})


def verify(state: SandboxState, call: Call, now: datetime) -> Reply:
    """Token to id; -214 or no id while processing."""
    check(state, call, now)
    token = given_object(call).get("token")
    change = state.world.zalo.processing.get(token) if isinstance(token, str) else None
    if change is None:
        raise invalid("token")
    early = change.ready_at is None or change.ready_at > now
    if call.stuck is not None or early or change.polls_left > 0:
        change.polls_left = max(0, change.polls_left - 1)
        if state.settings.zalo.processing_answer == "no_id":
            return success({})
        raise refuse(-214)
    state.world.zalo.settle(now, alone=False)
    if change.article_id not in state.world.zalo.articles:
        raise invalid("token")
    return success({"id": change.article_id})


def existing(state: SandboxState, article_id: object) -> Article:
    article = state.world.zalo.articles.get(article_id) if isinstance(article_id, str) else None
    if article is None or not article.live:
        raise invalid("id")
    return article


def update(state: SandboxState, call: Call, now: datetime) -> Reply:
    """The whole article again, with its id; a new token to verify."""
    check(state, call, now)
    given = given_object(call)
    article = existing(state, given.pop("id", None))
    fields = checked_article(state.settings.zalo, given)
    return process(state, call, article, fields, now)


def remove(state: SandboxState, call: Call, now: datetime) -> Reply:
    check(state, call, now)
    article = existing(state, given_object(call).get("id"))
    del state.world.zalo.articles[article.id]
    return success()


def detail(state: SandboxState, call: Call, now: datetime) -> Reply:
    check(state, call, now)
    article = existing(state, call.query.get("id"))
    link = link_view(call.base_url, article.id)
    return success({"id": article.id, **article.fields, "link_view": link})


def link_view(base_url: str, article_id: str) -> str:
    """Where a person can read the article."""
    return f"{base_url}/zalo/article/{article_id}"


def listing(state: SandboxState, call: Call, now: datetime) -> Reply:
    """At most ten per call, newest first; young articles come with a lag."""
    check(state, call, now)
    offset = whole_number(call.query.get("offset"), 0)
    limit = whole_number(call.query.get("limit"), 10)
    kind = call.query.get("type", "normal")
    if kind not in {"normal", "video"}:
        raise invalid("type")
    if offset < 0 or not 1 <= limit <= 10:
        raise refuse(-210)
    lag = max(call.lag, state.settings.zalo.list_lag)
    known = [
        a
        for a in state.world.zalo.listed()
        if a.fields["type"] == kind and not is_young(a.created, now, lag)
    ]
    medias = [summary(call, a) for a in known[offset : offset + limit]]
    return success({"medias": medias, "total": len(known)})


def summary(call: Call, article: Article) -> dict[str, object]:
    cover = article.fields["cover"]
    thumb = cover.get("photo_url", "") if isinstance(cover, dict) else ""
    return {
        "id": article.id,
        "type": article.text("type"),
        "title": article.text("title"),
        "status": article.text("status"),
        "total_view": 0,
        "total_share": 0,
        "create_date": milliseconds(article.created),
        "update_date": milliseconds(article.updated),
        "thumb": thumb,
        "link_view": link_view(call.base_url, article.id),
    }
