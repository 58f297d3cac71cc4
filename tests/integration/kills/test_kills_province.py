"""The same in small with a province on two hosts: any of its processes may be killed with -9."""

from __future__ import annotations

import bench_kills
import postgres
import pytest
from fixtures import IN_CI


def test_whichever_process_is_killed_nothing_is_lost_or_doubled() -> None:
    reason = postgres.missing()
    if reason and not IN_CI:
        pytest.skip(reason)
    found = bench_kills.trial_of_province(
        "facebook_page", "postgresql", "ours", posts=24, kills=3, workers=2
    )
    assert found.posts == 24
    assert found.kills >= 1  # the last posts may be out before the last instant is seen
    assert (found.lost, found.doubled, found.unsettled) == (0, 0, 0)
