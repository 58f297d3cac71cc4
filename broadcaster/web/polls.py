"""The usual question of a station, "anything new?": answered before all else, from its one row.

Thousands ask it twice a minute. Whoever cannot be told "no" at once is passed on to the routes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from broadcaster import wire
from broadcaster.errors import BroadcasterError
from broadcaster.services.communes import Communes
from broadcaster.services.stations import syncing
from broadcaster.store.stations import Station
from broadcaster.web.answers import in_words

_MOST = 500
"""Stations read in one look; SQLite bears 32,766 values in one question."""


class Owners:
    """Who owns a token. Those who ask while the database is being asked share the next look."""

    def __init__(self, read: Callable[[Collection[str]], Mapping[str, Station]]) -> None:
        self._read = read
        self._asked: list[tuple[str, asyncio.Future[Station | None]]] = []
        self._looking: asyncio.Task[None] | None = None

    async def of(self, token: str) -> Station | None:
        """As its row stands now, read after this was called. Raises what reading raises."""
        answer: asyncio.Future[Station | None] = asyncio.get_running_loop().create_future()
        self._asked.append((token, answer))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await answer

    async def _look(self) -> None:
        while self._asked:
            asked, self._asked = self._asked[:_MOST], self._asked[_MOST:]
            waiting = [(token, answer) for token, answer in asked if not answer.done()]
            try:
                found = await asyncio.to_thread(self._read, {token for token, _ in waiting})
            except Exception as error:
                for _, answer in waiting:
                    if not answer.done():
                        answer.set_exception(error)
                continue
            for token, answer in waiting:
                if not answer.done():  # whoever hung up has taken it away
                    answer.set_result(found.get(token))


@dataclass
class Tally:
    """Questions for a plan so far, counted on the event loop."""

    unchanged: int = 0
    looked_into: int = 0


class Polls:
    """In front of the application: a GET of `path` with the tag of the newest plan gets its 304."""

    def __init__(
        self, app: ASGIApp, *, path: str, owners: Owners, communes: Communes, tally: Tally
    ) -> None:
        self._tally = tally
        self._app = app
        self._path = path
        self._owners = owners
        self._communes = communes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = None
        if scope["type"] == "http" and scope["path"] == self._path and scope["method"] == "GET":
            answer = await self._unchanged(Headers(scope=scope))
            if answer is None:
                self._tally.looked_into += 1
            else:
                self._tally.unchanged += 1
        await (answer or self._app)(scope, receive, send)

    async def _unchanged(self, headers: Headers) -> Response | None:
        kind, _, token = headers.get("Authorization", "").partition(" ")
        tag = headers.get("If-None-Match")
        if not tag or kind.lower() != "bearer":
            return None
        try:
            station = await self._owners.of(token)
        except BroadcasterError as error:
            return in_words(error)
        context = self._communes.made(station.commune_id) if station else None
        now = self._communes.clock()
        if not station or not context or not syncing.unchanged(context, station, tag, now):
            return None
        return Response(status_code=304, headers=plan_headers(station.etag, now))


def plan_headers(tag: str, now: datetime) -> dict[str, str]:
    """Of every answer about a plan: the tag, and the server's time by which stations set theirs."""
    return {
        "ETag": tag,
        "Cache-Control": "no-cache",
        wire.SERVER_TIME: f"{now.timestamp():.3f}",
    }
