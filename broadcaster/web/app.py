"""The server's application: which door is where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from broadcaster import __version__
from broadcaster.services.communes import Communes
from broadcaster.services.stations import syncing
from broadcaster.web import monitoring, station_api
from broadcaster.web.bell import Bell
from broadcaster.web.polls import Owners, Polls, Tally

_STATIONS = "/api/station/v1"


def create_app(communes: Communes) -> FastAPI:
    """Everything under /api; every answer carries the server's clock in its Date header."""
    bell = Bell(communes)
    app = FastAPI(
        title="Broadcaster",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=partial(_lifetime, bell),
    )
    owners = Owners(partial(syncing.owners, communes.database))
    app.include_router(station_api.router(communes, owners, bell), prefix=_STATIONS)
    tally = Tally()
    app.add_middleware(
        Polls, path=f"{_STATIONS}/rundown", owners=owners, communes=communes, tally=tally
    )

    monitoring.add(app, communes, tally)

    @app.exception_handler(RequestValidationError)
    def malformed(_request: Request, error: RequestValidationError) -> JSONResponse:
        """Names the places only: what stands there may be more than JSON can carry back."""
        places = ", ".join(".".join(map(str, e["loc"])) for e in error.errors())
        text = {"vi": f"Yêu cầu sai ở: {places}.", "en": f"The request is wrong at: {places}."}
        return JSONResponse(text, status_code=422)

    return app


@asynccontextmanager
async def _lifetime(bell: Bell, _app: FastAPI) -> AsyncIterator[None]:
    yield
    bell.close()
