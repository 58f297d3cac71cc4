"""`timetable expand` answers anywhere, also where no commune has been set up."""

from __future__ import annotations

from pathlib import Path

import pytest
from clerk import run_cli

WEEKLY = ("--rule", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "--dtstart", "2026-11-23T05:30")


def expand(home: Path, *words: str) -> list[str]:
    answer = run_cli(home, "timetable", "expand", *words, "--json").ok().data
    assert list(answer) == ["occurrences"]
    found: list[str] = answer["occurrences"]
    return found


def test_both_ends_of_the_window_belong_to_it(tmp_path: Path) -> None:
    assert expand(
        tmp_path, *WEEKLY, "--from", "2026-11-25T05:30", "--until", "2026-11-27T05:30"
    ) == ["2026-11-25T05:30:00+07:00", "2026-11-27T05:30:00+07:00"]
    assert expand(tmp_path, *WEEKLY, "--from", "20261125", "--until", "20261127") == [
        "2026-11-25T05:30:00+07:00", "2026-11-27T05:30:00+07:00",
    ]  # fmt: skip


def test_dates_are_added_and_left_out_in_every_form(tmp_path: Path) -> None:
    found = expand(
        tmp_path, *WEEKLY, "--until", "2026-11-30",
        "--rdate", "2026-11-24T17:00,20261125T053000", "--rdate", "20261126T100000Z",
        "--exdate", "20261127T053000", "--exdate", "2026-11-30T05:30:00+07:00",
    )  # fmt: skip
    assert found == [
        "2026-11-23T05:30:00+07:00", "2026-11-24T17:00:00+07:00", "2026-11-25T05:30:00+07:00",
        "2026-11-26T17:00:00+07:00",
    ]  # fmt: skip


def test_a_rule_without_an_end_is_shown_for_two_years_and_that_is_said(tmp_path: Path) -> None:
    done = run_cli(tmp_path, "timetable", "expand", *WEEKLY, "--json").ok()
    assert "không kết thúc" in done.err
    assert done.data["occurrences"][-1].startswith("2028-11")


def test_another_zone_has_its_own_offsets(tmp_path: Path) -> None:
    found = expand(
        tmp_path, "--rule", "FREQ=DAILY;COUNT=3", "--dtstart", "20260307T023000",
        "--zone", "America/New_York",
    )  # fmt: skip
    assert found == [
        "2026-03-07T02:30:00-05:00", "2026-03-08T03:30:00-04:00", "2026-03-09T02:30:00-04:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "names"),
    [
        (("--rule", "FREQ=SECONDLY", "--dtstart", "20261123T053000"), 6, "SECONDLY"),
        (("--rule", "0 5 * * 1", "--dtstart", "20261123T053000"), 6, "crontab"),
        (("--rule", "FREQ=DAILY", "--dtstart", "2026-11-23"), 6, "2026-11-23T05:30"),
        ((*WEEKLY, "--exdate", "20261125"), 6, "20261125"),
        (("--rule", "FREQ=DAILY", "--dtstart", "20261123T053000Z"), 2, "--zone"),
        (("--rule", "FREQ=DAILY", "--dtstart", "hôm nay"), 2, "hôm nay"),
        ((*WEEKLY, "--zone", "Hà Nội"), 2, "Hà Nội"),
    ],
)
def test_what_cannot_be_expanded_says_why(
    tmp_path: Path, words: tuple[str, ...], code: int, names: str
) -> None:
    refused = run_cli(tmp_path, "timetable", "expand", *words)
    assert refused.code == code
    assert names in refused.err
    assert refused.out == ""
