"""Whatever a station sends, it gets an answer that is no fault of the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from station_line import Line, serving

DOORS = ["status", "as-run", "incidents", "enroll"]
FIELDS = [
    *("version", "held", "device", "clock", "free_disk_mb", "program", "note", "volume", "muted"),
    *("clock_offset_ms", "trouble", "playing", "entries", "incidents", "entry", "uid", "outcome"),
    *("planned_at", "started_at", "seconds_played", "kind", "subject", "at", "vi", "en", "code"),
]
ODD = [
    *("", "\0", "\ud800", "a\0b", "x" * 201, "x" * 20_001, "aired", "forged", "Infinity"),
    *("2026-11-23T01:30:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026"),
    *(0, -1, 1, 2**31, 2**63, 2**200, 1e308, 0.5, float("nan"), float("inf"), None, True),
]
scalars = st.sampled_from(ODD) | st.text(max_size=6) | st.integers() | st.floats()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner),
    max_leaves=12,
)
# Mostly right, so that the odd part gets past the first look.
entries = st.fixed_dictionaries(
    {"entry": st.just("e"), "uid": st.just("u"), "outcome": st.just("aired")},
    optional={
        "planned_at": st.just("2026-11-23T01:30:00Z") | scalars,
        "seconds_played": scalars,
        "device": scalars,
        "cause_vi": scalars,
    },
)
told = st.fixed_dictionaries(
    {"entry": st.text(max_size=3), "kind": st.just("forged"), "at": st.sampled_from(ODD)},
    optional={"subject": scalars, "vi": scalars, "en": scalars},
)
status = st.fixed_dictionaries(
    {
        "version": st.just(0) | scalars,
        "held": st.lists(scalars, max_size=2),
        "device": scalars,
        "clock": st.just("2026-11-23T01:30:00Z") | scalars,
        "free_disk_mb": st.just(1) | scalars,
        "program": st.just("test"),
    },
    optional={"note": scalars, "clock_offset_ms": scalars, "trouble": scalars, "playing": scalars},
)
bodies = (
    values
    | status
    | st.fixed_dictionaries({"entries": st.lists(entries, max_size=2)})
    | st.fixed_dictionaries({"incidents": st.lists(told, max_size=2)})
)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with serving(tmp_path_factory.mktemp("any") / "home") as served:
        yield served


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(DOORS), bodies | st.binary(max_size=20))
def test_no_body_is_a_fault_of_the_server(line: Line, door: str, body: Any) -> None:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = line.ask("POST", door, data=sent, headers={"Content-Type": "application/json"})
    assert answer.status_code in {200, 204, 400, 403, 422, 429}, (answer.status_code, sent[:300])


@pytest.mark.parametrize("query", ["seconds=-1", "seconds=nan", "seconds=1e9", "seconds=x"])
def test_no_waiting_time_is_a_fault_of_the_server(line: Line, query: str) -> None:
    assert line.ask("GET", f"wait?{query}").status_code == 422
