"""The commands for the rules of broadcasting and for slots, as data and with their exit codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from clerk import APPROVER, AUTHOR, run_cli

_SOON = datetime.now(UTC) + timedelta(days=3)
WORKDAY = f"{_SOON + timedelta(days=(7 - _SOON.weekday()) % 7):%d/%m/%Y}"
"""A Monday within two weeks."""


def test_a_profile_is_chosen_broken_and_excepted(approved: Path) -> None:
    shown = run_cli(approved, "policy", "show", "--json").ok()
    assert shown.data["profile"] == ""
    names = [
        one["name"] for one in run_cli(approved, "policy", "list", "--json").ok().data["profiles"]
    ]
    assert "30-phut" in names
    add = ("timetable", "add", "1", "--at", "12:00", "--on", WORKDAY, "--yes", "--as", AUTHOR)
    run_cli(approved, *add).ok()
    checked = run_cli(approved, "policy", "check", "30-phut", "--json")
    assert checked.code == 6
    assert [one["limit"] for one in checked.data["refused"]] == ["window"]
    change = ("policy", "use", "30-phut", "--reason", "quy chế mới", "--as", AUTHOR)
    assert run_cli(approved, *change).code == 2, "asks first, and here nobody answers"
    assert run_cli(approved, *change, "--yes", "--json").ok().data["profile"] == "30-phut"
    assert run_cli(approved, "policy", "show", "--json").ok().data["profile"] == "30-phut"
    noon = ("timetable", "preview", "1", "--at", "12:30", "--on", WORKDAY)
    refused = run_cli(approved, *noon)
    assert refused.code == 6
    assert "Giờ trống gần nhất" in refused.err
    allow = ("policy", "except", "1", "--limit", "window", "--from", WORKDAY, "--reason", "hội")
    assert run_cli(approved, *allow, "--as", AUTHOR).code == 6, "not hers to give"
    given = run_cli(approved, *allow, "--as", APPROVER, "--json").ok().data
    run_cli(approved, *noon).ok()
    listed = run_cli(approved, "log", "--to", WORKDAY, "--json").ok().data["exceptions"]
    assert [(one["id"], one["person"], one["reason"]) for one in listed] == [
        (given["id"], APPROVER, "hội")
    ]
    run_cli(approved, "policy", "revoke", str(given["id"]), "--as", APPROVER).ok()
    assert run_cli(approved, *noon).code == 6


def test_a_slot_collects_and_its_programme_is_shown(approved: Path) -> None:
    slot = ("slot", "add", "chieu", "--from", "17:00", "--until", "17:30", "--as", AUTHOR)
    assert run_cli(approved, *slot, "--json").ok().data["from"] == "17:00"
    assert run_cli(approved, *slot).code != 0, "there is one of that name"
    add = ("timetable", "add", "1", "--slot", "chieu", "--on", WORKDAY, "--yes", "--as", AUTHOR)
    run_cli(approved, *add).ok()
    found = run_cli(approved, "slot", "list", "--json").ok().data["slots"]
    assert [one["key"] for one in found] == ["chieu"]
    day = f"{datetime.strptime(WORKDAY, '%d/%m/%Y'):%Y-%m-%d}"  # noqa: DTZ007 -- a date
    near = datetime.now(UTC) + timedelta(days=7) > datetime.fromisoformat(f"{day}T10:00:00+00:00")
    shown = run_cli(approved, "programme", "show", WORKDAY, "--json").ok().data["items"]
    if near:  # further ahead nothing is planned yet
        assert [(one["slot"], one["opening"], one["closing"]) for one in shown] == [
            ("chieu", True, True)
        ]
        assert shown[0]["begins"] == f"{day}T17:00:00+07:00"
    assert run_cli(approved, "slot", "remove", "chieu", "--as", AUTHOR).code != 0
    both = ("timetable", "preview", "1", "--slot", "chieu", "--at", "17:00", "--on", WORKDAY)
    assert run_cli(approved, *both).code == 2
