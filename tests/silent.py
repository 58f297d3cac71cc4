"""A far side that says nothing until a test lets it."""

from __future__ import annotations

import threading

PATIENCE_S = 30


class Silent:
    """It takes the call and answers only when it is told to."""

    def __init__(self) -> None:
        self.told = threading.Event()
        self.calls = threading.Semaphore(0)

    def __call__(self) -> None:
        self.calls.release()
        assert self.told.wait(PATIENCE_S)
