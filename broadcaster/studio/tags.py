"""Tags of an MP3 file: ID3 version 2.3 with Unicode text, which even old players read."""

from __future__ import annotations

import struct
from collections.abc import Mapping

_FRAMES = {"title": b"TIT2", "artist": b"TPE1", "album": b"TALB", "date": b"TYER"}


def id3(tags: Mapping[str, str]) -> bytes:
    """The tag block; empty without tags. Names: title, artist, album, date, comment."""
    frames = [_frame(code, _text(tags[name])) for name, code in _FRAMES.items() if tags.get(name)]
    if comment := tags.get("comment"):
        empty = "".encode("utf-16") + b"\0\0"
        frames.append(_frame(b"COMM", b"\x01vie" + empty + comment.encode("utf-16")))
    body = b"".join(frames)
    return b"ID3\x03\0\0" + _seven_bits(len(body)) + body if body else b""


def _frame(code: bytes, content: bytes) -> bytes:
    return code + struct.pack(">IH", len(content), 0) + content


def _text(value: str) -> bytes:
    return b"\x01" + value.encode("utf-16")


def _seven_bits(size: int) -> bytes:
    """The size with seven bits in each byte, as the format wants it."""
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
