"""A small real file system, which a test can fill to the last byte."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures import IN_CI

PAGE = 4096


class SmallDisk:
    """2 MB at first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "day"

    def fill(self, left_kb: int = 0) -> None:
        """Leave this much room. A large disk is made small first: that costs no memory."""
        self._filler.unlink(missing_ok=True)
        room = os.statvfs(self.folder)
        used = (room.f_blocks - room.f_bfree) * room.f_frsize
        self._resize(used + left_kb * 1024 + PAGE)
        self._filler.write_bytes(bytes(PAGE))

    def grow(self, mb: int = 64) -> None:
        self._filler.unlink(missing_ok=True)
        self._resize(mb << 20)

    def _resize(self, size: int) -> None:
        subprocess.run(
            ["mount", "-o", f"remount,size={size}", str(self.folder)],
            check=True, capture_output=True,
        )  # fmt: skip


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "dia"
    folder.mkdir()
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)],
            check=True, capture_output=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        if IN_CI:
            raise
        pytest.skip(f"a small disk can only be mounted by root on Linux: {error}")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)
