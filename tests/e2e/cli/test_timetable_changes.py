"""The timetable, days off and mandatory publicity on the command line, once through."""

from __future__ import annotations

from pathlib import Path

from clerk import APPROVER, AUTHOR, BOTH, run_cli

_AS = ("--target", "fanpage", "--yes", "--as", AUTHOR)
_HOLIDAY = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    "SUMMARY:Nghỉ bù\r\nDTSTART;VALUE=DATE:20270104\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_rules_are_written_reworded_and_exported(rendered: Path) -> None:
    added = run_cli(
        rendered, "timetable", "add", "1", "--lunar", "mồng 1, rằm", "--at", "17:00",
        "--skip", "Tết", *_AS, "--json",
    ).ok()  # fmt: skip
    assert added.data["rules"] == [1]
    assert added.data["words"][0].startswith("mồng 1, rằm âm lịch hằng tháng lúc 17:00")
    edited = run_cli(
        rendered, "timetable", "edit", "1", "--on", "hằng ngày", "--at", "17:00", *_AS, "--json"
    ).ok()
    assert (edited.data["rules"], len(edited.data["after"])) == ([1], 1), "a post goes out once"
    assert "Trước" in edited.err
    day = edited.data["next"][1][:10]
    skipped = run_cli(rendered, "timetable", "skip", "1", day, "--yes", "--as", AUTHOR, "--json")
    assert day not in {one[:10] for one in skipped.ok().data["next"]}
    file = rendered / "lich.ics"
    assert run_cli(rendered, "timetable", "export", str(file), "--json").ok().data["events"] == 1
    assert b"RRULE:FREQ=DAILY" in file.read_bytes()
    removed = run_cli(rendered, "timetable", "remove", "1", "--yes", "--as", AUTHOR)
    assert "Đã gỡ lịch số 1" in removed.ok().out


def test_days_off_come_from_a_file_and_go_again(fresh: Path) -> None:
    file = fresh / "le.ics"
    file.write_text(_HOLIDAY, encoding="utf-8")
    taken = run_cli(fresh, "holiday", "import", str(file), "--yes", "--as", AUTHOR, "--json").ok()
    assert taken.data["kept"] == [{"day": "2027-01-04", "name": "Nghỉ bù", "key": ""}]
    listed = run_cli(fresh, "holiday", "list", "--year", "2027", "--json").ok().data["holidays"]
    assert {"2027-01-04", "2027-02-06", "2027-09-02"} <= {one["day"] for one in listed}
    run_cli(fresh, "holiday", "remove", "04/01/2027", "--yes", "--as", AUTHOR).ok()
    file.write_text("không phải lịch", encoding="utf-8")
    refused = run_cli(fresh, "holiday", "import", str(file), "--yes", "--as", AUTHOR)
    assert refused.code == 2
    assert "le.ics: không phải tệp iCalendar" in refused.err


def test_mandatory_publicity_shows_what_is_open(rendered: Path) -> None:
    settings = rendered / "broadcaster.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace('key = "loa"', 'key = "loa"\nvillage = "thôn Đông"'), "utf-8")
    marked = run_cli(
        rendered, "publicity", "mark", "1", "--basis", "Luật 10/2022/QH15, Điều 11",
        "--from", "01/11/2026", "--as", BOTH, "--json",
    ).ok()  # fmt: skip
    assert [one["village"] for one in marked.data["villages"]] == ["thôn Đông"]
    run_cli(rendered, "publicity", "confirm", "1", "--village", "thôn Đông", "--as", BOTH).ok()
    shown = run_cli(rendered, "publicity", "show", "1", "--json").ok().data
    assert shown["complete"] is False
    assert shown["villages"][0]["confirmed_by"] == BOTH
    assert "thôn Đông" in run_cli(rendered, "publicity", "list", "--open").ok().out
    denied = run_cli(
        rendered, "publicity", "confirm", "1", "--village", "thôn Đông", "--as", APPROVER
    )
    assert denied.code == 6
