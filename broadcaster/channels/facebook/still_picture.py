"""A picture with words on it, for a video that has nothing but sound. Needs the extra "video"."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster.errors import Refused

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

SIZE = (1280, 720)
"""Pixels, 16:9; even numbers, as H.264 needs."""

LETTERS = "ăâđêôơưàảãạáằẳẵặắầẩẫậấèẻẽẹéềểễệếìỉĩịíòỏõọóồổỗộốờởỡợớùủũụúừửữựứỳỷỹỵý"
"""Every Vietnamese letter with marks; a font must have them all, in capitals too."""

_GROUND, _INK, _SOFT = (16, 62, 112), (255, 255, 255), (190, 212, 236)
_MARGIN = 90
_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("C:/Windows/Fonts"),
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts/Supplemental"),
)
_NAMES = (
    "BeVietnamPro-Bold.ttf",
    "NotoSans-Bold.ttf",
    "DejaVuSans-Bold.ttf",
    "LiberationSans-Bold.ttf",
    "arialbd.ttf",
    "Arial Bold.ttf",
    "DejaVuSans.ttf",
    "Arial.ttf",
    "arial.ttf",
)


def missing() -> list[str]:
    """The packages of the extra "video" that are not installed."""
    return [name for name in ("av", "PIL") if find_spec(name) is None]


def need_extra(who: str) -> None:
    """Raises Refused that names the extra, before anything is sent."""
    if missing():
        raise Refused(
            f"{who}: muốn đăng video cần cài thêm phần bổ sung “video”. Hãy chạy: "
            "pip install 'commune-broadcaster[video]' (hoặc: pip install av pillow), rồi thử lại.",
            f"{who}: posting videos needs the optional extra “video”. Run: "
            "pip install 'commune-broadcaster[video]' (or: pip install av pillow).",
            code="no-extra",
        )


def speaks_vietnamese(font: ImageFont.FreeTypeFont) -> bool:
    """Whether the font draws every letter as a shape of its own, not as its "unknown" box."""
    unknown = bytes(font.getmask("\uffff"))
    return all(bytes(font.getmask(c)) != unknown for c in LETTERS + LETTERS.upper())


@cache
def _font_file(given: str) -> Path | None:
    """The file given, else the first usual one that can write Vietnamese; None: there is none."""
    from PIL import ImageFont  # noqa: PLC0415 - the optional extra

    files = [Path(given)] if given else list(_usual())
    for file in files:
        try:
            if speaks_vietnamese(ImageFont.truetype(str(file), 40)):
                return file
        except OSError:
            continue
    return None


def _usual() -> Iterator[Path]:
    there = [folder for folder in _FOLDERS if folder.is_dir()]
    for name in _NAMES:
        for folder in there:
            yield from sorted(folder.rglob(name))


def draw(who: str, title: str, below: str, font: str = "") -> bytes:
    """A PNG with the title, and `below` it the commune and number. Raises Refused."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - the optional extra

    file = _font_file(font)
    if file is None:
        raise Refused(
            f"{who}: không tìm thấy phông chữ viết được tiếng Việt để vẽ ảnh cho video. Hãy cài "
            "phông (Debian: fonts-dejavu-core), hoặc ghi đường dẫn tệp .ttf vào mục “font”, hoặc "
            "kèm một ảnh vào bản tin.",
            f"{who}: no font that can write Vietnamese was found for the video's picture. Install "
            "one (Debian: fonts-dejavu-core), name a .ttf file in the option “font”, or give the "
            "announcement a picture.",
            code="no-font",
        )
    image = Image.new("RGB", SIZE, _GROUND)
    pen = ImageDraw.Draw(image)
    small = ImageFont.truetype(str(file), 34)
    foot = _wrapped(pen, small, below)
    room = SIZE[1] - 2 * _MARGIN - 60 * (len(foot) + 1)
    for size in range(84, 28, -6):
        large = ImageFont.truetype(str(file), size)
        lines = _wrapped(pen, large, title)
        if len(lines) * size * 1.35 <= room:
            break
    at = float(_MARGIN)
    for words, used, colour, step in ((lines, large, _INK, size * 1.35), (foot, small, _SOFT, 60)):
        for line in words:
            pen.text((_MARGIN, at), line, font=used, fill=colour)
            at += step
        at += 60
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _wrapped(pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, text: str) -> Sequence[str]:
    """Lines that fit between the margins, broken between words."""
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for word in part.split():
            longer = f"{line} {word}".strip()
            if line and pen.textlength(longer, font=font) > SIZE[0] - 2 * _MARGIN:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines
