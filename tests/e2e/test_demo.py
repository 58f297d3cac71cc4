"""The main job end to end, whole and with its programs killed at any instant."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

CHANNELS = {"facebook_page", "loudspeaker", "wordpress", "zalo_oa"}
pytestmark = pytest.mark.timeout(170)


class Demo:
    """One demo in a folder of its own, with a short text."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "out"
        self.text = folder / "tin.txt"
        self.text.write_text("Họp thôn\nTối mai mời bà con đi họp.\n", "utf-8")
        self.process: subprocess.Popen[str] | None = None

    def start(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "broadcaster.demo", "--json",
             "--out", str(self.out), "--from", str(self.text), *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
            env={**os.environ, "LANG": "C.UTF-8"},
        )  # fmt: skip

    def finish(self) -> tuple[int, list[dict[str, Any]]]:
        """Exit code and deliveries. Nothing of the demo runs any more."""
        assert self.process is not None
        out, err = self.process.communicate(timeout=160)
        assert "Traceback" not in err, err
        assert out, err
        until(lambda: self.alive() == [], 3)
        return self.process.returncode, json.loads(out)["deliveries"]

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.communicate(timeout=10)

    def kill_program(self, name: str) -> None:
        """The server or the sandbox, by the number that the demo has written down."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(int((self.out / f"{name}.pid").read_text()), signal.SIGKILL)

    def states(self) -> dict[str, str]:
        """target -> state, as the database has it now; empty before there is any."""
        return {target: state for target, state, _ in self._deliveries()}

    def due(self) -> float:
        """When the deliveries are due, in seconds of the epoch."""
        text = self._deliveries()[0][2]
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()

    def _deliveries(self) -> list[tuple[Any, ...]]:
        return self.rows("SELECT target, state, due_at FROM delivery")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        path = self.out / "xa" / "data" / "broadcaster.db"
        if not path.exists():
            return []
        with contextlib.closing(sqlite3.connect(path)) as connection:
            try:
                return connection.execute(query).fetchall()
            except sqlite3.OperationalError:  # its tables are being made
                return []

    def recordings(self) -> list[Path]:
        return sorted((self.out / "xa" / "station" / "played").glob("*.wav"))

    def programme(self) -> Path:
        """The sound that was approved."""
        query = "SELECT content FROM rendition WHERE channel = 'loudspeaker'"
        ((content,),) = self.rows(query)
        return self.out / "xa" / "data" / "audio" / f"{json.loads(content)['wav']['digest']}.wav"

    def public(self) -> dict[str, int]:
        """How many posts each stand-in shows the public, from the state it keeps."""
        kept = json.loads((self.out / "sandbox.json").read_text("utf-8"))
        return {
            "facebook_page": len(kept["graph"]["posts"]),
            "zalo_oa": len(kept["zalo"]["articles"]),
            "wordpress": len(kept["wordpress"]["posts"]),
        }

    def alive(self) -> list[str]:
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if str(self.out) in line:
                    found.append(line)
        return found

    def clean_up(self) -> None:
        if self.process is not None and self.process.stdout and not self.process.stdout.closed:
            self.kill()  # and close its pipes, if it has ended by itself
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if str(self.out).encode() in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)


def until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    made = Demo(tmp_path)
    yield made
    made.clean_up()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Started early: a demo mostly waits for its hour, and another can be tested meanwhile."""
    made = Demo(tmp_path_factory.mktemp("demo"))
    made.start()
    yield made
    made.clean_up()


def samples(path: Path) -> np.ndarray[Any, np.dtype[np.int16]]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")


def check_end(demo: Demo, code: int, deliveries: list[dict[str, Any]]) -> None:
    """Every delivery ended once, in one state: posted exactly once, heard whole at most once."""
    assert {row["channel"]: row["state"] for row in deliveries} == dict.fromkeys(
        CHANNELS, "confirmed"
    )
    assert len(deliveries) == 4
    assert code == 0
    assert demo.public() == {"facebook_page": 1, "zalo_oa": 1, "wordpress": 1}
    (recording,) = demo.recordings()
    assert np.array_equal(samples(recording), samples(demo.programme()))


