"""HTTP for all channels: time-outs, a cap, no redirects, masked secrets, honest errors.

The far sides have no idempotency key, so every call says what it is: `ask` can be repeated without
harm, `tell` may publish something. When a `tell` goes wrong, it is certain that nothing happened
only if not one byte of its body was taken for sending; all else is "outcome unknown".
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import requests
from urllib3.exceptions import HTTPError

from broadcaster import __version__
from broadcaster.channels.options import Options, is_loopback
from broadcaster.channels.outcomes import Meaning, Said, Then, error_for
from broadcaster.channels.text import printable
from broadcaster.errors import BroadcasterError, OutcomeUnknown, Text, TryAgain
from broadcaster.secrecy.masking import MASK, remember

MAX_ANSWER = 16 * 1024 * 1024
"""Bytes. The largest honest answer is a page of 25 posts of full length."""

_WAITING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: to connect, for each answer, for an upload, and for all calls of one operation.

    The last stays below a worker's lease, so that nobody posts on behalf of a worker held dead.
    """

    connect: float
    read: float
    upload: float
    total: float

    @classmethod
    def of(cls, options: Options) -> Limits:
        return cls(
            connect=options.number("connect_timeout", 10),
            read=options.number("read_timeout", 30),
            upload=options.number("upload_timeout", 120),
            total=options.number("total_timeout", 240),
        )


class _Body:
    """A request body that knows whether any of it was taken for sending."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.taken = False

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[bytes]:
        self.taken = True
        yield self.data


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `data`: its JSON, or None. `told`: the call could have published something."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    who: str
    told: bool
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def data(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON object; empty when it is none."""
        data = self.data
        return data if isinstance(data, dict) else {}

    def words(self, value: Any) -> str:
        """The far side's own words, fit to be shown."""
        return printable(mask(value, self.secrets) if isinstance(value, str) else "", 200)

    def retry_at(self, now: datetime) -> datetime | None:
        """What `Retry-After` asks for, at most a day from now."""
        given = self.headers.get("Retry-After", "").strip()
        if re.fullmatch(r"\d{1,400}", given, re.ASCII):
            return now + min(timedelta(seconds=int(given[:9])), _LONGEST_WAIT)
        try:
            found = parsedate_to_datetime(given)
        except (ValueError, TypeError, OverflowError):
            return None
        return min(max(found, now), now + _LONGEST_WAIT) if found.tzinfo else None

    def failure(
        self,
        now: datetime,
        meaning: Meaning | None = None,
        code: str = "",
        words: Any = "",
        at: datetime | None = None,
    ) -> BroadcasterError:
        """The error of this answer: by the platform's code where known, else by HTTP status."""
        at = at or self.retry_at(now)
        said = Said(self.who, code or str(self.status), self.words(words), at)
        return error_for(meaning or self._meaning(bool(code)), said, now, told=self.told)

    def unclear(self, now: datetime) -> BroadcasterError:
        """The error of an answer that does not have the promised shape."""
        return self.failure(now, _UNREADABLE)

    def _meaning(self, understood: bool) -> Meaning:
        if self.status in _WAITING or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return _TROUBLED
        if HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST:
            return _MOVED
        if not understood or self.status < HTTPStatus.BAD_REQUEST:
            return _UNREADABLE
        denied = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        return _DENIED if self.status in denied else _REJECTED


