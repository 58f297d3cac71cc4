"""A picture that goes with an announcement: a part of its revision, approved like its words."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from broadcaster.errors import InputError

MAX_BYTES = 10 * 1024 * 1024
"""Bytes. Outlets take less (Fanpage 4 MB); they refuse with their own limit when rendering."""
MAX_PICTURES = 10
MAX_ALT = 300
MAX_SIDE = 20_000
MIME = {"jpg": "image/jpeg", "png": "image/png"}
"""The two kinds that every outlet takes."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"IEND\xaeB`\x82"
_JPEG_END = b"\xff\xd9"
# ITU-T T.81, table B.1: the frame headers, which hold height and width.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Picture:
    """Named by SHA-256; `kind` is "jpg" or "png", `size` in bytes, sides in pixels.

    `alt` says in words what is to be seen, for people who cannot see it.
    """

    digest: str
    kind: str
    size: int
    width: int
    height: int
    alt: str

    @property
    def mime(self) -> str:
        return MIME[self.kind]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> Picture:
        return cls(**values)


def picture_of(content: bytes, alt: str) -> Picture:
    """What the bytes are, whatever the file is called. Raises InputError."""
    said = " ".join(unicodedata.normalize("NFC", alt).split())
    if not said or len(said) > MAX_ALT or not said.isprintable():
        raise InputError(
            f"mỗi ảnh cần một lời mô tả trên một dòng, không quá {MAX_ALT} ký tự "
            "(cho người khiếm thị nghe được).",
            f"every picture needs a description of one line, at most {MAX_ALT} characters.",
        )
    if len(content) > MAX_BYTES:
        raise InputError(
            f"ảnh nặng {_megabytes(len(content))}, giới hạn là {_megabytes(MAX_BYTES)}. "
            "Hãy thu nhỏ ảnh.",
            f"the picture has {len(content)} bytes, the limit is {MAX_BYTES}. Make it smaller.",
        )
    kind, width, height = _look(content)
    if not kind or not 0 < width <= MAX_SIDE or not 0 < height <= MAX_SIDE:
        raise InputError(
            "không phải ảnh JPEG hoặc PNG nguyên vẹn. Hãy lưu lại ảnh dạng .jpg hoặc .png.",
            "not a whole JPEG or PNG picture. Save it again as .jpg or .png.",
        )
    digest = hashlib.sha256(content).hexdigest()
    return Picture(digest, kind, len(content), width, height, said)


def check_pictures(pictures: list[Picture]) -> None:
    """Raise InputError for too many, or the same twice: outlets refuse that."""
    digests = {one.digest for one in pictures}
    if len(pictures) > MAX_PICTURES or len(digests) < len(pictures):
        raise InputError(
            f"Một bản tin có nhiều nhất {MAX_PICTURES} ảnh, không ảnh nào trùng ảnh nào. "
            "Hãy bỏ bớt.",
            f"An announcement has at most {MAX_PICTURES} pictures, each one once. Leave some out.",
        )


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB".replace(".", ",")


def _look(content: bytes) -> tuple[str, int, int]:
    """Kind, width and height by the file's own marks; an empty kind when it is not whole."""
    if content.startswith(_PNG) and content[12:16] == b"IHDR" and _PNG_END in content[-64:]:
        return "png", _number(content[16:20]), _number(content[20:24])
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    return "", 0, 0


def _jpeg(content: bytes) -> tuple[str, int, int]:
    for marker, start in _segments(content):
        if marker in _FRAMES and _JPEG_END in content[start:]:
            frame = content[start : start + 5]
            return "jpg", _number(frame[3:5]), _number(frame[1:3])
    return "", 0, 0


def _segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Each marker before the image data with the place of its payload."""
    at = 2
    while content[at : at + 1] == b"\xff" and at + 4 <= len(content):
        marker = content[at + 1]
        if marker == 0xFF:  # fill bytes may stand before a marker
            at += 1
            continue
        if marker == 0xDA:  # the image data begins
            return
        yield marker, at + 4
        at += 2 + max(_number(content[at + 2 : at + 4]), 2)


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
