"""The manual of the sandbox says what is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from broadcaster.sandbox.faults import Kind
from broadcaster.sandbox.scripts import read_script
from sandbox.bench import Bench

MANUAL = Path(__file__).parents[3] / "docs" / "sandbox.md"


@pytest.fixture
def manual() -> str:
    return MANUAL.read_text(encoding="utf-8")


def test_the_example_script_can_be_read(manual: str, tmp_path: Path) -> None:
    first, lesson = re.findall(r"```toml\n(.*?)```", manual, re.DOTALL)
    script = tmp_path / "kich-ban.toml"
    script.write_text(first, encoding="utf-8")
    read = read_script(script)
    assert (len(read.faults), read.settings.graph.schedule_max_days) == (4, 75)
    assert [one.operation for one in read.faults][:2] == ["feed.create", "oauth.token"]
    script.write_text(lesson, encoding="utf-8")
    assert [one.kind for one in read_script(script).faults] == ["store_then_500"]


def test_every_kind_of_fault_is_explained(manual: str) -> None:
    table = manual.partition("| `kind` |")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(get_args(Kind))


def test_every_control_address_exists(manual: str, bench: Bench) -> None:
    rows = re.findall(r"^\| (.+?/_control/[\w/]+)` \|", manual, re.MULTILINE)
    assert len(rows) == 8
    for row in rows:
        path = "/_control/" + row.partition("/_control/")[2]
        for method in re.findall(r"GET|POST|PATCH|DELETE", row):
            assert bench.call(method, path).status_code in {200, 400}, (method, path)
