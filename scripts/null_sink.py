"""A sound card made of software, for tests that check what was really heard.

    python3 scripts/null_sink.py start          start (or find) it; prints shell assignments
    python3 scripts/null_sink.py status         exit 0 when it runs; prints its outputs
    python3 scripts/null_sink.py record FILE    write what is being played to a WAV file, until ^C
    python3 scripts/null_sink.py unplug [NAME]  take one output away, like a pulled USB cable
    python3 scripts/null_sink.py plug [NAME]    put it back
    python3 scripts/null_sink.py stop           end it and remove its folder

It is a PulseAudio daemon of its own with null sinks, one for each folder (`--folder`), so that test
workers can have one each. From Python: `with null_sink.running(folder) as sink: ...`.
Standard library only.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import debian

RATE = 48_000
NAMES = ("horn", "spare")
LONGEST_SOCKET = 100
"""Characters; a Unix socket's path may have 107 and the daemon appends to it."""

LIBRARIES = Path("/usr/lib")
PACKAGES = {  # Debian package -> a program of it, or a file below LIBRARIES
    "pulseaudio": "pulseaudio",
    "pulseaudio-utils": "pactl",
    "libasound2-plugins": "*/alsa-lib/libasound_module_pcm_pulse.so",
    "libportaudio2": "*/libportaudio.so.2",
}


class NoSoundCard(Exception):
    """The software sound card cannot run here; the message says what to do."""


def install_missing() -> None:
    """Install what is missing from Debian when root; raises NoSoundCard with the line to type."""
    missing = [name for name, sign in PACKAGES.items() if not _is_there(sign)]
    if not missing:
        return
    said = debian.install(missing)
    if not all(map(_is_there, PACKAGES.values())):
        raise NoSoundCard(f"{', '.join(missing)}: {said}; type: {debian.line_to_type(missing)}")


def _is_there(sign: str) -> bool:
    return any(LIBRARIES.glob(sign)) if "/" in sign else shutil.which(sign) is not None


@dataclass
class NullSink:
    """One daemon in one folder. The first name is the default output."""

    folder: Path
    names: tuple[str, ...] = NAMES
    rate: int = RATE

    def __post_init__(self) -> None:
        self.folder = self.folder.resolve()
        if len(str(self._socket)) > LONGEST_SOCKET:
            raise NoSoundCard(f"the folder's path is too long for a socket: {self.folder}")

    @property
    def _socket(self) -> Path:
        return self.folder / "native"

    @property
    def variables(self) -> dict[str, str]:
        """What a program must have in its environment to play here."""
        return {
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_COOKIE": str(self.folder / "cookie"),
            "PULSE_CLIENTCONFIG": str(self.folder / "client.conf"),
            "PULSE_RUNTIME_PATH": str(self.folder / "run"),
            "PULSE_STATE_PATH": str(self.folder / "state"),
            "ALSA_CONFIG_PATH": str(self.folder / "asound.conf"),
        }

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.variables}

    def start(self) -> None:
        install_missing()
        if self.is_running():
            return
        self._write_files()
        command = ["pulseaudio", "-n", "--daemonize=yes", "--use-pid-file=yes", "--fail=yes"]
        command += ["--exit-idle-time=-1", "--disable-shm=yes", "--high-priority=no"]
        command += ["--realtime=no", f"--log-target=file:{self.folder / 'log'}"]
        command += ["-F", str(self.folder / "start.pa")]
        # Without a terminal of ours: the daemon would keep our output open after we have ended.
        subprocess.run(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=30,
        )
        for _ in range(100):
            if self.is_running():
                return
            time.sleep(0.05)
        raise NoSoundCard(f"the daemon does not answer; see {self.folder / 'log'}")

    def _write_files(self) -> None:
        for name in ("run", "state"):
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        cookie = self.folder / "cookie"
        (self.folder / "client.conf").write_text(
            f"autospawn = no\nenable-shm = no\ncookie-file = {cookie}\n"
        )
        script = [f"load-module {self._module(name)}" for name in self.names]
        script += [
            f"set-default-sink {self.names[0]}",
            f"set-default-source {self.names[0]}.monitor",
        ]
        script += [
            f"load-module module-native-protocol-unix socket={self._socket} auth-cookie={cookie}"
        ]
        (self.folder / "start.pa").write_text("\n".join(script) + "\n")
        alsa = ["ctl.!default { type pulse }"]
        for name, device in [("!default", ""), *((n, f"device {n}") for n in self.names)]:
            shown = name.lstrip("!")
            alsa.append(
                f'pcm.{name} {{ type pulse {device} hint {{ show on description "{shown}" }} }}'
            )
        (self.folder / "asound.conf").write_text("\n".join(alsa) + "\n")

    def _module(self, name: str) -> str:
        return (
            f"module-null-sink sink_name={name} rate={self.rate} channels=2 "
            f"channel_map=front-left,front-right sink_properties=device.description={name}"
        )

    def stop(self) -> None:
        """End the daemon of this folder, and remove the folder if it is one of ours."""
        try:
            pid = int((self.folder / "run" / "pid").read_text())
            ours = Path(f"/proc/{pid}/comm").read_text().strip() == "pulseaudio"
        except (OSError, ValueError):
            ours = False
        if ours:
            os.kill(pid, signal.SIGTERM)
            for _ in range(100):
                if not Path(f"/proc/{pid}").exists():
                    break
                time.sleep(0.05)
        if (self.folder / "start.pa").is_file():
            shutil.rmtree(self.folder)

    def is_running(self) -> bool:
        if not shutil.which("pactl") or not self._socket.exists():
            return False
        return self._pactl("info").returncode == 0

    def sinks(self) -> str:
        return self._pactl("list", "short", "sinks").stdout

    def unplug(self, name: str = "") -> None:
        for line in self._pactl("list", "short", "modules").stdout.splitlines():
            if f"sink_name={name or self.names[0]} " in line:
                self._pactl("unload-module", line.split()[0])

    def plug(self, name: str = "") -> None:
        name = name or self.names[0]
        self._pactl("load-module", *self._module(name).split())
        if name == self.names[0]:
            self._pactl("set-default-sink", name)

    def mute(self, on: bool, name: str = "") -> None:
        self._pactl("set-sink-mute", name or self.names[0], str(int(on)))

    def move_streams(self, name: str) -> None:
        """Put everything that plays on another output, as a desktop sound server may."""
        for line in self._pactl("list", "short", "sink-inputs").stdout.splitlines():
            self._pactl("move-sink-input", line.split()[0], name)

    def _pactl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pactl", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )

    def recording_command(self, *options: str) -> list[str]:
        source = f"{self.names[0]}.monitor"
        return ["parec", "-d", source, f"--rate={self.rate}", "--channels=1", *options]


