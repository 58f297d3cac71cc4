"""Bad input: a clear message with the way out, a non-zero exit, and nothing half-written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from clerk import APPROVER, AUTHOR, BOTH, contents, run_all, run_cli

VIETNAMESE = "Thông báo: ngày mai mời bà con đi họp ở nhà văn hóa thôn, đúng giờ.\n"
LONG = "Mời bà con đi họp.\n" * 4200  # 100 kB
TCVN3 = "Th«ng b¸o häp th«n: mêi bµ con ®i häp ®óng giê t¹i nhµ v¨n hãa.".encode("latin-1")

FILES = {
    "trong.txt": (b"", "không có chữ nào"),
    "khoang-trang.txt": (b" \n\t\n  \n", "không có chữ nào"),
    "bieu-tuong.txt": ("😀 🎉\n👍".encode(), "Bản tin trống"),
    "dai.txt": (LONG.encode(), "giới hạn 20.000"),
    "nhi-phan.txt": (bytes(range(256)) * 8, "nhị phân"),
    "anh.txt": (b"\x89PNG\r\n\x1a\n" + bytes(64), "PNG"),
    "cu.txt": (TCVN3, "dòng 1"),
    "sai-ma.txt": (VIETNAMESE.encode() + b"\xff\xfe\n", "dòng 2"),
    "hong.docx": (b"PK\x03\x04" + b"x" * 200, "bị hỏng"),
}


def test_a_file_that_is_no_announcement_is_named_and_nothing_is_kept(
    fresh: Path, tmp_path: Path
) -> None:
    for name, (data, _) in FILES.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "thu-muc.txt").mkdir()
    expected = {name: said for name, (_, said) in FILES.items()}
    expected |= {"thu-muc.txt": "là một thư mục", "khong-co.docx": "Không có tệp"}
    before = contents(fresh)
    calls = [
        ("announcement", "new", "--from", str(tmp_path / name), "--as", AUTHOR) for name in expected
    ]
    for (name, said), refused in zip(expected.items(), run_all(fresh, *calls), strict=True):
        assert (refused.code, refused.out) == (2, ""), name
        assert name in refused.err
        assert said in refused.err, name
        assert "hãy" in refused.err.lower(), f"the way out of {name}"
    assert contents(fresh) == before


def test_pasted_nothing_is_refused_too(fresh: Path) -> None:
    refused = run_cli(fresh, "announcement", "new", "--from", "-", "--as", AUTHOR, stdin="\n \n")
    assert refused.code == 2
    assert "không có chữ nào" in refused.err


def test_the_same_mistakes_are_told_in_english_and_as_json(fresh: Path) -> None:
    refused = run_cli(
        fresh, "--lang", "en", "announcement", "new", "--from", "no.txt", "--as", AUTHOR, "--json"
    )
    assert refused.code == 2
    assert refused.data["error"]["exit_code"] == 2
    assert 'no file "no.txt"' in refused.data["error"]["en"]
    assert "There is no file" in refused.err
    assert "Lỗi" not in refused.err


def test_an_unknown_outlet_is_answered_with_the_known_ones(fresh: Path) -> None:
    before = contents(fresh)
    refused = run_cli(
        fresh, "announcement", "new", "--from", "-", "--target", "tiktok", "--as", AUTHOR,
        stdin=VIETNAMESE,
    )  # fmt: skip
    assert refused.code == 2
    assert "Không có kênh “tiktok”" in refused.err
    assert "loa, fanpage" in refused.err
    assert contents(fresh) == before


def test_an_edit_with_nothing_to_read_leaves_the_revision_as_it_was(
    rendered: Path, tmp_path: Path
) -> None:
    (tmp_path / "moi.txt").write_bytes(b"\n")
    before = contents(rendered)
    refused = run_cli(
        rendered, "announcement", "edit", "1", "--from", str(tmp_path / "moi.txt"), "--as", BOTH
    )
    assert refused.code == 2
    assert contents(rendered) == before


TIMES = {
    ("01/01/2020", "07:00"): "07:00:00 01/01/2020 đã qua",
    ("31/02/2031", "07:00"): "Ngày “31/02/2031” không hợp lệ",
    ("thứ tám", "07:00"): "Không hiểu ngày “thứ tám”",
    ("hằng ngày", "25:00"): "Giờ “25:00” không hợp lệ",
    ("hằng ngày", ","): "Thiếu giờ phát",
}


def test_a_time_that_cannot_be_is_named_and_not_kept(rendered: Path) -> None:
    before = contents(rendered)
    calls = [
        ("timetable", "add", "1", "--on", on, "--at", at, "--yes", "--as", BOTH) for on, at in TIMES
    ]
    for said, refused in zip(TIMES.values(), run_all(rendered, *calls), strict=True):
        assert refused.code == 2, said
        assert said in refused.err
    assert contents(rendered) == before


def tomorrow() -> str:
    local = datetime.now(UTC).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    return f"{local + timedelta(days=1):%d/%m/%Y}"


def test_two_items_on_one_station_in_one_minute_are_refused_with_the_next_free_time(
    rendered: Path,
) -> None:
    run_cli(rendered, "announcement", "new", "--from", "-", "--as", AUTHOR, stdin=VIETNAMESE).ok()
    at = ("--on", tomorrow(), "--at", "17:00", "--yes", "--as", AUTHOR)
    run_cli(rendered, "timetable", "add", "1", *at).ok()
    before = contents(rendered)
    refused = run_cli(rendered, "timetable", "add", "2", *at)
    assert refused.code == 6
    assert "cụm loa “loa” đã có tin số 1" in refused.err
    assert "Giờ trống gần nhất: 17:00:" in refused.err
    assert contents(rendered) == before


def test_quiet_hours_are_refused_with_the_earliest_hour(rendered: Path) -> None:
    settings = rendered / "broadcaster.toml"
    text = settings.read_text("utf-8").replace('[policy]\nquiet_hours = "none"', "[policy]")
    settings.write_text(text, "utf-8")
    refused = run_cli(
        rendered, "timetable", "add", "1", "--on", tomorrow(), "--at", "22:00", "--yes",
        "--as", AUTHOR,
    )  # fmt: skip
    assert refused.code == 6
    assert "giờ yên tĩnh 21:00–06:00" in refused.err
    assert "sớm nhất là 06:00" in refused.err


def grant(home: Path, person: str, *more: str) -> tuple[int, str]:
    result = run_cli(home, "approval", "grant", "1", "--as", person, "--accept", "đã nghe", *more)
    return result.code, result.err


def test_nobody_approves_his_own_and_nobody_twice(rendered: Path) -> None:
    before = contents(rendered)
    code, said = grant(rendered, BOTH)
    assert code == 6
    assert "Lê Thị Hoa là người soạn tin này nên không thể tự duyệt" in said
    code, said = grant(rendered, AUTHOR)
    assert code == 6
    assert "không có quyền duyệt bản tin" in said
    assert contents(rendered) == before
    assert grant(rendered, APPROVER)[0] == 0
    before = contents(rendered)
    code, said = grant(rendered, APPROVER)
    assert code == 6
    assert "Tin số 1 đã được minh duyệt rồi" in said
    assert contents(rendered) == before


def test_what_changed_since_it_was_rendered_cannot_be_approved(rendered: Path) -> None:
    seen = run_cli(rendered, "preview", "1", "--json").ok().data["code"]
    run_cli(
        rendered, "announcement", "edit", "1", "--from", "-", "--as", BOTH, stdin=VIETNAMESE
    ).ok()
    before = contents(rendered)
    code, said = grant(rendered, APPROVER)
    assert code == 6
    assert "Hãy chạy: broadcaster render 1" in said
    assert contents(rendered) == before
    run_cli(rendered, "render", "1", "--as", BOTH).ok()
    before = contents(rendered)
    code, said = grant(rendered, APPROVER, "--seen", seen)
    assert code == 6
    assert f"không phải {seen}: bản tin đã thay đổi" in said
    assert contents(rendered) == before


def test_sound_that_was_changed_on_the_disk_cannot_be_approved(rendered: Path) -> None:
    preview = run_cli(rendered, "preview", "1", "--json").ok().data
    (spoken,) = [output for output in preview["outputs"] if output["channel"] == "loudspeaker"]
    sound = Path(spoken["audio"])
    sound.write_bytes(sound.read_bytes()[:-2])
    code, said = grant(rendered, APPROVER)
    assert code == 6
    assert f"{sound.name} bị mất hoặc đã thay đổi" in said


def test_a_fallback_voice_goes_out_only_when_somebody_accepts_it(rendered: Path) -> None:
    refused = run_cli(rendered, "approval", "grant", "1", "--as", APPROVER)
    assert refused.code == 6
    assert "--accept" in refused.err


def test_without_a_name_and_with_a_wrong_one(rendered: Path) -> None:
    nobody = run_cli(rendered, "render", "1")
    assert nobody.code == 2
    assert "Thêm --as TÊN" in nobody.err
    stranger = run_cli(rendered, "render", "1", "--as", "ai-do")
    assert stranger.code == 2
    assert "broadcaster person list" in stranger.err
    assert run_cli(rendered, "render", "1", env={"BROADCASTER_AS": BOTH}).code == 0
