"""Feeds and files, for portals without a writing interface: RSS, Atom, and a bundle to paste.

Everything lies in a folder of this machine, so the far side is the disk: writing the same again
changes nothing, and what is there is known by reading it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import Timeout

from broadcaster.channels.feeds import bundle as feeds_bundle
from broadcaster.channels.feeds.shelf import Entry, Hand, Shelf
from broadcaster.channels.options import Options
from broadcaster.channels.outcomes import carries
from broadcaster.channels.port import (
    Content,
    Draft,
    Gone,
    Health,
    Receipt,
    TargetSettings,
    Withdrawn,
)
from broadcaster.errors import InputError, NotThere, Refused, Text, TryAgain


class Feeds:
    """One folder. Options: folder (absolute), base_url (its public address; without it there are
    bundles but no feeds), title, entries (how many the feeds hold), zip (true/false).
    """

    kind = "feeds"

    def __init__(self, settings: TargetSettings) -> None:
        options = Options(settings)
        self._settings = settings
        self._who = f"Tệp tin bài “{settings.name}”"
        folder = Path(options.needed("folder"))
        if not folder.is_absolute():
            raise InputError(
                f"{self._who}: mục “folder” phải là đường dẫn đầy đủ (đang là “{folder}”). "
                "Hãy sửa trong tệp cấu hình.",
                f"{self._who}: option “folder” must be an absolute path (it is “{folder}”).",
            )
        root = f"{options.address('base_url')}/" if options.text("base_url") else ""
        self._shelf = Shelf(
            folder,
            root,
            title=options.text("title", settings.name),
            most=int(options.number("entries", 50)),
            packed=options.text("zip").lower() == "true",
        )

    def compose(self, draft: Draft) -> Content:
        return feeds_bundle.compose(draft)

    def show(self, content: Content) -> str:
        return feeds_bundle.show(content)

    def publish(self, content: Content, reference: str, now: datetime) -> Receipt:
        carries(self._who, content, reference)
        with self._disk(), self._shelf.held() as hand:
            entry = hand.put(reference.lower(), reference, content, self._media(content), now)
            return self._read_back(hand, entry)

    def update(self, content: Content, receipt: Receipt, reference: str, now: datetime) -> Receipt:
        """Address and id stay; readers are told by the time of the change."""
        carries(self._who, content, reference)
        with self._disk(), self._shelf.held() as hand:
            if self._shelf.find(receipt.remote_id) is None:
                raise NotThere(
                    f"{self._who}: bài cũ không còn trong thư mục.",
                    f"{self._who}: the old article is not in the folder any more.",
                    code="gone",
                )
            entry = hand.put(receipt.remote_id, reference, content, self._media(content), now)
            return self._read_back(hand, entry)

    def withdraw(self, receipt: Receipt, now: datetime) -> Withdrawn:  # noqa: ARG002 - the port's
        with self._disk(), self._shelf.held() as hand:
            hand.drop(receipt.remote_id)
        todo = Text(
            "Nếu bài đã được dán lên cổng thông tin, hãy vào cổng gỡ bài đó.",
            "If it has been pasted into a portal, take it down there.",
        )
        return Withdrawn(Gone.DELETED, todo, {"todo": todo.vi})

    def verify(self, receipt: Receipt, now: datetime) -> Receipt | None:  # noqa: ARG002 - the port's
        with self._disk(), self._shelf.held() as hand:
            entry = self._shelf.find(receipt.remote_id)
            hand.write_feeds()  # a killed writer may have left it there
            return self._read_back(hand, entry) if entry else None

    def look_up(
        self,
        content: Content,  # noqa: ARG002 - the port's; the reference alone is certain here
        reference: str,
        since: datetime,  # noqa: ARG002 - the disk does not lag
        now: datetime,  # noqa: ARG002 - same
    ) -> Receipt | None:
        with self._disk(), self._shelf.held() as hand:
            entry = self._shelf.find(reference.lower())
            return self._read_back(hand, entry) if entry else None

    def check(self, now: datetime) -> Health:  # noqa: ARG002 - the port's
        try:
            with self._disk(), self._shelf.held() as hand:
                hand.write_feeds()
        except TryAgain as error:
            return Health(False, error.text)
        where, root = self._shelf.folder, self._shelf.root
        details = {"folder": str(where), "feeds": sorted(self._shelf.feeds())}
        if not root:
            text = Text(
                f"{self._who}: sẵn sàng ghi vào {where}; chưa có “base_url” nên không có RSS.",
                f"{self._who}: ready to write to {where}; no “base_url”, so no RSS or Atom.",
            )
            return Health(True, text, details)
        text = Text(
            f"{self._who}: sẵn sàng, {where} được công bố tại {root}.",
            f"{self._who}: ready, {where} is published at {root}.",
        )
        return Health(True, text, details)

    def _read_back(self, hand: Hand, entry: Entry) -> Receipt:
        """What lies on the disk; what a killed writer has not come to is made now."""
        damaged = self._shelf.damaged(entry)
        if damaged:
            names = ", ".join(damaged)
            raise Refused(
                f"{self._who}: tệp trong thư mục bị xóa hoặc bị sửa: {names}. Hãy gỡ bài rồi đăng "
                "lại.",
                f"{self._who}: files in the folder are missing or changed: {names}. Take it down "
                "and publish again.",
                code="damaged",
            )
        hand.mend(entry)
        visible = self._shelf.listed(entry)
        proof = {"guid": entry.guid, "files": dict(entry.files), "updated": entry.updated}
        at = datetime.fromisoformat(entry.published)
        return Receipt(entry.slug, self._shelf.link(entry.slug), visible, proof, at)

    def _media(self, content: Content) -> dict[str, bytes]:
        """The bytes of sound and pictures by the names that they get."""
        audio = content.get("audio")
        parts = [(audio["filename"], audio["digest"], "mp3")] if audio else []
        parts += [(p["filename"], p["digest"], p["kind"]) for p in content.get("pictures", ())]
        found = {}
        for name, digest, kind in parts:
            path = self._settings.blob(digest, kind)
            try:
                found[name] = path.read_bytes()
            except OSError:
                raise Refused(
                    f"{self._who}: không đọc được tệp {path.name} trên máy này. Hãy tạo lại âm "
                    "thanh hoặc đưa lại ảnh, rồi duyệt lại.",
                    f"{self._who}: the file {path.name} cannot be read on this machine. Render or "
                    "give it again.",
                    code="no-file",
                ) from None
        return found

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """A disk in trouble: writing the same again is harmless, so it is simply tried again."""
        try:
            yield
        except (OSError, Timeout) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise TryAgain(
                f"{self._who}: không ghi hoặc đọc được thư mục {self._shelf.folder} ({why}). Hãy "
                "kiểm tra ổ đĩa và quyền ghi; chương trình sẽ tự thử lại.",
                f"{self._who}: {self._shelf.folder} cannot be written or read ({why}). Check disk "
                "and rights; it is tried again.",
                code="disk",
            ) from None
