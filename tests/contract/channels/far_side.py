"""The far sides of these tests: the sandbox, and small servers that answer nonsense."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import requests
from pictures import png

from broadcaster.channels import Channel, Draft, Receipt, TargetSettings
from broadcaster.channels.facebook.page import FacebookPage
from broadcaster.channels.feeds.channel import Feeds
from broadcaster.channels.wordpress.site import WordPress
from broadcaster.channels.zalo.articles import ZaloOA
from broadcaster.domain.picture import picture_of
from broadcaster.errors import InputError, TryAgain
from broadcaster.sandbox import credentials as demo
from broadcaster.secrecy.store import Secrets

REFERENCE = "TB-2026-0012-7F3A"
MP3 = b"ID3\x04\x00" + bytes(range(256)) * 40
DRAFT = Draft(
    title="Thông báo lịch cắt điện ngày 05/12/2026",
    body="Điện lực tạm ngừng cấp điện để sửa đường dây.\n\nCác thôn:\n- Thôn Đông\n- Thôn Đoài",
    reference=REFERENCE,
    commune="UBND xã Bình Minh",
    day=date(2026, 11, 30),
    audio_digest="0123456789abcdef" * 4,
    audio_seconds=42.0,
)
PICTURES = tuple(
    picture_of(png(width, 90), alt)
    for width, alt in ((160, "Thợ điện sửa đường dây"), (120, "Bản đồ các thôn bị cắt điện"))
)
FILES = {
    "ban-tin.mp3": MP3,
    **{f"{one.digest}.png": png(one.width, one.height) for one in PICTURES},
}
LONG = timedelta(minutes=10)
"""Long enough for every list to have caught up."""


class Sandbox:
    """The control door of a running sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url

    def fault(self, platform: str, kind: str, operation: str = "*", **more: Any) -> None:
        body = {"platform": platform, "kind": kind, "operation": operation, **more}
        self._door("POST", "faults", body)

    def settings(self, platform: str, **values: Any) -> None:
        self._door("PATCH", "settings", {platform: values})

    def advance(self, seconds: float) -> None:
        self._door("POST", "clock", {"advance": seconds})

    def now(self) -> datetime:
        return datetime.fromisoformat(self._door("GET", "clock")["now"])

    def public(self, platform: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._door("GET", "public")[platform]
        return found

    def calls(self, platform: str, operation: str) -> int:
        return int(self._door("GET", "counters").get(platform, {}).get(operation, 0))

    def post_by_hand(self, message: str) -> None:
        self._door("POST", "facebook/posts", {"message": message})

    def clear(self) -> None:
        self._door("POST", "reset")

    def heal(self) -> None:
        self._door("DELETE", "faults")

    def _door(self, method: str, path: str, body: Any = None) -> Any:
        reply = requests.request(method, f"{self.url}/_control/{path}", json=body, timeout=10)
        assert reply.ok, reply.text
        return reply.json()


@dataclass
class Outlet:
    """One kind of channel, how it is made, and the names of its operations in the sandbox."""

    kind: str
    platform: str
    make: Callable[[TargetSettings], Channel]
    options: Mapping[str, Any]
    secrets: Mapping[str, str]
    create: str
    listing: str
    token: str
    refusal: Mapping[str, Any]
    change: str
    remove: str
    folder: Path = field(default_factory=Path)

    def channel(self, secrets: Mapping[str, str | None] | None = None, **options: Any) -> Channel:
        """A channel of its own; a secret given as None is not set."""
        return self.make(self.settings(secrets, **options))

    def dead_login(self) -> Channel:
        """With a wrong login, on a machine of its own: no earlier one lies there to use."""
        elsewhere = replace(self, folder=self.folder / "may-khac")
        elsewhere.folder.mkdir(exist_ok=True)
        return elsewhere.channel({self.token: "sai-mat-khau-1234", "access_token": "sai-ma"})

    def settings(
        self, secrets: Mapping[str, str | None] | None = None, **options: Any
    ) -> TargetSettings:
        known = {**self.secrets, **(secrets or {})}

        def secret(name: str) -> str:
            value = known.get(name)
            if value is None:
                raise InputError(f"Chưa đặt bí mật {name}.", f"The secret {name} is not set.")
            return value

        for name, content in FILES.items():
            (self.folder / name).write_bytes(content)
        given = {**self.options, **options}
        state = self.folder / "state"
        seal = Secrets(self.folder, {}).seal
        return TargetSettings(self.kind, "xã Bình Minh", given, secret, state, self.file, seal)

    def public(self, sandbox: Sandbox) -> list[dict[str, Any]]:
        """What the public sees there: at least `link` and `text` of each post."""
        if self.platform:
            return sandbox.public(self.platform)
        path = Path(str(self.options["folder"])) / "rss.xml"
        items = Xml.parse(path).getroot().iter("item") if path.exists() else ()  # noqa: S314 - ours
        return [
            {"link": one.findtext("link"), "text": one.findtext("description")} for one in items
        ]

    def file(self, digest: str, kind: str) -> Path:
        """The blob store of these tests: one sound, and pictures by their digest."""
        return self.folder / ("ban-tin.mp3" if kind == "mp3" else f"{digest}.{kind}")


def facebook(root: str, folder: Path) -> Outlet:
    return Outlet(
        "facebook_page",
        "graph",
        FacebookPage,
        {"base_url": f"{root}/graph", "page_id": demo.FACEBOOK_PAGE_ID},
        {"page_token": demo.FACEBOOK_PAGE_TOKEN, "app_secret": demo.FACEBOOK_APP_SECRET},
        create="feed.create",
        listing="posts.list",
        token="page_token",  # noqa: S106 - a setting's name
        refusal={"code": 100, "message": "Invalid parameter"},
        change="object.change",
        remove="object.delete",
        folder=folder,
    )


def zalo(root: str, folder: Path) -> Outlet:
    return Outlet(
        "zalo_oa",
        "zalo",
        ZaloOA,
        {
            "base_url": f"{root}/zalo-api",
            "oauth_url": f"{root}/zalo-oauth",
            "app_id": demo.ZALO_APP_ID,
            "cover_url": "https://binhminh.example.vn/bia.jpg",
        },
        {
            "app_secret": demo.ZALO_APP_SECRET,
            "access_token": demo.ZALO_ACCESS_TOKEN,
            "refresh_token": demo.ZALO_REFRESH_TOKEN,
        },
        create="article.create",
        listing="article.list",
        token="refresh_token",  # noqa: S106 - a setting's name
        refusal={"code": -201, "message": "title is invalid!"},
        change="article.update",
        remove="article.remove",
        folder=folder,
    )


def wordpress(root: str, folder: Path) -> Outlet:
    return Outlet(
        "wordpress",
        "wordpress",
        WordPress,
        {"base_url": f"{root}/wordpress", "user": demo.WORDPRESS_USER},
        {"app_password": demo.WORDPRESS_APP_PASSWORD},
        create="posts.create",
        listing="posts.list",
        token="app_password",  # noqa: S106 - a setting's name
        refusal={"code": "rest_invalid_param", "status": 400, "message": "slug"},
        change="posts.update",
        remove="posts.delete",
        folder=folder,
    )


def feeds(root: str, folder: Path) -> Outlet:
    """A folder of this machine; no far side goes wrong there, so its faults have no names."""
    return Outlet(
        "feeds",
        "",
        Feeds,
        {"base_url": f"{root}/tin-bai", "folder": str(folder / "tin-bai")},
        {},
        create="",
        listing="",
        token="",
        refusal={},
        change="",
        remove="",
        folder=folder,
    )


OUTLETS = {"facebook_page": facebook, "zalo_oa": zalo, "wordpress": wordpress}
EVERYWHERE = {**OUTLETS, "feeds": feeds}


def settled(channel: Channel, receipt: Receipt, now: datetime) -> Receipt:
    """Ask as often as a far side at work may need; no waiting, the sandbox counts the calls."""
    for _ in range(5):
        try:
            found = channel.verify(receipt, now)
        except TryAgain:
            continue
        assert found is not None
        return found
    raise AssertionError("never settled")


@dataclass
class Answer:
    """What a small server says. None: it closes the connection without a word."""

    body: bytes | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Answering = Callable[[str, str], Answer]
"""Method and path to an answer."""


class Asked(str):
    """One request: "GET /path", with the credentials of its header."""

    login: str = ""


@contextmanager
def answering(answer: Answering) -> Iterator[tuple[str, list[Asked]]]:
    """A loopback server; gives its address and what it has been asked."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            one = Asked(f"{self.command} {self.path}")
            one.login = self.headers.get("Authorization") or self.headers.get("access_token") or ""
            asked.append(one)
            found = answer(self.command, self.path)
            self.close_connection = True
            if found.body is None:
                return
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body)

        do_GET = do_POST = do_HEAD = do_DELETE = handle_any  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that stops reading is what some of these tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
