"""Two steps, an own text, and the record of it all, as clerks type it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from clerk import APPROVER, AUTHOR, run_cli


def test_two_steps_from_the_draft_to_the_last_approval(fresh: Path) -> None:
    run_cli(
        fresh, "person", "add", "bien", "--full-name", "Đỗ Thị Biên",
        "--role", "editor_in_chief", "--as", AUTHOR,
    ).ok()  # fmt: skip
    text = "Họp thôn\nHọp lúc 7h30 ngày 05/12/2030 tại thôn Đông.\n"
    run_cli(fresh, "announcement", "new", "--from", "-", "--as", AUTHOR, stdin=text).ok()
    own = ("announcement", "override", "1", "--target", "fanpage", "--from", "-", "--as", AUTHOR)
    run_cli(fresh, *own, stdin="Mời họp 8h30, 05/12/2030, thôn Đông.\n").ok()
    run_cli(fresh, "render", "1", "--as", AUTHOR).ok()
    seen = run_cli(fresh, "preview", "1", "--json").ok().data
    wrong = [one for one in seen["findings"] if one["kind"] == "mismatch"]
    assert [(one["written"], one["other"], one["target"]) for one in wrong] == [
        ("7h30", "8h30", "fanpage")
    ]
    run_cli(fresh, "announcement", "submit", "1", "--as", AUTHOR).ok()
    assert run_cli(fresh, "approval", "grant", "1", "--as", APPROVER).code == 6
    run_cli(fresh, "approval", "grant", "1", "--as", "bien").ok()
    refused = run_cli(fresh, "approval", "grant", "1", "--as", APPROVER)
    assert refused.code == 6
    assert "“7h30” ↔ lời riêng fanpage “8h30”" in refused.err
    accept = [f"--accept={one['code']}=đã hỏi lại" for one in seen["findings"] if one["blocks"]]
    run_cli(fresh, "approval", "grant", "1", "--as", APPROVER, *accept).ok()
    history = run_cli(fresh, "announcement", "history", "1", "--json").ok().data["events"]
    assert [one["person"] for one in history] == [AUTHOR] * 4 + ["bien", APPROVER]
    assert history[-1]["origin"].startswith("dòng lệnh ")
    assert "đã hỏi lại" in history[-1]["why"]
    every = run_cli(fresh, "log", "--events", "--json").ok().data["events"]
    assert {one["what"] for one in every} >= {"person.added", "approval.edited"}


def test_a_touched_record_is_named_by_log_verify(approved: Path) -> None:
    whole = run_cli(approved, "log", "verify", "--json").ok().data
    assert whole["records"] >= 4
    assert run_cli(approved, "log", "verify", "--head", whole["head"][:16]).code == 0
    with sqlite3.connect(approved / "data" / "broadcaster.db") as database:
        database.execute("UPDATE event SET person = 'ai' WHERE what = 'approval.granted'")
    database.close()
    touched = run_cli(approved, "log", "verify")
    assert touched.code == 1
    assert "ai, approval.granted" in touched.err
