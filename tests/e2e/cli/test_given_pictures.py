"""Pictures on the command line: given with words, shown in the preview, refused in words."""

from __future__ import annotations

from pathlib import Path

from clerk import AUTHOR, BOTH, TEXT, run_cli
from pictures import JPEG, png

NEW = ("announcement", "new", "--from", "-", "--as", AUTHOR)


def test_pictures_go_from_the_clerks_file_to_the_preview(fresh: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "cổng chùa.jpg", tmp_path / "bản đồ.PNG"
    first.write_bytes(JPEG)
    second.write_bytes(png())
    given = ("--picture", str(first), "--alt", "Cổng chùa", "--picture", str(second))
    made = run_cli(fresh, *NEW, *given, "--alt", "Bản đồ thôn", "--json", stdin=TEXT).ok().data
    assert [(one["kind"], one["alt"]) for one in made["pictures"]] == [
        ("jpg", "Cổng chùa"),
        ("png", "Bản đồ thôn"),
    ]
    assert (
        "Ảnh 2: Bản đồ thôn (png, 160×90)" in run_cli(fresh, "announcement", "show", "1").ok().out
    )
    run_cli(fresh, "render", "1", "--as", BOTH).ok()
    outputs = run_cli(fresh, "preview", "1", "--json").ok().data["outputs"]
    (page,) = [one["text"] for one in outputs if one["target"] == "fanpage"]
    assert page.endswith("[Ảnh 1: Cổng chùa]\n\n[Ảnh 2: Bản đồ thôn]")
    edit = ("announcement", "edit", "1", "--from", "-", "--as", AUTHOR, "--no-pictures", "--json")
    assert run_cli(fresh, *edit, stdin=TEXT).ok().data["pictures"] == []


def test_what_is_wrong_with_a_picture_is_said_with_its_name(fresh: Path, tmp_path: Path) -> None:
    paper = tmp_path / "giấy mời.jpg"
    paper.write_bytes(b"%PDF-1.7")
    for given, words in (
        (("--picture", str(paper), "--alt", "Giấy mời"), "giấy mời.jpg”: không phải ảnh"),
        (("--picture", str(tmp_path / "không có.png"), "--alt", "x"), "không có.png"),
        (("--picture", str(paper)), "1 ảnh nhưng 0 lời mô tả"),
    ):
        refused = run_cli(fresh, *NEW, *given, stdin=TEXT)
        assert refused.code == 2
        assert words in refused.err
    assert run_cli(fresh, "announcement", "list", "--json").ok().data["announcements"] == []
