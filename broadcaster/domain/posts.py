"""Which posts of one announcement stand on one outlet, read from its deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from broadcaster.domain.delivery import Action, Delivery, State

_THERE = frozenset({State.ACCEPTED, State.CONFIRMED})
_UNSETTLED = frozenset({State.SENDING, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Post:
    """One post over there: the delivery that made it and its corrections, oldest first."""

    chain: tuple[Delivery, ...]
    withdrawals: tuple[Delivery, ...] = ()
    missing: bool = False
    """A correction found it gone, and became a post of its own."""

    @property
    def id(self) -> int:
        """Of the delivery that made it."""
        return self.chain[0].id

    @property
    def newest(self) -> Delivery | None:
        """The last that certainly got there: id and address of the post are its."""
        there = [one for one in self.chain if one.state in _THERE]
        return there[-1] if there else None

    @property
    def unsettled(self) -> Delivery | None:
        """A try whose outcome is not known yet; nothing else is done to the post before it is."""
        return next((one for one in self.chain if one.state in _UNSETTLED), None)

    @property
    def gone(self) -> bool:
        """Withdrawn, and the far side has confirmed it; or found missing."""
        return self.missing or any(one.state == State.CONFIRMED for one in self.withdrawals)

    @property
    def stands(self) -> bool:
        return self.newest is not None and not self.gone

    @property
    def to_withdraw(self) -> bool:
        """It stands, or may stand, and no withdrawal of it is under way."""
        open_ones = [one for one in self.withdrawals if not one.final]
        return not open_ones and not self.gone and bool(self.newest or self.unsettled)


def posts(rows: Sequence[Delivery]) -> list[Post]:
    """What `rows` (of one announcement and outlet) made or may have made there, oldest first."""
    by_id = {one.id: one for one in rows if not one.pulled}
    chains: dict[int, list[Delivery]] = {}
    withdrawals: dict[int, list[Delivery]] = {}
    for one in sorted(by_id.values(), key=lambda one: one.id):
        which = withdrawals if one.action == Action.WITHDRAW else chains
        which.setdefault(_root(by_id, one), []).append(one)
    missing = {one.about_id for one in by_id.values() if one.action == Action.POST}
    return [
        Post(tuple(chain), tuple(withdrawals.get(root, ())), root in missing)
        for root, chain in chains.items()
    ]


def _root(by_id: dict[int, Delivery], one: Delivery) -> int:
    while one.action != Action.POST and one.about_id in by_id:
        one = by_id[one.about_id]
    return one.id
