"""Feeds on a disk and videos on a Page, moved by the engine from approval to withdrawal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as Xml

import commune
import pytest

from broadcaster.domain.delivery import Delivery, State
from broadcaster.sandbox import public, running
from broadcaster.sandbox.state import SandboxState
from broadcaster.services.content import withdrawing

_FEEDS = """\
[[targets]]
key = "cong-tinh"
channel = "feeds"
name = "Cổng tỉnh"
options = {{ folder = "{folder}", base_url = "https://binhminh.example.vn/tin" }}
"""
_FILM = """\
[[targets]]
key = "phim"
channel = "facebook_page"
name = "Fanpage xã (video)"
account = "fanpage"
options = { audio = "video" }
"""


def settled(xa: commune.Commune, number: int) -> Delivery:
    """Go on until nothing is open; the newest row."""
    for _ in range(40):
        waiting = [one.next_at for one in xa.rows(number) if one.next_at]
        if not waiting:
            break
        xa.clock.now = max(xa.clock.now, *waiting)
        xa.tick()
    return max(xa.rows(number), key=lambda one: one.id)


def titles(folder: Path) -> list[tuple[str | None, str | None]]:
    items = Xml.parse(folder / "rss.xml").getroot().iter("item")  # noqa: S314 - our own
    return [(one.findtext("title"), one.findtext("guid")) for one in items]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tin-bai"


def test_an_announcement_stands_in_the_feeds_is_corrected_and_taken_back(
    tmp_path: Path, folder: Path
) -> None:
    xa = commune.found(tmp_path / "xa", more=_FEEDS.format(folder=folder))
    number = xa.draft(targets=["cong-tinh"])
    xa.render(number)
    xa.approve(number)
    xa.schedule(number)
    xa.plan()
    first = settled(xa, number)
    assert (first.state, first.link.startswith("https://binhminh")) == (State.CONFIRMED, True)
    ((title, guid),) = titles(folder)
    assert title == "Lịch cắt điện"
    xa.clock.move(minutes=5)
    xa.edit(number, "Có điện lại\nĐã có điện lại ở mọi thôn.")
    xa.render(number)
    at = xa.context.policy.local(xa.clock() + timedelta(minutes=2))
    xa.schedule(number, on=f"{at:%d/%m/%Y}", at=f"{at:%H:%M}")
    xa.approve(number)
    xa.plan()
    second = settled(xa, number)
    assert (second.state, second.link) == (State.CONFIRMED, first.link)
    assert titles(folder) == [("Có điện lại", guid)]
    withdrawing.withdraw(xa.context, xa.minh, number, "sai tin", xa.clock())
    settled(xa, number)
    assert titles(folder) == []
    assert list((folder / "tin").iterdir()) == []


def test_a_video_is_accepted_until_facebook_shows_it(tmp_path: Path) -> None:
    state = SandboxState()
    state.settings.graph.video_processing = 60
    with running(state) as url:
        xa = commune.found(tmp_path / "xa", sandbox=url, more=_FILM)
        state.clock = xa.clock
        number = xa.draft(targets=["phim"])
        xa.render(number, seconds=2)
        xa.approve(number)
        xa.schedule(number)
        xa.plan()
        xa.clock.now = xa.one(number).due_at
        xa.tick()
        assert (xa.one(number).state, public.facebook(state, url)) == (State.ACCEPTED, [])
        done = settled(xa, number)
        (post,) = public.facebook(state, url)
    assert (done.state, done.remote_id, post.kind) == (State.CONFIRMED, post.id, "video")
