"""Calls to Zalo's Official Account API: token in a header, truth in `error`, HTTP 200 for all."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from broadcaster.channels.http import Http, Limits, Reply
from broadcaster.channels.outcomes import Meaning, unclear
from broadcaster.channels.port import Usage
from broadcaster.channels.text import mentions, moment, name_of
from broadcaster.channels.zalo.errors import MEANINGS, TOKEN_REFUSED
from broadcaster.channels.zalo.tokens import ZaloTokens
from broadcaster.secrecy.masking import remember

_PAGE = 10
"""getslice gives at most so many articles a call."""

_MAX_PAGES = 100


class ZaloApi(Http):
    """One operation's calls, all at one `now`."""

    def __init__(
        self,
        who: str,
        base: str,
        limits: Limits,
        tokens: ZaloTokens,
        app_secret: str,
        now: datetime,
        *,
        proves: bool,
    ) -> None:
        super().__init__(who, base, limits)
        self._tokens = tokens
        self._app_secret = app_secret
        self._proves = proves
        self._now = now
        self._pair = tokens.current(now)
        self.usage: Usage | None = None
        """What the last answer told of the calls that are left in this minute."""

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Reply:
        return self._patiently("GET", path, told=False, query=query)

    def post(self, path: str, data: Mapping[str, Any], *, told: bool) -> Reply:
        return self._patiently("POST", path, told=told, data=data)

    def data(self, reply: Reply, meanings: Mapping[int, Meaning] = MEANINGS) -> dict[str, Any]:
        """What a success carries; else raises what the error means."""
        code = code_of(reply)
        if code is None:
            raise reply.failure(self._now) if reply.status >= 300 else reply.unclear(self._now)
        if code != 0:
            words = reply.fields.get("message")
            raise reply.failure(self._now, meanings.get(code), str(code), words)
        data = reply.fields.get("data", {})
        if not isinstance(data, dict):
            raise reply.unclear(self._now)
        return data

    def article_with(
        self, reference: str, since: datetime, title: str = ""
    ) -> dict[str, Any] | None:
        """The article that carries the reference, of all made since then.

        The list shows titles only, so each article is read; those titled `title` come first.
        """
        listed = sorted(self.articles(since), key=lambda one: one.get("title") != title)
        for one in listed:
            reply = self.get("/v2.0/article/getdetail", {"id": name_of(one["id"])})
            if mentions(json.dumps(self.data(reply), ensure_ascii=False), reference):
                return one
        return None

    def articles(self, since: datetime) -> Iterator[dict[str, Any]]:
        """Our articles, newest first, back to `since`. Raises when the list is not whole.

        An article whose date cannot be read counts as a young one.
        """
        for page in range(_MAX_PAGES):
            query = {"offset": str(page * _PAGE), "limit": str(_PAGE), "type": "normal"}
            data = self.data(self.get("/v2.0/article/getslice", query))
            found, total = data.get("medias"), data.get("total")
            if not isinstance(found, list) or not all(
                isinstance(one, dict) and name_of(one.get("id")) for one in found
            ):
                raise unclear(self.who, "getslice")
            young = [one for one in found if is_young(one, since)]
            yield from young
            if found and not young:
                return
            if len(found) < _PAGE:
                # A short page is the end only if the total agrees.
                if name_of(total) not in {"", str(page * _PAGE + len(found))} and total != 0:
                    break
                return
        raise unclear(self.who, "getslice")

    def _patiently(self, method: str, path: str, *, told: bool, **request: Any) -> Reply:
        """Refresh a refused token once. Refused means not done, so a write is repeated as well."""
        reply = self._with_token(method, path, told=told, **request)
        if code_of(reply) in TOKEN_REFUSED:
            self._pair = self._tokens.renew(self._pair, self._now)
            reply = self._with_token(method, path, told=told, **request)
        return reply

    def _with_token(self, method: str, path: str, *, told: bool, **request: Any) -> Reply:
        token = self._pair.access
        self.secrets = (self._app_secret, token, self._pair.refresh)
        remember(*self.secrets)
        headers = {"access_token": token}
        if self._proves:
            proof = hmac.new(self._app_secret.encode(), token.encode(), hashlib.sha256)
            headers["appsecret_proof"] = proof.hexdigest()
        call = self.tell if told else self.ask
        reply = call(method, path, headers=headers, **request)
        self.usage = usage_of(reply.headers, self._now) or self.usage
        return reply


def usage_of(headers: Mapping[str, str], now: datetime) -> Usage | None:
    """Zalo counts by the minute: 4,000 calls for the OA, and as many for articles."""
    limit, left = headers.get("X-RateLimit-Limit", ""), headers.get("X-RateLimit-Remain", "")
    if not re.fullmatch(r"[1-9]\d{0,8}", limit) or not re.fullmatch(r"\d{1,9}", left):
        return None
    used = max(0, int(limit) - int(left))
    next_minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return Usage(100 * used / int(limit), next_minute)


def code_of(reply: Reply) -> int | None:
    """The envelope's `error`; None when the answer is no envelope."""
    code = reply.fields.get("error")
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def is_young(article: Mapping[str, Any], since: datetime) -> bool:
    created = moment(article.get("create_date"))
    return created is None or created >= since
