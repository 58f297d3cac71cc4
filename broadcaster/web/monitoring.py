"""Alive? Ready? And in figures: for a reverse proxy, a service manager, Prometheus.

Figures are for this machine and for those that the settings name; the reverse proxy passes none of
it on. A request that came through it counts as coming from where it was made.
"""

from __future__ import annotations

import importlib.util
import ipaddress
from collections.abc import Callable
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from broadcaster import __version__
from broadcaster.engine.port import Health
from broadcaster.errors import BroadcasterError, Unavailable
from broadcaster.services.communes import Communes
from broadcaster.services.monitoring import Board
from broadcaster.store.database import check_version
from broadcaster.web.answers import in_words
from broadcaster.web.polls import Tally

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

Asked = Callable[[], Health]


def alone(communes: Communes, health: Asked | None = None) -> FastAPI:
    """For a process that answers nothing else. `health`: of its engine."""
    app = FastAPI(title="Broadcaster", version=__version__, openapi_url=None)
    add(app, communes, Tally(), health)
    return app


def add(app: FastAPI, communes: Communes, polls: Tally, health: Asked | None = None) -> None:
    """The routes /health, /ready and, where its library is installed, /metrics."""

    @app.get("/health")
    def alive() -> dict[str, str]:
        """Whether the process answers; of nothing else it says that it is well."""
        one = communes.alone
        name = one.config.commune.name if one else communes.settings.name
        return {"status": "ok", "version": __version__, "commune": name}

    @app.get("/ready")
    def ready() -> dict[str, str]:
        """200 when work can be done here, else 503 and what to do."""
        check_version(communes.database)
        if health is not None and (said := health().said):
            raise Unavailable(
                f"Phần giao việc không chạy được: {said}", f"The engine does not work: {said}"
            )
        return {"status": "ready"}

    @app.exception_handler(BroadcasterError)
    def failed(_request: Request, error: BroadcasterError) -> JSONResponse:
        return in_words(error)

    if importlib.util.find_spec("prometheus_client") is not None:
        _add_metrics(app, communes, polls, health)


def _add_metrics(app: FastAPI, communes: Communes, polls: Tally, health: Asked | None) -> None:
    registry: CollectorRegistry | None = None

    @app.get("/metrics", include_in_schema=False)
    def metrics(request: Request) -> Response:
        nonlocal registry
        from broadcaster.web import metrics as all_of_them  # noqa: PLC0415 - an extra, for few

        if not _may_watch(communes, request):
            return JSONResponse({"detail": "Not Found"}, status_code=404)
        if registry is None:
            board = Board(communes.database, communes.clock)
            registry = all_of_them.registry(board, communes.database, polls, health)
        return Response(all_of_them.text(registry), media_type=all_of_them.CONTENT_TYPE)


def _may_watch(communes: Communes, request: Request) -> bool:
    try:
        asks = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    named = communes.settings.server.monitors
    return asks.is_loopback or any(asks in ipaddress.ip_network(one) for one in named)
