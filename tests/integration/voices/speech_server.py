"""A stand-in for the endpoint that gTTS calls: it speaks with eSpeak NG, or fails as it is told."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import lameenc

from broadcaster.voices import Pcm
from broadcaster.voices.espeak import Espeak

PATH = "/_/TranslateWebserverUi/data/batchexecute"
Headers = dict[str, str]
Reply = tuple[int, Headers, bytes]


def mp3(pcm: Pcm) -> bytes:
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(1)
    encoder.set_in_sample_rate(pcm.sample_rate)
    encoder.set_bit_rate(64)
    return bytes(encoder.encode(pcm.data) + encoder.flush())


def spoken(text: str) -> bytes:
    return mp3(Espeak({}).speak(text, speed=1.0, deadline_s=20))


def with_sound(sound: bytes) -> Reply:
    """The answer in the form of the real endpoint."""
    inner = json.dumps([base64.b64encode(sound).decode()])
    line = json.dumps([["wrb.fr", "jQ1olc", inner, None, None, None, "generic"]])
    body = f")]}}'\n\n{len(line)}\n{line.replace(' ', '')}\n25\n".encode()
    return 200, {"Content-Type": "application/json; charset=utf-8"}, body


@dataclass
class SpeechServer:
    """`script` is answered first, one entry a call; after it every text is spoken."""

    url: str = ""
    script: list[Reply | str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def reply(self, text: str) -> Reply | str:
        self.heard.append(text)
        return self.script.pop(0) if self.script else with_sound(spoken(text))


@contextmanager
def running(certificate: tuple[Path, Path] | None = None) -> Iterator[SpeechServer]:
    """A server on a free loopback port; with `certificate` (file, key) it speaks TLS."""
    state = SpeechServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    server.daemon_threads = True
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    state.url = f"{scheme}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(state: SpeechServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            call = json.loads(form["f.req"][0])[0][0]
            reply = state.reply(json.loads(call[1])[0]) if self.path == PATH else (404, {}, b"")
            if reply == "hang":
                state.release.wait(20)
            elif reply == "cut":
                self._send(200, {"Content-Length": "100000"}, b'[["wrb.fr","jQ1olc","[')
            elif not isinstance(reply, str):
                status, headers, body = reply
                self._send(status, {"Content-Length": str(len(body)), **headers}, body)
            self.close_connection = True

        def _send(self, status: int, headers: Headers, body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler
