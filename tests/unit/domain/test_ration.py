"""Few uses a month, one a day, by day only: where each finds its place."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.ration import Ration, Report
from broadcaster.errors import Text

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HOURS = timedelta(hours=6)


def local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def ration(per_month: int = 4, per_day: int = 1, report: Report | None = None) -> Ration:
    basis = Text("gói “advanced”", "package “advanced”")
    return Ration(per_month, per_day, time(6), time(22), ZONE, basis, report=report)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (local(24, 6), local(24, 6)),
        (local(24, 21, 59), local(24, 21, 59)),
        (local(24, 22), local(25, 6)),
        (local(24, 5, 59), local(24, 6)),
        (local(30, 23), local(1, 6, month=12)),
    ],
)
def test_the_hours_are_those_of_viet_nam(at: datetime, opens: datetime) -> None:
    assert ration().next_open(at) == opens


def test_the_fifth_of_four_is_refused_and_says_why() -> None:
    uses = [local(day, 9) for day in (2, 9, 16, 23)]
    place = ration().place(local(24, 9), local(24, 15), uses)
    assert place.at is None
    assert place.cause is not None
    for words in ("tháng 11/2026", "4 lượt", "advanced", "không được gửi"):
        assert words in place.cause.vi
    assert ration().place(local(24, 9), local(24, 15), uses[:3]).at == local(24, 9)


def test_a_new_month_is_a_new_quota() -> None:
    uses = [local(day, 9) for day in (2, 9, 16, 23)]
    due = local(30, 23)
    assert ration().place(due, due + timedelta(hours=8), uses).at == local(1, 6, month=12)


def test_a_night_is_waited_out_with_the_reason_if_there_is_time() -> None:
    held = ration().place(local(24, 23), local(25, 7), [])
    assert held.at == local(25, 6)
    assert held.cause is not None
    assert "06:00–21:59" in held.cause.vi
    late = ration().place(local(24, 22, 30), local(25, 4, 30), [])
    assert late.at is None
    assert late.cause == ration().place(local(24, 22), local(25, 4), []).cause


def test_the_second_of_a_day_waits_for_the_next_or_is_refused() -> None:
    uses = [local(24, 9)]
    assert ration().place(local(24, 15), local(25, 15), uses).at == local(25, 6)
    refused = ration().place(local(24, 15), local(24, 21), uses)
    assert refused.at is None
    assert refused.cause is not None
    assert "24/11/2026 đã có 1 lượt" in refused.cause.vi


def test_what_the_account_reports_counts_when_it_is_less() -> None:
    """Somebody has sent by hand in the dashboard: only the far side knows."""
    told = Report(left=1, at=local(20, 9))
    assert ration(report=told).used(local(24, 9), []) == 3
    assert ration(report=told).used(local(24, 9), [local(10, 9)]) == 3
    assert ration(report=told).used(local(24, 9), [local(22, 9)]) == 4
    assert ration(report=told).place(local(24, 9), local(24, 15), [local(22, 9)]).at is None
    assert ration(report=told).used(local(2, 9, month=12), []) == 0
    generous = Report(left=9, at=local(20, 9))
    assert ration(report=generous).used(local(24, 9), [local(10, 9)]) == 1


@given(
    st.lists(st.integers(0, 60 * 24 * 40), max_size=25),
    st.integers(1, 6),
    st.integers(1, 2),
    st.integers(1, 72),
)
def test_however_many_are_asked_for_no_rule_is_ever_broken(
    minutes: list[int], per_month: int, per_day: int, grace: int
) -> None:
    figures, uses = ration(per_month, per_day), list[datetime]()
    for minute in sorted(minutes):
        due = local(1, 0) + timedelta(minutes=minute)
        place = figures.place(due, due + timedelta(hours=grace), uses)
        if place.at is None:
            assert place.cause is not None
            continue
        assert due <= place.at < due + timedelta(hours=grace)
        assert (place.cause is None) is (place.at == due)
        uses.append(place.at)
    days = [use.astimezone(ZONE) for use in uses]
    assert all(time(6) <= one.time() < time(22) for one in days)
    for one in days:
        assert sum(other.date() == one.date() for other in days) <= per_day
        assert sum((o.year, o.month) == (one.year, one.month) for o in days) <= per_month
