"""The demo's commune office: two people write, approve and schedule with the clerk's commands."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from broadcaster.cli.base import ZONE, length
from broadcaster.cli.i18n import t
from broadcaster.demo.commune import APPROVER, AUTHOR
from broadcaster.errors import BroadcasterError

_LEAD_S = 9.0
"""From the command to the hour: time for planning, and for the station to fetch the sound."""
_LEAD_FOR_EACH_S = 4.0
"""More of it for every second that a command takes here: an old PC is slow at the rest too."""
_NUMBER = "1"


class Office:
    """`say` shows a line; a second argument, true, makes it a side remark."""

    def __init__(self, home: Path, say: Callable[[str, bool], None]) -> None:
        self._home, self._say = home, say

    def open(self) -> None:
        """Database and people; harmless when they are there."""
        people = ("--author", f"{AUTHOR}:Nguyễn Thị Lan", "--approver", f"{APPROVER}:Trần Văn Minh")
        self._command("init", *people)

    def announce(self, text: Path) -> None:
        """From the text to the timetable; what was done before an interruption is not repeated."""
        known = self._command("announcement", "list", quiet=True)["announcements"]
        one = known[0] if known else self._write(text)
        if not one["renditions"]:
            self._step(t("Đọc thành tiếng và tạo bài cho bốn kênh", "Speak it, make four posts"))
            self._command("render", _NUMBER, "--as", AUTHOR)
        if one["rules"]:
            return
        began = time.monotonic()
        seen = self._command("preview", _NUMBER)
        pace = time.monotonic() - began
        self._show(seen)
        if not one["approved_by"]:
            self._approve(seen["code"])
        self._schedule(pace)

    def _write(self, text: Path) -> Any:
        self._step(t("Soạn bản tin (lan)", "Write the announcement (lan)"))
        made = self._command("announcement", "new", "--from", str(text), "--as", AUTHOR)
        self._say(f"  {made['title']}  [{made['reference']}]", False)
        return made

    def _show(self, seen: dict[str, Any]) -> None:
        for output in seen["outputs"]:
            first = " ".join(output["text"].split())
            cut = first if len(first) <= 96 else first[:95].rsplit(" ", 1)[0] + "…"
            self._say(f"  {output['target']:14} {cut}", False)
            if "duration_s" in output:  # the loudspeakers' own
                heard = length(round(output["duration_s"] * 1000))
                self._say(f"  {'':14} {heard}, {output['voice']}, {output['lufs']} LUFS", False)

    def _approve(self, code: str) -> None:
        self._step(t("Người thứ hai duyệt (minh)", "A second person approves (minh)"))
        why = t("giọng dự phòng, chỉ để trình diễn", "fallback voice, for the demo")
        self._command(
            "approval", "grant", _NUMBER, "--seen", code, "--as", APPROVER, "--accept", why
        )

    def _schedule(self, pace: float) -> None:
        lead = timedelta(seconds=_LEAD_S + _LEAD_FOR_EACH_S * pace)
        due = (datetime.now(UTC) + lead).astimezone(ZONE)
        self._step(t(f"Xếp lịch lúc {due:%H:%M:%S}", f"Schedule at {due:%H:%M:%S}"))
        self._command(
            "timetable", "add", _NUMBER, "--on", f"{due:%d/%m/%Y}", "--at", f"{due:%H:%M:%S}",
            "--yes", "--as", AUTHOR,
        )  # fmt: skip

    def _step(self, words: str) -> None:
        self._say(f"\n● {words}", False)

    def _command(self, *words: str, quiet: bool = False) -> Any:
        """Run one command of the product as a clerk would; its JSON answer."""
        if not quiet:
            shown = " ".join(f'"{w}"' if " " in w else w for w in words)
            self._say(f"  $ broadcaster {shown}", True)
        program = [sys.executable, "-P", "-m", "broadcaster", "--home", str(self._home)]
        done = subprocess.run(
            [*program, *words, "--json"], capture_output=True, encoding="utf-8", check=False
        )
        if done.returncode != 0:
            error = BroadcasterError(_said(done.stderr), _said(done.stderr))
            error.exit_code = done.returncode
            raise error
        return json.loads(done.stdout)


def _said(stderr: str) -> str:
    """Without the word that the demo puts in front of an error itself."""
    return stderr.strip().removeprefix("Lỗi: ").removeprefix("Error: ")
