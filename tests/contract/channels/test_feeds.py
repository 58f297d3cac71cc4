"""What is the feeds' own: valid files, ids that stay, limits, and a writer killed at any point."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.channels import Draft, Receipt
from broadcaster.channels.feeds import bundle as feeds_bundle
from broadcaster.channels.feeds import xml as feeds_xml
from broadcaster.channels.feeds.channel import Feeds
from broadcaster.errors import InputError, NotThere, Refused, TryAgain
from channels.far_side import DRAFT, LONG, MP3, PICTURES, REFERENCE, Outlet, feeds

ATOM = "{http://www.w3.org/2005/Atom}"
SLUG = REFERENCE.lower()
FULL = replace(DRAFT, pictures=PICTURES)


@pytest.fixture
def shelf(tmp_path: Path) -> Outlet:
    return feeds("https://binhminh.example.vn", tmp_path)


@pytest.fixture
def channel(shelf: Outlet) -> Feeds:
    return Feeds(shelf.settings())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tin-bai"


def publish(channel: Feeds, now: datetime, draft: Draft = FULL) -> Receipt:
    return channel.publish(channel.compose(draft), draft.reference, now)


def numbered(n: int) -> Draft:
    return replace(DRAFT, title=f"Tin số {n}", reference=f"TB-2026-{n:04}-7F3A")


def read(path: Path) -> Xml.Element:
    return Xml.parse(path).getroot()  # noqa: S314 - our own file


def check_rss(root: Xml.Element) -> list[Xml.Element]:
    """The rules of rssboard.org/rss-specification for what we use; the items."""
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    (head,) = root
    for name in ("title", "link", "description", "language"):
        assert len(head.findall(name)) == 1
    items = head.findall("item")
    for item in items:
        link, date = item.findtext("link"), item.findtext("pubDate")
        assert link
        assert link.startswith("https://")
        assert date
        assert parsedate_to_datetime(date).tzinfo is not None
        guid = item.find("guid")
        assert guid is not None
        assert guid.get("isPermaLink") == "false"
        assert len(item.findall("enclosure")) <= 1
        for enclosure in item.findall("enclosure"):
            assert {"url", "length", "type"} == set(enclosure.attrib)
    guids = [item.findtext("guid") for item in items]
    assert len(set(guids)) == len(guids)
    return items


def check_atom(root: Xml.Element) -> list[Xml.Element]:
    """The rules of RFC 4287, section 4, for what we use; the entries."""
    assert root.tag == f"{ATOM}feed"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "vi"
    entries = root.findall(f"{ATOM}entry")
    for part in [root, *entries]:
        for name in ("id", "title", "updated"):
            (one,) = part.findall(f"{ATOM}{name}")
            assert one.text
        assert part.findtext(f"{ATOM}author/{ATOM}name")
        stamp = part.findtext(f"{ATOM}updated") or ""
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", stamp)
        ways = [(link.get("rel"), link.get("type")) for link in part.findall(f"{ATOM}link")]
        assert len([way for way in ways if way[0] == "alternate"]) == 1
    return entries


def test_both_feeds_are_valid_and_tell_of_sound_and_pictures(
    channel: Feeds, folder: Path, now: datetime
) -> None:
    receipt = publish(channel, now)
    assert receipt.visible
    (item,) = check_rss(read(folder / "rss.xml"))
    (entry,) = check_atom(read(folder / "atom.xml"))
    assert item.findtext("title") == entry.findtext(f"{ATOM}title") == DRAFT.title
    assert item.findtext("guid") == entry.findtext(f"{ATOM}id")
    sound = item.find("enclosure")
    assert sound is not None
    assert sound.attrib.items() >= {"length": str(len(MP3)), "type": "audio/mpeg"}.items()
    name = (sound.get("url") or "").removeprefix("https://binhminh.example.vn/tin-bai/")
    assert (folder / name).read_bytes() == MP3
    kinds = [
        link.get("type") for link in entry.findall(f"{ATOM}link") if link.get("rel") == "enclosure"
    ]
    assert kinds == ["audio/mpeg", "image/png", "image/png"]
    words = item.findtext("description") or ""
    assert f"Số hiệu: {REFERENCE}" in words
    addresses = re.findall(r'src="([^"]*)"', words)
    assert len(addresses) == 3
    assert all(one.startswith("https://binhminh.example.vn/tin-bai/") for one in addresses)


def test_the_bundle_has_all_that_a_clerk_pastes(
    channel: Feeds, folder: Path, now: datetime
) -> None:
    publish(channel, now)
    bundle = folder / "tin" / SLUG
    names = {path.name for path in bundle.iterdir()}
    assert names >= {"bai-viet.html", "bai-viet.txt", "cach-dan.txt"}
    page = (bundle / "bai-viet.html").read_text(encoding="utf-8")
    for address in re.findall(r'src="([^"]*)"', page):
        assert (bundle / address).is_file()
    how = (bundle / "cach-dan.txt").read_text(encoding="utf-8")
    for name in names - {"cach-dan.txt"}:
        assert name in how
    assert "<script" not in page
    assert DRAFT.title in (bundle / "bai-viet.txt").read_text(encoding="utf-8")


def test_a_zip_of_it_is_made_where_wanted_and_is_the_same_every_time(
    shelf: Outlet, folder: Path, now: datetime
) -> None:
    channel = Feeds(shelf.settings(zip="true"))
    publish(channel, now)
    path = folder / "tin" / SLUG / f"{SLUG}.zip"
    first = path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        assert "cach-dan.txt" in packed.namelist()
    publish(channel, now + LONG)
    assert path.read_bytes() == first


def test_the_same_again_changes_no_file(channel: Feeds, folder: Path, now: datetime) -> None:
    def whole() -> dict[str, bytes]:
        found = sorted(path for path in folder.rglob("*") if path.is_file())
        return {str(path): path.read_bytes() for path in found}

    publish(channel, now)
    before = whole()
    publish(channel, now + LONG)
    assert whole() == before


def test_a_correction_keeps_id_address_and_day_and_tells_readers(
    channel: Feeds, folder: Path, now: datetime
) -> None:
    receipt = publish(channel, now)
    (old,) = check_rss(read(folder / "rss.xml"))
    better = replace(DRAFT, title="Có điện lại", reference="TB-2026-0012-AAAA")
    later = now + timedelta(hours=2)
    done = channel.update(channel.compose(better), receipt, better.reference, later)
    assert (done.visible, done.remote_id, done.link) == (True, SLUG, receipt.link)
    (new,) = check_rss(read(folder / "rss.xml"))
    for name in ("guid", "link", "pubDate"):
        assert new.findtext(name) == old.findtext(name)
    (entry,) = check_atom(read(folder / "atom.xml"))
    stamp = datetime.fromisoformat(entry.findtext(f"{ATOM}updated") or "")
    assert stamp == later.replace(microsecond=0)
    assert [p.name for p in (folder / "tin").iterdir()] == [SLUG]
    assert not list((folder / "tin" / SLUG).glob("anh-*"))
    found = channel.look_up(channel.compose(better), better.reference, later, later)
    assert found is not None
    assert found.remote_id == SLUG


def test_what_is_taken_back_leaves_nothing_and_reminds_of_the_portal(
    channel: Feeds, folder: Path, now: datetime
) -> None:
    receipt = publish(channel, now)
    other = publish(channel, now, numbered(13))
    for _ in range(2):
        gone = channel.withdraw(receipt, now)
        assert gone.todo is not None
        assert "cổng" in gone.todo.vi
    assert len(check_rss(read(folder / "rss.xml"))) == 1
    assert [p.name for p in (folder / "tin").iterdir()] == [other.remote_id]
    assert channel.verify(receipt, now) is None
    with pytest.raises(NotThere):
        channel.update(channel.compose(FULL), receipt, REFERENCE, now)


@pytest.mark.parametrize("name", ["", ".", "..", "../tin", "TB", "x/y"])
def test_no_odd_name_takes_away_more_than_it_says(
    channel: Feeds, folder: Path, now: datetime, name: str
) -> None:
    publish(channel, now)
    channel.withdraw(Receipt(name), now)
    assert (folder / "tin" / SLUG / "bai-viet.html").exists()


def test_the_feeds_hold_the_newest_and_the_older_ones_stay_readable(
    shelf: Outlet, folder: Path, now: datetime
) -> None:
    channel = Feeds(shelf.settings(entries=3))
    receipts = [publish(channel, now + timedelta(hours=n), numbered(n)) for n in range(1, 6)]
    titles = [item.findtext("title") for item in check_rss(read(folder / "rss.xml"))]
    assert titles == ["Tin số 5", "Tin số 4", "Tin số 3"]
    assert len(check_atom(read(folder / "atom.xml"))) == 3
    oldest = channel.verify(receipts[0], now)
    assert oldest is not None
    assert oldest.visible
    channel.withdraw(receipts[4], now)
    titles = [item.findtext("title") for item in check_rss(read(folder / "rss.xml"))]
    assert titles == ["Tin số 4", "Tin số 3", "Tin số 2"]


def test_a_page_that_somebody_changed_is_made_again(
    channel: Feeds, folder: Path, now: datetime
) -> None:
    receipt = publish(channel, now)
    page = folder / "tin" / SLUG / "bai-viet.html"
    right = page.read_bytes()
    page.write_text("khác")
    assert channel.verify(receipt, now) is not None
    assert page.read_bytes() == right


def test_sound_that_somebody_changed_is_noticed(
    channel: Feeds, folder: Path, now: datetime
) -> None:
    receipt = publish(channel, now)
    (sound,) = (folder / "tin" / SLUG).glob("*.mp3")
    sound.write_bytes(b"other")
    with pytest.raises(Refused, match=sound.name):
        channel.verify(receipt, now)


def test_a_feed_that_somebody_broke_is_made_again(
    channel: Feeds, folder: Path, now: datetime
) -> None:
    receipt = publish(channel, now)
    (folder / "rss.xml").write_text("<rss>")
    (folder / "atom.xml").unlink()
    seen = channel.verify(receipt, now)
    assert seen is not None
    assert seen.visible
    assert len(check_rss(read(folder / "rss.xml"))) == 1


def test_without_a_public_address_there_are_bundles_only(
    shelf: Outlet, folder: Path, now: datetime
) -> None:
    channel = Feeds(shelf.settings(base_url=""))
    receipt = publish(channel, now)
    assert receipt.link == (folder / "tin" / SLUG / "bai-viet.html").as_uri()
    assert receipt.visible
    assert not (folder / "rss.xml").exists()
    health = channel.check(now)
    assert health.ok
    assert "không có RSS" in health.message.vi


def test_a_file_in_the_folders_place_is_told(channel: Feeds, folder: Path, now: datetime) -> None:
    folder.write_text("không phải thư mục")
    with pytest.raises(TryAgain, match="ổ đĩa"):
        publish(channel, now)
    assert not channel.check(now).ok


@pytest.mark.parametrize("options", [{"folder": "tin-bai"}, {"folder": ""}, {"entries": 0}])
def test_wrong_settings_are_refused_at_once(shelf: Outlet, options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Feeds(shelf.settings(**options))


@settings(max_examples=60)
@given(
    title=st.text(min_size=1, max_size=60),
    body=st.text(st.characters(), min_size=1, max_size=300),
)
def test_any_text_makes_valid_feeds(title: str, body: str) -> None:
    """Control characters, markup, half an emoji: nothing that was pasted breaks a reader."""
    content = feeds_bundle.compose(replace(DRAFT, title=f"Tin {title}", body=body))
    when = datetime(2026, 11, 30, tzinfo=UTC)
    words = feeds_bundle.article(content, "https://a.vn/")
    item = feeds_xml.Item(
        "urn:x", content["title"], "https://a.vn/1", words, "xã An Bình", when, when
    )
    head = feeds_xml.Feed(f"Xã {title}", "Tin", "https://a.vn/")
    check_rss(Xml.fromstring(feeds_xml.rss(head, [item])))  # noqa: S314 - our own
    check_atom(Xml.fromstring(feeds_xml.atom(head, "urn:y", when, [item])))  # noqa: S314 - same
    assert feeds_bundle.texts(content)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked child")
@pytest.mark.parametrize("what", ["publish", "update", "withdraw"])
def test_a_writer_killed_at_any_point_leaves_what_the_next_one_makes_good(
    channel: Feeds, folder: Path, tmp_path: Path, now: datetime, what: str
) -> None:
    before = tmp_path / "before"
    if what != "publish":
        publish(channel, now, DRAFT)
        folder.rename(before)
    run = [sys.executable, "-m", "channels.feeds_killed", str(folder), what, str(before)]
    tests = Path(__file__).parents[1]
    path = os.pathsep.join([str(tests), str(tests.parent)])
    done = subprocess.run(
        run, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) > 5
    shown = 0 if what == "withdraw" else 1
    for row in rows:
        cut = row["cut"]
        # Either it is there, whole and in both feeds, or it is not there.
        assert cut["feeds"] in ([0, 0], [1, 1]) if cut["there"] else True, row
        assert cut["visible"] == cut["there"], row
        assert row["done"] == {"there": bool(shown), "visible": bool(shown), "feeds": [shown] * 2}
        assert row["left"] == [], row
