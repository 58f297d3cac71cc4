"""A person's file (.txt, .md, .docx) or pasted text -> plain text, or the reason why not."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

from broadcaster.errors import InputError

MAX_BYTES = 1_000_000
# A .docx carries the commune's emblem and photographs, which are never unpacked into text.
MAX_DOCX_BYTES = 20_000_000

_TEXT = frozenset({".txt", ".text"})
_MARKDOWN = frozenset({".md", ".markdown"})
# First bytes of what people pick by mistake -> what it is.
_BINARY = {
    b"%PDF-": "PDF",
    b"{\\rtf": "RTF",
    b"\xd0\xcf\x11\xe0": "Word 97-2003 (.doc)",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"RIFF": "WAV, WebP",
    b"ID3": "MP3",
    b"PK\x03\x04": "ZIP",
}


def read_document(path: Path | str) -> str:
    """The plain text of a file; "-" reads standard input.

    Raises InputError naming the file, the line or reason, and the way out.
    """
    if str(path) == "-":
        return parse_document(sys.stdin.buffer.read(MAX_DOCX_BYTES + 1), "-")
    return parse_document(_load(Path(path)), str(path))


def _load(path: Path) -> bytes:
    try:
        if path.is_dir():  # said before opening, because Windows calls it a missing permission
            raise IsADirectoryError
        with path.open("rb") as file:
            return file.read(MAX_DOCX_BYTES + 1)  # enough to know that it is too large
    except (OSError, ValueError) as error:  # ValueError: NUL in the name
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError | ValueError) -> InputError:
    match error:
        case FileNotFoundError():
            return InputError(
                f"Không có tệp “{path}”; hãy kiểm tra lại tên và đường dẫn.",
                f'There is no file "{path}"; check its name and folder.',
            )
        case IsADirectoryError():
            return InputError(
                f"“{path}” là một thư mục; hãy chỉ một tệp .txt, .md hoặc .docx.",
                f'"{path}" is a folder; name a .txt, .md or .docx file.',
            )
        case PermissionError():
            return InputError(
                f"Không có quyền đọc tệp “{path}”; hãy chép tệp vào thư mục của bạn rồi thử lại.",
                f'No permission to read "{path}"; copy it into a folder of your own.',
            )
    reason = getattr(error, "strerror", None) or str(error)
    return InputError(
        f"Không đọc được tệp “{path}” ({reason}); hãy kiểm tra lại tên hoặc chép sang ổ đĩa khác.",
        f'Cannot read "{path}" ({reason}); check its name or copy it to another disk.',
    )


def parse_document(data: bytes, name: str) -> str:
    """The plain text of `data`, the content of a file called `name` ("-" for pasted text).

    NFC, lines ended by "\\n", a blank line between paragraphs, list items begun by "- " or their
    number. Raises InputError.
    """
    suffix = Path(name).suffix.lower()
    shown = "đầu vào" if name == "-" else Path(name).name
    is_docx = suffix == ".docx" or (not suffix and data.startswith(b"PK\x03\x04"))
    if not data.strip():
        raise _empty(shown)
    _refuse_large(len(data), MAX_DOCX_BYTES if is_docx else MAX_BYTES, shown)
    if is_docx:
        from broadcaster.documents import word  # noqa: PLC0415 - python-docx is slow to import

        text = word.to_text(data, shown)
    else:
        text = _written(data, suffix, shown)
    text = _tidy(text)
    if not text:
        raise _empty(shown)
    _refuse_large(len(text.encode()), MAX_BYTES, shown)
    return text


def _written(data: bytes, suffix: str, name: str) -> str:
    """Text or Markdown, both written by hand into a plain file."""
    from broadcaster.documents import encoding  # noqa: PLC0415 - beside its only use

    kind = next((what for start, what in _BINARY.items() if data.startswith(start)), "")
    if kind or suffix not in _TEXT | _MARKDOWN | {""}:
        raise InputError(
            f"Tệp “{name}” không phải văn bản thuần ({kind or suffix}); "
            "hãy lưu thành .docx hoặc .txt rồi thử lại.",
            f'"{name}" is not plain text ({kind or suffix}); '
            "save it as .docx or .txt and try again.",
        )
    text = encoding.decode(data, name)
    if suffix in _MARKDOWN:
        from broadcaster.documents import markdown  # noqa: PLC0415 - markdown-it is slow to import

        text = markdown.to_text(text)
    return text


def _tidy(text: str) -> str:
    """One way to write line ends, spaces and letters; at most one blank line in a row."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\u00a0", " ")
    lines = [line.rstrip() for line in text.replace("\ufeff", "").splitlines()]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(kept).rstrip()


def _empty(name: str) -> InputError:
    return InputError(
        f"Tệp “{name}” không có chữ nào; hãy viết nội dung tin rồi thử lại.",
        f'"{name}" holds no text; write the announcement and try again.',
    )


def _refuse_large(size: int, limit: int, name: str) -> None:
    if size > limit:
        limit_mb = limit // 1_000_000
        raise InputError(
            f"Tệp “{name}” dài quá {limit_mb} MB; hãy tách thành nhiều tin hoặc bỏ bớt ảnh.",
            f'"{name}" is over {limit_mb} MB; split it into several items or take pictures out.',
        )
