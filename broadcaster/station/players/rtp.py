"""Paging horns on the local network: G.711 µ-law over RTP (RFC 3550, 3551), usually multicast.

`outlet = "rtp://239.255.7.7:5004?ttl=1&interface=192.168.1.5"`. One way only: nobody answers, so
the log can say what was sent, and no more.
"""

from __future__ import annotations

import secrets
import socket
import struct
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
from numpy.typing import NDArray

from broadcaster.errors import Text, Unavailable
from broadcaster.station import causes
from broadcaster.station.clock import Clock
from broadcaster.station.players import POLL, Halt, Job, PlayResult, wait_until
from broadcaster.station.players.g711 import RATE, Narrowing, encode
from broadcaster.station.settings import StationSettings
from broadcaster.station.tape import Tape

PACKET = 160
"""Samples in one packet: 20 ms, the usual."""

PCMU = 0
"""Payload type of G.711 µ-law."""

BLOCK = 0.1


class RtpPlayer:
    """A packet every 20 ms by the steady clock; what is cut short fades within one packet."""

    def __init__(self, settings: StationSettings, home: Path, clock: Clock) -> None:  # noqa: ARG002 — the signature of every player
        parts = urlsplit(settings.outlet)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self._address = (parts.hostname or "", parts.port or 5004)
        self._ttl = int(options.get("ttl", "1"))
        self._interface = options.get("interface", "")
        self._volume = settings.volume
        self._clock = clock
        self._socket: socket.socket | None = None
        self._fault: Text | None = None
        self._source = secrets.randbits(32)
        self._sequence = secrets.randbits(16)
        self._stamp = secrets.randbits(32)
        self.device = "RTP {}:{} (một chiều)".format(*self._address)

    @property
    def pulse(self) -> int:
        return round(self._clock.monotonic())

    @property
    def level(self) -> tuple[int | None, bool | None]:
        return None, None

    def open(self) -> None:
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, self._ttl)
            if self._interface:
                here = socket.inet_aton(self._interface)
                line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, here)
            line.connect(self._address)
        except OSError as error:
            line.close()
            self._fault = Text(
                f"Không gửi được tới {self.device}: {error.strerror}",
                f"Cannot send to {self.device}: {error.strerror}",
            )
            raise Unavailable(self._fault.vi, self._fault.en) from None
        self._socket, self._fault = line, None

    def trouble(self) -> Text | None:
        if self._socket is None:
            try:
                self.open()
            except Unavailable as error:
                return error.text
        return self._fault

    def recording_of(self, job: Job) -> str:  # noqa: ARG002 — the signature of every player
        return ""

    def play(self, job: Job, halt: Halt) -> PlayResult:
        if not wait_until(job.at, self._clock, halt):
            return PlayResult(0, 0.0, None, self.device, 0, False)
        tape = Tape(job.paths)
        started_at, begin = self._clock.now(), self._clock.monotonic()
        sent = asked = 0
        halted = False
        for packet in packets(tape, min(self._volume, job.volume) / 100):
            while (left := begin + sent / RATE - self._clock.monotonic()) > 0:
                self._clock.wait(min(left, POLL))
            if sent >= asked:
                asked, halted = sent + RATE // 20, halt(sent / RATE)
            faded = packet * np.linspace(1, 0, len(packet)) if halted else packet
            if not self._send(faded, is_first=sent == 0):
                return self._result(sent, tape, started_at, causes.DEVICE_LOST)
            sent += len(packet)
            if halted:
                break
        return self._result(sent, tape, started_at, None, finished=not halted)

    def _result(
        self,
        sent: int,
        tape: Tape,
        started_at: datetime,
        cause: Text | None,
        finished: bool = False,
    ) -> PlayResult:
        seconds = min(sent / RATE, tape.frames / tape.rate)
        frames = round(seconds * tape.rate)
        return PlayResult(frames, seconds, started_at, self.device, 0, finished, cause)

    def _send(self, samples: NDArray[np.float64], *, is_first: bool) -> bool:
        """One packet; False when the network would not take it."""
        payload = encode(np.asarray(np.round(samples), dtype=np.int16)).tobytes()
        kind = PCMU | (0x80 if is_first else 0)  # the marker: a talk begins
        head = struct.pack("!BBHII", 0x80, kind, self._sequence, self._stamp, self._source)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._stamp = (self._stamp + len(payload)) & 0xFFFFFFFF
        assert self._socket is not None  # noqa: S101 — nothing is played while there is trouble
        try:
            self._socket.send(head + payload)
        except ConnectionRefusedError:  # one listener of a plain address was away for a moment
            return True
        except OSError:
            self.close()
            return False
        return True

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def packets(tape: Tape, gain: float) -> Iterator[NDArray[np.float64]]:
    """PACKET samples at RATE each, the last one filled up with silence."""
    narrow = Narrowing(tape.rate)
    rest = np.zeros(0)
    for block in tape.blocks(round(tape.rate * BLOCK)):
        rest = np.concatenate([rest, narrow(block.mean(axis=1) * gain)])
        while len(rest) >= PACKET:
            yield rest[:PACKET]
            rest = rest[PACKET:]
    rest = np.concatenate([rest, narrow(np.zeros(round(tape.rate * 0.01)))])  # what is delayed
    for start in range(0, len(rest), PACKET):
        part = rest[start : start + PACKET]
        yield np.concatenate([part, np.zeros(PACKET - len(part))])
