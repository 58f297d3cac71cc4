"""Small clients for the tests: plain requests, nothing of the product's own channels."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from broadcaster.sandbox import credentials as demo
from broadcaster.sandbox.state import SandboxState

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 60
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 60
MP4 = b"\x00\x00\x00\x18ftypisom" + b"0" * 60
WAV_HEAD = b"RIFF\x24\x00\x00\x00WAVEfmt "
TIME_OUT = 10
STRANGER = "khac"  # a token that nobody gave out


class Clock:
    """A clock that stands until a test moves it. It starts at 09:00 in Việt Nam."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **step: float) -> None:
        self.now += timedelta(**step)


@dataclass
class Bench:
    """One running sandbox with the three clients."""

    url: str
    state: SandboxState
    clock: Clock
    session: requests.Session = field(default_factory=requests.Session)

    def call(self, method: str, path: str, **rest: Any) -> requests.Response:
        rest.setdefault("timeout", TIME_OUT)
        return self.session.request(method, self.url + path, **rest)

    # control

    def public(self) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", "/_control/public").json()
        return found

    def count(self, platform: str) -> int:
        """How many posts the public sees there."""
        return len(self.public()[platform])

    def fault(self, platform: str, kind: str, operation: str = "*", **rest: Any) -> None:
        fault = {"platform": platform, "kind": kind, "operation": operation, **rest}
        answer = self.call("POST", "/_control/faults", json=fault)
        assert answer.status_code == 200, answer.text

    # Facebook

    def graph(self, method: str, path: str, **params: Any) -> requests.Response:
        files = params.pop("files", None)
        values = {"access_token": demo.FACEBOOK_PAGE_TOKEN, **params}
        where = "params" if method in {"GET", "DELETE"} else "data"
        return self.call(method, f"/graph/v26.0/{path}", files=files, **{where: values})

    def feed(self, message: str, **params: Any) -> requests.Response:
        return self.graph("POST", f"{demo.FACEBOOK_PAGE_ID}/feed", message=message, **params)

    def graph_list(self, edge: str, **params: Any) -> list[dict[str, Any]]:
        answer = self.graph("GET", f"{demo.FACEBOOK_PAGE_ID}/{edge}", **params)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    # Zalo

    def zalo(self, method: str, path: str, **rest: Any) -> dict[str, Any]:
        """The parsed body; every application answer must come with HTTP 200."""
        headers = {"access_token": demo.ZALO_ACCESS_TOKEN, **rest.pop("headers", {})}
        answer = self.call(method, f"/zalo-api/{path}", headers=headers, **rest)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def refresh(self, token: str = demo.ZALO_REFRESH_TOKEN, **form: str) -> requests.Response:
        values = {
            "refresh_token": token,
            "app_id": demo.ZALO_APP_ID,
            "grant_type": "refresh_token",
            **form,
        }
        headers = {"secret_key": demo.ZALO_APP_SECRET}
        return self.call("POST", "/zalo-oauth/v4/oa/access_token", data=values, headers=headers)

    def create_article(self, **changes: Any) -> dict[str, Any]:
        return self.zalo("POST", "v2.0/article/create", json=article(**changes))

    def new_zalo_life(self) -> None:
        """The demo's access token lives on from now: tests that move the clock by days."""
        now, hours = self.clock.now, self.state.settings.zalo.access_hours
        self.state.world.zalo.access[demo.ZALO_ACCESS_TOKEN].expires = now + timedelta(hours=hours)

    def verify(self, token: str) -> dict[str, Any]:
        return self.zalo("POST", "v2.0/article/verify", json={"token": token})

    def ready_article(self, **changes: Any) -> str:
        """Create, poll until it is one, and give the id."""
        token = self.create_article(**changes)["data"]["token"]
        for _ in range(10):
            answer = self.verify(token)
            if answer["error"] == 0:
                return str(answer["data"]["id"])
        raise AssertionError(answer)

    # WordPress

    def wp(self, method: str, path: str, **rest: Any) -> requests.Response:
        rest.setdefault("auth", (demo.WORDPRESS_USER, demo.WORDPRESS_APP_PASSWORD))
        return self.call(method, f"/wordpress/wp-json/wp/v2/{path}", **rest)

    def anonymous(self, method: str, path: str, **rest: Any) -> requests.Response:
        return self.wp(method, path, auth=None, **rest)

    def post(self, **fields: Any) -> dict[str, Any]:
        """A post of the website that must be taken."""
        answer = self.wp("POST", "posts", json={"title": "Thông báo", "status": "publish"} | fields)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def upload(self, content: bytes, name: str, kind: str, **headers: str) -> requests.Response:
        given = {"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}"'}
        sent = {n: v.encode("utf-8") for n, v in (given | headers).items()}
        return self.wp("POST", "media", data=content, headers=sent)


def article(**changes: Any) -> dict[str, Any]:
    """A right article, with changes; None takes a field out."""
    right = {
        "type": "normal",
        "title": "Thông báo lịch cắt điện",
        "author": "UBND xã Bình Minh",
        "description": "Cắt điện ngày 25/11 tại ba thôn.",
        "cover": {
            "cover_type": "photo",
            "photo_url": "https://xa.example/bia.jpg",
            "status": "show",
        },
        "body": [{"type": "text", "content": "<p>Nội dung thông báo.</p>"}],
        "status": "show",
    }
    return {n: v for n, v in (right | changes).items() if v is not None}


def code_of(answer: requests.Response) -> tuple[int, int, int | None]:
    """HTTP status, code and subcode of a Graph error."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("error_subcode")


def refusal_of(answer: requests.Response) -> tuple[int, str]:
    """HTTP status and code of a WordPress error; the status stands in the body too."""
    body = answer.json()
    assert body["data"]["status"] == answer.status_code
    return answer.status_code, body["code"]
