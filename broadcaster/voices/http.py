"""One HTTP call with an end: bounded in time and size, and every failure named for the caller."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import requests

from broadcaster.voices.port import RateLimited, TemporaryFault, VoiceFault, VoiceUnavailable

_LOOKUP_S = 4.0
_REST_S = 1800.0  # after 429 without a word on how long
_LONGEST_REST_S = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the voices need it; tests bring their own."""

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Limits:
    connect_s: float = 5.0
    read_s: float = 15.0
    most_bytes: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class Passing(TemporaryFault):
    """A fault that may be gone in a second: worth another try."""


def call(
    request: requests.PreparedRequest,
    limits: Limits,
    clock: Clock,
    end: float,
    *,
    not_yet: frozenset[int] = frozenset(),
    public: bool = False,
) -> Answer:
    """The answer of a 2xx status, or of one in `not_yet`. `end` is on the steady clock.

    Certificates are checked and redirects are not followed; with `public` nothing is asked of an
    address inside a private network. Raises RateLimited on 429, Passing on
    5xx, time-out and a cut body, VoiceUnavailable on what a person must set right, TemporaryFault
    on the rest.
    """
    host = urlsplit(request.url or "").hostname or "?"
    left = end - clock.steady()
    if left <= 0:
        raise _late(host)
    _find(host, min(_LOOKUP_S, left), public=public)
    timeout = (min(limits.connect_s, left), min(limits.read_s, left))
    try:
        with requests.Session() as session, _send(session, request, timeout) as response:
            if response.status_code not in not_yet:
                _judge(response, host)
            return Answer(response.status_code, _body(response, limits, clock, end))
    except requests.exceptions.RequestException as fault:
        raise _meaning(fault, host) from fault


def _meaning(fault: requests.exceptions.RequestException, host: str) -> VoiceFault:
    """What a failure of the library means to the caller."""
    kinds = requests.exceptions
    if isinstance(fault, kinds.SSLError):
        return VoiceUnavailable(
            f"Chứng chỉ của {host} không hợp lệ: hãy kiểm tra đồng hồ máy và đường mạng.",
            f"The certificate of {host} is not valid: check this machine's clock and network.",
        )
    if isinstance(fault, kinds.ConnectTimeout):
        return _no_way(host)
    # A read time-out while streaming arrives as a plain connection error.
    late = isinstance(fault, (kinds.Timeout, kinds.ChunkedEncodingError))
    return _late(host) if late or "timed out" in str(fault) else _no_way(host)


def _send(
    session: requests.Session, request: requests.PreparedRequest, timeout: tuple[float, float]
) -> requests.Response:
    """Through the proxy and with the certificates that the environment names for this address."""
    around = session.merge_environment_settings(request.url, {}, True, True, None)
    proxies, verify = around["proxies"], around["verify"]
    return session.send(
        request,
        timeout=timeout,
        stream=True,
        allow_redirects=False,
        proxies=proxies,
        verify=verify,
    )


def _find(host: str, patience_s: float, *, public: bool) -> None:
    """Look the name up under a limit of ours: without a network the system may take minutes."""
    if getproxies() and not proxy_bypass(host):
        return  # the proxy looks names up
    found: list[set[str]] = []

    def look_up() -> None:
        with suppress(OSError):
            found.append({str(entry[4][0]) for entry in socket.getaddrinfo(host, None)})

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(patience_s)
    if not found:
        raise _no_way(host)
    if public and not all(ipaddress.ip_address(address).is_global for address in found[0]):
        raise VoiceUnavailable(
            f"{host} dẫn vào mạng nội bộ: không tải.", f"{host} leads into a private network."
        )


def _judge(response: requests.Response, host: str) -> None:
    status = response.status_code
    if status == 429:
        raise RateLimited(
            f"{host} yêu cầu tạm nghỉ vì gọi quá nhiều (429).",
            f"{host} asks for a rest after too many calls (429).",
            retry_after_s=_rest_s(response),
        )
    if status >= 500:
        raise Passing(f"{host} đang lỗi ({status}).", f"{host} has a fault ({status}).")
    if status >= 400:
        raise VoiceUnavailable(
            f"{host} từ chối yêu cầu ({status}): hãy kiểm tra cấu hình và khóa truy cập.",
            f"{host} refuses the call ({status}): check the configuration and the key.",
        )
    if status >= 300:
        raise TemporaryFault(
            f"{host} chuyển hướng ({status}): có thể là trang đăng nhập của mạng Wi-Fi.",
            f"{host} redirects ({status}): perhaps the log-in page of a Wi-Fi network.",
        )


def _rest_s(response: requests.Response) -> float:
    """Retry-After in seconds; a date counts from the answer's own date, not from our clock."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return min(float(value), _LONGEST_REST_S)
    try:
        until = parsedate_to_datetime(value)
        seconds = (until - parsedate_to_datetime(response.headers["Date"])).total_seconds()
    except (KeyError, TypeError, ValueError):
        return _REST_S
    return min(max(seconds, 0.0), _LONGEST_REST_S)


def _body(response: requests.Response, limits: Limits, clock: Clock, end: float) -> bytes:
    """Read in pieces: a slow drip must not outlast the deadline, nor a flood the memory."""
    content = bytearray()
    for piece in response.iter_content(65536):
        content += piece
        if len(content) > limits.most_bytes:
            raise TemporaryFault("Trả lời quá lớn, đã bỏ.", "The answer is too large; dropped.")
        if clock.steady() > end:
            raise _late("?")
    return bytes(content)


def _late(host: str) -> Passing:
    return Passing(
        f"{host} không trả lời trọn vẹn trong thời hạn.", f"{host} did not answer fully in time."
    )


def _no_way(host: str) -> TemporaryFault:
    return TemporaryFault(
        f"Không kết nối được tới {host}: hãy kiểm tra mạng Internet.",
        f"Cannot connect to {host}: check the Internet connection.",
    )
