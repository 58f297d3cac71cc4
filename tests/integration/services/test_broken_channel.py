"""A channel that breaks in an unforeseen way: the outcome is unknown, at once, and not doubled."""
# ruff: noqa: ARG002 - the port names the arguments

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from commune import Commune, found

from broadcaster.channels import Draft, Health, Receipt
from broadcaster.channels.port import Content
from broadcaster.domain.delivery import State
from broadcaster.errors import Text


@dataclass
class Breaking:
    """A channel from elsewhere that raises what no port allows, at the named step."""

    step: str
    kind: str = "facebook_page"
    posts: int = 0

    def compose(self, draft: Draft) -> Content:
        return {"message": draft.title}

    def show(self, content: Content) -> str:
        return str(content["message"])

    def publish(self, content: Content, reference: str, now: datetime) -> Receipt:
        self.posts += 1
        if self.step in {"publish", "look_up"}:
            raise KeyError(reference)
        return Receipt("7")

    def verify(self, receipt: Receipt, now: datetime) -> Receipt | None:
        if self.step == "verify":
            raise KeyError(receipt.remote_id)
        return replace(receipt, visible=True)

    def look_up(
        self, content: Content, reference: str, since: datetime, now: datetime
    ) -> Receipt | None:
        if self.step == "look_up":
            raise KeyError(reference)
        return Receipt("7", visible=True)

    def check(self, now: datetime) -> Health:
        return Health(ok=True, message=Text("Tốt.", "Good."))


def due(home: Path, step: str) -> tuple[Commune, Breaking]:
    made = found(home)
    number = made.approved(("fanpage",))
    channel = Breaking(step)
    xa = Commune(replace(made.context, channel=lambda _key: channel), made.clock)
    xa.schedule(number, on="23/11/2026", at="09:00")
    xa.plan()
    xa.clock.move(hours=1)
    return xa, channel


def test_broken_while_posting_it_is_unknown_at_once_then_found(tmp_path: Path) -> None:
    xa, channel = due(tmp_path, "publish")
    xa.tick()
    assert xa.one().state == State.UNKNOWN
    assert [row["outcome"] for row in xa.tries(xa.one())] == ["unknown"]
    xa.clock.move(minutes=5)
    xa.tick()
    assert (xa.one().state, channel.posts) == (State.CONFIRMED, 1)


@pytest.mark.parametrize(
    ("step", "stays"), [("look_up", State.UNKNOWN), ("verify", State.ACCEPTED)]
)
def test_broken_while_asking_it_is_asked_again_later(
    tmp_path: Path, step: str, stays: State
) -> None:
    xa, channel = due(tmp_path, step)
    for _ in range(3):
        xa.tick()
        xa.clock.move(minutes=5)
    one = xa.one()
    assert (one.state, channel.posts) == (stays, 1)
    assert one.next_at is not None


def test_a_channel_that_cannot_even_be_made_is_held_back_with_its_cause(tmp_path: Path) -> None:
    xa, _ = due(tmp_path, "publish")

    def unmakeable(_key: str) -> Breaking:
        raise ImportError("token=1234")

    broken = Commune(replace(xa.context, channel=unmakeable), xa.clock)
    broken.tick()
    one = broken.one()
    assert (one.state, one.attempt_no) == (State.PLANNED, 0)
    assert one.next_at is not None
    assert one.next_at > xa.clock()
    assert one.cause is not None
    assert "ImportError" in one.cause.vi
    assert "1234" not in one.cause.vi


def test_what_a_channel_gives_as_proof_can_be_written_down(tmp_path: Path) -> None:
    xa, channel = due(tmp_path, "")
    odd = Receipt("7", visible=True, proof={"at": xa.clock(), "file": tmp_path})
    channel.publish = lambda *_: odd  # type: ignore[method-assign]  # its own answer
    xa.tick()
    assert xa.one().state == State.CONFIRMED
    assert xa.one().proof["file"] == str(tmp_path)


def test_a_strangers_words_are_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """They may hold an address with a token in it."""
    xa, _ = due(tmp_path, "publish")
    xa.tick()
    assert "KeyError" in caplog.text
    assert xa.one().marker not in caplog.text, "which this error carries as its message"


def test_sound_that_changed_on_the_disk_is_not_published(tmp_path: Path) -> None:
    xa = found(tmp_path)
    xa.schedule(xa.approved(("website",)), on="23/11/2026", at="09:00")
    xa.plan()
    for path in xa.context.audio.glob("*.mp3"):
        path.write_bytes(b"ID3 something else")
    xa.clock.move(hours=1)
    xa.tick()
    one = xa.one()
    assert one.state == State.FAILED
    assert one.cause is not None
    assert "âm thanh" in one.cause.vi
