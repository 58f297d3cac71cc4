"""One sandbox on a real port for all tests; its memory is new for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from broadcaster.sandbox import running
from broadcaster.sandbox.state import SandboxState
from sandbox.bench import Bench, Clock


@pytest.fixture(scope="session")
def shared() -> Iterator[tuple[str, SandboxState]]:
    state = SandboxState()
    with running(state) as url:
        yield url, state


@pytest.fixture
def bench(shared: tuple[str, SandboxState]) -> Iterator[Bench]:
    url, state = shared
    state.clock = clock = Clock()
    state.reset()
    made = Bench(url, state, clock)
    with made.session:
        yield made
