"""The folder of the feeds: a file for each entry, their bundles, and the feeds made of them.

Every file is replaced whole. The entry's own file is the truth: written after sound and pictures,
which lie under names of their own, and before all that follows from it. So whatever is cut off in
between is made good by the next look.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from filelock import FileLock

from broadcaster import durable
from broadcaster.channels.feeds import bundle as feeds_bundle
from broadcaster.channels.feeds import xml as feeds_xml
from broadcaster.channels.port import Content
from broadcaster.domain.picture import MIME

_HIDDEN = ".broadcaster"
_BUNDLES = "tin"
_LOCK_S = 60
_SLUG = re.compile(r"[a-z0-9-]{1,100}")
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One announcement on the shelf. `slug` and `guid` stay for good; `reference` is the newest
    revision's; `files` are sound and pictures with SHA-256; times aware UTC in ISO 8601."""

    slug: str
    guid: str
    reference: str
    content: Mapping[str, Any]
    files: Mapping[str, str]
    sizes: Mapping[str, int]
    published: str
    updated: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """`root` is the folder's public address with a slash at its end; empty: no feeds, only
    bundles. `most` entries stand in the feeds. Every method may raise OSError or Timeout."""

    folder: Path
    root: str
    title: str
    most: int
    packed: bool

    def find(self, slug: str) -> Entry | None:
        """By its slug, or by the reference of its newest revision."""
        entry = self._read(self.file(slug)) if _SLUG.fullmatch(slug) else None
        return entry or next((one for one in self.entries() if _slug(one) == slug), None)

    def entries(self) -> list[Entry]:
        """All, newest first."""
        found = [self._read(path) for path in sorted(self.records.glob("*.json"))]
        kept = [one for one in found if one]
        return sorted(kept, key=lambda one: (one.published, one.slug), reverse=True)

    @contextmanager
    def held(self) -> Iterator[Hand]:
        """Alone with the folder, among all processes. A killed holder's lock is free."""
        (self.folder / _HIDDEN).mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / _HIDDEN / "lock", timeout=_LOCK_S):
            durable.sweep(self.folder)  # nobody else writes here now
            durable.sweep(self.records)
            yield Hand(self)

    def bundle(self, slug: str) -> Path:
        return self.folder / _BUNDLES / slug

    def link(self, slug: str) -> str:
        """Where a person reads it: the public page, or the file on this machine."""
        if self.root:
            return f"{self.root}{_BUNDLES}/{slug}/{feeds_bundle.PAGE}"
        return (self.bundle(slug) / feeds_bundle.PAGE).absolute().as_uri()

    def damaged(self, entry: Entry) -> list[str]:
        """Names of sound and pictures that are missing or hold other bytes."""
        return [
            name
            for name, digest in entry.files.items()
            if _digest(self.bundle(entry.slug) / name) != digest
        ]

    def feeds(self) -> dict[str, bytes]:
        """What the feeds have to hold now; none without a public address."""
        if not self.root:
            return {}
        items = [self._item(one) for one in self.entries()[: self.most]]
        head = feeds_xml.Feed(self.title, f"Tin bài của {self.title}", self.root)
        return {
            feeds_xml.RSS_FILE: feeds_xml.rss(head, items),
            feeds_xml.ATOM_FILE: feeds_xml.atom(head, _urn(self.root), _EPOCH, items),
        }

    def listed(self, entry: Entry) -> bool:
        """Whether every feed on the disk is sound XML and shows the entry, if it still should."""
        wanted = {one.guid for one in self.entries()[: self.most]}
        for name in self.feeds():
            try:
                shown = feeds_xml.guids((self.folder / name).read_bytes())
            except (OSError, ValueError):
                return False
            if (entry.guid in wanted) != (entry.guid in shown):
                return False
        return True

    @property
    def records(self) -> Path:
        return self.folder / _HIDDEN / "entries"

    def file(self, slug: str) -> Path:
        return self.records / f"{slug}.json"

    def _read(self, path: Path) -> Entry | None:
        try:
            return Entry(**json.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            raise OSError(0, "không phải tệp của chương trình", str(path)) from None

    def _item(self, entry: Entry) -> feeds_xml.Item:
        place = f"{self.root}{_BUNDLES}/{entry.slug}/"
        content = entry.content
        audio, pictures = content.get("audio"), content.get("pictures", ())
        media = [(audio, "audio/mpeg")] if audio else []
        media += [(one, MIME[one["kind"]]) for one in pictures]
        return feeds_xml.Item(
            guid=entry.guid,
            title=content["title"],
            link=self.link(entry.slug),
            html=feeds_bundle.article(content, place),
            author=content["author"],
            published=datetime.fromisoformat(entry.published),
            updated=datetime.fromisoformat(entry.updated),
            enclosures=tuple(
                feeds_xml.Enclosure(place + one["filename"], entry.sizes[one["filename"]], mime)
                for one, mime in media
            ),
        )


@dataclass(frozen=True, slots=True)
class Hand:
    """What may be done to a shelf by the one who holds it."""

    shelf: Shelf

    def put(
        self,
        slug: str,
        reference: str,
        content: Content,
        media: Mapping[str, bytes],
        now: datetime,
    ) -> Entry:
        """Lay a bundle there, or in the place of the one there; the same again changes nothing."""
        shelf = self.shelf
        old, stamp = shelf.find(slug), now.astimezone(UTC).isoformat()
        entry = Entry(
            slug=slug,
            guid=old.guid if old else _urn(shelf.root + slug),
            reference=reference,
            content=dict(content),
            files={name: hashlib.sha256(data).hexdigest() for name, data in media.items()},
            sizes={name: len(data) for name, data in media.items()},
            published=old.published if old else stamp,
            updated=stamp,
        )
        same = old is not None and replace(old, updated=stamp) == entry
        for name, data in media.items():  # under names of their own: nobody is shown them yet
            _replace(shelf.bundle(slug) / name, data)
        if not same:
            text = json.dumps(asdict(entry), ensure_ascii=False, indent=1)
            durable.write(shelf.file(slug), text.encode())
        return old if old and same else entry

    def mend(self, entry: Entry) -> None:
        """Make what follows from the entries: page, text, archive, feeds. What is right stays."""
        place = self.shelf.bundle(entry.slug)
        files = feeds_bundle.texts(entry.content)
        if self.shelf.packed:
            media = {name: (place / name).read_bytes() for name in entry.files}
            files[f"{entry.slug}.zip"] = feeds_bundle.archive({**media, **files})
        for name, data in files.items():
            _replace(place / name, data)
        self.write_feeds()
        for path in place.iterdir():  # of earlier revisions, or of a killed writer
            if path.name not in {*files, *entry.files} and path.is_file():
                path.unlink()

    def drop(self, slug: str) -> None:
        """Take an entry away, from the feeds first; what is gone already is no error."""
        shelf = self.shelf
        if not _SLUG.fullmatch(slug):
            return
        if shelf.file(slug).exists():
            shelf.file(slug).unlink()
            durable.sync(shelf.records)
        self.write_feeds()
        if shelf.bundle(slug).exists():
            shutil.rmtree(shelf.bundle(slug))

    def write_feeds(self) -> None:
        """Bring the feeds up to the entries; a file that is right already is left alone."""
        for name, data in self.shelf.feeds().items():
            _replace(self.shelf.folder / name, data)


def _urn(name: str) -> str:
    return uuid5(NAMESPACE_URL, name).urn


def _slug(entry: Entry) -> str:
    return entry.reference.lower()


def _replace(path: Path, data: bytes) -> None:
    if _digest(path) != hashlib.sha256(data).hexdigest():
        durable.write(path, data)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
