"""Bytes -> text: Unicode only; older Vietnamese encodings are recognised and named, not guessed."""

from __future__ import annotations

import codecs
import re

from broadcaster.errors import InputError

# Letters that Vietnamese needs and no one-byte encoding shows: a line with one of them is Unicode.
_MODERN = re.compile(r"[ăđĩũơưĂĐĨŨƠƯ\u1ea0-\u1ef9]")
# TCVN 5712 (ABC, the .VnTime fonts) puts common vowels where Latin-1 has signs; seen inside words.
_TCVN3 = re.compile(r"(?<=[A-Za-z])[µ¸¶·¹¨©®ª«¬¦»¾¼½]|[µ¸¶·¹¨©®ª«¬§¦»¾¼½](?=[a-z])")
# VNI-Windows writes a vowel, then its tone or hat as a second letter; ñ is đ, ö is ư, ô is ơ.
_VNI = re.compile(r"[aeiouyöô][ùøûõïâáàåãäêéèúüë]|ñ[aeiouyöô]|[bcdghklmnpqrstvx]ö", re.IGNORECASE)
_VNI_ONLY = frozenset("øûïäåñöëüØÛÏÄÅÑÖËÜ")
_WAY_OUT = (
    "hãy đổi sang Unicode bằng công cụ chuyển mã của UniKey (Ctrl+Shift+F6), "
    "lưu lại dạng UTF-8 rồi thử lại.",
    "convert it to Unicode with UniKey's converter (Ctrl+Shift+F6), save as UTF-8 and try again.",
)


def decode(data: bytes, name: str) -> str:
    """UTF-8 with or without BOM, or UTF-16 with BOM. Raises InputError with file, line, reason."""
    for bom in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if data.startswith(bom):
            return _checked(_strict(data, "utf-16", name), name)
    if b"\0" in data:
        raise InputError(
            f"Tệp “{name}” là tệp nhị phân, không phải văn bản; "
            "hãy lưu thành .docx hoặc .txt (UTF-8) rồi thử lại.",
            f'"{name}" is a binary file, not text; save it as .docx or .txt (UTF-8).',
        )
    return _checked(_strict(data, "utf-8-sig", name), name)


def _strict(data: bytes, codec: str, name: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        refuse_legacy(data.decode("cp1252", errors="ignore"), name)
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"Tệp “{name}”, dòng {line}: chữ không theo bảng mã UTF-8{_hint(data)}; {_WAY_OUT[0]}",
            f'"{name}", line {line}: not UTF-8{_hint(data)}; {_WAY_OUT[1]}',
        ) from None


def _hint(data: bytes) -> str:
    """Windows-1258 writes tones as marks of their own after the vowel."""
    text = data.decode("cp1258", errors="ignore")
    marks = re.findall(r"[aeiouyâăêôơư][\u0300\u0301\u0303\u0309\u0323]", text, re.IGNORECASE)
    return " (Windows-1258?)" if len(marks) > 2 else ""


def _checked(text: str, name: str) -> str:
    if found := re.search(r"[\x00-\x08\x0e-\x1f\x7f]", text):
        line = text.count("\n", 0, found.start()) + 1
        raise InputError(
            f"Tệp “{name}”, dòng {line}: có ký tự điều khiển, không phải văn bản; "
            "hãy lưu thành .docx hoặc .txt (UTF-8) rồi thử lại.",
            f'"{name}", line {line}: control characters; save it as .docx or .txt (UTF-8).',
        )
    refuse_legacy(text, name)
    return text


def refuse_legacy(text: str, name: str) -> None:
    """Raise InputError when lines look like TCVN3 or VNI, also when pasted into a Unicode file."""
    if found := legacy(text):
        encoding, line = found
        raise InputError(
            f"Tệp “{name}”, dòng {line}: chữ theo bảng mã cũ {encoding}; {_WAY_OUT[0]}",
            f'"{name}", line {line}: written in the old encoding {encoding}; {_WAY_OUT[1]}',
        )


def legacy(text: str) -> tuple[str, int] | None:
    """("TCVN3 (ABC, .VnTime)" or "VNI", first line) when the text is likely of that encoding."""
    tcvn3: list[tuple[str, int]] = []
    vni: list[tuple[str, int]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.isascii() and not _MODERN.search(line):
            tcvn3 += [(sign, number) for sign in _TCVN3.findall(line)]
            vni += [(pair, number) for pair in _VNI.findall(line)]
    if len(tcvn3) >= 3 and len({sign for sign, _ in tcvn3}) >= 2:
        return "TCVN3 (ABC, .VnTime)", tcvn3[0][1]
    telling = {letter for pair, _ in vni for letter in pair if letter in _VNI_ONLY}
    if len(vni) >= 3 and len(telling) >= 2:
        return "VNI", vni[0][1]
    return None
