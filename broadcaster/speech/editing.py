"""Adding to and taking from a commune's dictionaries: checked, heard first, written at once."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from broadcaster.errors import InputError, NotFound
from broadcaster.speech.lexicon import TABLES, Entry, Lexicon, cells, read_file
from broadcaster.speech.model import Reading


def find(lexicon: Lexicon, table: str = "", containing: str = "") -> tuple[Entry, ...]:
    """Entries whose written or spoken side contains the words; all tables when none is named."""
    wanted = unicodedata.normalize("NFC", containing).casefold()
    names = [_known(table)] if table else list(TABLES)
    return tuple(
        entry
        for name in names
        for entry in lexicon.table(name)
        if wanted in f"{entry.written}\t{entry.spoken}".casefold()
    )


def try_out(lexicon: Lexicon, table: str, line: Sequence[str], sentence: str) -> Reading:
    """How `sentence` would be read if the line were in the dictionary. Nothing is written."""
    from broadcaster.speech import read  # noqa: PLC0415 - the door imports nothing before use

    entry = _entry(Path(), table, line, 0)
    kept = tuple(old for old in lexicon.table(table) if old.key != entry.key)
    return read(sentence, replace(lexicon, entries={**lexicon.entries, table: (*kept, entry)}))


def add(folder: Path, table: str, line: Sequence[str]) -> Entry:
    """Add a line to the commune's table in `folder`, which is made if it is missing.

    Raises InputError for an unknown table, a bad line, or what the table has already.
    """
    path = folder / f"{_known(table)}.tsv"
    old = read_file(path) if path.exists() else ()
    entry = _entry(path, table, line, _lines(path) + 1)
    twin = next((other for other in old if other.key == entry.key), None)
    if twin:
        raise InputError(
            f"“{entry.written}” đã có ở {twin.source}: “{twin.spoken}”. Hãy xóa dòng đó trước.",
            f"“{entry.written}” is in {twin.source} already: “{twin.spoken}”. Remove it first.",
        )
    _write(path, [*_text(path), "\t".join(entry.cells).rstrip("\t")])
    return entry


def remove(folder: Path, table: str, written: str) -> tuple[Entry, ...]:
    """Take all lines for `written` out of the commune's table; the shipped ones stay as they are.

    Raises NotFound when there is none.
    """
    path = folder / f"{_known(table)}.tsv"
    wanted = unicodedata.normalize("NFC", written.strip())
    entries = read_file(path) if path.exists() else ()
    gone = tuple(entry for entry in entries if entry.written == wanted)
    if not gone:
        raise NotFound(
            f"Từ điển của xã ({table}) không có “{written}”.",
            f"The commune's dictionary ({table}) has no “{written}”.",
        )
    numbers = {entry.line for entry in gone}
    _write(path, [raw for n, raw in enumerate(_text(path), 1) if n not in numbers])
    return gone


def _known(table: str) -> str:
    if table not in TABLES:
        raise InputError(
            f"Không có từ điển “{table}”; có: {', '.join(TABLES)}.",
            f"No dictionary “{table}”; there are: {', '.join(TABLES)}.",
        )
    return table


def _entry(path: Path, table: str, line: Sequence[str], number: int) -> Entry:
    parts = [unicodedata.normalize("NFC", cell) for cell in line]
    if any(mark in part for part in parts for mark in "\t\r\n") or parts[:1] == [""]:
        raise InputError("Một ô không được có Tab hay xuống dòng.", "A cell is one line, no tabs.")
    made = cells(_known(table), "\t".join(parts), table)
    if made[0].startswith("#") and table != "hotlines":
        raise InputError("Từ không được bắt đầu bằng #.", "A word must not begin with #.")
    return Entry(table, made, path, number)


def _text(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig").splitlines() if path.exists() else []


def _lines(path: Path) -> int:
    return len(_text(path))


def _write(path: Path, lines: Iterable[str]) -> None:
    """Beside it first, then in its place: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".tsv.new")
    with aside.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
