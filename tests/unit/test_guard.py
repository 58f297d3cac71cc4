"""No test reaches beyond this machine, and nobody can overlook that it tried."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests

# 203.0.113.0/24 is kept for documentation (RFC 5737): nobody answers there.
ELSEWHERE = "203.0.113.7"


def _connect() -> None:
    with socket.socket() as door:
        door.settimeout(1)
        door.connect((ELSEWHERE, 80))


def _send() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.sendto(b"hello", (ELSEWHERE, 53))


def _ask_for_a_name() -> None:
    socket.getaddrinfo("graph.example", 443)


def _ask_in_an_older_way() -> None:
    socket.gethostbyname("graph.example")


@pytest.mark.parametrize("reach", [_connect, _send, _ask_for_a_name, _ask_in_an_older_way])
def test_nothing_reaches_another_machine(
    reach: Callable[[], None], refused_traffic: list[str]
) -> None:
    with pytest.raises(AssertionError, match="a test wants to reach"):
        reach()
    assert len(refused_traffic) == 1
    refused_traffic.clear()


def test_a_swallowed_refusal_is_remembered(refused_traffic: list[str]) -> None:
    try:
        _connect()
    except Exception:  # as a hasty caller would
        remembered = list(refused_traffic)
        refused_traffic.clear()
    assert remembered == [f"socket.connect {ELSEWHERE!r}"]


def test_this_machine_can_be_reached_by_number_name_and_file(tmp_path: Path) -> None:
    for host in ("127.0.0.1", "localhost", "2130706433"):  # the last is 127.0.0.1 as one number
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection((host, server.getsockname()[1])).close()
    if hasattr(socket, "AF_UNIX"):
        with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
            server.bind(os.fspath(tmp_path / "s"))
            server.listen()
            client.connect(os.fspath(tmp_path / "s"))


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


def test_http_on_loopback_goes_past_the_closed_door_for_other_programs() -> None:
    with HTTPServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        answer = requests.get(f"http://127.0.0.1:{server.server_port}/", timeout=5)
        thread.join()
    assert answer.status_code == 204


def test_a_started_program_cannot_fetch_anything() -> None:
    program = f"import requests; requests.get('http://{ELSEWHERE}/', timeout=5)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert run.returncode != 0
    assert "ProxyError" in run.stderr


def test_a_home_of_its_own(tmp_home: Path) -> None:
    assert Path.home() == tmp_home
    assert list(tmp_home.iterdir()) == []
    assert not [name for name in os.environ if name.startswith("BROADCASTER_")]
