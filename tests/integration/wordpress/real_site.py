"""One real site for all tests of this folder; each test has an announcement of its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import wordpress
from newsroom import Newsroom

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")


@pytest.fixture(scope="session")
def site() -> Iterator[wordpress.Site]:
    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(wordpress.running())
        except wordpress.NotStarted as error:
            if IN_CI:
                raise
            pytest.skip(f"no WordPress: {error}")
        yield found


@pytest.fixture
def newsroom(site: wordpress.Site, tmp_path: Path) -> Newsroom:
    return Newsroom(site, tmp_path)


@pytest.fixture
def opened_again(site: wordpress.Site) -> Iterator[None]:
    """For tests that cut the site off."""
    yield
    site.start_web()
