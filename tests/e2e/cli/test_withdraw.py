"""`announcement withdraw` as a clerk types it: closed for good, told in both forms."""

from __future__ import annotations

from pathlib import Path

import pytest
from clerk import APPROVER, run_cli
from commune import found

from broadcaster.domain import delivery as machine
from broadcaster.errors import Text
from broadcaster.services.content import withdrawing
from broadcaster.store import deliveries

LINK = "https://www.facebook.com/xaanbinh/posts/1"


def test_a_withdrawn_announcement_is_closed_and_says_so(approved: Path) -> None:
    words = ("announcement", "withdraw", "1", "--as", APPROVER)
    assert run_cli(approved, *words).code == 2, "a reason is needed"
    told = run_cli(approved, *words, "--reason", "sai giờ họp", "--json").ok()
    assert told.data == {"number": 1, "deliveries": []}
    assert "đã thu hồi" in told.err
    assert "đã thu hồi" in run_cli(approved, "announcement", "list").ok().out
    again = run_cli(approved, *words, "--reason", "lần nữa")
    assert again.code == 6
    assert "không còn bài nào" in again.err


@pytest.fixture
def not_removed(tmp_path: Path) -> tuple[Path, int]:
    """A commune with a post that its outlet refused to take back; that withdrawal's number."""
    xa = found(tmp_path / "xa")
    number = xa.approved(("fanpage",))
    xa.schedule(number, on="23/11/2026", at="09:00")
    xa.plan()
    post = xa.one(number)
    with xa.context.database.write() as connection:
        sent = machine.claim(post, "worker-1", post.due_at)
        taken = machine.accept(sent, "1_2", LINK, post.due_at, post.due_at)
        assert deliveries.swap(connection, post, machine.confirm(taken, {}))
    xa.clock.now = post.due_at
    row = withdrawing.withdraw(xa.context, xa.minh, number, "sai giờ", xa.clock())[-1]
    with xa.context.database.write() as connection:
        sent = machine.claim(row, "worker-1", row.due_at)
        refused = machine.refuse(sent, Text("Hãy gỡ bằng tay.", "Remove it by hand."))
        assert deliveries.swap(connection, row, refused)
    xa.context.database.close()
    return tmp_path / "xa", row.id


def test_what_was_removed_by_hand_is_written_down(not_removed: tuple[Path, int]) -> None:
    home, row = not_removed
    listed = run_cli(home, "delivery", "list", "--announcement", "1").ok().out
    assert "CHƯA GỠ" in listed
    assert f"broadcaster delivery resolve {row} --removed --as …" in listed
    words = ("delivery", "resolve", str(row), "--as", "lan")
    assert run_cli(home, *words, "--removed", "--not-posted").code == 2
    other = run_cli(home, "delivery", "resolve", "1", "--removed", "--as", "lan")
    assert (other.code, "chỉ lượt CHƯA GỠ" in other.err) == (6, True)
    other = run_cli(home, *words, "--corrected")
    assert (other.code, "chỉ lượt CHƯA SỬA" in other.err) == (6, True)
    data = run_cli(home, *words, "--removed", "--json").ok().data
    assert (data["state"], data["cause"], data["advice"]) == ("confirmed", None, None)
    assert (data["proof"]["how"], data["proof"]["settled_by"]) == ("by_hand", "lan")
    assert run_cli(home, *words, "--removed").code == 6
    said = run_cli(home, "log").ok().out
    assert "đã gỡ bằng tay" in said
    assert f"{LINK} (lan)" in said
