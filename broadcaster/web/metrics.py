"""What Prometheus reads: a registry for each application, filled when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client.registry import Collector
from sqlalchemy import QueuePool

from broadcaster.engine.port import Health
from broadcaster.errors import BroadcasterError
from broadcaster.services.monitoring import RECENTLY, Board, Figures
from broadcaster.store.database import Database
from broadcaster.web.polls import Tally

__all__ = ["CONTENT_TYPE", "registry", "text"]
_MINUTES = round(RECENTLY.total_seconds() / 60)


def registry(
    board: Board, database: Database, polls: Tally, health: Callable[[], Health] | None
) -> CollectorRegistry:
    made = CollectorRegistry()
    made.register(_Ours(board, database, polls, health))
    ProcessCollector(registry=made)
    return made


def text(of: CollectorRegistry) -> bytes:
    return generate_latest(of)


class _Ours(Collector):
    """Names end in their unit, as Prometheus wishes; classes and states are our own words."""

    def __init__(
        self, board: Board, database: Database, polls: Tally, health: Callable[[], Health] | None
    ) -> None:
        self._board, self._database = board, database
        self._polls, self._health = polls, health

    def collect(self) -> Iterator[Metric]:
        yield from self._of_this_process()
        try:
            found = self._board.figures()
        except BroadcasterError:
            yield _gauge("database_up", "1 when the database answers", 0)
            return
        yield _gauge("database_up", "1 when the database answers", 1)
        yield from _of_deliveries(found)
        yield _gauge("stations", "Stations that are enrolled", found.stations)
        yield _gauge("stations_silent", "Those that have said nothing for minutes", found.silent)
        if found.planners is not None:
            yield _gauge("planners", "Processes that plan just now: 1 is right", found.planners)

    def _of_this_process(self) -> Iterator[Metric]:
        polls = CounterMetricFamily(
            "broadcaster_station_polls", "Questions for a plan", labels=["answer"]
        )
        polls.add_metric(["unchanged"], self._polls.unchanged)
        polls.add_metric(["looked_into"], self._polls.looked_into)
        yield polls
        if isinstance(pool := self._database.engine.pool, QueuePool):
            yield _gauge("pool_connections_used", "Of this process", pool.checkedout())
            yield _gauge("pool_connections_free", "Open and idle", pool.checkedin())
        if self._health is not None:
            said = self._health()
            yield _gauge("engine_up", "1 when the engine works", int(not said.said))
            yield _gauge("engine_waiting", "Deliveries handed over, not begun", said.waiting)
            yield _gauge("engine_in_hand", "Deliveries being worked on", said.in_hand)


def _of_deliveries(found: Figures) -> Iterator[Metric]:
    due = _family("deliveries_due", "To be looked at now", "state", "class")
    oldest = _family("deliveries_oldest_due_seconds", "Since when the oldest waits", "class")
    ages: dict[str, float] = {}
    for one in found.due:
        due.add_metric([one.state, one.priority], one.count)
        age = (found.at - one.oldest).total_seconds()
        ages[one.priority] = max(age, ages.get(one.priority, 0.0))
    for name, age in ages.items():
        oldest.add_metric([name], age)
    unknown = _family("deliveries_unknown", "Nobody knows what became of them", "class")
    for name, count in found.unknown.items():
        unknown.add_metric([name], count)
    tries = _family("attempts_recent", f"Begun in the last {_MINUTES} minutes", "outcome")
    for name, count in found.attempts.items():
        tries.add_metric([name or "under_way"], count)
    yield from (due, oldest, unknown, tries)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"broadcaster_{name}", meaning, value=value)


def _family(name: str, meaning: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"broadcaster_{name}", meaning, labels=labels)
