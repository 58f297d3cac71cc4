"""What stations call: their rundown, audio by digest, status, and proof of play."""

# No postponed annotations here: FastAPI could not see the local `Caller` in them.

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Response
from fastapi.responses import FileResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from broadcaster import wire
from broadcaster.errors import PolicyRefused
from broadcaster.services.communes import Communes
from broadcaster.services.stations import enrolling, syncing
from broadcaster.store.stations import Station
from broadcaster.web.bell import Bell
from broadcaster.web.polls import Owners, plan_headers

_bearer = HTTPBearer(auto_error=False)
WhoIs = Callable[[HTTPAuthorizationCredentials | None], Station]


def router(communes: Communes, owners: Owners, bell: Bell) -> APIRouter:
    """All routes need a station's token: `Authorization: Bearer …`, else 401."""
    routes = APIRouter()

    def caller(
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> Station:
        return known(
            syncing.who(communes.database, credentials.credentials) if credentials else None
        )

    _add_enrolment(routes, communes)
    _add_what_it_gets(routes, communes, caller)
    _add_waiting(routes, communes, owners, bell)
    _add_what_it_says(routes, communes, caller)
    return routes


def known(station: Station | None) -> Station:
    if station is None:
        raise HTTPException(
            401, "mã của trạm không đúng hoặc đã bị thu hồi", {"WWW-Authenticate": "Bearer"}
        )
    return station


def _add_enrolment(routes: APIRouter, communes: Communes) -> None:
    patience = enrolling.Patience()

    @routes.post("/enroll")
    def enroll(body: wire.Enrolment) -> wire.Enrolled:
        """The one door without a token; it bears few tries."""
        now = communes.clock()
        if not patience.allows(now):
            raise HTTPException(429, "quá nhiều lần thử; hãy đợi một phút", {"Retry-After": "60"})
        try:
            return enrolling.enroll(communes, body.code, now)
        except PolicyRefused as refused:
            raise HTTPException(403, refused.text.vi) from None


def _add_waiting(routes: APIRouter, communes: Communes, owners: Owners, bell: Bell) -> None:
    @routes.get("/wait")
    async def wait(
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        if_none_match: Annotated[str, Header()] = "",
        seconds: Annotated[float, Query(ge=0, le=60)] = 25.0,
    ) -> Response:
        """204 as soon as there may be another plan than that of the tag; 304 when time is up."""

        async def who_asks() -> Station:
            return known(await owners.of(credentials.credentials) if credentials else None)

        station = await who_asks()
        context = communes.made(station.commune_id)
        if context is None:
            context = await asyncio.to_thread(communes.of, station.commune_id)

        async def is_new() -> bool:
            now = communes.clock()
            return not syncing.unchanged(context, await who_asks(), if_none_match, now)

        changed = await bell.changed(station.id, is_new, seconds)
        return Response(status_code=204 if changed else 304)


def _add_what_it_gets(routes: APIRouter, communes: Communes, caller: WhoIs) -> None:
    @routes.get("/rundown")
    def rundown(
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """The signed plan; 304 when its tag is that of the one the station has.

        What has not changed since has been answered already, in web.polls.
        """
        station = caller(credentials)  # called and not depended on: one thread less for each poll
        context = communes.of(station.commune_id)
        now = communes.clock()
        served = syncing.rundown(context, station, now)
        headers = plan_headers(served.etag, now)
        if if_none_match.removeprefix("W/") == served.etag:
            return Response(status_code=304, headers=headers)
        body = served.signed.model_dump_json()
        return Response(body, media_type="application/json", headers=headers)

    @routes.get("/audio/{digest}")
    def audio(
        station: Annotated[Station, Depends(caller)],
        digest: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    ) -> FileResponse:
        path = syncing.audio_path(communes.of(station.commune_id), digest)
        if path is None:
            raise HTTPException(404, f"không có tệp âm thanh này cho trạm {station.key}")
        return FileResponse(path, media_type="audio/wav", headers={"ETag": f'"{digest}"'})


def _add_what_it_says(routes: APIRouter, communes: Communes, caller: WhoIs) -> None:
    @routes.post("/status", status_code=204)
    def status(station: Annotated[Station, Depends(caller)], body: wire.StationStatus) -> None:
        syncing.report(communes.of(station.commune_id), station, body, communes.clock())

    @routes.post("/as-run")
    def as_run(
        station: Annotated[Station, Depends(caller)], body: wire.AsRunBatch
    ) -> wire.AsRunReceipt:
        return syncing.take_entries(
            communes.of(station.commune_id), station, body, communes.clock()
        )

    @routes.post("/incidents")
    def incidents(
        station: Annotated[Station, Depends(caller)], body: wire.IncidentBatch
    ) -> wire.AsRunReceipt:
        return syncing.take_incidents(
            communes.of(station.commune_id), station, body, communes.clock()
        )
