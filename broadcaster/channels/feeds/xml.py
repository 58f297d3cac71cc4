"""RSS 2.0 (rssboard.org) and Atom (RFC 4287) files from the entries of a shelf."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree as Xml

ATOM = "http://www.w3.org/2005/Atom"
RSS_FILE, ATOM_FILE = "rss.xml", "atom.xml"
# XML 1.0 knows no other characters (section 2.2).
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Feed:
    """What stands at the head; addresses are absolute."""

    title: str
    about: str
    root: str


@dataclass(frozen=True, slots=True)
class Enclosure:
    address: str
    size: int
    mime: str


@dataclass(frozen=True, slots=True)
class Item:
    """One announcement; times are aware UTC, `guid` never changes, `html` has whole addresses."""

    guid: str
    title: str
    link: str
    html: str
    author: str
    published: datetime
    updated: datetime
    enclosures: tuple[Enclosure, ...] = ()


def legal(text: str) -> str:
    """NFC, and without what XML cannot carry."""
    return _ILLEGAL.sub("", unicodedata.normalize("NFC", text))


def rss(feed: Feed, items: Sequence[Item]) -> bytes:
    """The newest item first. RSS has room for one enclosure: the sound, which stands first."""
    root = Xml.Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
    channel = Xml.SubElement(root, "channel")
    _put(channel, "title", feed.title)
    _put(channel, "link", feed.root)
    _put(channel, "description", feed.about)
    _put(channel, "language", "vi")
    if items:  # of the content, not of the writing: the same entries make the same file
        _put(channel, "lastBuildDate", format_datetime(max(one.updated for one in items)))
    own = {"href": f"{feed.root}{RSS_FILE}", "rel": "self", "type": "application/rss+xml"}
    Xml.SubElement(channel, "atom:link", own)
    for one in items:
        item = Xml.SubElement(channel, "item")
        _put(item, "title", one.title)
        _put(item, "link", one.link)
        _put(item, "guid", one.guid, isPermaLink="false")
        _put(item, "pubDate", format_datetime(one.published))
        _put(item, "description", one.html)
        for enclosure in one.enclosures[:1]:
            size, mime = str(enclosure.size), enclosure.mime
            Xml.SubElement(item, "enclosure", url=enclosure.address, length=size, type=mime)
    return _file(root)


def atom(feed: Feed, feed_id: str, started: datetime, items: Sequence[Item]) -> bytes:
    """`started`: what an empty feed says of its last change."""
    root = Xml.Element("feed", {"xmlns": ATOM, "xml:lang": "vi"})
    _put(root, "id", feed_id)
    _put(root, "title", feed.title)
    _put(root, "subtitle", feed.about)
    _put(root, "updated", _iso(max([one.updated for one in items], default=started)))
    _author(root, feed.title)
    _link(root, "self", f"{feed.root}{ATOM_FILE}", "application/atom+xml")
    _link(root, "alternate", feed.root)
    for one in items:
        entry = Xml.SubElement(root, "entry")
        _put(entry, "id", one.guid)
        _put(entry, "title", one.title)
        _put(entry, "updated", _iso(one.updated))
        _put(entry, "published", _iso(one.published))
        _author(entry, one.author)
        _link(entry, "alternate", one.link)
        for enclosure in one.enclosures:
            length = str(enclosure.size)
            _link(entry, "enclosure", enclosure.address, enclosure.mime, length=length)
        _put(entry, "content", one.html, type="html")
    return _file(root)


def guids(content: bytes) -> list[str]:
    """The ids in a file of ours as it lies on the disk. Raises ValueError when it is no XML."""
    try:
        root = Xml.fromstring(content)  # noqa: S314 - a file that we wrote
    except Xml.ParseError as error:
        raise ValueError(str(error)) from None
    found = root.findall("channel/item/guid") + root.findall(f"{{{ATOM}}}entry/{{{ATOM}}}id")
    return [one.text or "" for one in found]


def _put(parent: Xml.Element, tag: str, text: str, **more: str) -> None:
    Xml.SubElement(parent, tag, more).text = legal(text)


def _link(parent: Xml.Element, rel: str, address: str, mime: str = "", **more: str) -> None:
    kind = {"type": mime} if mime else {}
    Xml.SubElement(parent, "link", {"rel": rel, "href": address, **kind, **more})


def _author(parent: Xml.Element, name: str) -> None:
    _put(Xml.SubElement(parent, "author"), "name", name)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _file(root: Xml.Element) -> bytes:
    found: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return found
