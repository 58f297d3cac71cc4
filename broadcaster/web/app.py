"""The server's application: which door is where."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from broadcaster import __version__
from broadcaster.errors import BroadcasterError
from broadcaster.services.communes import Communes
from broadcaster.web import station_api


def create_app(communes: Communes) -> FastAPI:
    """Everything under /api; every answer carries the server's clock in its Date header."""
    app = FastAPI(title="Broadcaster", version=__version__, docs_url=None, redoc_url=None)
    app.include_router(station_api.router(communes), prefix="/api/station/v1")

    @app.get("/health")
    def health() -> dict[str, str]:
        alone = communes.alone
        name = alone.config.commune.name if alone else communes.settings.name
        return {"status": "ok", "version": __version__, "commune": name}

    @app.exception_handler(BroadcasterError)
    def in_words(_request: Request, error: BroadcasterError) -> JSONResponse:
        return JSONResponse({"vi": error.text.vi, "en": error.text.en}, status_code=503)

    @app.exception_handler(RequestValidationError)
    def malformed(_request: Request, error: RequestValidationError) -> JSONResponse:
        """Names the places only: what stands there may be more than JSON can carry back."""
        places = ", ".join(".".join(map(str, e["loc"])) for e in error.errors())
        text = {"vi": f"Yêu cầu sai ở: {places}.", "en": f"The request is wrong at: {places}."}
        return JSONResponse(text, status_code=422)

    return app
