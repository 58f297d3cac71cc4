"""What is announced: immutable revisions, and what each outlet gets of them, named by digest."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from broadcaster.domain.category import GENERAL
from broadcaster.domain.picture import Picture
from broadcaster.errors import InputError

MAX_CHARACTERS = 20_000
"""About 25 minutes of speech: longer texts are refused, nobody listens to them from a pole."""
MAX_TITLE = 300


class Priority(StrEnum):
    """The three classes of Circular 39/2020/TT-BTTTT."""

    NORMAL = "normal"
    PRIORITY = "priority"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One tin bài: the number people call it by, and who wrote it first.

    Once withdrawn it is never published again; its successor is another announcement.
    """

    id: int
    commune_id: int
    uid: str
    number: int
    priority: Priority
    author: str
    created_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_reason: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """An immutable version of title, body, pictures and targets, named by digest.

    `overrides` holds the texts of targets that get another one than `body`, by target;
    `document_number` is the paper that it passes on, e.g. "1380/QĐ-UBND".
    """

    id: int
    announcement_id: int
    n: int
    title: str
    body: str
    targets: tuple[str, ...]
    digest: str
    author: str
    created_at: datetime
    pictures: tuple[Picture, ...] = ()
    category: str = GENERAL
    document_number: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)

    def text_for(self, target: str) -> str:
        """What this outlet is to say."""
        return self.overrides.get(target, self.body)


@dataclass(frozen=True, slots=True)
class Rendition:
    """What one target would get of one revision; `content` is JSON, audio is named by digest."""

    id: int
    revision_id: int
    target: str
    channel: str
    digest: str
    content: Mapping[str, Any]
    duration_ms: int
    created_at: datetime


def digest_of(value: object) -> str:
    """SHA-256 (hex) of the canonical JSON of `value`."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def clean_text(raw: str) -> str:
    """NFC, one kind of line end, no trailing blanks: the same text always has the same digest."""
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.replace("\ufeff", "").encode("utf-8", "ignore").decode()
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def title_of(text: str) -> str:
    """The title of a cleaned text: its first line that says something.

    A plan or decision opens with its number, place and day; there it is the kind of document in
    capitals ("KẾ HOẠCH") together with the line below it.
    """
    said = [line.strip().strip("*# ") for line in text.split("\n") if line.strip()]
    for here, following in pairwise(said[:13]):
        if here in _KINDS:
            return _shortened(f"{here.capitalize()}: {following}")
    return _shortened(said[0]) if said else ""


def _shortened(line: str, most: int = 150) -> str:
    """At most `most` characters, cut between words."""
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + "…"


def without_title(title: str, body: str) -> str:
    """The body without a first line that repeats the title: outlets show the title by itself."""
    first, _, rest = body.strip().partition("\n")
    return rest.strip("\n") if rest.strip() and first.strip() == title else body


_KINDS = {
    "KẾ HOẠCH", "THÔNG BÁO", "QUYẾT ĐỊNH", "CÔNG VĂN", "BÁO CÁO", "TỜ TRÌNH", "CHỈ THỊ",
    "HƯỚNG DẪN", "CHƯƠNG TRÌNH", "NGHỊ QUYẾT", "CÔNG ĐIỆN", "GIẤY MỜI", "LỜI KÊU GỌI",
}  # fmt: skip


def check_text(title: str, body: str) -> None:
    """Raise InputError when there is nothing to say, or more than anybody would listen to."""
    if not title.strip() or not any(c.isalnum() for c in body):
        raise InputError(
            "Bản tin trống: cần ít nhất một dòng chữ. Hãy viết nội dung rồi thử lại.",
            "The announcement is empty: write at least one line of text.",
        )
    if len(body) > MAX_CHARACTERS:
        raise InputError(
            f"Bản tin dài {len(body):,} ký tự, quá giới hạn {MAX_CHARACTERS:,} "
            "(khoảng 25 phút đọc). Hãy rút gọn hoặc chia thành nhiều bản tin.".replace(",", "."),
            f"The text has {len(body):,} characters; the limit is {MAX_CHARACTERS:,}. Split it.",
        )
    if len(title) > MAX_TITLE or "\n" in title:
        raise InputError(
            f"Tiêu đề phải nằm trên một dòng, không quá {MAX_TITLE} ký tự. Hãy rút gọn.",
            f"A title is one line of at most {MAX_TITLE} characters. Shorten it.",
        )
    if any(ord(c) < 32 and c not in "\n\t" for c in title + body):
        raise InputError(
            "Văn bản có ký tự điều khiển lạ (tệp nhị phân?). Hãy lưu lại dạng văn bản UTF-8.",
            "The text holds control characters (a binary file?). Save it as UTF-8 text.",
        )


def check_number(raw: str) -> str:
    """The number of a paper as people write it, e.g. "1380/QĐ-UBND". Raises InputError."""
    number = " ".join(clean_text(raw).split())
    if number and not re.fullmatch(r"\d+[\w .-]*/[\w./ –-]+|\d+-[\w./–-]+", number):
        raise InputError(
            f"“{number}” không giống số hiệu văn bản. Viết như 1380/QĐ-UBND hoặc 04-ĐA/TU.",
            f"“{number}” is no number of a document. Write it like 1380/QĐ-UBND or 04-ĐA/TU.",
        )
    return number


def revision_digest(
    title: str,
    body: str,
    priority: Priority,
    targets: Sequence[str],
    pictures: Sequence[Picture] = (),
    *,
    category: str = GENERAL,
    document_number: str = "",
    overrides: Mapping[str, str] | None = None,
) -> str:
    """Pictures count with their words and in their order.

    What was not given leaves the digest as it was before there was any such thing.
    """
    more = {
        "pictures": [[one.digest, one.alt] for one in pictures],
        "category": "" if category == GENERAL else category,
        "document_number": document_number,
        "overrides": dict(overrides or {}),
    }
    given = {name: value for name, value in more.items() if value}
    return digest_of(
        {"title": title, "body": body, "priority": priority, "targets": sorted(targets), **given}
    )


def reference(announcement: Announcement, revision: Revision) -> str:
    """The visible number that every post carries and is found again by, e.g. TB-2026-0012-7F3A.

    The four last characters come from the announcement's own identity and the revision, so that
    a database begun anew never takes an old post for its own.
    """
    tail = digest_of([announcement.uid, revision.digest])[:4].upper()
    return f"TB-{announcement.created_at.year}-{announcement.number:04d}-{tail}"
