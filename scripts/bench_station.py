"""A station on the software sound card: how exact its starts are, how fast it interrupts, its size.

[--plays 30] [--emergencies 12] [--minutes 60] [--stations 5000] [--seconds 12] [--without-load].
Start errors are found in the recording by correlation. The recorder reads some milliseconds early,
always the same, so the spread counts and not the mean. Wants the machine to itself, for less than
three minutes; each stage says on stderr that it has begun. Played in real time are the 30 plays
(40 s), the emergencies (2.5 s each) and what comes before and after; the polling takes twice its
seconds, and half a minute to enrol the stations and to give them their first plan.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import sys
import time
import wave
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import hearing
import null_sink
import polling_load
import station_stage
from processes import cpu_seconds, resident_mb
from station_stage import Stage, item

GAP = 1.2
"""Seconds from play to play."""

REST = 5.0
"""Seconds over which an idle station is watched."""


def run(as_json: bool) -> dict[str, object]:  # noqa: ARG001 — the signature of every measurement
    parser = argparse.ArgumentParser(prog="bench.py station", description=__doc__)
    parser.add_argument("--plays", type=int, default=30)
    parser.add_argument("--emergencies", type=int, default=12)
    parser.add_argument("--minutes", type=int, default=60, help="length of the long file")
    parser.add_argument("--stations", type=int, default=5000, help="simulated, polling every 30 s")
    parser.add_argument("--seconds", type=float, default=12, help="of polling")
    parser.add_argument("--without-load", action="store_true", help="leave the polling out")
    given = parser.parse_args()
    say = Progress()
    say("a station starts")
    figures: dict[str, object] = {}
    with station_stage.running() as (stage, ear):
        say("idle")
        figures |= _idle(stage)
        say(f"{given.plays} plays")
        figures |= _starts(stage, ear, given.plays)
        say(f"{given.emergencies} emergencies")
        figures |= _emergencies(stage, ear, given.emergencies)
        say("the engine is killed three times")
        figures |= _restart(stage)
        say(f"a file of {given.minutes} minutes")
        figures |= _long_file(stage, given.minutes)
    if not given.without_load:
        figures |= polling_load.measure(given.stations, given.seconds, say)
    say("done")
    return figures


class Progress:
    """Says on stderr what begins, and how many seconds after the start."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def __call__(self, what: str) -> None:
        print(f"{time.monotonic() - self._begun:6.1f} s  {what}", file=sys.stderr, flush=True)


def _idle(stage: Stage) -> dict[str, object]:
    """Percent of one core, of each process."""
    time.sleep(6)  # a sound server works in other steps just after a stream was opened
    before = {name: cpu_seconds(pid) for name, pid in stage.pids().items()}
    time.sleep(REST)
    after = {name: cpu_seconds(pid) for name, pid in stage.pids().items()}
    used = {name: round((after[name] - before[name]) / REST * 100, 1) for name in before}
    return {"idle_cpu_agent_percent": used["station"], "idle_cpu_engine_percent": used["engine"]}


def _starts(stage: Stage, ear: null_sink.Recorder, plays: int) -> dict[str, object]:
    sounds = [hearing.chirp(0.5, rate=hearing.RATE, seed=n) for n in range(7)]
    cues = [stage.hold(sound) for sound in sounds]
    begun = time.time()
    first = datetime.now(UTC) + timedelta(seconds=3)
    planned = [first + timedelta(seconds=GAP * n + 0.0137 * (n % 20)) for n in range(plays)]
    stage.tell(*(item(f"p{n}", cues[n % 7], at) for n, at in enumerate(planned)))
    stage.wait(lambda: stage.outcome(f"p{plays - 1}") == "ended", plays * GAP + 60)
    time.sleep(0.5)
    heard = hearing.Heard.of(ear, begun)
    errors = []
    for n, at in enumerate(planned):
        near = heard.between(at.timestamp() - 0.3, at.timestamp() + 0.9)
        found = near.find(sounds[n % 7])
        if found.likeness > 0.95:
            errors.append((found.at - at.timestamp()) * 1000)
    return {
        "planned": plays,
        "heard": len(errors),
        "start_sd_ms": round(statistics.stdev(errors), 2) if len(errors) > 1 else None,
        "start_p50_ms": round(statistics.median(errors), 2) if errors else None,
        "start_min_ms": round(min(errors), 2) if errors else None,
        "start_max_ms": round(max(errors), 2) if errors else None,
    }


