"""Pictures without what a telephone writes into them: place, owner, time, hidden previews.

What people see stays bit for bit; so does which side is up. Sources: ITU-T T.81 annex B (JPEG),
EXIF 2.3 section 4.6, CIPA DC-007 (previews behind the picture), PNG 1.2 chapter 3.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from broadcaster.errors import InputError

_EXIF = b"Exif\0\0"
_APP1, _APP2, _APP13, _COM, _SOS, _EOI = 0xE1, 0xE2, 0xED, 0xFE, 0xDA, 0xD9
_TOLD = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})
_UPRIGHT = 1


def without_traces(content: bytes, kind: str) -> bytes:
    """The same picture, of kind "jpg" or "png". Raises InputError when it is not whole."""
    try:
        return _jpeg(content) if kind == "jpg" else _png(content)
    except (struct.error, IndexError):
        raise InputError(
            "ảnh không nguyên vẹn. Hãy mở bằng phần mềm xem ảnh rồi lưu lại.",
            "the picture is not whole. Open it in a viewer and save it again.",
        ) from None


def _jpeg(content: bytes) -> bytes:
    kept, turned = bytearray(), _UPRIGHT
    for marker, part in _parts(content):
        payload = part[4:]
        if marker == _APP1 and payload.startswith(_EXIF):
            turned = _orientation(payload[len(_EXIF) :])
        elif marker in {_APP1, _APP13, _COM} or (marker == _APP2 and payload[:4] == b"MPF\0"):
            continue
        else:
            kept += part
    return b"\xff\xd8" + (_exif(turned) if turned != _UPRIGHT else b"") + bytes(kept)


def _parts(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Every segment with its marker, a scan with the data behind it; up to the end of the image."""
    at = 2
    while True:
        while content[at + 1] == 0xFF:  # fill bytes
            at += 1
        if content[at] != 0xFF:
            raise IndexError(at)
        marker = content[at + 1]
        if marker == _EOI:
            yield marker, content[at : at + 2]
            return
        end = at + 2 + struct.unpack_from(">H", content, at + 2)[0]
        if marker == _SOS:
            end = _scan_end(content, end)
        if end > len(content):
            raise IndexError(end)
        yield marker, content[at:end]
        at = end


def _scan_end(content: bytes, at: int) -> int:
    """Where the next marker stands; a zero after FF, or a restart, belongs to the data."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise IndexError(at)
        following = content[at + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7 and following != 0xFF:
            return at
        at += 1 if following == 0xFF else 2


def _orientation(tiff: bytes) -> int:
    """Tag 0112 of the first directory; upright when it is not there or nonsense."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2], "")
    try:
        if order:
            first = struct.unpack_from(f"{order}I", tiff, 4)[0]
            for n in range(struct.unpack_from(f"{order}H", tiff, first)[0]):
                tag, kind = struct.unpack_from(f"{order}HH", tiff, first + 2 + 12 * n)
                if (tag, kind) == (0x0112, 3):
                    found = int(struct.unpack_from(f"{order}H", tiff, first + 10 + 12 * n)[0])
                    return found if 1 <= found <= 8 else _UPRIGHT
    except struct.error:
        pass
    return _UPRIGHT


def _exif(turned: int) -> bytes:
    """A segment that says which side is up, and nothing else."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, turned, 0)
    tiff = b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    return struct.pack(">BBH", 0xFF, _APP1, 2 + len(_EXIF) + len(tiff)) + _EXIF + tiff


def _png(content: bytes) -> bytes:
    kept, at = bytearray(content[:8]), 8
    while True:
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise IndexError(end)
        if name not in _TOLD:
            kept += content[at:end]
        if name == b"IEND":
            return bytes(kept)
        at = end