class Recorder:
    """Listens to the first output for the length of a `with`; 16-bit mono samples at RATE."""

    def __init__(self, sink: NullSink) -> None:
        self.sink = sink
        self._chunks: list[bytes] = []
        self._begins: list[float] = []
        self._ready = threading.Event()

    def __enter__(self) -> Recorder:
        """Returns when sound is really being recorded: an idle null sink works in steps of 2 s."""
        command = self.sink.recording_command("--raw", "--format=s16le", "--latency-msec=5")
        self._process = subprocess.Popen(
            command, env=self.sink.environment, stdout=subprocess.PIPE, bufsize=0
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        if not self._ready.wait(10):
            self.__exit__()
            raise NoSoundCard("nothing is being recorded")
        return self

    def _read(self) -> None:
        frames = 0
        assert self._process.stdout is not None  # noqa: S101 — it was asked for
        with self._process.stdout as sound:
            while chunk := sound.read(4096):
                self._chunks.append(chunk)
                frames += len(chunk) // 2
                self._begins.append(time.time() - frames / self.sink.rate)
                if frames > self.sink.rate // 5:
                    self._ready.set()

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(5)
        self._thread.join(5)

    def result(self) -> tuple[bytes, float]:
        """(samples, the wall-clock second of the first one)."""
        # A chunk may arrive late, never early: the earliest few tell the truth.
        begins = sorted(self._begins)
        return b"".join(self._chunks), begins[len(begins) // 50]


@contextmanager
def running(folder: Path | None = None) -> Iterator[NullSink]:
    """A daemon for the length of a `with`; raises NoSoundCard where it cannot run."""
    made = Path(tempfile.mkdtemp(prefix="null-sink-")) if folder is None else folder
    sink = NullSink(made)
    sink.start()
    try:
        yield sink
    finally:
        sink.stop()


def default_folder() -> Path:
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    return base / f"broadcaster-null-sink-{os.getuid()}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("do", choices=["start", "stop", "status", "record", "unplug", "plug"])
    parser.add_argument("name", nargs="?", default="", help="an output, or the file to record to")
    parser.add_argument("--folder", type=Path, default=default_folder())
    asked = parser.parse_args()
    try:
        return _do(asked.do, asked.name, NullSink(asked.folder))
    except NoSoundCard as error:
        print(f"null_sink: {error}", file=sys.stderr)
        return 1


def _do(what: str, name: str, sink: NullSink) -> int:
    if what == "start":
        sink.start()
        for variable, value in sink.variables.items():
            print(f"export {variable}='{value}'")
    elif what == "stop":
        sink.stop()
    elif what == "status":
        print(sink.sinks() if sink.is_running() else "not running", end="\n")
        return 0 if sink.is_running() else 1
    elif what == "record":
        if not name:
            raise NoSoundCard("record needs the name of a WAV file")
        command = sink.recording_command("--file-format=wav", "--latency-msec=20", name)
        os.execvpe(command[0], command, sink.environment)  # noqa: S606 — ^C must reach parec, which completes the file's head
    else:
        {"unplug": sink.unplug, "plug": sink.plug}[what](name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
