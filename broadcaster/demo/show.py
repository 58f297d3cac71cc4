"""The demo's steps, through the same commands that a clerk types."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from broadcaster.bootstrap import connect
from broadcaster.cli.base import ZONE, length, state_word
from broadcaster.cli.i18n import t
from broadcaster.demo import commune
from broadcaster.demo.programs import Program, end_station, free_port
from broadcaster.domain.delivery import State
from broadcaster.errors import BroadcasterError, InputError
from broadcaster.services import reporting
from broadcaster.services.context import Context
from broadcaster.services.reporting import Line

_SAMPLE = Path(__file__).parent / "sample.txt"
_LEAD_S = 9.0
"""From the command to the hour: time for planning, and for the station to fetch the sound."""
_LEAD_FOR_EACH_S = 4.0
"""More of it for every second that a command takes here: an old PC is slow at the rest too."""
_PATIENCE_S = 120


class Show:
    """One run of the demo in one folder."""

    def __init__(self, out: Path, *, as_json: bool, resume: bool) -> None:
        self._out, self._json, self._resume = out, as_json, resume
        self._home = out / "xa"
        self._programs: list[Program] = []
        self._context: Context | None = None

    def run(self, source: str | None, *, stay: bool) -> int:
        """Play it all; the exit code."""
        text = _readable(source)
        ports = self._prepare()
        sandbox, server = self._start(ports)
        if not self._resume:
            self._write_to_schedule(text)
        lines = self._wait(sandbox, server)
        self._keep_public_page(ports["sandbox"])
        self._end(lines)
        if stay:
            self._say(t("Các trang còn mở; Ctrl-C để kết thúc.", "Pages stay open; Ctrl-C ends."))
            while True:
                time.sleep(1)
        return _exit_code(lines)

    def close(self) -> None:
        if self._context:
            self._context.database.close()
        for program in reversed(self._programs):
            program.stop()
        end_station(self._home)

    # --- steps -----------------------------------------------------------------------------------

    def _prepare(self) -> dict[str, int]:
        kept = self._out / "ports.json"
        if self._resume:
            if not kept.exists():
                raise InputError(
                    f"Không có lần trình diễn nào dở dang trong {self._out}.",
                    f"There is no interrupted demo in {self._out}.",
                )
            ports: dict[str, int] = json.loads(kept.read_text())
            return ports
        if self._out.exists() and any(self._out.iterdir()) and not kept.exists():
            raise InputError(
                f"Thư mục {self._out} có tệp khác; hãy chọn --out khác.",
                f"The folder {self._out} holds other files; choose another --out.",
            )
        end_station(self._home)  # of an earlier demo that was killed
        shutil.rmtree(self._out, ignore_errors=True)
        self._out.mkdir(parents=True)
        ports = {"sandbox": free_port(), "server": free_port()}
        kept.write_text(json.dumps(ports))
        return ports

    def _start(self, ports: dict[str, int]) -> tuple[Program, Program]:
        at = f"http://127.0.0.1:{ports['sandbox']}"
        self._step(t("Dựng các kênh giả (Facebook, Zalo, trang web)", "Stand-ins of the outlets"))
        sandbox = Program(
            "sandbox",
            ["broadcaster.sandbox", "--port", str(ports["sandbox"]),
             "--data", str(self._out / "sandbox.json")],
            self._out / "sandbox.log",
            at + "/_control/version",
        )  # fmt: skip
        self._programs.append(sandbox)
        sandbox.start()
        if not self._resume:
            commune.write(self._home, at, ports["server"])
            self._command(
                "init", "--author", f"{commune.AUTHOR}:Nguyễn Thị Lan",
                "--approver", f"{commune.APPROVER}:Trần Văn Minh",
            )  # fmt: skip
        self._step(t("Khởi động máy chủ và trạm loa", "Server and loudspeaker station"))
        server = Program(
            t("máy chủ", "server"),
            ["broadcaster", "--home", str(self._home), "run"],
            self._out / "server.log",
            f"http://127.0.0.1:{ports['server']}/health",
        )
        self._programs.append(server)
        server.start()
        self._say(f"  pid {server.pid}, {at}")
        self._context = connect(self._home)
        return sandbox, server

    def _write_to_schedule(self, text: str) -> None:
        self._step(t("Soạn bản tin (lan)", "Write the announcement (lan)"))
        copy = self._out / "ban-tin.txt"
        copy.write_text(text, encoding="utf-8")
        made = self._command("announcement", "new", "--from", str(copy), "--as", commune.AUTHOR)
        self._say(f"  {made['title']}  [{made['reference']}]")
        number = str(made["number"])
        self._step(t("Đọc thành tiếng và tạo bài cho bốn kênh", "Speak it, make four renditions"))
        self._command("render", number, "--as", commune.AUTHOR)
        began = time.monotonic()
        seen = self._command("preview", number)
        pace = time.monotonic() - began
        self._preview(seen)
        self._step(t("Người thứ hai duyệt (minh)", "A second person approves (minh)"))
        self._command(
            "approval", "grant", number, "--seen", seen["code"], "--as", commune.APPROVER,
            "--accept", t("giọng dự phòng, chỉ để trình diễn", "fallback voice, for the demo"),
        )  # fmt: skip
        lead = timedelta(seconds=_LEAD_S + _LEAD_FOR_EACH_S * pace)
        due = (datetime.now(UTC) + lead).astimezone(ZONE)
        self._step(t(f"Xếp lịch lúc {due:%H:%M:%S}", f"Schedule at {due:%H:%M:%S}"))
        self._command(
            "timetable", "add", number, "--on", f"{due:%d/%m/%Y}", "--at", f"{due:%H:%M:%S}",
            "--yes", "--as", commune.AUTHOR,
        )  # fmt: skip

    def _preview(self, seen: dict[str, Any]) -> None:
        for output in seen["outputs"]:
            first = " ".join(output["text"].split())
            cut = first if len(first) <= 96 else first[:95].rsplit(" ", 1)[0] + "…"
            self._say(f"  {output['target']:14} {cut}")
            if "audio" in output:
                heard = length(round(output["duration_s"] * 1000))
                self._say(f"  {'':14} {heard}, {output['voice']}, {output['lufs']} LUFS")

    def _wait(self, sandbox: Program, server: Program) -> list[Line]:
        self._step(t("Chờ đến giờ, phát và đăng", "Wait, play and post"))
        context = self._context
        assert context is not None  # noqa: S101 - set by _start
        longest = max((self._sound(context)), default=0.0)
        ends = time.monotonic() + longest + _PATIENCE_S
        while True:
            for program in (sandbox, server):
                if program.keep_alive():
                    words = t("bị ngắt, đã khởi động lại", "was killed, started again")
                    self._say(f"\n  {program.name} {words} (pid {program.pid})")
            lines = _read(context)
            self._progress(lines)
            settled = len(lines) > 0 and all(line.delivery.final for line in lines)
            if settled or time.monotonic() > ends:
                self._say("")
                return lines
            time.sleep(0.5)

    def _sound(self, context: Context) -> list[float]:
        with context.database.read() as connection:
            from broadcaster.store import announcements  # noqa: PLC0415 - only here

            revision = announcements.latest_revision(connection, 1)
            return [r.duration_ms / 1000 for r in announcements.renditions(connection, revision.id)]

    def _progress(self, lines: list[Line]) -> None:
        if self._json or not sys.stderr.isatty():
            return
        now = datetime.now(UTC)
        words = []
        for line in lines:
            one = line.delivery
            waits = (one.due_at - now).total_seconds()
            state = state_word(one.state)
            if one.state in {State.PLANNED, State.SENDING, State.ACCEPTED} and waits > 0:
                state = f"{waits:.0f} s"
            elif one.pulled and one.state == State.ACCEPTED:
                state = t(f"đang phát {-waits:.0f} s", f"on air {-waits:.0f} s")
            words.append(f"{one.target}: {state}")
        sys.stderr.write("\r\x1b[K  " + " · ".join(words))
        sys.stderr.flush()

    def _keep_public_page(self, port: int) -> None:
        """What the public sees stays readable after the sandbox has gone."""
        page = requests.get(f"http://127.0.0.1:{port}/", timeout=10).text
        for sound in (self._home / "data" / "audio").glob("*.mp3"):
            near = sound.relative_to(self._out).as_posix()
            page = re.sub(r'src="[^"]+\.mp3"', f'src="{near}"', page)
        (self._out / "cong-chung.html").write_text(page, encoding="utf-8")

    def _end(self, lines: list[Line]) -> None:
        if self._json:
            data = {"deliveries": [_data(line) for line in lines]}
            sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
            return
        from broadcaster.cli.views import show_deliveries  # noqa: PLC0415 - rich is slow to load

        show_deliveries(lines)
        recordings = [str(line.delivery.proof.get("recording", "")) for line in lines]
        for recording in filter(None, recordings):
            self._say(t(f"Nghe lại: {recording}", f"Listen: {recording}"))
        for path in sorted((self._home / "data" / "audio").glob("*.mp3")):
            self._say(t(f"Bản MP3 cho trang web: {path}", f"MP3 for the web: {path}"))
        page = self._out / "cong-chung.html"
        self._say(t(f"Công chúng thấy gì: {page}", f"What the public sees: {page}"))
        self._say(
            t(
                f"Sổ nhật ký: broadcaster --home {self._home} log",
                f"The log: broadcaster --home {self._home} log",
            )
        )

    # --- small tools -----------------------------------------------------------------------------

    def _command(self, *words: str) -> Any:
        """Run one command of the product as a clerk would; its JSON answer."""
        shown = " ".join(f'"{w}"' if " " in w else w for w in words)
        self._say(f"  $ broadcaster {shown}", dim=True)
        done = subprocess.run(
            [sys.executable, "-P", "-m", "broadcaster", "--home", str(self._home),
             *_with_json(words)],
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        if done.returncode != 0:
            error = BroadcasterError(done.stderr.strip(), done.stderr.strip())
            error.exit_code = done.returncode
            raise error
        return json.loads(done.stdout)

    def _step(self, words: str) -> None:
        self._say(f"\n● {words}")

    def _say(self, words: str, *, dim: bool = False) -> None:
        if dim and sys.stderr.isatty():
            words = f"\x1b[2m{words}\x1b[0m"
        sys.stderr.write(words + "\n")
        sys.stderr.flush()


def _with_json(words: tuple[str, ...]) -> list[str]:
    """--json belongs to the sub-command."""
    return [*words, "--json"]


def _readable(source: str | None) -> str:
    from broadcaster.documents import read_document  # noqa: PLC0415 - only for texts of one's own

    return read_document(source) if source else _SAMPLE.read_text("utf-8")


def _read(context: Context) -> list[Line]:
    return reporting.lines(context)


def _data(line: Line) -> dict[str, Any]:
    one = line.delivery
    return {
        "channel": one.channel,
        "target": one.target,
        "planned": local_iso(one.due_at),
        "actual": local_iso(one.actual_at),
        "state": one.state.value,
        "proof": dict(one.proof),
    }


def local_iso(moment: datetime | None) -> str | None:
    return moment.astimezone(ZONE).isoformat() if moment else None


def _exit_code(lines: list[Line]) -> int:
    states = [line.delivery.state for line in lines]
    if states and all(state == State.CONFIRMED for state in states):
        return 0
    return 5 if State.UNKNOWN in states else 4 if State.CONFIRMED in states else 1
