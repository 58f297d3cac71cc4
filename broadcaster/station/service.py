"""The station as a service of its PC: a systemd unit, or an entry for Windows' Task Scheduler."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from broadcaster.errors import Unavailable

NAME = "broadcaster-station"

WATCHDOG = 30
"""Seconds without a sign of life from the sound card's callback: then systemd starts it anew.
Verifying an hour of sound on a slow disk takes some of them."""

_UNIT = """\
[Unit]
Description=Máy phát của cụm loa (Broadcaster)
Wants=network-online.target
After=network-online.target sound.target time-sync.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all
ExecStart={command}
WatchdogSec={watchdog}
Restart=always
RestartSec=2
# The part that plays outlives the part that talks, and is taken over by its successor.
KillMode=process
TimeoutStopSec=40
UMask=0077
NoNewPrivileges=yes
{owner}
[Install]
WantedBy={wanted_by}
"""

_SYSTEM = """\
User={user}
Group={group}
SupplementaryGroups=audio
Nice=-10
ProtectSystem=full
"""

_TASK = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Máy phát của cụm loa (Broadcaster)</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <Repetition>
        <Interval>PT1M</Interval>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>255</Count>
    </RestartOnFailure>
    <IdleSettings>
      <StopOnIdleEnd>false</StopOnIdleEnd>
      <RestartOnIdle>false</RestartOnIdle>
    </IdleSettings>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <Hidden>false</Hidden>
    <RunOnlyIfIdle>false</RunOnlyIfIdle>
    <WakeToRun>true</WakeToRun>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>4</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{command}</Command>
      <Arguments>{arguments}</Arguments>
      <WorkingDirectory>{folder}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""


@dataclass(frozen=True, slots=True)
class Service:
    """What is written where, and what a person types afterwards."""

    path: Path
    content: bytes
    next_steps: tuple[str, ...]

    def write(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_bytes(self.content)
        except OSError as error:
            raise Unavailable(
                f"Không ghi được {self.path}: {error.strerror}. Hãy chạy với quyền quản trị, "
                "hoặc chọn nơi khác bằng --to.",
                f"Cannot write {self.path}: {error.strerror}. Run as administrator, or use --to.",
            ) from None


def systemd(home: Path, python: Path, user: str, group: str = "") -> str:
    """The unit's text. `user` empty: for the user's own service manager."""
    words = [str(python), "-P", "-m", "broadcaster.station", "--home", str(home)]
    owner = _SYSTEM.format(user=user, group=group or user) if user else ""
    return _UNIT.format(
        command=" ".join(map(_unit_word, words)),
        watchdog=WATCHDOG,
        owner=owner,
        wanted_by="multi-user.target" if user else "default.target",
    )


def _unit_word(word: str) -> str:
    """As systemd reads it: % and $ have a meaning there, and quotes are as in C."""
    quoted = word.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + quoted.replace("%", "%%").replace("$", "$$") + '"'


def task(home: Path, python: Path) -> str:
    """The text for Task Scheduler. Without a window: a person would close it one day."""
    windowless = python.with_name("pythonw.exe")
    arguments = f'-P -m broadcaster.station --home "{home}"'
    return _TASK.format(
        command=escape(str(windowless)), arguments=escape(arguments), folder=escape(str(home))
    )


def plan_service(home: Path, kind: str, user: str, to: Path | None) -> Service:
    """`kind`: systemd or windows. Without `to`, where this system looks for it."""
    python = Path(sys.executable)
    if kind == "windows":
        path = to or home / f"{NAME}.xml"
        create = f'schtasks /Create /TN "Broadcaster Station" /XML "{path}"'
        steps = (create, 'schtasks /Run /TN "Broadcaster Station"')
        return Service(path, task(home, python).encode("utf-16"), steps)
    if user:
        path = to or Path("/etc/systemd/system") / f"{NAME}.service"
        control, more = "systemctl", []
    else:
        path = to or _user_units() / f"{NAME}.service"
        control, more = "systemctl --user", ["loginctl enable-linger"]
    typed = (f"{control} daemon-reload", f"{control} enable --now {NAME}", *more)
    return Service(path, systemd(home, python, user).encode(), typed)


def _user_units() -> Path:
    base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "systemd" / "user"


def default_kind() -> str:
    return "windows" if os.name == "nt" else "systemd"


def owner_of(home: Path) -> str:
    """Whose service it is: of the folder's owner when root installs it, else of the user alone."""
    if os.name == "nt" or os.geteuid() != 0:
        return ""
    return home.owner()
