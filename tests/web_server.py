"""The real server on loopback, for as long as a test asks it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import uvicorn
from fastapi import FastAPI

from broadcaster.services.communes import Communes
from broadcaster.web.app import create_app


def answering(communes: Communes) -> AbstractContextManager[str]:
    """The whole application; its address, e.g. "http://127.0.0.1:40123"."""
    return running(create_app(communes))


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """The address of `app`."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
