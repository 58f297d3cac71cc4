"""The few Graph API calls a Page needs, with their answers checked for shape."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from broadcaster.channels.facebook_errors import meaning
from broadcaster.channels.http import Http, Limits, Reply
from broadcaster.channels.outcomes import Then, unclear
from broadcaster.channels.text import moment
from broadcaster.errors import BroadcasterError

VERSION = "v26.0"
ENDS = {  # Meta's changelog; a version lives about two years
    "v20.0": date(2026, 9, 24),
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
}
_MAX_PAGES = 80


class Graph(Http):
    """The Graph API as one Page; the token travels in a header, so that no log of URLs has it."""

    def __init__(self, who: str, base: str, limits: Limits, token: str, app_secret: str) -> None:
        super().__init__(who, base, limits, (token, app_secret))
        self._login = {"Authorization": f"Bearer {token}"}
        self._proof = {}
        if app_secret:
            digest = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
            self._proof = {"appsecret_proof": digest}

    def get(self, path: str, query: Mapping[str, str]) -> Reply:
        return self.ask("GET", path, query={**query, **self._proof}, headers=self._login)

    def post(self, path: str, fields: str, form: Mapping[str, str]) -> Reply:
        """The one call that makes something public."""
        return self.tell(
            "POST",
            path,
            query={"fields": fields},
            form={**form, **self._proof},
            headers=self._login,
        )

    def posts(
        self, page: str, fields: str, since: datetime, now: datetime
    ) -> Iterator[dict[str, Any]]:
        """All published posts since then, to the end of the list. Raises when it is not whole."""
        first = {"fields": fields, "limit": "25", "since": str(int(since.timestamp()))}
        query, seen = dict(first), set[str]()
        for _ in range(_MAX_PAGES):
            answer = good(self.get(f"/{page}/published_posts", query), now)
            found = answer.get("data")
            if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
                raise unclear(self.who, "published_posts")
            yield from found
            times = [moment(one.get("created_time")) for one in found]
            query = {**first, **_onward(answer.get("paging"))}
            if query == first or (times and all(when and when < since for when in times)):
                return
            if str(query) in seen:
                break
            seen.add(str(query))
        raise unclear(self.who, "paging")


def good(reply: Reply, now: datetime) -> dict[str, Any]:
    """The answer's object when it is a success; else raises what the error means."""
    answer = reply.fields
    if "error" in answer or reply.status >= 300:
        raise failure(reply, now)
    if not answer:
        raise reply.unclear(now)
    return answer


def failure(reply: Reply, now: datetime) -> BroadcasterError:
    error = _error(reply)
    if not error:
        return reply.failure(now) if reply.status >= 300 else reply.unclear(now)
    code, subcode = _numbers(error)
    words = error.get("error_user_msg") or error.get("message")
    name = f"{code}/{subcode}" if subcode else f"{code}"
    known = meaning(code, subcode, str(error.get("message", "")))
    return reply.failure(now, known, name, words, at=_regained(reply, now))


def code_of(reply: Reply) -> int:
    """The error's code; 0 when there is none."""
    return _numbers(_error(reply))[0]


def says_there(reply: Reply) -> bool:
    """Whether Facebook refused it as posted already."""
    error = _error(reply)
    known = meaning(*_numbers(error), str(error.get("message", "")))
    return bool(known and known.then is Then.LOOK)


def version_end(version: str, now: datetime, near: timedelta) -> date | None:
    """The day on which the version ends, when that is near or past."""
    end = ENDS.get(version)
    if end and datetime.combine(end, time(), UTC) - now < near:
        return end
    return None


def _error(reply: Reply) -> dict[str, Any]:
    error = reply.fields.get("error")
    return error if isinstance(error, dict) and _numbers(error)[0] else {}


def _numbers(error: Mapping[str, Any]) -> tuple[int, int]:
    code, subcode = error.get("code"), error.get("error_subcode")
    return (
        code if isinstance(code, int) else 0,
        subcode if isinstance(subcode, int) else 0,
    )


def _onward(paging: Any) -> dict[str, str]:
    """The parameters of the next page. Only they are taken: the address stays our own, so the
    token cannot be sent anywhere else."""
    following = paging.get("next") if isinstance(paging, dict) else None
    if not isinstance(following, str):
        return {}
    given = dict(parse_qsl(urlsplit(following).query))
    return {k: v for k, v in given.items() if k not in {"access_token", "appsecret_proof"}}


def _regained(reply: Reply, now: datetime) -> datetime | None:
    """When the usage header lets us call again; the header counts minutes."""
    try:
        usage = json.loads(reply.headers.get("X-Business-Use-Case-Usage", ""))
        minutes = [one["estimated_time_to_regain_access"] for of in usage.values() for one in of]
        wait = min(max(float(m) for m in minutes), 24 * 60)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return now + timedelta(minutes=wait) if wait > 0 else None
