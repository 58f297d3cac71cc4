"""The measurement of bench_kills.py in small: real processes, killed with -9 while they post."""

from __future__ import annotations

import bench_kills


def test_killed_again_and_again_nothing_is_lost_or_doubled() -> None:
    found = bench_kills.trial("facebook_page", "sqlite", "ours", posts=48, kills=4)
    assert (found.posts, found.kills) == (48, 4)
    assert (found.lost, found.doubled, found.unsettled) == (0, 0, 0)


def test_the_usual_order_doubles_so_the_kills_do_hit() -> None:
    """A kill falls between post and record nearly every time; five misses mean it never does."""
    trials = (
        bench_kills.trial("facebook_page", "sqlite", "naive", posts=24, kills=2, seed=seed)
        for seed in range(5)
    )
    assert any(found.doubled > 0 for found in trials)
