"""Broadcasts planned with their quota: the fifth of four is refused, the article still goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from commune import START, Commune, HandClock, found

from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import Delivery, State
from broadcaster.sandbox import running
from broadcaster.sandbox.state import SandboxState
from broadcaster.services.content import withdrawing
from broadcaster.services.timetable import rationing

MORE = """
[[targets]]
key = "tin-day"
channel = "zalo_broadcast"
name = "Tin đẩy Zalo"
account = "zalo"
options = { monthly_quota = 4 }

[[targets]]
key = "truong-thon"
channel = "zalo_group"
name = "Nhóm trưởng thôn"
account = "zalo"
options = { group_id = "9000000000000000001" }
"""
BOTH = ("zalo", "tin-day")


@dataclass
class Town:
    """A commune whose sandbox goes by the same clock."""

    xa: Commune
    state: SandboxState

    def announce(self, text: str, on: str, at: str, priority: Priority = Priority.NORMAL) -> int:
        number = self.xa.approved(BOTH, text=text, priority=priority)
        self.xa.schedule(number, on=on, at=at)
        self.xa.plan()
        return number

    def run(self, until: datetime) -> None:
        """From one moment at which something is due to the next."""
        while self.xa.clock() < until:
            due = [one.next_at for one in self.xa.rows() if one.next_at]
            soonest = self.xa.clock() + timedelta(minutes=1)
            self.xa.clock.now = min(max(min(due, default=until), soonest), until)
            self.xa.tick()

    def of(self, number: int, target: str) -> Delivery:
        (one,) = [row for row in self.xa.rows(number) if row.target == target]
        return one

    def sent(self) -> list[str]:
        """The titles that followers were sent."""
        book = self.state.world.zalo
        return [book.articles[a].text("title") for b in book.broadcasts for a in b.article_ids]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    clock = HandClock(START)
    state = SandboxState(clock=clock)
    state.settings.zalo.access_hours = 24 * 60
    with running(state) as url:
        xa = found(tmp_path, sandbox=url, more=MORE)
        xa.clock.now = START
        state.clock = xa.clock
        state.reset()
        yield Town(xa, state)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """In November 2026, Việt Nam's time."""
    return datetime.fromisoformat(f"2026-11-{day:02d}T{hour:02d}:{minute:02d}:00+07:00")


def test_the_fifth_with_a_quota_of_four_is_refused_before_sending_its_article_goes(
    town: Town,
) -> None:
    days = range(24, 29)
    five = [
        town.announce(f"Tin ngày {day}\nNội dung ngày {day}.", f"{day}/11/2026", "09:00")
        for day in days
    ]
    fifth = town.of(five[4], "tin-day")
    assert fifth.state == State.CANCELLED
    assert fifth.cause is not None
    assert "Hết hạn mức tháng 11/2026" in fifth.cause.vi
    town.run(local(28, 12))
    assert town.sent() == [f"Tin ngày {day}" for day in days][:4]
    assert [town.of(n, "tin-day").state for n in five[:4]] == [State.CONFIRMED] * 4
    assert [town.of(n, "zalo").state for n in five] == [State.CONFIRMED] * 5
    assert town.xa.tries(fifth) == []
    assert town.state.world.counters["zalo"]["broadcast.create"] == 4


def test_whoever_approves_sees_what_will_become_of_it(town: Town) -> None:
    for day in range(24, 28):
        town.announce(f"Tin {day}\nNội dung.", f"{day}/11/2026", "09:00")
    number = town.xa.draft("Tin thứ năm\nNội dung.", BOTH)
    town.xa.render(number)
    town.xa.schedule(number, on="28/11/2026", at="09:00")
    assert rationing.ask(town.xa.context, BOTH, town.xa.clock()) == []
    (told,) = rationing.outlook(town.xa.context, town.xa.show(number), town.xa.clock())
    assert "SẼ KHÔNG GỬI" in told.vi
    assert "vẫn đăng" in told.vi
    (first,) = rationing.outlook(town.xa.context, town.xa.show(1), town.xa.clock())
    assert "3/4" in first.vi
    assert "lượt thứ 4" in first.vi


