"""One request and its reply, as plain values: the platforms below know no web framework."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart form."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `lag` and `stuck` are conditions that the fault script lays on it."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)
    base_url: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    lag: float = 0.0
    stuck: float | None = None  # seconds; an article made now stays in processing
    review: float | None = None  # seconds; a broadcast sent now is reviewed for so long

    def json(self) -> object:
        """The body as JSON; raises ValueError when it is none."""
        return cast(object, json.loads(self.body.decode("utf-8")))

    def json_object(self) -> dict[str, object]:
        """The body as a JSON object; anything else counts as empty."""
        try:
            found = self.json()
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_headers(self, more: Mapping[str, str]) -> Reply:
        return replace(self, headers={**self.headers, **more})

    def parsed(self) -> object:
        return cast(object, json.loads(self.body))


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON answer in UTF-8."""
    body = json.dumps(value, ensure_ascii=False).encode("utf-8")
    kind = {"Content-Type": "application/json; charset=UTF-8"}
    return Reply(status, body, {**kind, **(headers or {})})


def as_html(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """An HTML answer in UTF-8."""
    kind = {"Content-Type": "text/html; charset=UTF-8"}
    return Reply(status, text.encode("utf-8"), {**kind, **(headers or {})})


def notice_page(title: str, text: str, status: int) -> Reply:
    """A bare HTML page, as proxies and maintenance modes send it instead of JSON."""
    head, body = html.escape(title), html.escape(text)
    inside = f"<head><title>{head}</title></head><body><h1>{body}</h1></body>"
    return as_html(f"<!DOCTYPE html><html>{inside}</html>", status)


class Refusal(Exception):
    """Ends the handling of a call with this reply; nothing has been stored."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def truthy(value: object, default: bool) -> bool:
    """A flag as forms and JSON write it."""
    if value is None or value == "":
        return default
    return str(value).strip().lower() not in {"0", "false", "no", "off"}


def whole_number(value: object, default: int) -> int:
    """A number as forms and JSON write it; `default` when it is none."""
    return int(str(value)) if re.fullmatch(r"-?\d{1,18}", str(value)) else default


def is_young(made: datetime, now: datetime, lag: float) -> bool:
    """True while something made `lag` seconds ago or less does not show yet."""
    return lag > 0 and 0 <= (now - made).total_seconds() < lag


def parse_time(text: str) -> datetime | None:
    """ISO 8601; without a zone it counts as UTC. None when it is no time."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
