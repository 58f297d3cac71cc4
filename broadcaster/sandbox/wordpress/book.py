"""What the website's database remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Status = Literal["publish", "future", "draft", "pending", "private", "trash"]


@dataclass(slots=True)
class Post:
    """One article of the site. `date` is aware UTC."""

    id: int
    status: Status
    date: datetime
    modified: datetime
    title: str = ""
    content: str = ""
    excerpt: str = ""
    slug: str = ""
    categories: list[int] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    featured_media: int = 0
    comment_status: str = "open"
    password: str = ""


@dataclass(slots=True)
class Medium:
    """One file of the media library; `path` is relative to the uploads folder."""

    id: int
    date: datetime
    path: str
    mime: str
    blob: str
    size: int
    slug: str
    title: str
    length: int = 0  # seconds, of a sound
    alt_text: str = ""
    caption: str = ""
    post: int = 0


@dataclass(slots=True)
class Term:
    """A category or a tag."""

    id: int
    name: str
    slug: str
    description: str = ""
    parent: int = 0


@dataclass(slots=True)
class WordPressBook:
    """Everything by id, oldest first."""

    posts: dict[int, Post] = field(default_factory=dict)
    media: dict[int, Medium] = field(default_factory=dict)
    categories: dict[int, Term] = field(default_factory=dict)
    tags: dict[int, Term] = field(default_factory=dict)
    password_revoked: bool = False
    last_used: datetime | None = None
    last_id: int = 10

    @classmethod
    def fresh(cls) -> WordPressBook:
        """A site with the categories a commune has."""
        terms = [
            Term(1, "Chưa phân loại", "chua-phan-loai"),
            Term(2, "Thông báo", "thong-bao"),
            Term(3, "Khẩn cấp", "khan-cap"),
            Term(4, "Bản tin truyền thanh", "ban-tin-truyen-thanh"),
        ]
        return cls(categories={t.id: t for t in terms})

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def run_cron(self, now: datetime) -> None:
        """What WordPress does on a visit: publish what is due."""
        for post in self.posts.values():
            if post.status == "future" and post.date <= now:
                post.status = "publish"
