"""The far end of Procrastinate: workers of this process, emergencies apart from the routine."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from procrastinate import JobContext

from broadcaster.engine.port import Handle
from broadcaster.engine.procrastinate import (
    BEAT_S,
    DEAD_AFTER_S,
    EMERGENCY,
    ROUTINE,
    TASK,
    Procrastinate,
)
from broadcaster.errors import Unavailable

log = logging.getLogger(__name__)
_POLL_S = 0.5
"""How late it may find what was handed over for later; what is due now is told to it at once."""
_AGAIN_S = 1.0


class Workers:
    """`routine`: so many deliveries at once; emergencies have half as many of their own beside.

    Every job runs in a thread of ours, not of the loop's: a few silent Pages would fill those, and
    keep an emergency waiting.
    """

    def __init__(self, engine: Procrastinate, handle: Handle, routine: int) -> None:
        self._engine, self.handle = engine, handle
        self._many = {ROUTINE: routine, EMERGENCY: max(2, routine // 2)}
        self._threads = {
            queue: ThreadPoolExecutor(many, f"dispatch-{queue}")
            for queue, many in self._many.items()
        }
        self._in_hand: set[int] = set()
        self._keeping: list[Future[None]] = []
        engine.app.task(name=TASK, pass_context=True)(self._look)

    @property
    def in_hand(self) -> frozenset[int]:
        """Deliveries that are being looked at."""
        return frozenset(self._in_hand)

    def start(self, patience_s: float = 4.0) -> None:
        """`patience_s`: how long `stop` waits for what is being sent."""
        self._keeping = [
            self._engine.run(self._keep(queue, patience_s)) for queue in (EMERGENCY, ROUTINE)
        ]

    def stop(self, patience_s: float = 6.0) -> None:
        """No new work. A far side that keeps silent does not keep the program."""
        for keeping in self._keeping:
            keeping.cancel()
        with contextlib.suppress(Unavailable):
            self._engine.ask(self._ended(patience_s), patience_s + 1)
        for threads in self._threads.values():
            threads.shutdown(wait=False, cancel_futures=True)

    async def _ended(self, patience_s: float) -> None:
        for _ in range(round(patience_s / 0.05)):
            if not self._running:
                return
            await asyncio.sleep(0.05)

    _running = 0

    async def _keep(self, queue: str, patience_s: float) -> None:
        """A worker that broke (database gone, tables dropped) is begun anew."""
        self._running += 1
        try:
            while True:
                await self._work(queue, patience_s)
                log.warning("the engine's worker of %s ended; begun anew", queue)
                await asyncio.sleep(_AGAIN_S)
                with contextlib.suppress(Exception):
                    await self._engine.ready()
        finally:
            self._running -= 1

    async def _work(self, queue: str, patience_s: float) -> None:
        try:
            await self._engine.app.run_worker_async(
                queues=[queue],
                name=queue,
                concurrency=self._many[queue],
                fetch_job_polling_interval=_POLL_S,
                shutdown_graceful_timeout=patience_s,
                delete_jobs="always",
                install_signal_handlers=False,
                update_heartbeat_interval=BEAT_S,
                stalled_worker_timeout=DEAD_AFTER_S,
            )
        except Exception as error:
            log.warning("the engine's worker of %s broke: %s", queue, error.__cause__ or error)

    async def _look(self, context: JobContext, /, **job: Any) -> None:
        """Never raises: whether and when a delivery is tried again is in its own row."""
        loop = asyncio.get_running_loop()
        threads = self._threads[context.job.queue]
        await loop.run_in_executor(threads, self._handled, job["commune_id"], job["delivery_id"])

    def _handled(self, commune_id: int, delivery_id: int) -> None:
        self._in_hand.add(delivery_id)
        try:
            self.handle(commune_id, delivery_id)
        except Exception:
            log.exception("delivery %s", delivery_id)
        finally:
            self._in_hand.discard(delivery_id)
