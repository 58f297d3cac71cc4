"""Word .docx -> plain text in document order: paragraphs, tables row by row, numbered lists."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.oxml.ns import qn

from broadcaster.documents.encoding import refuse_legacy
from broadcaster.documents.layout import Block, joined, row
from broadcaster.documents.numbering import Numbering
from broadcaster.errors import InputError

# What a .docx may unpack to: a small file can hold gigabytes of zeros (a "zip bomb").
MAX_UNPACKED = 60_000_000
MAX_XML = 20_000_000
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Not words of a paragraph: deleted by a tracked change, moved away, its format, a second copy for
# older programs, or a text box, which comes after it.
_TEXT_BOX = qn("w:txbxContent")
_SKIPPED = frozenset({qn("w:del"), qn("w:moveFrom"), qn("w:pPr"), _FALLBACK, _TEXT_BOX})
_BREAKS = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_WRAPPERS = frozenset(map(qn, ("w:sdt", "w:sdtContent", "w:ins", "w:moveTo", "w:customXml")))

Element = Any  # lxml publishes no types


def to_text(data: bytes, name: str) -> str:
    """Raises InputError for a broken, encrypted or oversized file."""
    _refuse_unsafe(data, name)
    try:
        document = Document(io.BytesIO(data))
        text = joined(_blocks(document.element.body, Numbering(document)))
    # A damaged file fails in zip, XML or python-docx in more ways than their documentation lists.
    except Exception as error:
        raise _broken(name) from error
    refuse_legacy(text, name)
    return text


def _refuse_unsafe(data: bytes, name: str) -> None:
    if data.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in data:
        raise InputError(
            f"Tệp “{name}” có mật khẩu; hãy bỏ mật khẩu trong Word (Tệp → Thông tin) rồi thử lại.",
            f'"{name}" is protected by a password; remove it in Word (File → Info) and try again.',
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _broken(name) from error
    # zipfile never unpacks more of a part than this figure, so it may be trusted.
    largest_xml = max((p.file_size for p in parts if p.filename.endswith(".xml")), default=0)
    if sum(part.file_size for part in parts) > MAX_UNPACKED or largest_xml > MAX_XML:
        raise InputError(
            f"Tệp “{name}” quá lớn khi giải nén; hãy bỏ bớt ảnh hoặc chép phần chữ sang tệp mới.",
            f'"{name}" is too large when unpacked; remove pictures or copy its text to a new file.',
        )


def _broken(name: str) -> InputError:
    return InputError(
        f"Tệp “{name}” bị hỏng hoặc không phải .docx; "
        "hãy mở bằng Word, lưu lại thành .docx hoặc .txt rồi thử lại.",
        f'"{name}" is broken or not a .docx; open it in Word, save it as .docx or .txt.',
    )


def _blocks(container: Element, numbering: Numbering) -> Iterator[Block]:
    """Of the body, a table cell, a content control or a text box."""
    for child in container:
        if child.tag == qn("w:p"):
            yield from _paragraph(child, numbering)
        elif child.tag == qn("w:tbl"):
            for found in _own(child, "w:tr", child):
                cells = [_blocks(cell, numbering) for cell in _own(found, "w:tc", child)]
                yield from row([[block.text for block in cell] for cell in cells])
        elif child.tag in _WRAPPERS:
            yield from _blocks(child, numbering)


def _own(parent: Element, tag: str, table: Element) -> Iterator[Element]:
    """Rows or cells of `table`, without those of a table inside one of its cells."""
    for found in parent.iter(qn(tag)):
        if next(found.iterancestors(qn("w:tbl"))) is table:
            yield found


def _paragraph(paragraph: Element, numbering: Numbering) -> Iterator[Block]:
    text = "".join(_words(paragraph)).strip()
    if text:
        label = numbering.label(paragraph)
        listed = label == "- " or text.startswith(("- ", "+ "))
        yield Block(label + text, item=listed)
    for box in paragraph.iter(_TEXT_BOX):
        if next(box.iterancestors(_FALLBACK), None) is None:
            yield from _blocks(box, numbering)


def _words(element: Element) -> Iterator[str]:
    for child in element:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag not in _SKIPPED and not _hidden(child):
            yield from _words(child)


def _hidden(run: Element) -> bool:
    return run.tag == qn("w:r") and run.find(f"{qn('w:rPr')}/{qn('w:vanish')}") is not None
