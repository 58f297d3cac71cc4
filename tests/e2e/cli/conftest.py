"""Communes in three stages of the work, made once and copied for every test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from clerk import APPROVER, AUTHOR, BOTH, TEXT, run_cli, write_settings
from server_process import ServerProcess


@pytest.fixture(scope="session")
def _initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("xa") / "xa"
    write_settings(home)
    run_cli(
        home, "init", "--author", f"{AUTHOR}:Nguyễn Thị Lan", "--approver", f"{APPROVER}:Trần Minh"
    ).ok()
    run_cli(
        home, "person", "add", BOTH, "--full-name", "Lê Thị Hoa",
        "--role", "operator", "--role", "approver", "--as", AUTHOR,
    ).ok()  # fmt: skip
    return home


@pytest.fixture(scope="session")
def _rendered(_initialised: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("rendered") / "xa"
    shutil.copytree(_initialised, home)
    run_cli(home, "announcement", "new", "--from", "-", "--as", BOTH, stdin=TEXT).ok()
    run_cli(home, "render", "1", "--as", BOTH).ok()
    return home


@pytest.fixture(scope="session")
def _approved(_rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("approved") / "xa"
    shutil.copytree(_rendered, home)
    run_cli(home, "approval", "grant", "1", "--as", APPROVER, "--accept", "đã nghe").ok()
    return home


@pytest.fixture
def fresh(_initialised: Path, tmp_path: Path) -> Path:
    """Settings, database and people: lan writes and operates, minh approves, hoa does both."""
    return Path(shutil.copytree(_initialised, tmp_path / "xa"))


@pytest.fixture
def rendered(_rendered: Path, tmp_path: Path) -> Path:
    """With announcement 1, written and rendered by hoa."""
    return Path(shutil.copytree(_rendered, tmp_path / "xa"))


@pytest.fixture
def approved(_approved: Path, tmp_path: Path) -> Path:
    """The same, approved by minh."""
    return Path(shutil.copytree(_approved, tmp_path / "xa"))


@pytest.fixture
def server(approved: Path) -> Iterator[ServerProcess]:
    """Of the commune whose announcement 1 is approved; not started yet."""
    made = ServerProcess(approved)
    yield made
    made.clean_up()