def test_one_in_the_night_is_held_to_the_morning_with_its_reason(town: Town) -> None:
    number = town.announce("Tin đêm\nNội dung.", "24/11/2026", "23:30")
    held = town.of(number, "tin-day")
    assert (held.state, held.next_at) == (State.CANCELLED, None)  # six hours of grace end before
    assert held.cause is not None
    assert "06:00" in held.cause.vi
    late = town.announce("Tin khuya\nNội dung.", "25/11/2026", "01:30")
    held = town.of(late, "tin-day")
    assert (held.state, held.next_at) == (State.PLANNED, local(25, 6))
    assert held.cause is not None
    assert "06:00–21:59" in held.cause.vi
    town.run(local(25, 5, 50))
    assert town.sent() == []
    town.run(local(25, 7))
    assert town.sent() == ["Tin khuya"]


def test_the_second_of_a_day_is_refused_with_its_reason(town: Town) -> None:
    town.announce("Tin một\nNội dung.", "24/11/2026", "09:00")
    second = town.of(town.announce("Tin hai\nNội dung.", "24/11/2026", "14:00"), "tin-day")
    assert second.state == State.CANCELLED
    assert second.cause is not None
    assert "24/11/2026 đã có 1 lượt" in second.cause.vi


def test_an_emergency_does_not_wait_for_zalos_review(town: Town) -> None:
    number = town.announce(
        "Lũ khẩn\nDi dời ngay.", "24/11/2026", "09:00", priority=Priority.EMERGENCY
    )
    one = town.of(number, "tin-day")
    assert one.state == State.CANCELLED
    assert one.cause is not None
    assert "tin nhóm" in one.cause.vi
    assert town.of(number, "zalo").state == State.PLANNED


def test_a_place_given_back_is_free_again(town: Town) -> None:
    for day in range(24, 28):
        number = town.announce(f"Tin {day}\nNội dung.", f"{day}/11/2026", "09:00")
    town.xa.edit(number, "Tin 27\nĐã sửa.")  # its approval is gone, and so are its deliveries
    assert town.of(number, "tin-day").state == State.CANCELLED
    other = town.announce("Tin mới\nNội dung.", "28/11/2026", "09:00")
    assert town.of(other, "tin-day").state == State.PLANNED


def test_a_broadcast_without_an_answer_counts_and_is_never_sent_again(town: Town) -> None:
    from broadcaster.sandbox.faults import Fault  # noqa: PLC0415 - only here

    town.state.add_faults([Fault("zalo", "store_then_500", "broadcast.create")])
    number = town.announce("Tin một\nNội dung.", "24/11/2026", "09:00")
    town.run(local(25, 9))
    assert town.of(number, "tin-day").state == State.UNKNOWN
    assert len(town.sent()) == 1
    for day in range(25, 29):
        last = town.announce(f"Tin {day}\nNội dung.", f"{day}/11/2026", "10:00")
    assert town.of(last, "tin-day").state == State.CANCELLED


def test_what_cannot_be_called_back_is_left_to_a_person_and_counts_once(town: Town) -> None:
    number = town.announce("Tin một\nNội dung.", "24/11/2026", "09:00")
    town.run(local(24, 10))
    xa = town.xa
    withdrawing.withdraw(xa.context, xa.minh, number, "nhầm ngày", xa.clock())
    town.run(local(24, 11))
    rows = [one for one in xa.rows(number) if one.target == "tin-day"]
    assert [one.state for one in rows] == [State.CONFIRMED, State.FAILED]
    assert rows[1].cause is not None
    assert "không cho thu hồi broadcast" in rows[1].cause.vi
    assert town.state.world.zalo.articles == {}  # the article itself is gone
    (told,) = rationing.outlook(xa.context, xa.show(number), xa.clock())
    assert "0/4" in told.vi  # besides its own
    for day in range(25, 28):
        last = town.announce(f"Tin {day}\nNội dung.", f"{day}/11/2026", "09:00")
    assert town.of(last, "tin-day").state == State.PLANNED


def test_a_group_message_goes_like_any_post(town: Town) -> None:
    number = town.xa.approved(("truong-thon",), text="Họp gấp\nTối nay 19 giờ.")
    town.xa.schedule(number, on="24/11/2026", at="22:30")
    town.xa.plan()
    town.run(local(24, 22, 40))
    assert town.of(number, "truong-thon").state == State.CONFIRMED
    (message,) = town.state.world.zalo.group_messages
    assert message.text.startswith("Họp gấp")
    assert timedelta(0) <= message.sent - local(24, 22, 30) <= timedelta(minutes=10)
