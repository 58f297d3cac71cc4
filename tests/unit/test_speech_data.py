"""The pairs that judge the reader are themselves well formed."""

import unicodedata
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

DATA = Path(__file__).parents[1] / "data" / "speech"
MINIMUM = {"tune": 20, "held": 12}  # pairs of each kind
BOTH = pytest.mark.parametrize("name", sorted(MINIMUM))


class Pair(NamedTuple):
    """One line of a data file."""

    kind: str
    written: str
    spoken: str


def lines(name: str) -> list[str]:
    """The data lines of a file, without its heading; only a line feed ends a line."""
    text = (DATA / f"{name}.tsv").read_bytes().decode("utf-8")
    return [line for line in text.split("\n") if line and not line.startswith("# ")]


def pairs(name: str) -> list[Pair]:
    """Every pair of a file."""
    return [Pair(*line.split("\t")) for line in lines(name)]


@BOTH
def test_every_line_has_three_filled_columns(name: str) -> None:
    for line in lines(name):
        columns = line.split("\t")
        assert len(columns) == 3, line
        assert all(column.strip() for column in columns), line


@BOTH
def test_spoken_is_composed_lower_case_words_and_commas(name: str) -> None:
    for pair in pairs(name):
        assert unicodedata.is_normalized("NFC", pair.spoken), pair
        assert pair.spoken == pair.spoken.lower(), pair
        words = pair.spoken.replace(" | ", " ").replace(",", " ")
        assert words.replace(" ", "").isalpha(), pair


@BOTH
def test_no_reading_is_listed_twice_or_left_empty(name: str) -> None:
    for pair in pairs(name):
        readings = [" ".join(r.replace(",", " ").split()) for r in pair.spoken.split(" | ")]
        assert all(readings), pair
        assert len(set(readings)) == len(readings), pair


@BOTH
def test_every_kind_has_enough_pairs(name: str) -> None:
    count = Counter(pair.kind for pair in pairs(name))
    assert len(count) >= 18
    assert {kind: n for kind, n in count.items() if n < MINIMUM[name]} == {}


def test_both_files_hold_the_same_kinds() -> None:
    assert {p.kind for p in pairs("tune")} == {p.kind for p in pairs("held")}


def test_no_written_line_stands_twice_in_one_file_or_in_both() -> None:
    count = Counter(
        " ".join(unicodedata.normalize("NFC", pair.written).split())
        for name in MINIMUM
        for pair in pairs(name)
    )
    assert [written for written, n in count.items() if n > 1] == []
