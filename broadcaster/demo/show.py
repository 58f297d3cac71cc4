"""The demo's steps, through the same commands that a clerk types."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import Any

import requests

from broadcaster import speech
from broadcaster.bootstrap import connect
from broadcaster.cli.base import ZONE, state_word
from broadcaster.cli.i18n import t
from broadcaster.demo import commune
from broadcaster.demo.office import Office
from broadcaster.demo.programs import Program, free_port
from broadcaster.domain.delivery import State
from broadcaster.errors import InputError
from broadcaster.server import local_station
from broadcaster.services import reporting
from broadcaster.services.context import Context
from broadcaster.services.reporting import Line

_SAMPLE = Path(__file__).parent / "sample.txt"
_PATIENCE_S = 120
_LONG_S = 60


class Show:
    """One run of the demo in one folder."""

    def __init__(self, out: Path, *, as_json: bool, resume: bool) -> None:
        self._out, self._json, self._resume = out, as_json, resume
        self._home = out / "xa"
        self._programs: tuple[Program, ...] = ()
        self._office = Office(self._home, lambda words, aside: self._say(words, dim=aside))
        self._context: Context | None = None

    def run(self, source: str | None, *, stay: bool) -> int:
        """Play it all; the exit code."""
        text = _readable(source)
        ports = self._prepare()
        copy = self._kept(text)
        sandbox, server = self._start(ports, _speed(copy.read_text("utf-8")))
        self._office.announce(copy)
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
        local_station.end(local_station.folder(self._home))

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
        self._clear(kept)
        ports = {"sandbox": free_port(), "server": free_port()}
        kept.write_text(json.dumps(ports))
        return ports

    def _clear(self, kept: Path) -> None:
        """Take away an earlier demo, with whatever of it still runs because it was killed."""
        if kept.exists():
            for program in reversed(self._make(json.loads(kept.read_text()))):
                program.stop()
            local_station.end(local_station.folder(self._home))
        shutil.rmtree(self._out, ignore_errors=True)
        self._out.mkdir(parents=True)

    def _make(self, ports: dict[str, int]) -> tuple[Program, Program]:
        sandbox = Program(
            t("các kênh giả", "the stand-ins"),
            ["broadcaster.sandbox", "--port", str(ports["sandbox"]),
             "--data", str(self._out / "sandbox.json")],
            self._out / "sandbox.log",
            f"{_address(ports['sandbox'])}/_control/version",
        )  # fmt: skip
        server = Program(
            t("máy chủ", "the server"),
            ["broadcaster", "--home", str(self._home), "run"],
            self._out / "server.log",
            f"{_address(ports['server'])}/health",
        )
        return sandbox, server

    def _start(self, ports: dict[str, int], speed: int) -> tuple[Program, Program]:
        self._programs = sandbox, server = self._make(ports)
        self._step(t("Dựng các kênh giả (Facebook, Zalo, trang web)", "Stand-ins of the outlets"))
        sandbox.start()
        self._say(f"  {_address(ports['sandbox'])}")
        commune.write(self._home, _address(ports["sandbox"]), ports["server"], speed)
        self._office.open()
        self._step(t("Khởi động máy chủ và trạm loa", "Server and loudspeaker station"))
        server.start()
        self._say(f"  pid {server.pid}")
        if speed > 1:
            self._say(
                t(
                    f"  Bản tin dài: máy không có loa sẽ ghi tệp WAV nhanh gấp {speed} lần.",
                    f"  A long text: without a sound card the WAV is written {speed} times faster.",
                )
            )
        self._context = connect(self._home)
        return sandbox, server

    def _kept(self, text: str) -> Path:
        """The text as a file; an interrupted demo goes on with the one it began with."""
        copy = self._out / "ban-tin.txt"
        if not copy.exists():
            aside = copy.with_suffix(".new")
            aside.write_text(text, encoding="utf-8")
            aside.replace(copy)
        return copy

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
        page = requests.get(_address(port), timeout=10).text
        for sound in (self._home / "data" / "audio").glob("*.mp3"):
            near = sound.relative_to(self._out).as_posix()
            page = re.sub(r'src="[^"]+\.mp3"', f'src="{near}"', page)
        (self._out / "cong-chung.html").write_text(page, encoding="utf-8")

    def _end(self, lines: list[Line]) -> None:
        if self._json:
            data = {"deliveries": [_data(line) for line in lines]}
            sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
            return
        from broadcaster.cli.logbook import show_deliveries  # noqa: PLC0415 - where people look

        show_deliveries(lines)
        recordings = [str(line.delivery.proof.get("recording", "")) for line in lines]
        for recording in filter(None, recordings):
            self._say(t(f"Nghe lại: {recording}", f"Listen: {recording}"))
        for path in sorted((self._home / "data" / "audio").glob("*.mp3")):
            self._say(t(f"Bản MP3 cho trang web: {path}", f"MP3 for the web: {path}"))
        page = self._out / "cong-chung.html"
        program = Path(sys.executable).with_name("broadcaster")
        self._say(t(f"Công chúng thấy gì: {page}", f"What the public sees: {page}"))
        self._say(
            t(
                f"Sổ nhật ký: {program} --home {self._home} log",
                f"The log: {program} --home {self._home} log",
            )
        )

    # --- small tools -----------------------------------------------------------------------------

    def _step(self, words: str) -> None:
        self._say(f"\n● {words}")

    def _say(self, words: str, *, dim: bool = False) -> None:
        if dim and sys.stderr.isatty():
            words = f"\x1b[2m{words}\x1b[0m"
        sys.stderr.write(words + "\n")
        sys.stderr.flush()


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _speed(text: str) -> int:
    """How many times faster than life a WAV is written, so that a long text ends in a minute."""
    seconds = speech.read(text).seconds
    return 1 if seconds <= _LONG_S else ceil(seconds / _LONG_S)


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
