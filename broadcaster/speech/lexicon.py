"""The dictionaries that a commune may edit: TSV files, where a later line wins."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from broadcaster import resources
from broadcaster.errors import InputError

# Every table: its columns, of which the first two must be filled.
TABLES: Mapping[str, tuple[str, ...]] = {
    "abbreviations": ("written", "spoken", "cue_left", "cue_right", "note"),
    "documents": ("written", "spoken", "kind", "note"),
    "places": ("written", "spoken", "note"),
    "pronunciations": ("written", "spoken", "voice", "note"),
    "units": ("written", "spoken", "per", "note"),
    "hotlines": ("written", "spoken", "note"),
}
# What may stand twice in one file, as long as these columns differ.
_KEYS = {"abbreviations": (0, 2, 3), "documents": (0, 2), "pronunciations": (0, 2)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a dictionary."""

    table: str
    cells: tuple[str, ...]
    path: Path
    line: int

    @property
    def written(self) -> str:
        return self.cells[0]

    @property
    def spoken(self) -> str:
        return self.cells[1]

    @property
    def source(self) -> str:
        """Name for a trace: "abbreviations.tsv:12"."""
        return f"{self.path.name}:{self.line}"

    def cell(self, column: str) -> str:
        return self.cells[TABLES[self.table].index(column)]

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(self.cells[i] for i in _KEYS.get(self.table, (0,)))


@dataclass(frozen=True, eq=False)
class Lexicon:
    """All entries by table; of two with the same key the later one is kept."""

    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)

    def table(self, name: str) -> tuple[Entry, ...]:
        return self.entries.get(name, ())

    @cached_property
    def by_written(self) -> Mapping[str, Mapping[str, tuple[Entry, ...]]]:
        """table → what is written → its entries, in the order of the file."""
        made: dict[str, dict[str, tuple[Entry, ...]]] = {name: {} for name in TABLES}
        for name, entries in self.entries.items():
            for entry in entries:
                made[name][entry.written] = (*made[name].get(entry.written, ()), entry)
        return made

    def find(self, table: str, written: str) -> tuple[Entry, ...]:
        return self.by_written[table].get(written, ())


def load(folders: Iterable[Path]) -> Lexicon:
    """See `broadcaster.speech.load_lexicon`."""
    shipped = resources.folder("config") / "lexicon"
    own = tuple(folder for folder in folders if folder.resolve() != shipped.resolve())
    paths = tuple(
        folder / f"{table}.tsv"
        for folder in (shipped, *own)
        for table in TABLES
        if (folder / f"{table}.tsv").is_file()
    )
    return _load(tuple((path, path.stat().st_mtime_ns) for path in paths))


@lru_cache(maxsize=1)
def shipped() -> Lexicon:
    """The dictionaries of the product, read once."""
    return load(())


@lru_cache(maxsize=8)
def _load(files: tuple[tuple[Path, int], ...]) -> Lexicon:
    """Read again only when a file has changed."""
    kept: dict[str, dict[tuple[str, ...], Entry]] = {table: {} for table in TABLES}
    for path, _ in files:
        for entry in read_file(path):
            kept[entry.table].pop(entry.key, None)
            kept[entry.table][entry.key] = entry
    return Lexicon({table: tuple(entries.values()) for table, entries in kept.items()})


def read_file(path: Path) -> tuple[Entry, ...]:
    """The entries of one file. Raises InputError with file and line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        raise InputError(
            f"{path.name}: tệp không phải UTF-8. Hãy lưu lại bằng UTF-8.",
            f"{path.name}: not UTF-8. Save it as UTF-8.",
        ) from fault
    entries = tuple(_parse(path, text))
    _refuse_twice(entries)
    return entries


def _parse(path: Path, text: str) -> Iterator[Entry]:
    table = path.stem
    for number, raw in enumerate(unicodedata.normalize("NFC", text).splitlines(), 1):
        if raw.strip() and not raw.startswith("#"):
            yield Entry(table, cells(table, raw, f"{path.name}:{number}"), path, number)


def cells(table: str, raw: str, where: str) -> tuple[str, ...]:
    """The cells of one line, filled up to the width of its table."""
    columns = TABLES[table]
    found = tuple(cell.strip() for cell in raw.split("\t"))
    if len(found) < 2 or not found[0] or not found[1] or len(found) > len(columns):
        raise InputError(
            f"{where}: cần “{columns[0]}” và “{columns[1]}”, cách nhau bằng phím Tab, "
            f"nhiều nhất {len(columns)} cột.",
            f"{where}: needs {columns[0]} and {columns[1]}, tab separated, "
            f"at most {len(columns)} columns.",
        )
    if any(c.isdecimal() for c in found[1]):
        raise InputError(
            f"{where}: cách đọc “{found[1]}” còn chữ số; hãy viết bằng lời.",
            f"{where}: the reading “{found[1]}” still has figures; write words.",
        )
    return found + ("",) * (len(columns) - len(found))


def _refuse_twice(entries: tuple[Entry, ...]) -> None:
    seen: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        first = seen.setdefault(entry.key, entry)
        if first is not entry:
            raise InputError(
                f"{entry.source}: “{entry.written}” đã có ở dòng {first.line}; hãy xóa bớt một.",
                f"{entry.source}: “{entry.written}” is already on line {first.line}; remove one.",
            )
