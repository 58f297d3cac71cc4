"""Smart speakers: a command over MQTT, the sound fetched from this station by an address.

`outlet = "mqtt://may-chu:1883/loa/thon-dong?serve=192.168.1.5:8088"`. To TOPIC/play goes
{"uid", "url", "volume"}, to TOPIC/stop {"uid"}. On TOPIC/ack the speaker answers {"uid", "state"}
with started, ended or failed. What it does not answer for is not called heard.
"""

from __future__ import annotations

import json
import queue
import ssl
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from broadcaster.errors import Text, Unavailable
from broadcaster.station import causes
from broadcaster.station.clock import Clock
from broadcaster.station.players import Halt, Job, PlayResult, wait_until
from broadcaster.station.players.shelf import Shelf
from broadcaster.station.settings import StationSettings
from broadcaster.station.tape import Tape

PASSWORD_FILE = "mqtt-password"  # noqa: S105 — the name of the file, not what is in it

ANSWER_WITHIN = 10.0
"""Seconds for a speaker to begin, and past the sound's length to say that it has ended."""

TICK = 0.05


class MqttPlayer:
    """One topic, which may have many speakers behind it; the first answer to each state counts."""

    def __init__(self, settings: StationSettings, home: Path, clock: Clock) -> None:
        self._url = urlsplit(settings.outlet)
        self._topic = self._url.path.strip("/")
        serve = parse_qs(self._url.query).get("serve", ["127.0.0.1:0"])[-1]
        host, _, port = serve.rpartition(":")
        self._shelf = Shelf(host, int(port))
        self._home = home
        self._volume = settings.volume
        self._clock = clock
        self._client: Any = None
        self._answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.device = f"MQTT {self._url.hostname}/{self._topic}"

    @property
    def pulse(self) -> int:
        return round(self._clock.monotonic())

    @property
    def level(self) -> tuple[int | None, bool | None]:
        return None, None

    def open(self) -> None:
        """Begins to connect, and goes on trying by itself."""
        try:
            from paho.mqtt.client import Client  # noqa: PLC0415 — an extra of its own
            from paho.mqtt.enums import CallbackAPIVersion  # noqa: PLC0415 — same
        except ImportError:
            raise Unavailable(
                "Chưa cài gói paho-mqtt.", "The package paho-mqtt is not installed."
            ) from None
        self._shelf.open()
        client = Client(CallbackAPIVersion.VERSION2)
        if self._url.username:
            client.username_pw_set(unquote(self._url.username), self._password())
        if self._url.scheme == "mqtts":
            client.tls_set_context(ssl.create_default_context())
        client.on_connect = lambda c, *_: c.subscribe(f"{self._topic}/ack", qos=1)
        client.on_message = lambda _c, _u, message: self._hear(message.payload)
        client.reconnect_delay_set(1, 30)
        default = 8883 if self._url.scheme == "mqtts" else 1883
        client.connect_async(self._url.hostname or "", self._url.port or default, keepalive=30)
        client.loop_start()
        self._client = client

    def _password(self) -> str:
        path = self._home / PASSWORD_FILE
        return path.read_text("utf-8").strip() if path.is_file() else ""

    def _hear(self, payload: bytes | bytearray) -> None:
        try:
            said = json.loads(payload)
        except ValueError:
            return
        if isinstance(said, dict):
            self._answers.put(said)

    def trouble(self) -> Text | None:
        if self._client is None:
            try:
                self.open()
            except Unavailable as error:
                return error.text
        return None if self._client.is_connected() else causes.NO_BROKER

    def recording_of(self, job: Job) -> str:  # noqa: ARG002 — the signature of every player
        return ""

    def play(self, job: Job, halt: Halt) -> PlayResult:
        tape = Tape(job.paths)
        while not self._answers.empty():
            self._answers.get()
        if not wait_until(job.at, self._clock, halt):
            return PlayResult(0, 0.0, None, self.device, 0, False)
        with self._shelf.offering(job.paths) as url:
            volume = min(self._volume, job.volume)
            self._say("play", {"uid": job.uid, "url": url, "volume": volume})
            return self._follow(job, tape.frames / tape.rate, tape, halt)

    def _follow(self, job: Job, length: float, tape: Tape, halt: Halt) -> PlayResult:
        begun: datetime | None = None
        begun_steady, until = 0.0, self._clock.monotonic() + ANSWER_WITHIN
        while self._clock.monotonic() < until:
            heard = min(length, self._clock.monotonic() - begun_steady) if begun else 0.0
            if halt(heard):
                self._say("stop", {"uid": job.uid})
                return self._result(tape, begun, heard, None)
            match self._answer(job.uid):
                case "started" if begun is None:
                    begun, begun_steady = self._clock.now(), self._clock.monotonic()
                    until = begun_steady + length + ANSWER_WITHIN
                case "ended" if begun is not None:
                    return self._result(tape, begun, length, None, finished=True)
                case "failed":
                    return self._result(tape, begun, heard, causes.REFUSED_BY_SPEAKER)
            self._clock.wait(TICK)
        return self._result(tape, begun, 0.0, causes.UNPROVED)

    def _result(
        self,
        tape: Tape,
        begun: datetime | None,
        seconds: float,
        cause: Text | None,
        finished: bool = False,
    ) -> PlayResult:
        frames = round(seconds * tape.rate)
        # Told to stop, or silent for ever: without a word of the speaker nobody knows.
        unproved = cause == causes.UNPROVED or (begun is None and cause is None)
        return PlayResult(
            frames, seconds, begun, self.device, 0, finished, cause, unproved=unproved
        )

    def _answer(self, uid: str) -> str:
        """The state that a speaker has told of `uid` since the last time this was asked."""
        try:
            said = self._answers.get_nowait()
        except queue.Empty:
            return ""
        return str(said.get("state")) if said.get("uid") == uid else ""

    def _say(self, verb: str, body: dict[str, Any]) -> None:
        self._client.publish(f"{self._topic}/{verb}", json.dumps(body), qos=1)

    def close(self) -> None:
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None
        self._shelf.close()
