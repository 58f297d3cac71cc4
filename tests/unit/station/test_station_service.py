"""The station as a service: what is written for systemd and for Windows, read by the real thing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from broadcaster.station.main import run
from broadcaster.station.service import WATCHDOG, plan_service, systemd, task
from broadcaster.station.settings import StationSettings, write_settings

TASKS = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
ODD_HOME = '/srv/đài xã 100% "Kè Sắt" $HOME'


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd on this machine")
@pytest.mark.parametrize("user", ["", "root"])
@pytest.mark.parametrize("home", ["/srv/tram", ODD_HOME])
def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path, user: str, home: str) -> None:
    unit = tmp_path / "broadcaster-station.service"
    unit.write_text(systemd(Path(home), Path(sys.executable), user), encoding="utf-8")
    manager = [] if user else ["--user"]
    found = subprocess.run(
        ["systemd-analyze", *manager, "verify", str(unit)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
        check=False,
    )
    assert (found.returncode, found.stdout + found.stderr) == (0, "")


def test_the_unit_restarts_for_ever_and_leaves_the_playing_part_alone() -> None:
    lines = systemd(Path("/srv/tram"), Path("/opt/python"), "loa").splitlines()
    for line in (
        "Type=notify",
        "NotifyAccess=all",
        f"WatchdogSec={WATCHDOG}",
        "Restart=always",
        "StartLimitIntervalSec=0",
        "KillMode=process",
        "User=loa",
    ):
        assert line in lines
    assert "User=" not in systemd(Path("/srv/tram"), Path("/opt/python"), "")


def test_words_of_the_command_reach_the_program_as_they_are() -> None:
    line = systemd(Path(ODD_HOME), Path("/opt/python"), "")
    assert '"/srv/đài xã 100%% \\"Kè Sắt\\" $$HOME"' in line


def test_the_task_starts_at_log_on_and_is_never_ended_by_windows() -> None:
    tree = ElementTree.fromstring(  # noqa: S314 — written a moment ago by us
        task(Path("C:/Đài & xã"), Path("C:/p/python.exe")).partition("?>")[2]
    )

    def said(path: str) -> str | None:
        return tree.findtext("/".join(f"{TASKS}{name}" for name in path.split("/")))

    assert tree.find(f"{TASKS}Triggers/{TASKS}LogonTrigger") is not None
    assert said("Triggers/LogonTrigger/Repetition/Interval") == "PT1M"
    assert said("Settings/RestartOnFailure/Interval") == "PT1M"
    assert said("Settings/ExecutionTimeLimit") == "PT0S"
    assert said("Settings/DisallowStartIfOnBatteries") == "false"
    assert said("Settings/StopIfGoingOnBatteries") == "false"
    assert said("Settings/MultipleInstancesPolicy") == "IgnoreNew"
    assert said("Actions/Exec/Command") == str(Path("C:/p/pythonw.exe"))
    assert said("Actions/Exec/Arguments") == ('-P -m broadcaster.station --home "C:/Đài & xã"')


def test_windows_gets_the_bytes_that_its_task_scheduler_reads(tmp_path: Path) -> None:
    made = plan_service(tmp_path, "windows", "", None)
    made.write()
    raw = (tmp_path / "broadcaster-station.xml").read_bytes()
    assert raw[:2] in {b"\xff\xfe", b"\xfe\xff"}
    assert 'encoding="UTF-16"' in raw.decode("utf-16")
    assert "schtasks /Create" in made.next_steps[0]


def test_install_writes_the_unit_and_says_what_to_type(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_settings(tmp_path, StationSettings(server="http://127.0.0.1:9", station="thon-1"))
    unit = tmp_path / "made" / "broadcaster-station.service"
    run(["--home", str(tmp_path), "install", "--kind", "systemd", "--to", str(unit)])
    assert f'"--home" "{tmp_path}"' in unit.read_text("utf-8")
    assert "enable --now broadcaster-station" in capsys.readouterr().out


def test_a_folder_that_is_no_station_is_not_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["--home", str(tmp_path), "install", "--to", str(tmp_path / "unit")])
    assert ended.value.code == 2
    assert "Hãy tạo tệp này" in capsys.readouterr().err
    assert not (tmp_path / "unit").exists()
