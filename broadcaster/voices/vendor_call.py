"""One text through a speech service, in either shape: sound at once, or a job and then sound."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import quote, urlsplit

import requests

from broadcaster.voices import http
from broadcaster.voices.decoding import decode
from broadcaster.voices.port import Pcm, TemporaryFault, VoiceUnavailable
from broadcaster.voices.providers import Job, Provider

_T = TypeVar("_T")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_NOT_YET = frozenset((403, 404))  # what a store of files answers until the sound is there


class Call:
    """One text through one service. Nothing here puts a header or a body into an error."""

    def __init__(
        self,
        provider: Provider,
        values: Mapping[str, str],
        clock: http.Clock,
    ) -> None:
        self._provider, self._values, self._clock = provider, values, clock
        self._url = values.get("url", provider.url)
        self._local = urlsplit(self._url).hostname in _LOOPBACK
        self._limits = http.Limits(read_s=float(values.get("read_s", "15")))

    def speak(self, piece: str, deadline_s: float) -> Pcm:
        job = self._provider.job
        end = self._clock.steady() + max(deadline_s, job.patience_s if job else 0)
        answer = http.call(self._request(piece), self._limits, self._clock, end)
        if job is None:
            return decode(answer.body)
        facts = _facts(answer.body)
        if not _says(facts, job.good):
            raise self._refusal(facts)
        if job.poll:
            facts = self._poll(job, _find(facts, job.id), end)
        if not (link := _find(facts, job.link)):
            raise self._refusal(facts)
        return decode(self._download(job, link, end))

    def _request(self, piece: str) -> requests.PreparedRequest:
        values = {**self._values, "text": piece}
        try:
            headers = {k: v.format_map(values) for k, v in self._provider.headers.items()}
            fields = {
                k: v.format_map(values) if isinstance(v, str) else v
                for k, v in self._provider.fields.items()
            }
        except KeyError as fault:
            raise VoiceUnavailable(
                f"Thiếu thiết lập “{fault.args[0]}” cho {self._provider.title}.",
                f"The setting “{fault.args[0]}” is missing for {self._provider.title}.",
            ) from fault
        bodies: dict[str, dict[str, object]] = {
            "text": {"data": piece.encode()},
            "json": {"json": fields},
            "form": {"data": fields},
        }
        _check_address(self._url, self._local)
        body = bodies[self._provider.body]
        return requests.Request(
            "POST", self._url, headers, data=body.get("data"), json=body.get("json")
        ).prepare()

    def _poll(self, job: Job, number: str, end: float) -> object:
        address = self._moved(job.poll.replace("{id}", quote(number, safe="")))
        headers = {k: v.format_map(self._values) for k, v in self._provider.headers.items()}

        def ask() -> object | None:
            request = requests.Request("GET", address, headers).prepare()
            facts = _facts(http.call(request, self._limits, self._clock, end).body)
            if job.failed and _says(facts, job.failed):
                raise self._refusal(facts)
            return facts if _says(facts, job.done) else None

        return self._repeat(ask, job, end)

    def _moved(self, address: str) -> str:
        """The described address at the host that the settings name instead."""
        if self._url == self._provider.url:
            return address
        parts, base = urlsplit(address), urlsplit(self._url)
        return parts._replace(scheme=base.scheme, netloc=base.netloc).geturl()

    def _download(self, job: Job, address: str, end: float) -> bytes:
        _check_address(address, self._local)
        host = urlsplit(address).hostname or ""
        allowed = any(host == name or host.endswith("." + name) for name in job.hosts)
        if not allowed and not (self._local and host in _LOOPBACK):
            raise VoiceUnavailable(
                f"{self._provider.title} đưa âm thanh ở máy chủ lạ “{host}”: không tải.",
                f"{self._provider.title} offers sound at a strange host “{host}”: not fetched.",
            )

        def fetch() -> bytes | None:
            request = requests.Request("GET", address).prepare()
            answer = http.call(
                request, self._limits, self._clock, end, not_yet=_NOT_YET, public=not self._local
            )
            return answer.body if answer.status < 300 else None

        return self._repeat(fetch, job, end)

    def _repeat(self, ask: Callable[[], _T | None], job: Job, end: float) -> _T:
        """Ask until there is an answer or the time is up."""
        while (answer := ask()) is None:
            if self._clock.steady() + job.every_s >= end:
                title = self._provider.title
                raise TemporaryFault(
                    f"{title} chưa làm xong âm thanh trong thời hạn.",
                    f"{title} did not finish the sound in time.",
                )
            self._clock.sleep(job.every_s)
        return answer

    def _refusal(self, facts: object) -> VoiceUnavailable:
        said = json.dumps(facts, ensure_ascii=False)[:200].replace(self._values["key"], "…")
        return VoiceUnavailable(
            f"{self._provider.title} từ chối: {said}", f"{self._provider.title} refuses: {said}"
        )


def _check_address(address: str, local: bool) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (local and parts.hostname in _LOOPBACK):
        raise VoiceUnavailable(
            f"Địa chỉ “{parts.hostname}” không dùng https: không gọi.",
            f"The address “{parts.hostname}” is not https: not called.",
        )


def _facts(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError as fault:
        raise TemporaryFault(
            "Dịch vụ giọng đọc trả lời không đúng dạng.", "The speech service's answer is no JSON."
        ) from fault


def _find(facts: object, path: str) -> str:
    """The value at a dotted path, as text; empty when there is none."""
    for name in path.split("."):
        facts = facts.get(name) if isinstance(facts, dict) else None
    return "" if facts is None else str(facts)


def _says(facts: object, expected: Mapping[str, str]) -> bool:
    return all(_find(facts, path) == value for path, value in expected.items())
