"""The line to the server: version 1 of the station protocol as an HTTP client."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeVar

import requests
from pydantic import BaseModel, ValidationError

from broadcaster.errors import Unavailable
from broadcaster.wire import (
    SERVER_TIME,
    AsRunBatch,
    AsRunEntry,
    AsRunReceipt,
    Enrolled,
    Enrolment,
    Incident,
    IncidentBatch,
    Signed,
    StationStatus,
)

TIMEOUT = (5.0, 10.0)
"""Seconds to connect, and between two packets."""

LARGEST_ANSWER = 8 << 20
CHUNK = 1 << 16

Model = TypeVar("Model", bound=BaseModel)


class Unreachable(Unavailable):
    """No answer: whatever else was to be said now need not be tried."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """`signed` is None when nothing has changed. `server_time`: when the answer was made."""

    signed: Signed | None
    etag: str
    server_time: datetime | None


class _Bearer(requests.auth.AuthBase):
    """As an auth object and not a header: a .netrc file would replace the header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Link:
    """Every call ends within its time-outs, and raises Unavailable when the server is not there."""

    def __init__(self, server: str, token: str, ca_file: str = "") -> None:
        """`ca_file`: the server's certificate must come from it; "": from those of the system."""
        self._root = server.rstrip("/") + "/api/station/v1"
        self._session = requests.Session()
        self._session.auth = _Bearer(token) if token else None
        self._verify: str | bool = ca_file or True

    def enroll(self, code: str, program: str) -> Enrolled:
        """Raises Unavailable for a code that the server does not take."""
        body = Enrolment(code=code, program=program).model_dump(mode="json")
        with self._call("POST", "enroll", json=body, stream=True) as answer:
            return _parse(Enrolled, _small_body(answer))

    def wait(self, etag: str, seconds: float) -> bool:
        """Whether there may be another plan than that of `etag`; asks for so long at most."""
        with self._call(
            "GET",
            f"wait?seconds={seconds:g}",
            headers={"If-None-Match": etag},
            timeout=(TIMEOUT[0], seconds + TIMEOUT[1]),
        ) as answer:
            return answer.status_code != 304

    def rundown(self, etag: str) -> Fetched:
        """GET rundown. Raises Unavailable for an answer that is no rundown too."""
        headers = {"If-None-Match": etag} if etag else {}
        with self._call("GET", "rundown", headers=headers, stream=True) as answer:
            server_time = _time_of(answer)
            if answer.status_code == 304:
                return Fetched(None, etag, server_time)
            body = _small_body(answer)
            return Fetched(_parse(Signed, body), answer.headers.get("ETag", ""), server_time)

    def send_status(self, status: StationStatus) -> None:
        self._call("POST", "status", json=status.model_dump(mode="json")).close()

    def send_as_run(self, entries: list[AsRunEntry]) -> list[str]:
        """Names of the entries that the server has on disk now."""
        batch = AsRunBatch(entries=entries)
        with self._call(
            "POST", "as-run", json=batch.model_dump(mode="json"), stream=True
        ) as answer:
            return _parse(AsRunReceipt, _small_body(answer)).stored

    def send_incidents(self, incidents: list[Incident]) -> list[str]:
        """Names of the incidents that the server has on disk now."""
        batch = IncidentBatch(incidents=incidents)
        with self._call(
            "POST", "incidents", json=batch.model_dump(mode="json"), stream=True
        ) as answer:
            return _parse(AsRunReceipt, _small_body(answer)).stored

    def fetch_audio(self, digest: str, size: int, part: Path, go_on: Callable[[], bool]) -> None:
        """Bring `part` up to `size` bytes, going on where an earlier try ended.

        Writes no byte past `size`. Raises Unavailable when the line breaks; the part stays.
        """
        have = part.stat().st_size if part.exists() else 0
        if have > size:
            part.unlink()
            have = 0
        if have == size:
            return
        # identity: a compressed answer would make nonsense of the byte positions
        headers = {"Accept-Encoding": "identity"} | (
            {"Range": f"bytes={have}-", "If-Range": f'"{digest}"'} if have else {}
        )
        with self._call("GET", f"audio/{digest}", headers=headers, stream=True) as answer:
            if answer.status_code == 416:
                part.unlink()
                raise _odd("Range")
            start = _range_start(answer) if answer.status_code == 206 else 0
            if start not in {0, have}:
                raise _odd(f"Content-Range: {answer.headers.get('Content-Range')}")
            _write(answer, part, start, size, go_on)

    def close(self) -> None:
        self._session.close()

    def _call(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        json: object = None,
        stream: bool = False,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> requests.Response:
        try:
            answer = self._session.request(
                method,
                f"{self._root}/{path}",
                headers=headers,
                json=json,
                stream=stream,
                timeout=timeout,
                verify=self._verify,  # said each time: an environment variable would go first
                allow_redirects=False,  # the token is for this server only
            )
        except requests.RequestException as error:
            raise _unreachable(error) from None
        if 200 <= answer.status_code < 300 or answer.status_code in {304, 416}:
            return answer
        answer.close()
        raise _bad_status(answer.status_code, path)


def _write(
    answer: requests.Response, part: Path, start: int, size: int, go_on: Callable[[], bool]
) -> None:
    with part.open("r+b" if start else "wb") as file:
        file.seek(start)
        try:
            for chunk in answer.iter_content(CHUNK):
                if file.tell() + len(chunk) > size or not go_on():
                    break
                file.write(chunk)
        except requests.RequestException as error:
            raise _unreachable(error) from None


def _range_start(answer: requests.Response) -> int:
    match = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(match[1]) if match else -1


def _small_body(answer: requests.Response) -> bytes:
    body = b""
    try:
        for chunk in answer.iter_content(CHUNK):
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise _odd(f"> {LARGEST_ANSWER} bytes")
    except requests.RequestException as error:
        raise _unreachable(error) from None
    return body


def _parse(kind: type[Model], body: bytes) -> Model:
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise _odd(f"{kind.__name__}: {place}: {first['msg']}") from None


def _time_of(answer: requests.Response) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(answer.headers[SERVER_TIME]), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        pass
    try:
        at = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return None
    # The header is cut to whole seconds: half a second is the best guess of the rest.
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) + timedelta(milliseconds=500)


def _unreachable(error: requests.RequestException) -> Unreachable:
    # Only the kind: a message of requests may carry an address with a password of a proxy in it.
    kind = type(error).__name__
    return Unreachable(f"Không liên lạc được máy chủ ({kind}).", f"Server not reached ({kind}).")


def _odd(detail: str) -> Unavailable:
    return Unavailable(
        f"Máy chủ trả lời không đúng quy ước: {detail}", f"The server's answer is odd: {detail}"
    )


def _bad_status(code: int, path: str) -> Unavailable:
    if code in {403, 429} and path == "enroll":
        return Unavailable(
            "Máy chủ không nhận mã ghi danh: sai, đã dùng, hết hạn, hoặc thử quá nhiều lần. "
            "Xin mã mới ở máy chủ: broadcaster station code KHÓA --as TÊN",
            "The server does not take the code: wrong, used, out of date, or tried too often. "
            "Ask for a new one on the server: broadcaster station code KEY --as NAME",
        )
    if code in {401, 403}:
        return Unavailable(
            f"Máy chủ không nhận mã truy cập của trạm (HTTP {code}).",
            f"The server refuses this station's token (HTTP {code}).",
        )
    return Unavailable(f"Máy chủ báo lỗi HTTP {code}.", f"The server answered HTTP {code}.")