def _emergencies(stage: Stage, ear: null_sink.Recorder, count: int) -> dict[str, object]:
    """Each into a programme that has played for a second; from the plan's arrival to the sound."""
    programme = stage.hold(hearing.chirp(8, rate=hearing.RATE))
    alarm = hearing.noise(0.6, rate=hearing.RATE, seed=99)
    cue = stage.hold(alarm)
    waits = []
    for n in range(count):
        begins = datetime.now(UTC) + timedelta(seconds=0.4)
        stage.tell(item(f"b{n}", programme, begins))
        stage.wait(partial(_became, stage, f"b{n}", "started"))
        time.sleep(begins.timestamp() - time.time() + 1 + 0.0171 * n)
        arrived = time.time()
        stage.tell(item(f"e{n}", cue, datetime.now(UTC), "emergency"))
        stage.wait(partial(_became, stage, f"e{n}", "ended"))
        time.sleep(0.2)
        found = hearing.Heard.of(ear, arrived).find(alarm)
        if found.likeness > 0.9:
            waits.append((found.at - arrived) * 1000)
    return {
        "emergencies": count,
        "emergencies_heard": len(waits),
        "emergency_p50_ms": round(statistics.median(waits), 1) if waits else None,
        "emergency_max_ms": round(max(waits), 1) if waits else None,
    }


def _became(stage: Stage, uid: str, status: str) -> bool:
    return stage.outcome(uid) == status


def _succeeded(stage: Stage, dead: int) -> bool:
    return stage.pids()["engine"] not in {0, dead}


def _opened_again(stage: Stage, before: int) -> bool:
    return stage.log().count("Phát bằng") > before


def _restart(stage: Stage) -> dict[str, object]:
    """From kill -9 of the engine until its successor sits there, and until that could play."""
    there, ready = [], []
    for _ in range(3):
        dead, lines = stage.pids()["engine"], stage.log().count("Phát bằng")
        os.kill(dead, signal.SIGKILL)
        killed = time.monotonic()
        stage.wait(partial(_succeeded, stage, dead))
        there.append(time.monotonic() - killed)
        stage.wait(partial(_opened_again, stage, lines))
        ready.append(time.monotonic() - killed)
        time.sleep(1.5)
    return {
        "engine_back_max_s": round(max(there), 2),
        "engine_ready_max_s": round(max(ready), 2),
    }


def _long_file(stage: Stage, minutes: int) -> dict[str, object]:
    """Memory of both processes after the first seconds of a long file, which was verified whole."""
    path = stage.home / "audio" / "long.part"
    _write_long(path, minutes)
    cue = stage.hold_file(path)
    stage.tell(item("long", cue, datetime.now(UTC) + timedelta(seconds=1)))
    stage.wait(lambda: stage.outcome("long") == "started")
    time.sleep(6)
    pids = stage.pids()
    agent = resident_mb(pids["station"])
    engine = resident_mb(pids["engine"])
    return {
        "file_minutes": minutes,
        "rss_mb": max(agent, engine),
        "rss_agent_mb": agent,
        "rss_engine_mb": engine,
    }


def _write_long(path: Path, minutes: int) -> None:
    second = hearing.samples_of(hearing.chirp(1, rate=hearing.RATE)) * 0.05 * 32768
    block = second.astype("<i2").tobytes()
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(hearing.RATE)
        for _ in range(minutes * 60):
            out.writeframesraw(block)
