"""The few Graph API calls a Page needs, with their answers checked for shape."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from broadcaster.channels.facebook.errors import meaning
from broadcaster.channels.facebook.usage import regained, usage_of
from broadcaster.channels.http import Http, Limits, Reply
from broadcaster.channels.multipart import File, encode
from broadcaster.channels.outcomes import Then, unclear
from broadcaster.channels.port import Usage
from broadcaster.channels.text import moment, name_of
from broadcaster.errors import BroadcasterError

GONE = (100, 803)
"""What does not exist and what one may not see look the same: see `FacebookPage`."""

_MAX_PAGES = 80


class Graph(Http):
    """The Graph API as one Page; the token travels in a header, so that no log of URLs has it.

    `usage`: what the last answer with usage headers told.
    """

    def __init__(
        self, who: str, base: str, limits: Limits, token: str, app_secret: str, now: datetime
    ) -> None:
        super().__init__(who, base, limits, (token, app_secret))
        self.now = now
        self.usage: Usage | None = None
        self._login = {"Authorization": f"Bearer {token}"}
        self._proof = {}
        if app_secret:
            digest = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
            self._proof = {"appsecret_proof": digest}

    def get(self, path: str, fields: str) -> Reply:
        return self._get(path, {"fields": fields})

    def post(self, path: str, form: Mapping[str, str], fields: str = "") -> Reply:
        """A call that makes something public or changes it; `fields` are read back with it."""
        return self._heard(
            self.tell(
                "POST",
                path,
                query={"fields": fields} if fields else None,
                form={**form, **self._proof},
                headers=self._login,
            )
        )

    def delete(self, path: str) -> Reply:
        return self._heard(self.tell("DELETE", path, query=self._proof, headers=self._login))

    def stage(self, path: str, form: Mapping[str, str], file: File | None = None) -> dict[str, Any]:
        """Send what nobody sees yet; it may be repeated safely. The answer's object."""
        name = "video_file_chunk" if "upload_phase" in form else "source"
        body, kind = encode({**form, **self._proof}, {name: file} if file else {})
        head = {**self._login, "Content-Type": kind}
        return self.good(self._heard(self.ask("POST", path, upload=body, headers=head)))

    def posts(self, page: str, fields: str, since: datetime) -> Iterator[dict[str, Any]]:
        """All published posts since then, to the end of the list. Raises when it is not whole."""
        first = {"fields": fields, "limit": "25", "since": str(int(since.timestamp()))}
        query, seen = dict(first), set[str]()
        for _ in range(_MAX_PAGES):
            answer = self.good(self._get(f"/{page}/published_posts", query))
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

    def good(self, reply: Reply) -> dict[str, Any]:
        """The answer's object when it is a success; else raises what the error means."""
        answer = reply.fields
        if "error" in answer or reply.status >= 300:
            raise self.failure(reply)
        if not answer:
            raise reply.unclear(self.now)
        return answer

    def failure(self, reply: Reply) -> BroadcasterError:
        error = _error(reply)
        if not error:
            failed = reply.status >= 300
            return reply.failure(self.now) if failed else reply.unclear(self.now)
        code, subcode = _numbers(error)
        words = error.get("error_user_msg") or error.get("message")
        name = f"{code}/{subcode}" if subcode else f"{code}"
        known = meaning(code, subcode, str(error.get("message", "")))
        return reply.failure(self.now, known, name, words, at=regained(reply.headers, self.now))

    def named(self, reply: Reply, field: str = "id") -> str:
        """The id that a successful answer gives; "nobody knows" when it gives none."""
        found = name_of(self.good(reply).get(field))
        if not found:
            raise reply.unclear(self.now)
        return found

    def _get(self, path: str, query: Mapping[str, str]) -> Reply:
        return self._heard(
            self.ask("GET", path, query={**query, **self._proof}, headers=self._login)
        )

    def _heard(self, reply: Reply) -> Reply:
        self.usage = usage_of(reply.headers, self.now) or self.usage
        return reply


def code_of(reply: Reply) -> int:
    """The error's code; 0 when there is none."""
    return _numbers(_error(reply))[0]


def says_there(reply: Reply) -> bool:
    """Whether Facebook refused it as posted already."""
    error = _error(reply)
    known = meaning(*_numbers(error), str(error.get("message", "")))
    return bool(known and known.then is Then.LOOK)


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
