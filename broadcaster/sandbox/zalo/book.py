"""What Zalo remembers about the one Official Account."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from broadcaster.sandbox.settings import ZaloSettings


@dataclass(slots=True)
class Article:
    """One article. `fields` is the accepted JSON; while not `live` it is still being processed."""

    id: str
    fields: dict[str, object]
    created: datetime
    updated: datetime
    live: bool = False

    def text(self, name: str) -> str:
        return str(self.fields.get(name, ""))


@dataclass(slots=True)
class Processing:
    """A new article or a change on its way; `ready_at` None: it stays there."""

    token: str
    article_id: str
    fields: dict[str, object]
    ready_at: datetime | None
    polls_left: int
    done: bool = False


@dataclass(slots=True)
class Broadcast:
    """One broadcast; followers see it after the review."""

    id: str
    article_ids: list[str]
    sent: datetime
    visible_at: datetime


@dataclass(slots=True)
class Message:
    """A message to a person or a group."""

    id: str
    to: str
    text: str
    sent: datetime
    attachment: str = ""


@dataclass(slots=True)
class Person:
    """A Zalo user; `last_interaction` None: never wrote to the account."""

    id: str
    name: str
    follows: bool = True
    last_interaction: datetime | None = None


@dataclass(slots=True)
class Group:
    """A GMF group of the account."""

    id: str
    name: str
    members: list[str] = field(default_factory=list)
    enabled: bool = True
    oa_inside: bool = True


@dataclass(slots=True)
class Attachment:
    """An uploaded picture or file; it lives for seven days."""

    id: str
    kind: str
    created: datetime
    blob: str = ""


@dataclass(slots=True)
class UploadedVideo:
    """A video for articles, converting while `polls_left`."""

    token: str
    video_id: str
    polls_left: int


@dataclass(slots=True)
class Grant:
    """A token or a code with its end; `used` for what works once."""

    expires: datetime
    used: bool = False


@dataclass(slots=True)
class ZaloBook:
    """Everything by id, oldest first."""

    access: dict[str, Grant] = field(default_factory=dict)
    refresh: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    articles: dict[str, Article] = field(default_factory=dict)
    processing: dict[str, Processing] = field(default_factory=dict)
    broadcasts: list[Broadcast] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    group_messages: list[Message] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    videos: dict[str, UploadedVideo] = field(default_factory=dict)
    minute: str = ""
    minute_calls: dict[str, int] = field(default_factory=dict)

    @classmethod
    def fresh(cls, settings: ZaloSettings, now: datetime) -> ZaloBook:
        """An account with the demo token pair, four people and one group."""
        people = [
            Person("8000000000000000001", "Trưởng thôn An Hòa", True, now - timedelta(hours=1)),
            Person("8000000000000000002", "Trưởng thôn Bình Yên", True, now - timedelta(days=3)),
            Person("8000000000000000003", "Trưởng thôn Cẩm Sơn", True, now - timedelta(days=8)),
            Person("8000000000000000004", "Trưởng thôn Đông Thịnh", True, None),
            Person("8000000000000000005", "Người đã bỏ quan tâm", False, now - timedelta(days=2)),
        ]
        group = Group("9000000000000000001", "Trưởng thôn xã Bình Minh", [p.id for p in people[:4]])
        return cls(
            access={settings.access_token: Grant(now + timedelta(hours=settings.access_hours))},
            refresh={settings.refresh_token: Grant(now + timedelta(days=settings.refresh_days))},
            people={p.id: p for p in people},
            groups={group.id: group},
        )

    def settle(self, now: datetime, *, alone: bool) -> None:
        """Put in force what has been processed; with `alone` also what nobody polls."""
        for change in self.processing.values():
            over = change.ready_at is not None and change.ready_at <= now
            if change.done or not over or (change.polls_left > 0 and not alone):
                continue
            change.done = True
            article = self.articles.get(change.article_id)
            if article is not None:
                article.fields, article.updated, article.live = change.fields, now, True

    def listed(self) -> list[Article]:
        """Articles that exist for the outside, newest first."""
        return [a for a in reversed(self.articles.values()) if a.live]