@pytest.mark.usefixtures("undisturbed")  # it plays meanwhile
def test_with_the_server_killed_three_times_everything_still_ends_once(demo: Demo) -> None:
    seed = time.time_ns()
    dice = random.Random(seed)  # noqa: S311 - chooses the instants
    demo.start()
    until(lambda: len(demo.states()) == 4)
    demo.kill_program("server")  # before the hour
    time.sleep(max(0.0, demo.due() - time.time() + dice.uniform(0, 1.5)))
    demo.kill_program("server")  # while posts are sent
    until(demo.recordings)
    time.sleep(dice.uniform(0, 4))
    demo.kill_program("server")  # while the loudspeaker plays
    code, deliveries = demo.finish()
    try:
        check_end(demo, code, deliveries)
    except AssertionError:
        print(f"seed {seed}", (demo.out / "server.log").read_text("utf-8"))  # noqa: T201 - pytest shows it
        raise


def test_one_command_writes_speaks_approves_plays_posts_and_proves(undisturbed: Demo) -> None:
    code, deliveries = undisturbed.finish()
    check_end(undisturbed, code, deliveries)
    for row in deliveries:
        assert set(row) == {"channel", "target", "planned", "actual", "state", "proof"}
        late = datetime.fromisoformat(row["actual"]) - datetime.fromisoformat(row["planned"])
        assert abs(late.total_seconds()) < 10
    proofs = {row["channel"]: row["proof"] for row in deliveries}
    for channel in CHANNELS - {"loudspeaker"}:
        assert proofs[channel]["link"].startswith("http://127.0.0.1:"), channel
    heard = samples(Path(proofs["loudspeaker"]["recording"]))
    seconds = proofs["loudspeaker"]["seconds_played"]
    assert 5 < seconds < 60
    loud = np.abs(heard.astype(np.int32))
    assert loud.max() > 3000, "a programme and not silence"
    assert np.mean(loud > 300) > 0.2
    page = (undisturbed.out / "cong-chung.html").read_text("utf-8")
    assert page.count("Tối mai mời bà con đi họp") >= 3


def test_a_killed_demo_is_taken_up_where_it_stood_and_again(demo: Demo) -> None:
    """It dies alone while its people write, then with its server and stand-ins while it waits."""
    demo.start()
    until(lambda: demo.rows("SELECT id FROM announcement"))
    demo.kill()
    assert demo.alive(), "its programs go on"
    demo.start("--resume")
    until(lambda: len(demo.states()) == 4)
    demo.kill()
    demo.kill_program("server")
    demo.kill_program("sandbox")
    assert demo.alive(), "at least the station goes on"
    demo.start("--resume")
    check_end(demo, *demo.finish())
    assert len(demo.rows("SELECT id FROM announcement")) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_told_to_end_takes_its_programs_along(
    demo: Demo, number: signal.Signals
) -> None:
    demo.start()
    until(lambda: demo.rows("SELECT id FROM announcement"))
    assert demo.process is not None
    demo.process.send_signal(number)
    out, err = demo.process.communicate(timeout=60)
    assert (demo.process.returncode, out) == (130, ""), err
    assert "Đã dừng" in err
    until(lambda: demo.alive() == [], 3)


def test_what_is_not_a_demo_is_left_alone(demo: Demo) -> None:
    demo.out.mkdir()
    (demo.out / "thu.txt").write_text("của tôi", "utf-8")
    for words, said in (([], "có tệp khác"), (["--resume"], "Không có lần trình diễn nào dở dang")):
        demo.start(*words)
        assert demo.process is not None
        out, err = demo.process.communicate(timeout=60)
        assert (demo.process.returncode, out) == (2, "")
        assert said in err
    assert [path.name for path in demo.out.iterdir()] == ["thu.txt"]
