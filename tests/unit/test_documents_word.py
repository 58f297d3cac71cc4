"""A Word file is read whole and in order, or refused with its name and the way out."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.documents import parse_document
from broadcaster.errors import InputError


def _refusal(data: bytes, name: str) -> str:
    with pytest.raises(InputError) as caught:
        parse_document(data, name)
    assert caught.value.text.en
    return caught.value.text.vi


def saved(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def xml(source: str) -> Any:
    head, _, rest = source.partition(">")
    return parse_xml(f"{head} {nsdecls('w')}>{rest}")


def test_word_text_comes_in_document_order_with_tables_row_by_row() -> None:
    document = docx.Document()
    head = document.add_table(1, 2)
    head.cell(0, 0).text = "UBND XÃ KẺ SẶT"
    head.cell(0, 1).text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    head.cell(0, 1).add_paragraph("Độc lập - Tự do - Hạnh phúc")
    document.add_heading("KẾ HOẠCH")
    paragraph = document.add_paragraph("Căn cứ ")
    paragraph.add_run("Quyết định").bold = True
    paragraph.add_run(" số 5\nđã ban hành")
    document.add_paragraph("Thôn Đông", style="List Bullet")
    document.add_paragraph("Thôn Tây", style="List Bullet")
    document.add_paragraph("Việc một", style="List Number")
    document.add_paragraph("Việc hai", style="List Number")
    table = document.add_table(2, 2)
    for index, text in enumerate(["Thôn", "Giờ", "Đông", ""]):
        table.cell(index // 2, index % 2).text = text
    document.add_paragraph("Nơi nhận")
    assert parse_document(saved(document), "a.docx") == (
        "UBND XÃ KẺ SẶT\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\n"
        "KẾ HOẠCH\n\nCăn cứ Quyết định số 5\nđã ban hành\n\n- Thôn Đông\n- Thôn Tây\n\n"
        "1. Việc một\n\n2. Việc hai\n\nThôn; Giờ\nĐông\n\nNơi nhận"
    )


def test_word_outline_numbers_are_drawn_as_word_draws_them() -> None:
    document = docx.Document()
    levels = [("upperRoman", "%1."), ("decimal", "Điều %2."), ("lowerLetter", "%2%3)")]
    lvls = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for i, (form, text) in enumerate(levels)
    )
    numbering = document.part.numbering_part.element
    numbering.insert(0, xml(f'<w:abstractNum w:abstractNumId="77">{lvls}</w:abstractNum>'))
    numbering.append(xml('<w:num w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    numbering.append(
        xml(
            '<w:num w:numId="78"><w:abstractNumId w:val="77"/><w:lvlOverride w:ilvl="0">'
            '<w:startOverride w:val="9"/></w:lvlOverride></w:num>'
        )
    )
    for num, level in [(77, 0), (77, 1), (77, 2), (77, 2), (77, 1), (77, 0), (77, 1), (78, 0)]:
        properties = document.add_paragraph("x")._p.get_or_add_pPr()
        properties.append(
            xml(f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>')
        )
    assert parse_document(saved(document), "a.docx").split("\n\n") == [
        "I. x", "Điều 1. x", "1a) x", "1b) x", "Điều 2. x", "II. x", "Điều 1. x", "IX. x",
    ]  # fmt: skip


def test_word_changes_are_read_as_accepted_and_boxes_and_fields_are_not_lost() -> None:
    document = docx.Document()
    body = document.element.body
    run = "<w:r><w:t>{}</w:t></w:r>"
    for number, inner in enumerate(
        [
            f"<w:ins>{run.format('mới')}</w:ins><w:del><w:r><w:delText>cũ</w:delText></w:r></w:del>",
            f"<w:sdt><w:sdtContent>{run.format('ô điền')}</w:sdtContent></w:sdt>",
            f"<w:hyperlink>{run.format('liên kết')}</w:hyperlink>",
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r>" + run.format("hiện"),
            "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>trong khung</w:t></w:r></w:p>"
            "</w:txbxContent></w:pict></w:r>" + run.format("ngoài khung"),
        ]
    ):
        body.insert(number, xml(f"<w:p>{inner}</w:p>"))
    body.insert(
        5, xml(f"<w:sdt><w:sdtContent><w:p>{run.format('cả đoạn')}</w:p></w:sdtContent></w:sdt>")
    )
    assert parse_document(saved(document), "a.docx").split("\n\n") == [
        "mới", "ô điền", "liên kết", "hiện", "ngoài khung", "trong khung", "cả đoạn",
    ]  # fmt: skip


def test_word_written_with_an_old_font_is_named() -> None:
    document = docx.Document()
    document.add_paragraph("Kính gửi")
    document.add_paragraph("Uû ban nh©n d©n x· KÎ SÆt th«ng b¸o lÞch tiªm")
    assert "TCVN3" in _refusal(saved(document), "cũ.docx")


def _zip(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _notice() -> bytes:
    document = docx.Document()
    document.add_paragraph("Mời họp")
    return saved(document)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"not a zip", "bị hỏng"),
        (_notice()[:-300], "bị hỏng"),
        (_zip({"mimetype": b"application/vnd.oasis.opendocument.text"}), "bị hỏng"),
        (_notice().replace(b"word/document.xml", b"word/documenx.xml"), "bị hỏng"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "có mật khẩu"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 512, "bị hỏng"),
        (_zip({"word/document.xml": bytes(80_000_000)}), "quá lớn khi giải nén"),
        (
            _zip({f"word/media/{n}.bmp": bytes(20_000_000) for n in range(4)}),
            "quá lớn khi giải nén",
        ),
        (saved(docx.Document()), "không có chữ nào"),
    ],
    ids=["noise", "cut", "odt", "no-body", "password", "doc", "bomb-xml", "bomb-media", "blank"],
)
def test_word_files_that_cannot_be_read_say_why_and_what_to_do(data: bytes, reason: str) -> None:
    message = _refusal(data, "kế hoạch.docx")
    assert "“kế hoạch.docx”" in message
    assert reason in message
    assert "hãy" in message


@given(at=st.integers(0, len(_notice()) - 1), byte=st.integers(0, 255))
def test_no_damage_to_a_word_file_escapes_as_another_error(at: int, byte: int) -> None:
    data = bytearray(_notice())
    data[at] = byte
    try:
        said = parse_document(bytes(data), "a.docx")
    except InputError as error:
        said = error.text.vi
    assert said == "Mời họp" or "“a.docx”" in said


def test_pasted_word_files_are_recognised_without_a_name() -> None:
    assert parse_document(_notice(), "-") == "Mời họp"
