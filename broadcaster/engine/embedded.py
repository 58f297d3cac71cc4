"""Workers of this very process: a lane of a few threads for each target and class."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from broadcaster.engine.port import Handle, Health, Lane, Look


class Embedded:
    """A dead Page holds up its own lane and no other target; an emergency never waits behind
    routine posts. A lane that has been emptied asks at once for more: a backlog drains as fast as
    the far side takes it, not one a tick.

    `parallel`: threads of each lane of a commune. `more`: told that a commune's lane ran dry.
    """

    ahead = timedelta()

    def __init__(
        self, handle: Handle, parallel: Callable[[int], int], more: Callable[[], None]
    ) -> None:
        self._handle, self._parallel, self._more = handle, parallel, more
        self._lock = threading.Lock()
        self._lanes: dict[Lane, ThreadPoolExecutor] = {}
        self._handed: dict[int, tuple[Lane, Future[None]]] = {}  # by delivery: waiting or in hand
        self._in_hand: set[int] = set()
        self._ended = False

    def wake(self, looks: Sequence[Look]) -> None:
        with self._lock:
            for look in looks:
                if look.delivery_id not in self._handed and not self._ended:
                    self._hand_over(look)

    def _hand_over(self, look: Look) -> None:
        lane = look.lane
        if lane not in self._lanes:
            workers = self._parallel(look.commune_id)
            self._lanes[lane] = ThreadPoolExecutor(workers, f"dispatch-{lane[1]}")
        # The lock is held: it cannot have ended before it is written down.
        self._handed[look.delivery_id] = (lane, self._lanes[lane].submit(self._work, look))

    def cancel(self, delivery_id: int) -> None:
        with self._lock:
            _, waiting = self._handed.get(delivery_id, (None, None))
            if waiting is not None and waiting.cancel():
                del self._handed[delivery_id]

    def health(self) -> Health:
        with self._lock:
            in_hand = len(self._in_hand)
            return Health(len(self._handed) - in_hand, in_hand)

    def stop(self, patience_s: float) -> None:
        """No new work; what is being sent is waited for a while.

        A far side that keeps silent for longer does not keep the program: the attempt is written
        down, and the next start looks up what became of it.
        """
        with self._lock:
            self._ended = True
            lanes = list(self._lanes.values())
        for lane in lanes:
            lane.shutdown(wait=False, cancel_futures=True)
        deadline = time.monotonic() + patience_s
        while self._in_hand and time.monotonic() < deadline:
            time.sleep(0.02)

    def _work(self, look: Look) -> None:
        with self._lock:
            self._in_hand.add(look.delivery_id)
        changed = self._handle(look.commune_id, look.delivery_id)
        with self._lock:
            del self._handed[look.delivery_id]
            self._in_hand.discard(look.delivery_id)
            left = sum(lane == look.lane for lane, _ in self._handed.values())
        # What could not be done now would be handed out again and again: that is for the next tick.
        if changed and left < self._parallel(look.commune_id) and not self._ended:
            self._more()
