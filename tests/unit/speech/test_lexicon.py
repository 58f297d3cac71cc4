"""Dictionaries: the commune's line wins, faults name file and line, changes are written whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadcaster import speech
from broadcaster.errors import InputError, NotFound
from broadcaster.speech import editing


def test_a_line_of_the_commune_wins_over_the_shipped_one(tmp_path: Path) -> None:
    editing.add(tmp_path, "abbreviations", ["OCOP", "mỗi xã một sản phẩm"])
    lexicon = speech.load_lexicon(tmp_path)
    assert speech.read("Hàng OCOP", lexicon).spoken == "Hàng mỗi xã một sản phẩm"
    assert speech.to_spoken("Hàng OCOP") == "Hàng ô cốp"


def test_a_new_line_is_seen_at_once(tmp_path: Path) -> None:
    assert speech.read("Họp BXQZ", speech.load_lexicon(tmp_path)).blocked
    editing.add(tmp_path, "abbreviations", ["BXQZ", "ban xây quầy"])
    reading = speech.read("Họp BXQZ", speech.load_lexicon(tmp_path))
    assert (reading.spoken, reading.flags) == ("Họp ban xây quầy", ())


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("ABC\n", 1),
        ("# chú\n\nABC\tđọc 5\n", 3),
        ("A\tmột\nA\thai\n", 2),
        ("A\tb\tc\td\te\tf\n", 1),
    ],
)
def test_a_fault_names_file_and_line(tmp_path: Path, content: str, line: int) -> None:
    (tmp_path / "abbreviations.tsv").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=rf"abbreviations\.tsv:{line}"):
        speech.load_lexicon(tmp_path)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "places.tsv").write_bytes("Đắk\tĐắc".encode("utf-16"))
    with pytest.raises(InputError, match=r"places\.tsv"):
        speech.load_lexicon(tmp_path)


def test_what_is_there_is_not_added_twice(tmp_path: Path) -> None:
    editing.add(tmp_path, "places", ["Kẻ Sặt", "Kẻ Sặt"])
    before = (tmp_path / "places.tsv").read_bytes()
    with pytest.raises(InputError, match=r"places\.tsv:1"):
        editing.add(tmp_path, "places", ["Kẻ Sặt", "Kẻ Xặt"])
    assert (tmp_path / "places.tsv").read_bytes() == before


def test_what_was_added_can_be_removed_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / "places.tsv").write_text("# của xã\nA Lưới\tA Lưới\n", encoding="utf-8")
    editing.add(tmp_path, "places", ["Kon Đào", "Con Đào"])
    editing.remove(tmp_path, "places", "Kon Đào")
    assert (tmp_path / "places.tsv").read_text(encoding="utf-8") == "# của xã\nA Lưới\tA Lưới\n"
    with pytest.raises(NotFound):
        editing.remove(tmp_path, "places", "Kon Đào")


def test_a_line_can_be_heard_before_it_is_saved(tmp_path: Path) -> None:
    lexicon = speech.load_lexicon(tmp_path)
    tried = editing.try_out(lexicon, "abbreviations", ["BXQZ", "ban xây quầy"], "Họp BXQZ")
    assert tried.spoken == "Họp ban xây quầy"
    assert speech.read("Họp BXQZ", lexicon).blocked


@pytest.mark.parametrize("line", [["", "x"], ["A\tB", "x"], ["A", ""], ["A", "số 5"]])
def test_a_bad_line_is_refused(tmp_path: Path, line: list[str]) -> None:
    with pytest.raises(InputError):
        editing.add(tmp_path, "abbreviations", line)
    assert not list(tmp_path.iterdir())


def test_entries_are_found_by_either_side(tmp_path: Path) -> None:
    lexicon = speech.load_lexicon(tmp_path)
    assert "UBND" in {entry.written for entry in editing.find(lexicon, containing="ủy ban nhân")}
    with pytest.raises(InputError):
        editing.find(lexicon, "nothing")
