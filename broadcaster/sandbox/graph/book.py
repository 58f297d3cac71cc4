"""What Facebook remembers about the one Page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(slots=True)
class PagePost:
    """One post; `id` is `{page}_{post}`. It is public when `published` and not `hidden`."""

    id: str
    message: str
    created: datetime
    updated: datetime
    kind: Literal["status", "link", "photo", "video"] = "status"
    link: str = ""
    photos: list[str] = field(default_factory=list)
    video: str = ""
    published: bool = True
    scheduled_for: datetime | None = None
    hidden: bool = False
    pinned: bool = False
    by_app: bool = True


@dataclass(slots=True)
class Photo:
    """An uploaded picture; until a post uses it nobody sees it."""

    id: str
    created: datetime
    caption: str = ""
    alt_text: str = ""
    blob: str = ""
    mime: str = ""
    url: str = ""
    temporary: bool = False
    post_id: str = ""


@dataclass(slots=True)
class Video:
    """An uploaded video."""

    id: str
    created: datetime
    title: str = ""
    description: str = ""
    blob: str = ""
    file_url: str = ""
    post_id: str = ""


@dataclass(slots=True)
class VideoSession:
    """A video on its way in, piece by piece."""

    id: str
    video_id: str
    size: int
    received: list[str] = field(default_factory=list)
    offset: int = 0


@dataclass(slots=True)
class GraphBook:
    """Everything by id, oldest first."""

    posts: dict[str, PagePost] = field(default_factory=dict)
    photos: dict[str, Photo] = field(default_factory=dict)
    videos: dict[str, Video] = field(default_factory=dict)
    sessions: dict[str, VideoSession] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    user_tokens: list[str] = field(default_factory=list)
    dead_subcode: int | None = None

    def settle(self, now: datetime) -> None:
        """Publish what is due."""
        for post in self.posts.values():
            if post.scheduled_for is not None and post.scheduled_for <= now:
                post.created = post.updated = post.scheduled_for
                post.published, post.scheduled_for = True, None

    def newest(self) -> PagePost | None:
        """The post made last, whether it shows yet or not."""
        return next(reversed(self.posts.values()), None)
