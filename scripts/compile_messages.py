"""Write messages.mo from messages.po, so that click speaks Vietnamese. Standard library only."""

from __future__ import annotations

import ast
import struct
import sys
from pathlib import Path

CATALOGUE = Path(__file__).resolve().parent.parent / "broadcaster/locale/vi/LC_MESSAGES/messages.po"


def read_po(text: str) -> dict[str, str]:
    """Message -> translation; plural messages are joined with NUL as the .mo format wants it.

    Understands comments, msgid, msgid_plural, msgstr, msgstr[N] and strings over several lines.
    A message given twice or without translation is a ValueError.
    """
    messages: dict[str, str] = {}
    for block in text.split("\n\n"):
        entry = _entry(block)
        if not entry:
            continue
        key = "\0".join(entry[name] for name in ("msgid", "msgid_plural") if name in entry)
        value = "\0".join(entry[name] for name in sorted(entry) if name.startswith("msgstr"))
        if key in messages or not value:
            raise ValueError(f"twice, or without translation: {key!r}")
        messages[key] = value
    return messages


def _entry(block: str) -> dict[str, str]:
    entry: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if not line.startswith('"'):
            name, _, line = line.partition(" ")  # noqa: PLW2901 - the rest of the line is its string
        entry[name] = entry.get(name, "") + ast.literal_eval(line)
    return entry


def to_mo(messages: dict[str, str]) -> bytes:
    """The GNU .mo file: header, two tables of (length, offset), then the strings, ended by NUL."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    count, header = len(pairs), 28
    offset = header + 16 * count
    tables: list[bytes] = []
    strings = b""
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), offset + len(strings)))
            strings += pair[column] + b"\0"
    start = struct.pack("<7I", 0x950412DE, 0, count, header, header + 8 * count, 0, offset)
    return start + b"".join(tables) + strings


def main() -> int:
    compiled = to_mo(read_po(CATALOGUE.read_text(encoding="utf-8")))
    CATALOGUE.with_suffix(".mo").write_bytes(compiled)
    return 0


if __name__ == "__main__":
    sys.exit(main())