class Http:
    """The calls of one operation to one far side. Use it with `with`; it closes its connections."""

    def __init__(self, who: str, base: str, limits: Limits, secrets: tuple[str, ...] = ()) -> None:
        self.who = who
        self.base = base
        self.limits = limits
        self.secrets = secrets
        remember(*secrets)
        self._session = requests.Session()
        # Credentials on plain http stay on this machine: no proxy from the environment there.
        self._session.trust_env = not is_loopback(urlsplit(base).hostname or "")
        self._ends = time.monotonic() + limits.total

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def ask(self, method: str, path: str, **request: Any) -> Reply:
        """A call that publishes nothing. Raises TryAgain when there is no answer."""
        return self._call(method, path, told=False, **request)

    def tell(self, method: str, path: str, **request: Any) -> Reply:
        """The call that may publish. Raises TryAgain (certainly not) or OutcomeUnknown."""
        return self._call(method, path, told=True, **request)

    def _call(
        self,
        method: str,
        path: str,
        *,
        told: bool,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        data: Any = None,
        upload: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        body, kind = _encode(form, data, upload)
        url = self.base + path + (("&" if "?" in path else "?") + urlencode(query) if query else "")
        try:
            with self._session.request(
                method,
                url,
                # A stream, so that we see whether it was taken; requests documents iterables.
                data=body,
                headers={**_ALWAYS, **kind, **(headers or {})},
                auth=_as_given,
                timeout=self._patience(upload is not None),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = self._read(response)
                return Reply(
                    response.status_code, response.headers, content, self.who, told, self.secrets
                )
        except (requests.RequestException, HTTPError, OSError, _Unreadable) as error:
            sent = body.taken if body else told
            raise self._trouble(error, unknown=told and sent) from None
        finally:
            # A kept connection that the server just closed would make a write's outcome unknown.
            self._session.close()

    def _patience(self, upload: bool) -> tuple[float, float]:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TryAgain(
                f"{self.who}: trả lời quá chậm nên đã dừng trước khi gửi tiếp. Sẽ tự thử lại.",
                f"{self.who}: too slow; stopped before sending more. It is tried again.",
                code="slow",
            )
        read = self.limits.upload if upload else self.limits.read
        return min(self.limits.connect, left), min(read, left)

    def _read(self, response: requests.Response) -> bytes:
        """The body as it comes in; `iter_content` would wait for whole blocks of a trickle."""
        found = bytearray()
        while part := response.raw.read1(65536, decode_content=True):
            found += part
            if len(found) > MAX_ANSWER or time.monotonic() > self._ends:
                raise _Unreadable
        return bytes(found)

    def _trouble(self, error: Exception, *, unknown: bool) -> BroadcasterError:
        why, host = _why(error), urlsplit(self.base).hostname
        if unknown:
            return OutcomeUnknown(
                f"{self.who}: đã gửi nhưng không nhận được câu trả lời rõ ràng ({why.vi}); chưa "
                "biết bài đã lên hay chưa. Chương trình sẽ tra cứu trước khi làm gì tiếp.",
                f"{self.who}: sent, but no clear answer came ({why.en}); nobody knows whether it "
                "was posted. It is looked up before anything else is done.",
                code="no-answer",
            )
        return TryAgain(
            f"{self.who}: chưa liên lạc được với {host} ({why.vi}). Sẽ tự thử lại; nếu kéo dài, "
            "hãy kiểm tra mạng Internet và địa chỉ trong cấu hình.",
            f"{self.who}: {host} could not be reached ({why.en}). It is tried again; if it goes "
            "on, check the network and the address in the configuration.",
            code="no-connection",
            target_wide=True,
        )


class _Unreadable(Exception):
    """The answer is too large or never ends."""


_ALWAYS = {
    "User-Agent": f"commune-broadcaster/{__version__}",
    "Accept": "*/*",
    "Connection": "close",
}


def _as_given(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from putting a .netrc's login in place of ours."""
    return request


def _encode(
    form: Mapping[str, str] | None, data: Any, upload: bytes | None
) -> tuple[_Body | None, dict[str, str]]:
    if form is not None:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return _Body(urlencode(form).encode()), kind
    if data is not None:
        text = json.dumps(data, ensure_ascii=False).encode()
        return _Body(text), {"Content-Type": "application/json; charset=utf-8"}
    return (_Body(upload) if upload is not None else None), {}


def mask(text: str, secrets: tuple[str, ...]) -> str:
    """The text without our secrets, and without anything long enough to be somebody's token."""
    for secret in filter(None, secrets):
        text = text.replace(secret, MASK)
    return re.sub(r"[\w-]{40,}", MASK, text, flags=re.ASCII)


def _why(error: Exception) -> Text:
    """The reason in a few words; the library's own text may hold addresses and headers."""
    names = f"{type(error).__mro__} {error!r}"
    found = (text for name, text in _REASONS.items() if name in names)
    return next(found, Text("kết nối bị đứt", "the connection broke"))


_REASONS = {
    "_Unreadable": Text("câu trả lời quá dài hoặc không dứt", "the answer is too large or endless"),
    "SSLError": Text("không lập được kết nối TLS an toàn", "no secure TLS connection"),
    "NameResolutionError": Text("không tìm thấy tên máy chủ", "the host name is not found"),
    "ConnectTimeout": Text("kết nối quá lâu", "connecting took too long"),
    "NewConnectionError": Text("máy chủ từ chối kết nối", "the connection was refused"),
    "Timeout": Text("chờ trả lời quá lâu", "waiting for the answer took too long"),
}

_TROUBLED = Meaning(
    Then.UNKNOWN,
    "máy chủ đang trục trặc hoặc quá tải; chương trình sẽ tự hỏi lại",
    "the server is in trouble or overloaded; it is asked again",
)
_MOVED = Meaning(
    Then.UNKNOWN,
    "máy chủ chuyển hướng sang địa chỉ khác; hãy kiểm tra địa chỉ trong cấu hình",
    "the server redirects elsewhere; check the address in the configuration",
)
_UNREADABLE = Meaning(
    Then.UNKNOWN,
    "câu trả lời không đúng dạng (trang bảo trì, tường lửa?); chương trình sẽ tự hỏi lại, "
    "nếu kéo dài hãy báo người quản trị",
    "the answer has not the agreed form (maintenance page, firewall?); it is asked again; "
    "if it goes on, tell the administrator",
)
_DENIED = Meaning(
    Then.REFUSED,
    "tài khoản hoặc mã truy cập không được chấp nhận; hãy kết nối lại kênh này",
    "account or token is not accepted; connect this target again",
    target_wide=True,
)
_REJECTED = Meaning(
    Then.REFUSED,
    "nội dung hoặc yêu cầu bị từ chối; hãy sửa theo lý do rồi duyệt lại",
    "content or request is rejected; correct it as the reason says and approve again",
)
