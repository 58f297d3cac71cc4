"""What commands answer: data alone on stdout, talk on stderr, in the language asked for."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from clerk import APPROVER, AUTHOR, BOTH, TEXT, command, environment, run_all, run_cli

DAY = f"{datetime.now(UTC) + timedelta(days=3):%d/%m/%Y}"


def test_the_whole_work_as_data(fresh: Path) -> None:
    """Each answer parses as it stands, so nothing but data is on stdout."""
    made = run_cli(
        fresh, "announcement", "new", "--from", "-", "--as", BOTH, "--json", stdin=TEXT
    ).ok()
    assert made.data["state"] == "draft"
    assert "Tiếp theo: broadcaster render 1" in made.err
    edited = run_cli(
        fresh, "announcement", "edit", "1", "--from", "-", "--as", BOTH, "--json", stdin=TEXT + "!"
    ).ok()
    assert edited.data["revision"] == 2
    rendered = run_cli(fresh, "render", "1", "--as", BOTH, "--json").ok()
    assert {one["target"] for one in rendered.data["renditions"]} == {"loa", "fanpage"}
    seen = run_cli(fresh, "preview", "1", "--json").ok().data
    assert "Họp thôn" in seen["outputs"][0]["text"]
    rule = ("1", "--on", DAY, "--at", "17:00")
    proposed = run_cli(fresh, "timetable", "preview", *rule, "--json").ok()
    assert len(proposed.data["next"]) == 1
    kept = run_cli(fresh, "timetable", "add", *rule, "--yes", "--as", AUTHOR, "--json").ok()
    assert kept.data["rules"] == [1]
    assert "chưa được duyệt thì chưa phát" in kept.err
    assert "Tin số 1 có lịch nhưng chưa có phê duyệt" in run_cli(fresh, "plan", "show").err
    returned = run_cli(
        fresh, "approval", "return", "1", "--reason", "thiếu giờ", "--as", APPROVER, "--json"
    ).ok()
    assert returned.data["state"] == "returned"
    granted = run_cli(
        fresh, "approval", "grant", "1", "--seen", seen["code"], "--accept", "đã nghe",
        "--as", APPROVER, "--json",
    )  # fmt: skip
    assert granted.code == 6, "the rule came after the preview"
    code = run_cli(fresh, "preview", "1", "--json").ok().data["code"]
    granted = run_cli(
        fresh, "approval", "grant", "1", "--seen", code, "--accept", "đã nghe",
        "--as", APPROVER, "--json",
    ).ok()  # fmt: skip
    assert granted.data["approved_by"] == APPROVER
    planned = run_cli(fresh, "plan", "show", "--json").ok()
    assert {row["state"] for row in planned.data["deliveries"]} == {"planned"}
    assert "Máy chủ chưa chạy" in planned.err
    number = str(planned.data["deliveries"][0]["id"])
    assert run_cli(fresh, "delivery", "show", number, "--json").ok().data["attempt_rows"] == []
    assert len(run_cli(fresh, "log", "--to", DAY, "--json").ok().data["deliveries"]) == 2
    english = run_cli(fresh, "--lang", "en", "timetable", "list").ok().out
    assert "once at 17:00 on" in english
    removed = run_cli(fresh, "timetable", "remove", "1", "--yes", "--as", AUTHOR, "--json").ok()
    assert removed.data["rules"] == []
    after = run_cli(fresh, "delivery", "list", "--json").ok().data["deliveries"]
    assert {row["state"] for row in after} == {"cancelled"}
    assert all("Nguyễn Thị Lan" in row["cause"] for row in after)


LOOKS = [
    ("announcement", "list"),
    ("announcement", "show", "1"),
    ("channel", "list"),
    ("person", "list"),
    ("voice", "list"),
    ("voice", "check"),
    ("delivery", "list"),
    ("station", "list"),
    ("timetable", "list"),
]
_EMPTY_YET = {"delivery", "station", "timetable"}


def test_every_look_is_data_or_words_of_one_window(approved: Path) -> None:
    for words, answer in zip(
        LOOKS, run_all(approved, *[(*words, "--json") for words in LOOKS]), strict=True
    ):
        assert isinstance(answer.ok().data, dict), words
    for words, answer in zip(LOOKS, run_all(approved, *LOOKS), strict=True):
        assert (answer.ok().out == "") == (words[0] in _EMPTY_YET), words
        assert all(len(line) <= 80 for line in answer.out.splitlines()), words


def test_deeds_are_data_too(approved: Path) -> None:
    told = run_cli(approved, "station", "code", "loa", "--as", AUTHOR, "--json").ok()
    assert len(told.data["code"]) == 14
    assert run_cli(approved, "stop-all", "--as", AUTHOR, "--json").ok().data == {"stopped": True}
    released = run_cli(approved, "stop-all", "--release", "--as", AUTHOR, "--json").ok()
    assert released.data == {"stopped": False}


@pytest.mark.parametrize(
    ("env", "words", "language"),
    [
        ({}, [], "vi"),
        ({"LANG": "C.UTF-8"}, [], "vi"),
        ({"LANG": "en_US.UTF-8"}, [], "en"),
        ({"LANG": "en_US.UTF-8", "BROADCASTER_LANG": "vi"}, [], "vi"),
        ({"LANG": "vi_VN.UTF-8"}, ["--lang", "en"], "en"),
        ({"LANG": "C", "PYTHONIOENCODING": "ascii"}, [], "vi"),
    ],
)
def test_help_and_errors_speak_the_language_asked_for(
    tmp_path: Path, env: dict[str, str], words: list[str], language: str
) -> None:
    usage, trouble = {
        "vi": ("Cách dùng: broadcaster", "Lỗi: Không có lệnh 'nhay'"),
        "en": ("Usage: broadcaster", "Error: No such command 'nhay'"),
    }[language]
    helped = run_cli(tmp_path, *words, "--help", env=env).ok()
    assert helped.out.startswith(usage)
    assert "Mã kết thúc" in helped.out or "Exit codes" in helped.out
    wrong = run_cli(tmp_path, *words, "nhay", env=env)
    assert (wrong.code, wrong.out) == (2, "")
    assert trouble in wrong.err


def test_without_an_answer_nothing_is_scheduled(approved: Path) -> None:
    """No window to ask in: the dates are shown and nothing is kept."""
    asked = run_cli(
        approved, "timetable", "add", "1", "--on", "hằng ngày", "--at", "17:00",
        "--until", DAY, "--as", AUTHOR,
    )  # fmt: skip
    assert asked.code == 2
    assert asked.err.count("17:00:00") >= 3, "the next dates, and the next seven days"
    assert "trước và sau khi đổi" in asked.err
    assert "chạy lại với --yes" in asked.err
    assert run_cli(approved, "timetable", "list", "--json").data == {"rules": []}


def test_a_reader_that_goes_away_is_no_error(approved: Path) -> None:
    with subprocess.Popen(
        command(approved, "voice", "list"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=environment(),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()
    assert "Traceback" not in said
    assert "Lỗi" not in said


def test_a_fault_of_the_program_itself_is_told_without_its_entrails(
    approved: Path, tmp_path: Path
) -> None:
    """Told where the details lie, in a file that only its reader can open."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "rich.py").write_text("raise RuntimeError('hỏng')\n", "utf-8")
    said = run_cli(
        approved, "person", "list", env={"PYTHONPATH": str(broken), "TMPDIR": str(broken)}
    )
    assert said.code == 1
    assert "sự cố ngoài dự kiến (RuntimeError)" in said.err
    (details,) = broken.glob("broadcaster-loi-*.txt")
    assert str(details) in said.err
    assert "Traceback" in details.read_text("utf-8")
    assert details.stat().st_mode & 0o077 == 0
