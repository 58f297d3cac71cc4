"""Where our sound really goes, and how loud: what the sound system says of its own outputs.

A desktop sound server may mute an output, or move a running stream to another one, and tells the
stream nothing about it. It is asked by its own tool, so that nothing else need be installed.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
import threading
from dataclasses import dataclass
from typing import Any, Protocol

from broadcaster.errors import Text
from broadcaster.station import causes

log = logging.getLogger(__name__)

ASK_EVERY = 15.0
"""Seconds between two looks when nothing was announced: a forgotten event costs no more."""

WITHIN = 5.0
"""Seconds for one answer of the tool."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """One output as it is now. `volume` in percent; None where the system does not say.

    `names`: all that a person could have meant it by. `carries_us`: our sound goes to it.
    """

    names: tuple[str, ...]
    volume: int | None = None
    muted: bool | None = None
    carries_us: bool = False


class Source(Protocol):
    """A sound system that can be asked."""

    def outlets(self) -> list[Outlet] | None:
        """Every output; None when nobody answers."""

    def announcements(self) -> list[str]:
        """A command that prints a line whenever something has changed; empty: there is none."""


def judge(outlets: list[Outlet], wanted: str, was_there: bool) -> tuple[Text | None, Outlet | None]:
    """(why nobody in the village would hear us, the output that counts).

    `wanted`: the configured name, "" for any. `was_there`: an output of that name has carried our
    sound before, so that it is no mere alias of the sound library.
    """
    ours = next((outlet for outlet in outlets if outlet.carries_us), None)
    named = next((outlet for outlet in outlets if wanted and wanted in outlet.names), None)
    outlet = ours or named
    if ours and wanted and wanted not in ours.names and (named or was_there):
        return causes.moved(ours.names[0]), ours
    if outlet and (outlet.muted or outlet.volume == 0):
        return causes.OUTPUT_MUTED, outlet
    return None, outlet


class Watch:
    """Asks in a thread of its own, so that no answer is waited for while sound is made."""

    def __init__(self, source: Source | None, wanted: str) -> None:
        self._source = source
        self._wanted = wanted
        self._was_there = False
        self._end = threading.Event()
        self._changed = threading.Event()
        self._listener: subprocess.Popen[bytes] | None = None
        self.trouble: Text | None = None
        self.outlet: Outlet | None = None
        if source is not None:
            threading.Thread(target=self._run, name="outlet", daemon=True).start()

    @property
    def is_elsewhere(self) -> bool:
        """Our sound goes to an output that is not the chosen one."""
        return self.trouble is not None and self.trouble != causes.OUTPUT_MUTED

    def look(self) -> None:
        """Ask now. Called by the thread, and by whoever cannot wait for it."""
        outlets = self._source.outlets() if self._source else None
        if outlets is None:
            self.trouble = self.outlet = None  # not known is not a fault
            return
        trouble, self.outlet = judge(outlets, self._wanted, self._was_there)
        self._was_there |= any(o.carries_us and self._wanted in o.names for o in outlets)
        if trouble != self.trouble and trouble is not None:
            log.warning("%s", trouble.vi)
        self.trouble = trouble

    def close(self) -> None:
        self._end.set()
        self._changed.set()
        if self._listener is not None:
            self._listener.kill()

    def _run(self) -> None:
        while not self._end.is_set():
            self._listen()
            self._changed.clear()
            self.look()
            self._changed.wait(ASK_EVERY)
            self._end.wait(0.05)  # one look for a whole flock of announcements

    def _listen(self) -> None:
        """Have somebody listen for announcements, if there are any on this system."""
        assert self._source is not None  # noqa: S101 — no thread without one
        command = self._source.announcements()
        if not command or (self._listener is not None and self._listener.poll() is None):
            return
        try:
            self._listener = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError:
            return
        threading.Thread(target=self._hear, args=(self._listener,), daemon=True).start()

    def _hear(self, listener: subprocess.Popen[bytes]) -> None:
        assert listener.stdout is not None  # noqa: S101 — it was asked for
        with listener.stdout as said:
            for line in said:
                if b"client" not in line:  # our own questions are announced too
                    self._changed.set()
        listener.wait()
        self._changed.set()


def find_source(device: str, pid: int) -> Source | None:
    """The one that answers on this machine for `device`, if any; `pid` is who plays."""
    if card := re.search(r"\(hw:(\d+)", device):  # past every sound server
        return Alsa(card[1]) if shutil.which("amixer") else None
    if shutil.which("pactl"):
        return Pulse(pid)
    return None


class Pulse:
    """PulseAudio 15 or newer, and PipeWire in its place."""

    def __init__(self, pid: int) -> None:
        self._pid = str(pid)

    def announcements(self) -> list[str]:
        return ["pactl", "subscribe"]

    def outlets(self) -> list[Outlet] | None:
        sinks, streams = self._listed("sinks"), self._listed("sink-inputs")
        if sinks is None or streams is None:
            return None
        ours = [s for s in streams if self._is_ours(s)]
        return [self._outlet(sink, ours) for sink in sinks]

    def _is_ours(self, stream: dict[str, Any]) -> bool:
        return str(stream.get("properties", {}).get("application.process.id")) == self._pid

    @staticmethod
    def _outlet(sink: dict[str, Any], ours: list[dict[str, Any]]) -> Outlet:
        here = [stream for stream in ours if stream.get("sink") == sink.get("index")]
        # Our own stream can be turned down as well as the output: the product is heard.
        chain = [sink, *here[:1]]
        volume = 100.0
        for link in chain:
            volume *= _loudest(link) / 100
        return Outlet(
            names=(str(sink.get("name")), str(sink.get("description"))),
            volume=round(volume),
            muted=any(bool(link.get("mute")) for link in chain),
            carries_us=bool(here),
        )

    @staticmethod
    def _listed(what: str) -> list[dict[str, Any]] | None:
        answer = _ask(["pactl", "--format=json", "list", what])
        try:
            found = json.loads(answer) if answer else None
        except ValueError:  # older than JSON
            return None
        return found if isinstance(found, list) else None


def _loudest(link: dict[str, Any]) -> float:
    levels = link.get("volume", {})
    found = [float(str(level["value_percent"]).rstrip("%")) for level in levels.values()]
    return max(found, default=100.0)


class Alsa:
    """A card that is played on directly: its own mixer."""

    CONTROLS = ("Master", "PCM", "Speaker", "Headphone")

    def __init__(self, card: str) -> None:
        self._card = card

    def announcements(self) -> list[str]:
        return []

    def outlets(self) -> list[Outlet] | None:
        said = [_ask(["amixer", "-c", self._card, "sget", name]) for name in self.CONTROLS]
        levels = [read_amixer(text) for text in said if text]
        volumes = [volume for volume, _ in levels if volume is not None]
        if not levels:
            return None
        return [
            Outlet(
                (f"hw:{self._card}",),
                min(volumes, default=None),
                any(muted for _, muted in levels[:2]),  # the sockets beside them may well be off
                carries_us=True,
            )
        ]


def read_amixer(text: str) -> tuple[int | None, bool]:
    """(percent, muted) of one control, as amixer prints it: "Mono: Playback 40 [63%] [off]"."""
    levels = [int(level) for level in re.findall(r"\[(\d+)%\]", text)]
    switches = re.findall(r"\[(on|off)\]", text)
    return max(levels, default=None), bool(switches) and "on" not in switches


def _ask(command: list[str]) -> str:
    try:
        run = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            timeout=WITHIN,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return run.stdout.decode("utf-8", "replace") if run.returncode == 0 else ""
