"""Procrastinate 3.x on the province's own PostgreSQL: wakes workers of many processes and hosts.

Its tables lie in a schema of their own and hold nothing that is not in ours: whoever drops them
loses nothing, and they are made again. What was learnt about it is in decision 20.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import Future
from datetime import timedelta
from typing import Any, TypeVar

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status

from broadcaster.domain.announcement import Priority
from broadcaster.engine.port import Health, Look
from broadcaster.errors import Unavailable

log = logging.getLogger(__name__)
T = TypeVar("T")
SCHEMA = "procrastinate"
TASK = "look"
ROUTINE, EMERGENCY = "routine", "emergency"
BEAT_S = 2.0
DEAD_AFTER_S = 10.0
"""A worker of its that has not stirred for so long has died with what it had in hand."""

_TABLES = ("jobs", "events", "workers", "periodic_defers")
_LOCK = 0x10A_E
"""PostgreSQL locks numbers that programs agree on: only one of ours makes the tables."""
_PATIENCE_S = 15.0
_SLIPPED = timedelta(seconds=1)


class Procrastinate:
    """`arguments`: those of a connection by psycopg, see `Database.arguments`.

    Its connections live in a thread of their own, as its worker is asynchronous and nothing else
    of ours is.
    """

    ahead = timedelta(minutes=2)

    def __init__(self, arguments: Mapping[str, Any], *, connections: int = 4) -> None:
        given = dict(arguments)
        given["options"] = f"{given.get('options', '')} -c search_path={SCHEMA}".strip()
        # A connection that a switch or a dead host has cut is noticed, not waited for.
        given.update(keepalives=1, keepalives_idle=5, keepalives_interval=2, keepalives_count=3)
        given.update(tcp_user_timeout=10_000, connect_timeout=5)
        self._connector = PsycopgConnector(
            kwargs=given,
            min_size=1,
            max_size=connections,
            timeout=_PATIENCE_S / 2,
            reconnect_timeout=4.0,  # by itself it would wait ever longer once the database is back
        )
        self.app = App(connector=self._connector)
        self._loop = asyncio.SelectorEventLoop()  # psycopg works in no other on Windows
        self._thread = threading.Thread(target=self._loop.run_forever, name="engine", daemon=True)

    def start(self) -> None:
        """Raises Unavailable where its tables cannot be made."""
        self._thread.start()
        try:
            self.ask(self._open())
        except Unavailable as error:
            self.stop()
            raise Unavailable(
                f"{error.text.vi}. Người dùng cơ sở dữ liệu của chương trình cần quyền CREATE để "
                f"tạo schema {SCHEMA}.",
                f"{error.text.en}. Its user needs the right CREATE, to make the schema {SCHEMA}.",
            ) from error

    async def _open(self) -> None:
        await self.app.open_async()
        await self.ready()

    def stop(self) -> None:
        """A connection that does not come back is left to the end of the process."""
        if not self._thread.is_alive():
            return
        with contextlib.suppress(Exception):
            self.ask(self.app.close_async(), 3.0)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=1)
        if not self._thread.is_alive():
            self._loop.close()

    def ask(self, question: Coroutine[Any, Any, T], patience_s: float = _PATIENCE_S) -> T:
        """Run it in the engine's thread. Raises Unavailable where the database does not answer."""
        asked = self.run(question)
        try:
            return asked.result(patience_s)
        except (ConnectorException, psycopg.Error, TimeoutError) as error:
            asked.cancel()
            why = str(error.__cause__ or error) or type(error).__name__
            raise Unavailable(
                f"Bộ giao việc không dùng được cơ sở dữ liệu: {why}",
                f"The engine cannot use its database: {why}",
            ) from error

    def run(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin it in the engine's thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def ready(self) -> None:
        """Make the tables where they are missing or not whole; nothing of value is in them."""
        async with self._connector.pool.connection() as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            found = await connection.execute(
                "SELECT count(*) FROM pg_tables WHERE schemaname = %s AND tablename = ANY(%s)",
                (SCHEMA, [f"procrastinate_{name}" for name in _TABLES]),
            )
            row = await found.fetchone()
            if row is None or row[0] != len(_TABLES):
                await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
                await connection.execute(f"CREATE SCHEMA {SCHEMA}")
                await connection.execute(self.app.schema_manager.get_schema())
                log.warning("the engine's tables were made anew; the sweep fills them")

    # --- the port --------------------------------------------------------------------------------

    def wake(self, looks: Sequence[Look]) -> None:
        if looks:
            self.ask(self._wake(looks))

    async def _wake(self, looks: Sequence[Look]) -> None:
        try:
            known = {job.queueing_lock: job for job in await self._jobs()}
        except ConnectorException:
            await self.ready()  # raises in turn where it is the database that is missing
            known = {}
        new = []
        for look in looks:
            there = known.get(_lock(look.delivery_id))
            if there is not None and _too_late(there, look):
                await self._drop(there)
                there = None
            if there is None:
                new.append(_job(look))
        await self._defer(new)

    async def _defer(self, new: list[Job]) -> None:
        if not new:
            return
        try:
            await self.app.job_manager.batch_defer_jobs_async(new)
        except AlreadyEnqueued:  # one of them, and so none: another planner was at it
            for one in new:
                with contextlib.suppress(AlreadyEnqueued):
                    await self.app.job_manager.defer_job_async(one)

    def cancel(self, delivery_id: int) -> None:
        self.ask(self._cancel(delivery_id))

    async def _cancel(self, delivery_id: int) -> None:
        waiting = await self.app.job_manager.list_jobs_async(
            status=Status.TODO.value, queueing_lock=_lock(delivery_id)
        )
        for job in waiting:
            await self._drop(job)

    async def _drop(self, job: Job) -> None:
        if job.id is not None and job.status == Status.TODO.value:
            await self.app.job_manager.cancel_job_by_id_async(job.id, delete_job=True)

    def health(self) -> Health:
        try:
            found = self.ask(self._jobs(), 5.0)
        except Unavailable as error:
            return Health(0, 0, error.text.en)
        doing = sum(job.status == Status.DOING.value for job in found)
        return Health(len(found) - doing, doing)

    async def _jobs(self) -> list[Job]:
        """Few by rule: finished ones are deleted, and none is handed over long before its time."""
        return list(await self.app.job_manager.list_jobs_async(task=TASK))

    # --- what dead workers had in hand -----------------------------------------------------------

    def retry_stalled(self) -> int:
        """Put back what workers had in hand that are dead; how many."""
        return self.ask(self._retry_stalled())

    async def _retry_stalled(self) -> int:
        manager = self.app.job_manager
        stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S))
        for job in stalled:
            try:
                await manager.retry_job(job)
            except ConnectorException:
                # The same delivery waits already, or another planner was first: this one may go.
                with contextlib.suppress(ConnectorException):
                    await manager.finish_job(job, Status.FAILED, delete_job=True)
        return len(stalled)


def _lock(delivery_id: int) -> str:
    return f"delivery {delivery_id}"


def _job(look: Look) -> Job:
    return Job(
        queue=EMERGENCY if look.priority == Priority.EMERGENCY else ROUTINE,
        priority=1 if look.priority == Priority.PRIORITY else 0,
        # No lock on its target: that of a dead worker would be kept, and one job for later holds
        # up every other of the same lock. The sweep hands over only as many as may go at once.
        lock=None,
        queueing_lock=_lock(look.delivery_id),
        task_name=TASK,
        task_kwargs={"commune_id": look.commune_id, "delivery_id": look.delivery_id},
        scheduled_at=look.at,
    )


def _too_late(job: Job, look: Look) -> bool:
    """It waits for a later time than it is wanted now, and would keep the earlier one out."""
    at = job.scheduled_at if job.status == Status.TODO.value else None
    return at is not None and at > look.at + _SLIPPED
