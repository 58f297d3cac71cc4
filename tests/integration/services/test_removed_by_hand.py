"""What an outlet could not change, and a person did: said once, with a name, seen in the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from commune import Commune, found
from scripted import Changing, Scripted
from test_changes import edited, posted, raising, settle, take_back, with_channel

from broadcaster.channels import Receipt
from broadcaster.channels.port import Content
from broadcaster.domain.delivery import Action, Delivery, State
from broadcaster.errors import Conflict, PolicyRefused, Refused
from broadcaster.services import dispatching, reporting
from broadcaster.services.people import attributing


def left(tmp_path: Path, channel: Scripted) -> tuple[Commune, int, Delivery]:
    """A withdrawn announcement whose post the outlet left where it is."""
    xa = with_channel(found(tmp_path), channel)
    number = posted(xa)
    take_back(xa, number)
    return xa, number, settle(xa, number)


def test_a_person_removed_it_and_the_log_says_who_and_when(tmp_path: Path) -> None:
    xa, number, one = left(tmp_path, Scripted())
    assert one.state == State.FAILED
    now = xa.clock.move(hours=1)
    done = dispatching.settle_removed(xa.context, xa.lan, one.id, now)
    assert xa.one_of(one.id) == done
    assert (done.state, done.actual_at, done.cause) == (State.CONFIRMED, now, None)
    line = next(line for line in reporting.lines(xa.context) if line.delivery == done)
    assert line.proof().endswith("(lan)")
    assert [row["outcome"] for row in xa.tries(done)] == ["refused"], "what it said stays written"
    deed = attributing.deeds(xa.context, after=now, before=xa.clock.move(seconds=1))[-1]
    assert (deed.person, deed.what, deed.subject) == (
        "lan", "delivery.settled", f"delivery {one.id}",
    )  # fmt: skip
    assert deed.detail["removed"] is True
    with pytest.raises(Conflict, match="không còn bài nào"):
        take_back(xa, number)


def test_it_is_said_once_and_by_who_may_settle(tmp_path: Path) -> None:
    xa, number, one = left(tmp_path, Scripted())
    with pytest.raises(PolicyRefused, match="không có quyền"):
        dispatching.settle_removed(xa.context, xa.minh, one.id, xa.clock())
    assert xa.one_of(one.id) == one
    with pytest.raises(Conflict, match="không phải lượt gỡ"):
        dispatching.settle_removed(xa.context, xa.lan, xa.rows(number)[0].id, xa.clock())
    done = dispatching.settle_removed(xa.context, xa.lan, one.id, xa.clock())
    with pytest.raises(Conflict):
        dispatching.settle_removed(xa.context, xa.tuan, one.id, xa.clock.move(hours=1))
    assert xa.one_of(one.id) == done


class NotYetSeen(Scripted):
    """What it takes is not public at once."""

    def verify(self, receipt: Receipt, now: datetime) -> Receipt | None:  # noqa: ARG002 - the port
        return Receipt(receipt.remote_id)

    def publish(self, content: Content, reference: str, now: datetime) -> Receipt:
        return replace(super().publish(content, reference, now), visible=False)


def test_a_post_that_was_not_yet_visible_is_not_waited_for_any_more(tmp_path: Path) -> None:
    xa = with_channel(found(tmp_path), NotYetSeen())
    number = posted(xa)
    assert xa.one(number).state == State.ACCEPTED
    take_back(xa, number)
    xa.tick()
    post, one = xa.rows(number)
    assert (post.state, one.state) == (State.ACCEPTED, State.FAILED)
    dispatching.settle_removed(xa.context, xa.lan, one.id, xa.clock())
    assert xa.states(number) == {State.CANCELLED: 1, State.CONFIRMED: 1}


def test_a_refused_correction_that_a_person_made_stands_and_can_be_withdrawn(
    tmp_path: Path,
) -> None:
    page = Changing()
    xa = with_channel(found(tmp_path), page)
    number = posted(xa)
    page.change = raising(Refused("Bài bị khóa.", "The post is locked."))
    edited(xa, number)
    one = settle(xa, number)
    assert (one.action, one.state) == (Action.CORRECT, State.FAILED)
    with pytest.raises(PolicyRefused, match="không có quyền"):
        dispatching.settle_corrected(xa.context, xa.minh, one.id, xa.clock())
    with pytest.raises(Conflict, match="không phải lượt sửa"):
        dispatching.settle_corrected(xa.context, xa.lan, xa.rows(number)[0].id, xa.clock())
    done = dispatching.settle_corrected(xa.context, xa.lan, one.id, xa.clock())
    assert (xa.one_of(one.id), done.state) == (done, State.CONFIRMED)
    line = next(line for line in reporting.lines(xa.context) if line.delivery == done)
    assert line.proof() == f"{done.remote_id} (lan)"
    take_back(xa, number)
    assert settle(xa, number).state == State.CONFIRMED
    assert page.public == {}, "the very post that the person had corrected"


def test_what_does_not_stand_any_more_cannot_have_been_corrected(tmp_path: Path) -> None:
    page = Changing()
    xa = with_channel(found(tmp_path), page)
    number = posted(xa)
    page.change = raising(Refused("Bài bị khóa.", "The post is locked."))
    edited(xa, number)
    one = settle(xa, number)
    take_back(xa, number)
    settle(xa, number)
    with pytest.raises(Conflict, match="không còn trên kênh"):
        dispatching.settle_corrected(xa.context, xa.lan, one.id, xa.clock())
