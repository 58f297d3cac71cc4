"""One sandbox for all tests of this folder, forgotten before each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from broadcaster.sandbox import running
from broadcaster.sandbox.state import SandboxState
from channels.far_side import EVERYWHERE, OUTLETS, Outlet, Sandbox


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    with running(SandboxState()) as url:
        yield url


@pytest.fixture
def sandbox(sandbox_url: str) -> Sandbox:
    found = Sandbox(sandbox_url)
    found.clear()
    return found


@pytest.fixture
def now(sandbox: Sandbox) -> datetime:
    """The sandbox's own time when the test begins."""
    return sandbox.now()


@pytest.fixture(params=sorted(EVERYWHERE))
def any_outlet(request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path: Path) -> Outlet:
    """Each kind of channel in turn, also those without a far side."""
    return EVERYWHERE[request.param](sandbox.url, tmp_path)


@pytest.fixture(params=sorted(OUTLETS))
def outlet(request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path: Path) -> Outlet:
    """Each kind of channel with a far side in turn."""
    return OUTLETS[request.param](sandbox.url, tmp_path)
