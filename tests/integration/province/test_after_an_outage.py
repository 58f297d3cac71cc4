"""The worst minute of a province: all that fell due while its servers were away for ten minutes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from commune import Commune
from databases import KINDS, fresh_url
from provinces import NAMES, Land
from scripted import Scripted

from broadcaster.channels import Receipt
from broadcaster.channels.port import Content
from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import Delivery, State
from broadcaster.services import dispatching

CLASSES = (Priority.EMERGENCY, Priority.PRIORITY, Priority.NORMAL)
POSTS_MAY_BE_LATE = timedelta(minutes=6)
FELL_DUE = [  # minute past nine, target, class; from nine on nobody was there
    (2, "fanpage", Priority.NORMAL),
    (3, "website", Priority.PRIORITY),
    (4, "loa-dong", Priority.NORMAL),  # may be five minutes late
    (5, "fanpage", Priority.NORMAL),
    (7, "website", Priority.NORMAL),
    (8, "fanpage", Priority.PRIORITY),
    (9, "fanpage", Priority.EMERGENCY),
]


@dataclass
class Noting(Scripted):
    """Keeps the order of posts over all communes."""

    order: list[str] = field(default_factory=list)

    def publish(self, content: Content, reference: str, now: datetime) -> Receipt:
        self.order.append(reference)
        return super().publish(content, reference, now)


@pytest.fixture(params=KINDS)
def communes(
    request: pytest.FixtureRequest, tmp_path: Path, page: Noting
) -> Iterator[dict[int, Commune]]:
    """By id: two that had all of it planned, both with the same far side."""
    with closing(Land(tmp_path, fresh_url(request.param, tmp_path, request))) as land:
        found = [_ready(land.commune(key), page) for key in NAMES]
        yield {xa.context.commune_id: xa for xa in found}


def _ready(made: Commune, page: Noting) -> Commune:
    policy = replace(made.context.policy, post_grace=POSTS_MAY_BE_LATE)
    context = replace(made.context, policy=policy, channel=lambda _key: page)
    xa = Commune(context, made.clock)
    for minute, target, priority in FELL_DUE:
        text = f"Tin phút {minute}\n{NAMES[made.context.home.name]}, phút {minute}."
        number = xa.approved((target,), text=text, priority=priority)
        xa.schedule(number, on="23/11/2026", at=f"09:{minute:02}")
    assert xa.plan() == len(FELL_DUE)
    xa.clock.move(hours=1, minutes=10)
    return xa


@pytest.fixture
def page() -> Noting:
    return Noting()


def cleared(communes: dict[int, Commune], now: datetime, each: int) -> None:
    """What the planner's sweep and a single worker do until nothing is due any more."""
    database = next(iter(communes.values())).context.database
    for _ in range(sum(len(xa.rows()) for xa in communes.values())):
        for one in dispatching.due(database, now, each):
            dispatching.handle(communes[one.commune_id].context, one.id, now)
    assert dispatching.due(database, now, each) == []


def test_the_backlog_goes_out_by_class_and_nothing_later_than_its_grace(
    communes: dict[int, Commune], page: Noting
) -> None:
    one_of_them = next(iter(communes.values()))
    now = one_of_them.clock()
    assert f"{one_of_them.context.policy.local(now):%H:%M}" == "09:10"
    cleared(communes, now, each=5)
    rows = [row for xa in communes.values() for row in xa.rows()]
    by_marker = {row.marker: row for row in rows}
    went_out = [by_marker[marker] for marker in page.order]
    assert sorted(page.order) == sorted({row.marker for row in rows if not _too_late(row, now)})
    places = [(CLASSES.index(Priority(row.priority)), row.due_at) for row in went_out]
    assert places == sorted(places), "emergencies of all communes, then priority, then the rest"
    for row in rows:
        late = _too_late(row, now)
        assert row.state == (State.MISSED if late else State.CONFIRMED)
        assert (row.cause is not None, row.attempt_no) == (late, 0 if late else 1)


def _too_late(row: Delivery, now: datetime) -> bool:
    return now >= row.due_at + (timedelta(minutes=5) if row.pulled else POSTS_MAY_BE_LATE)
