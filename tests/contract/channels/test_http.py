"""What is certain about a request that went wrong, on the wire."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broadcaster.channels.http import Http, Limits, Reply, mask
from broadcaster.errors import OutcomeUnknown, TryAgain
from channels.far_side import Answer, answering

QUICK = Limits(connect=2, read=0.3, upload=0.3, total=1.0)
NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@contextmanager
def wire(*parts: bytes, endless: bytes = b"") -> Iterator[str]:
    """A raw server: for each connection it sends these bytes, then perhaps more for ever."""
    door = socket.create_server(("127.0.0.1", 0))
    closing = threading.Event()

    def serve() -> None:
        while not closing.is_set():
            try:
                one, _ = door.accept()
                with one:
                    one.recv(65536)
                    for part in parts:
                        one.sendall(part)
                    while endless and not closing.wait(0.02):
                        one.sendall(endless)
                    if not parts:
                        closing.wait(2)
            except OSError:
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        closing.set()
        socket.create_connection(door.getsockname()).close()
        thread.join(5)
        door.close()


def tell(url: str, limits: Limits = QUICK) -> Reply:
    with Http("Kênh thử", url, limits, ("bi-mat-1",)) as http:
        headers = {"Authorization": "Bearer bi-mat-1"}
        return http.tell("POST", "/x", data={"a": 1}, headers=headers)


def test_a_refused_connection_is_certainly_not_delivered() -> None:
    with pytest.raises(TryAgain, match="từ chối"):
        tell("http://127.0.0.1:9")


def test_an_unknown_host_is_certainly_not_delivered() -> None:
    with pytest.raises(TryAgain, match="tên máy chủ"):
        tell("http://khong-co.invalid")


def test_a_failed_handshake_is_certainly_not_delivered() -> None:
    with answering(lambda _method, _path: Answer(b"{}")) as (url, asked):
        with pytest.raises(TryAgain, match="TLS"):
            tell(url.replace("http://", "https://"))
        assert asked == []


def test_silence_after_sending_is_unknown_for_a_write_and_later_for_a_read() -> None:
    with wire() as url:
        with pytest.raises(OutcomeUnknown, match="quá lâu"):
            tell(url)
        with Http("Kênh thử", url, QUICK) as http, pytest.raises(TryAgain, match="quá lâu"):
            http.ask("GET", "/x")


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n{}",
    ],
)
def test_a_broken_answer_to_a_write_is_unknown(answer: bytes) -> None:
    with wire(answer) as url, pytest.raises(OutcomeUnknown):
        tell(url)


def test_an_endless_answer_ends_at_the_operations_deadline() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    with wire(head, endless=b" " * 10) as url, pytest.raises(OutcomeUnknown, match="không dứt"):
        tell(url, Limits(connect=1, read=1, upload=1, total=0.3))


def test_past_the_deadline_nothing_more_is_sent() -> None:
    with answering(lambda _method, _path: Answer(b"{}")) as (url, asked):
        late = Http("Kênh thử", url, Limits(1, 1, 1, total=1e-9))
        with late as http, pytest.raises(TryAgain, match="quá chậm"):
            http.tell("POST", "/x", data={})
        assert asked == []


def test_a_netrc_does_not_replace_our_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unusual = "0.0.0.0"  # noqa: S104 - this machine in another spelling: the environment counts
    (tmp_path / ".netrc").write_text(f"machine {unusual} login ai-do password khac\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("no_proxy", "*")
    with answering(lambda *_: Answer(b"{}")) as (url, asked):
        tell(url.replace("127.0.0.1", unusual))
    assert [line.login for line in asked] == ["Bearer bi-mat-1"]


def test_plain_http_to_this_machine_passes_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(lambda _method, _path: Answer(b"{}", 502)) as (proxy, seen):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with answering(lambda _method, _path: Answer(b"{}")) as (url, _):
            assert tell(url).status == 200
        assert seen == []


def test_debug_logs_of_the_libraries_show_no_token(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), answering(lambda *_: Answer(b"{}")) as (url, _):
        tell(url)
    assert "POST /x" in caplog.text
    assert "bi-mat-1" not in caplog.text


def reply(headers: dict[str, str]) -> Reply:
    return Reply(429, headers, b"", "Kênh thử", told=True)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("120", NOW + timedelta(minutes=2)),
        ("Mon, 30 Nov 2026 08:05:00 GMT", NOW + timedelta(minutes=5)),
        ("-5", None),
        ("999999999999", NOW + timedelta(days=1)),
        ("9" * 400, NOW + timedelta(days=1)),
        ("Mon, 30 Nov 2020 08:05:00 GMT", NOW),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(given: str, wanted: datetime | None) -> None:
    assert reply({"Retry-After": given}).retry_at(NOW) == wanted


def test_masking_takes_known_secrets_and_whatever_looks_like_a_token() -> None:
    text = "sai mã abc-1 hoặc " + "EAAB" * 20 + " của Trang"
    assert mask(text, ("abc-1", "")) == "sai mã ••• hoặc ••• của Trang"
