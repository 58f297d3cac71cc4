"""Loudspeakers on the network: what a real station sends is received, decoded and compared."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import mosquitto
import numpy as np
import pytest
from fixtures import IN_CI
from hearing import samples_of
from loopback_server import LoopbackServer, chirp
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from station_process import StationProcess, until

from broadcaster.station import causes

GROUP = "239.255.77.7"
G711_RATE = 8_000


@pytest.fixture(scope="module")
def server() -> Iterator[LoopbackServer]:
    running = LoopbackServer().start()
    yield running
    running.stop()


@pytest.fixture
def other_server() -> Iterator[LoopbackServer]:
    """Of a station whose items are not the speakers'."""
    running = LoopbackServer().start()
    yield running
    running.stop()


# RTP


class Horn(threading.Thread):
    """A paging horn: joins the group on this machine's loopback and keeps every packet."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind(("", 0))
        member = socket.inet_aton(GROUP) + socket.inet_aton("127.0.0.1")
        self._line.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        self.port = self._line.getsockname()[1]
        self.packets: list[tuple[float, bytes]] = []
        self.start()

    def run(self) -> None:
        while True:
            packet = self._line.recv(2000)
            self.packets.append((time.time(), packet))


def decode(codes: Any) -> Any:
    """µ-law by the formula of ITU-T G.711."""
    inverted = ~codes.astype(np.int32) & 0xFF
    size = ((2 * (inverted & 15) + 33) << (((inverted >> 4) & 7) + 2)) - 132
    return np.where(inverted & 0x80, -size, size) / 32768


def test_a_paging_horn_hears_the_item_on_time_as_rtp_g711(
    tmp_path: Path, other_server: LoopbackServer
) -> None:
    server, horn = other_server, Horn()
    outlet = f"rtp://{GROUP}:{horn.port}?ttl=1&interface=127.0.0.1"
    station = StationProcess(tmp_path, server, player="rtp", outlet=outlet)
    sound = chirp(1.0, rate=48_000)
    try:
        station.ready()
        item = server.add("r", sound, starts_in=1.5)
        until(lambda: server.outcomes().get("r") == "aired")
    finally:
        station.clean_up()
    heads = [struct.unpack("!BBHII", packet[:12]) for _, packet in horn.packets]
    assert {head[0] for head in heads} == {0x80}
    assert [head[1] for head in heads] == [0x80] + [0] * (len(heads) - 1)
    assert len({head[4] for head in heads}) == 1
    assert {(b[2] - a[2]) % 65536 for a, b in pairwise(heads)} == {1}
    assert {(b[3] - a[3]) % 2**32 for a, b in pairwise(heads)} == {160}
    heard = decode(np.frombuffer(b"".join(p[12:] for _, p in horn.packets), dtype=np.uint8))
    wanted = samples_of(sound)[:: 48_000 // G711_RATE]
    product = np.correlate(heard, wanted, mode="full")
    likeness = np.max(product) / (np.linalg.norm(heard) * np.linalg.norm(wanted))
    assert likeness > 0.95
    assert abs(horn.packets[0][0] - item.starts_at.timestamp()) < 0.25
    assert "một chiều" in server.entry_of("r").device


# MQTT


class Speaker:
    """A smart speaker: fetches what it is told to play, and answers as its maker pleases."""

    def __init__(self, port: int, topic: str, answers: tuple[str, ...]) -> None:
        self._topic = topic
        self._answers = answers
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.fetched: list[bytes] = []
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._hear
        self._client.connect("127.0.0.1", port)
        self._client.subscribe(f"{topic}/#", qos=1)
        self._client.loop_start()

    def _hear(self, _client: object, _data: object, message: Any) -> None:
        verb, body = message.topic.rpartition("/")[2], json.loads(message.payload)
        if verb == "ack":
            return
        self.told.append((verb, body))
        if verb == "play":
            threading.Thread(target=self._play, args=(body,), daemon=True).start()

    def _play(self, body: dict[str, Any]) -> None:
        with urllib.request.urlopen(body["url"], timeout=5) as answer:
            self.fetched.append(answer.read())
        for state in self._answers:
            ack = json.dumps({"uid": body["uid"], "state": state})
            self._client.publish(f"{self._topic}/ack", ack, qos=1)
            time.sleep(0.3)

    def end(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture(scope="module")
def broker() -> Iterator[int]:
    try:
        with mosquitto.running() as port:
            yield port
    except mosquitto.NotStarted as error:
        if IN_CI:
            raise
        pytest.skip(f"no MQTT broker here: {error}")


@pytest.fixture(scope="module")
def station(
    tmp_path_factory: pytest.TempPathFactory, server: LoopbackServer, broker: int
) -> Iterator[StationProcess]:
    made = StationProcess(
        tmp_path_factory.mktemp("mqtt"),
        server,
        player="mqtt",
        outlet=f"mqtt://127.0.0.1:{broker}/loa/dong?serve=127.0.0.1:0",
        volume=80,
    ).ready()
    yield made
    made.clean_up()


@pytest.mark.usefixtures("station")
def test_a_speaker_that_answers_proves_the_play(server: LoopbackServer, broker: int) -> None:
    speaker = Speaker(broker, "loa/dong", ("started", "ended"))
    sound = chirp(0.5)
    try:
        server.add("m", sound, starts_in=1.0)
        until(lambda: server.outcomes().get("m") == "aired")
    finally:
        speaker.end()
    ((verb, body),) = speaker.told
    assert (verb, body["uid"], body["volume"]) == ("play", "m", 80)
    assert speaker.fetched == [sound]
    assert server.entry_of("m").started_at is not None
    with pytest.raises(urllib.error.HTTPError, match="404"):  # only as long as it is to be played
        urllib.request.urlopen(body["url"], timeout=5)


@pytest.mark.usefixtures("station")
def test_a_speaker_that_fails_is_told_as_it_is(server: LoopbackServer, broker: int) -> None:
    speaker = Speaker(broker, "loa/dong", ("failed",))
    try:
        server.add("f", chirp(0.5), starts_in=0.5)
        until(lambda: "f" in server.outcomes())
    finally:
        speaker.end()
    entry = server.entry_of("f")
    assert (entry.outcome, entry.cause_vi) == ("missed", causes.REFUSED_BY_SPEAKER.vi)


def test_a_speaker_that_says_nothing_proves_nothing(
    server: LoopbackServer, broker: int, station: StationProcess
) -> None:
    """It is stopped before its time to answer is over, and no proof is made up for it."""
    speaker = Speaker(broker, "loa/dong", ())
    try:
        server.add("s", chirp(0.5), starts_in=0.5)
        until(lambda: speaker.fetched)
        server.stopped = True
        server.version += 1
        until(lambda: ("stop", {"uid": "s"}) in speaker.told)
        server.stopped = False
        server.version += 1
        server.add("t", chirp(0.5), starts_in=60)
        until(lambda: "t" in server.statuses[-1].held)
    finally:
        speaker.end()
    assert "s" not in server.outcomes()
    assert "Tin s: không có hồi báo" in station.log()
