"""The commune's side of these tests: a channel to the site, announcements, and what is there."""

from __future__ import annotations

import hashlib
import itertools
import struct
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import lameenc
import requests
import wordpress
from pictures import png

from broadcaster.channels import Draft, Receipt, TargetSettings
from broadcaster.channels.wordpress.site import WordPress
from broadcaster.domain.picture import picture_of
from broadcaster.secrecy.store import Secrets

LATER = timedelta(minutes=10)
"""Long enough for an absence to be believed."""

_numbers = itertools.count(1)


@cache
def mp3(seed: int) -> bytes:
    """A second of sound that no other seed has."""
    encoder = lameenc.Encoder()
    encoder.set_in_sample_rate(16_000)
    encoder.set_channels(1)
    encoder.set_bit_rate(32)
    wave = [(n * (50 + seed % 50)) % 8000 for n in range(16_000)]
    return bytes(encoder.encode(struct.pack("<16000h", *wave)) + encoder.flush())


@dataclass
class Newsroom:
    """One test's announcement: `draft` under a reference that no other test has."""

    site: wordpress.Site
    folder: Path

    def __post_init__(self) -> None:
        number = next(_numbers)
        self.now = datetime.now(UTC)
        self.sound = mp3(number)
        digest = hashlib.sha256(self.sound).hexdigest()
        (self.folder / digest).write_bytes(self.sound)
        shown = (png(160 + number, 90), png(120 + number, 90))
        pictures = tuple(picture_of(one, f"Ảnh số {n}") for n, one in enumerate(shown, 1))
        for one, content in zip(pictures, shown, strict=True):
            (self.folder / one.digest).write_bytes(content)
        self.pictures = pictures
        self.draft = Draft(
            title=f"Lịch cắt điện số {number}",
            body="Điện lực tạm ngừng cấp điện.\n\n- Thôn Đông\n- Thôn Đoài <script>x</script>",
            reference=f"TB-2026-{number:04}-7F3A",
            commune="UBND xã Bình Minh",
            day=self.now.date(),
            audio_digest=digest,
            audio_seconds=1.0,
        )
        self.reference = self.draft.reference
        self.slug = self.reference.lower()

    def file(self, n: int) -> bytes:
        """The bytes of picture `n`."""
        return (self.folder / self.pictures[n].digest).read_bytes()

    def channel(self, password: str = "", **options: Any) -> WordPress:
        given = {"base_url": self.site.url, "user": self.site.user, **options}
        secret = password or self.site.app_password
        return WordPress(
            TargetSettings(
                "website",
                "xã Bình Minh",
                given,
                secret=lambda _: secret,
                state=self.folder,
                blob=lambda digest, _kind: self.folder / digest,
                seal=Secrets(self.folder, {}).seal,
            )
        )

    def publish(self, channel: WordPress | None = None) -> Receipt:
        channel = channel or self.channel()
        return channel.publish(channel.compose(self.draft), self.reference, self.now)

    def look_up(self, channel: WordPress | None = None) -> Receipt | None:
        channel = channel or self.channel()
        content = channel.compose(self.draft)
        return channel.look_up(content, self.reference, self.now, self.now + LATER)

    @contextmanager
    def publishing(self) -> Iterator[Future[Receipt]]:
        """Publish in a thread, while the test does something to the site."""
        with ThreadPoolExecutor(1) as pool:
            yield pool.submit(self.publish)

    def articles(self) -> list[dict[str, Any]]:
        """Every article about this announcement, in any state and under any slug."""
        query = {"search": self.reference, "status": "any", "context": "edit"}
        found: list[dict[str, Any]] = self.rest("GET", "/posts", params=query).json()
        return found

    def rest(self, method: str, route: str, **request: Any) -> requests.Response:
        login = (self.site.user, self.site.app_password)
        params = {"rest_route": f"/wp/v2{route}", **request.pop("params", {})}
        url = f"{self.site.url}/"
        return requests.request(method, url, params=params, auth=login, timeout=30, **request)
