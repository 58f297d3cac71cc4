"""The example units of a province: systemd understands them, and they give no right away."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import debian
import pytest
from fixtures import IN_CI

UNITS = sorted((Path(__file__).parents[2] / "scripts" / "install").glob("broadcaster-*@.service"))
ROLES = {"web", "planner", "worker"}


def test_each_role_has_one_with_the_same_few_rights() -> None:
    texts = {re.split("[-@]", unit.name)[1]: unit.read_text("utf-8") for unit in UNITS}
    assert set(texts) == ROLES
    for role, text in texts.items():
        assert f"broadcaster run --role {role}" in text
        for line in ("User=broadcaster", "NoNewPrivileges=yes", "ProtectSystem=strict"):
            assert line in text.splitlines()
        assert "EnvironmentFile=/etc/broadcaster/database.env" in text
        assert "postgresql+psycopg://" not in text, "the password is in a file of root's"


def test_systemd_finds_no_fault_in_them(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        said = debian.install(["systemd"])
        if shutil.which("systemd-analyze") is None and not IN_CI:
            pytest.skip(f"no systemd on this machine: {debian.line_to_type(['systemd'])} {said}")
    for unit in UNITS:
        text = unit.read_text("utf-8").replace(
            "/opt/broadcaster/.venv/bin/broadcaster", "/bin/true"
        )
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "notice"},
    )
    ours = [line for line in done.stderr.splitlines() if "broadcaster" in line]
    assert (done.returncode, ours) == (0, []), done.stderr
