"""A channel from elsewhere whose every answer a test sets, for what no stand-in would do."""
# ruff: noqa: ARG002 - the port names the arguments

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from broadcaster.channels import Draft, Gone, Health, Receipt, Usage, Withdrawn
from broadcaster.channels.port import Content
from broadcaster.errors import NotThere, Text

GOOD = Health(ok=True, message=Text("Tốt.", "Good."))
BAD = Health(ok=False, message=Text("Mã vẫn hỏng.", "The token is still dead."))


def fine() -> None: ...


@dataclass
class Scripted:
    """`answer` is called for every post and may raise; what it lets pass is public at once."""

    answer: Callable[[], None] = fine
    health: Health = GOOD
    usage: Usage | None = None
    kind: str = "facebook_page"
    posts: list[str] = field(default_factory=list)
    tries: int = 0
    checks: int = 0

    def compose(self, draft: Draft) -> Content:
        return {"message": f"{draft.title}\n{draft.body}\n{draft.reference}"}

    def show(self, content: Content) -> str:
        return str(content["message"])

    def publish(self, content: Content, reference: str, now: datetime) -> Receipt:
        self.tries += 1
        self.answer()
        self.posts.append(reference)
        return Receipt(reference, visible=True, usage=self.usage)

    def verify(self, receipt: Receipt, now: datetime) -> Receipt | None:
        return Receipt(receipt.remote_id, visible=True)

    def look_up(
        self, content: Content, reference: str, since: datetime, now: datetime
    ) -> Receipt | None:
        return Receipt(reference, visible=True) if reference in self.posts else None

    def check(self, now: datetime) -> Health:
        self.checks += 1
        return self.health


@dataclass
class Changing(Scripted):
    """One that corrects and takes back, too: `public` is what people see, by post."""

    public: dict[str, str] = field(default_factory=dict)
    change: Callable[[], None] = fine
    after_change: Callable[[], None] = fine
    how: Gone = Gone.DELETED
    todo: Text | None = None
    updates: int = 0

    def publish(self, content: Content, reference: str, now: datetime) -> Receipt:
        receipt = super().publish(content, reference, now)
        self.public[receipt.remote_id] = str(content["message"])
        return receipt

    def update(self, content: Content, receipt: Receipt, reference: str, now: datetime) -> Receipt:
        self.updates += 1
        self.change()
        if receipt.remote_id not in self.public:
            raise NotThere("Bài không còn.", "Gone.")
        self.public[receipt.remote_id] = str(content["message"])
        self.after_change()
        return Receipt(receipt.remote_id, receipt.link, visible=True)

    def withdraw(self, receipt: Receipt, now: datetime) -> Withdrawn:
        self.change()
        if self.how is not Gone.CANNOT:
            self.public.pop(receipt.remote_id, None)
        self.after_change()
        return Withdrawn(self.how, self.todo)
