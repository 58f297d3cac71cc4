"""What people hand in becomes plain text, or they are told which file, why, and the way out."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from broadcaster.documents import MAX_BYTES, MAX_DOCX_BYTES, parse_document, read_document
from broadcaster.documents.encoding import legacy
from broadcaster.errors import InputError

NOTICE = "Thông báo\n\nMời bà con đến Nhà văn hóa thôn Đông lúc 7h30 ngày 09/4/2026."


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(InputError) as caught:
        parse_document(data, name)
    assert caught.value.text.en
    return caught.value.text.vi


# Plain text


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_text_is_read_with_or_without_a_byte_order_mark(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "tin bài.txt"
    path.write_bytes(NOTICE.encode(codec))
    assert read_document(path) == NOTICE


def test_big_endian_utf_16_is_read_too() -> None:
    assert parse_document(b"\xfe\xff" + NOTICE.encode("utf-16-be"), "a.txt") == NOTICE


def test_line_ends_spaces_and_letters_come_out_in_one_form() -> None:
    messy = "\n\n Mời\u00a0họp  \r\n\r\n\r\n\r\nthôn Đông\r\n"
    data = unicodedata.normalize("NFD", messy).encode()
    assert parse_document(data, "a.txt") == " Mời họp\n\nthôn Đông"


def test_a_dash_reads_standard_input() -> None:
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "from broadcaster.documents import *; print(ascii(read_document('-')))",
        ],
        input=NOTICE.encode(),
        capture_output=True,
        check=True,
    )
    assert run.stdout.decode().strip() == ascii(NOTICE)


# Old encodings: the same greeting as those programs wrote it

TCVN3 = "Uû ban nh©n d©n x· KÎ SÆt th«ng b¸o lÞch tiªm phßng cho trÎ em"
VNI = "UÛy ban nhaân daân xaõ Keû Saët thoâng baùo lòch tieâm phoøng"


@pytest.mark.parametrize(("text", "encoding"), [(TCVN3, "TCVN3"), (VNI, "VNI")])
def test_old_vietnamese_encodings_are_named(text: str, encoding: str) -> None:
    for codec in ("cp1252", "utf-8"):  # as the old program saved it, and as pasted into a new one
        message = refusal(
            b"K\xc3\xadnh g\xe1\xbb\xadi\n" * (codec == "utf-8") + text.encode(codec), "cũ.txt"
        )
        assert encoding in message
        assert "“cũ.txt”, dòng " in message
        assert "UniKey" in message


def test_the_line_of_the_old_encoding_is_named() -> None:
    assert legacy(f"{NOTICE}\n{TCVN3}") == ("TCVN3 (ABC, .VnTime)", 4)


def test_other_bytes_are_refused_with_their_line() -> None:
    data = (
        "Kính gửi\nMời họp ở thôn".encode()
        + "\nHẹn gặp".encode("cp1258", errors="ignore")
        + b"\xff"
    )
    message = refusal(data, "a.txt")
    assert "dòng 3" in message
    assert "UTF-8" in message


def test_windows_1258_is_suspected_by_its_loose_tone_marks() -> None:
    assert "Windows-1258" in refusal(
        "Mơ\u0300i ho\u0323p đa\u0309ng viên ca\u0301c thôn".encode("cp1258"), "a.txt"
    )


@pytest.mark.parametrize(
    "text",
    [
        NOTICE,
        "Hoà, toà, hoá, khoá, loà xoà, xoá, thoá",
        "Broadcaster® ©2026 5µm ±2°",
        "Bà con ơi! Xã ta có hội thi “gói bánh” à?",
        "Die Straße über Köln, schön, Müller, größer",
        "OK, naïve café crème brûlée à la carte",
    ],
)
def test_modern_text_is_never_taken_for_an_old_encoding(text: str) -> None:
    assert legacy(text) is None


# Markdown


def test_markdown_loses_its_marks_and_keeps_its_order() -> None:
    source = """\
# Lịch **tiêm**

Mời bà con [đọc thêm](https://vi.du) và
đến *đúng giờ*.<br>Xin cảm ơn.

- Thôn Đông
- Thôn `Tây`
    1. buổi sáng
    2. buổi chiều

| Thôn | Giờ |
|------|-----|
| Đông | 7h30 |

<!-- ghi chú riêng -->
> Trân trọng!
"""
    assert parse_document(source.encode(), "a.md") == (
        "Lịch tiêm\n\n"
        "Mời bà con đọc thêm và đến đúng giờ.\nXin cảm ơn.\n\n"
        "- Thôn Đông\n- Thôn Tây\n1. buổi sáng\n2. buổi chiều\nThôn; Giờ\nĐông; 7h30\n\n"
        "Trân trọng!"
    )


# Refusals


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.txt", "không có chữ nào"),
        (b" \n\t", "a.txt", "không có chữ nào"),
        (b"\xef\xbb\xbf", "a.md", "không có chữ nào"),
        (b"a" * (MAX_BYTES + 1), "a.txt", "dài quá 1 MB"),
        (b"PK\x03\x04" * (MAX_DOCX_BYTES // 4 + 1), "a.docx", "dài quá 20 MB"),
        (b"abc\0def", "a.txt", "nhị phân"),
        (b"%PDF-1.7 ...", "a.pdf", "PDF"),
        (b"%PDF-1.7 ...", "a.txt", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "a.png", "PNG"),
        (b"{\\rtf1", "a.txt", "RTF"),
        (b"\xd0\xcf\x11\xe0", "a.doc", ".doc"),
        (b"<html>", "a.html", ".html"),
        ("dòng một\nchuông \x07".encode(), "a.txt", "dòng 2: có ký tự điều khiển"),
    ],
)
def test_what_is_no_announcement_is_refused(data: bytes, name: str, reason: str) -> None:
    message = refusal(data, name)
    assert name in message
    assert reason in message
    assert "hãy" in message


def _folder(path: Path) -> Path:
    return path


def _missing(path: Path) -> Path:
    return path / "không có.txt"


def _long_name(path: Path) -> Path:
    return path / ("a" * 300)


def _link_to_itself(path: Path) -> Path:
    (path / "vòng.txt").symlink_to(path / "vòng.txt")
    return path / "vòng.txt"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_folder, "là một thư mục"),
        (_missing, "Không có tệp"),
        (_long_name, "Không đọc được tệp"),
        pytest.param(
            _link_to_itself,
            "Không đọc được tệp",
            marks=pytest.mark.skipif(os.name == "nt", reason="links need a right on Windows"),
        ),
    ],
)
def test_a_path_without_a_readable_file_is_named(
    make: Callable[[Path], Path], reason: str, tmp_path: Path
) -> None:
    path = make(tmp_path)
    with pytest.raises(InputError) as caught:
        read_document(path)
    assert reason in caught.value.text.vi
    assert str(path) in caught.value.text.vi


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_file_of_somebody_else_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mật.txt"
    path.write_text(NOTICE, encoding="utf-8")
    path.chmod(0)
    me = os.geteuid()
    if me == 0:  # root may read everything
        os.seteuid(65534)
    try:
        with pytest.raises(InputError) as caught:
            read_document(path)
    finally:
        os.seteuid(me)
    assert "Không có quyền đọc" in caught.value.text.vi
    assert str(path) in caught.value.text.vi


def test_an_endless_file_is_not_read_to_its_end() -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("this system has no endless file")
    with pytest.raises(InputError):
        read_document("/dev/zero")
