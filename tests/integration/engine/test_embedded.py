"""The engine of one process: a wake-up waits once, and one that is called off is not looked at."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from broadcaster.engine.embedded import Embedded
from broadcaster.engine.port import Health, Look

NOW = datetime(2026, 11, 26, 5, 30, tzinfo=UTC)
PATIENCE_S = 30


def look(delivery_id: int) -> Look:
    return Look(1, delivery_id, "fanpage", "normal", NOW)


def test_a_wake_up_waits_once_and_can_be_called_off() -> None:
    begun, told, seen = threading.Semaphore(0), threading.Event(), list[int]()

    def handle(_commune: int, delivery: int) -> bool:
        begun.release()
        assert told.wait(PATIENCE_S)
        seen.append(delivery)
        return False

    engine = Embedded(handle, parallel=lambda _: 1, more=lambda: None)
    engine.wake([look(1), look(2), look(3)])
    engine.wake([look(2), look(3)])
    assert begun.acquire(timeout=PATIENCE_S)
    assert engine.health() == Health(waiting=2, in_hand=1)
    engine.cancel(2)
    engine.cancel(1)  # is in hand: it goes on
    told.set()
    assert begun.acquire(timeout=PATIENCE_S)
    engine.stop(PATIENCE_S)
    assert seen == [1, 3]
    assert engine.health() == Health(waiting=0, in_hand=0)
