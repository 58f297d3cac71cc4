"""`announcement withdraw` as a clerk types it: closed for good, told in both forms."""

from __future__ import annotations

from pathlib import Path

from clerk import APPROVER, run_cli


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
