"""A planner watches all communes, a few at a tick."""

from __future__ import annotations

from pathlib import Path

from commune import Commune
from provinces import Land

from broadcaster.engine.embedded import Embedded
from broadcaster.server.handling import Handler
from broadcaster.server.planner import Planner
from broadcaster.services.stations import alarming, enrolling, syncing


def without_proof(xa: Commune) -> None:
    """A sound that a station was given an hour and more ago."""
    token = enrolling.take_in(xa.context, "loa-dong", xa.clock())
    station = syncing.who(xa.context.database, token)
    assert station is not None
    xa.schedule(xa.approved(), on="23/11/2026", at="09:00")
    xa.plan()
    assert syncing.rundown(xa.context, station, xa.clock()).rundown.items
    xa.clock.move(hours=1, minutes=6)


def test_every_commune_has_its_turn_within_ten_ticks(tmp_path: Path) -> None:
    land = Land(tmp_path, f"sqlite:///{tmp_path / 'broadcaster.db'}")
    communes = [land.commune("an-binh"), land.commune("binh-minh")]
    for xa in communes:
        without_proof(xa)
    served = land.served()
    engine = Embedded(Handler(served), lambda _commune: 1, lambda: None)
    planner = Planner(served, engine)
    told = []
    for _ in range(10):
        planner.watch()
        told.append(sum(bool(alarming.standing(xa.context, xa.clock())) for xa in communes))
    assert (told[0], told[1], told[-1]) == (1, 2, 2)
    engine.stop(0)
    land.close()
