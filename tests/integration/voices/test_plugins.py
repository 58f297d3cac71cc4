"""Voices of strangers, installed as packages are: a folder with metadata on the search path."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from broadcaster.errors import InputError, NotFound
from broadcaster.voices import get, installed, speak_all

STRANGER = """
from broadcaster.errors import Text
from broadcaster.voices import Availability
from broadcaster.voices.espeak import Espeak

class Friendly:
    name, version, variant = "stranger", "7", "calm"
    needs_network, quality, parallel = False, "fair", 1
    def __init__(self, settings):
        self.espeak = Espeak(settings)
    def available(self):
        return Availability(True, Text("Sẵn sàng.", "Ready."))
    def speak(self, sentence, *, speed, deadline_s):
        return self.espeak.speak(sentence, speed=speed, deadline_s=deadline_s)
"""


@pytest.fixture
def strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one good voice and one that does not load."""
    package = tmp_path / "packages"
    about = package / "strange_voices-7.dist-info"
    about.mkdir(parents=True)
    (package / "strange_voices.py").write_text(STRANGER, "utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: strange-voices\nVersion: 7\n")
    entries = "stranger = strange_voices:Friendly\nbroken = strange_voices_gone:Nothing\n"
    (about / "entry_points.txt").write_text(f"[broadcaster.voices]\n{entries}")
    monkeypatch.setattr(sys, "path", [*sys.path, str(package)])
    return tmp_path


def test_a_strangers_voice_speaks_like_our_own(strangers: Path) -> None:
    assert "stranger" in {info.name for info in installed()}
    done = speak_all(["Xin chào bà con."], ["stranger"], strangers / "cache")
    assert (done.voice, done.version, done.quality) == ("stranger", "7", "fair")


def test_a_broken_voice_is_a_line_in_the_list_and_a_reason_to_fall_back(strangers: Path) -> None:
    line = next(info for info in installed() if info.name == "broken")
    assert not line.availability.ok
    assert "strange_voices_gone" in line.availability.reason.vi
    done = speak_all(["Xin chào bà con."], ["broken", "espeak"], strangers / "cache")
    assert done.voice == "espeak"
    assert done.fallback_reason is not None
    assert "broken" in done.fallback_reason.vi


def test_an_unknown_voice_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match=r"espeak, gtts, piper, vendor"):
        get("giong-la", {})


def test_a_setting_that_is_no_number_is_named_with_its_voice() -> None:
    with pytest.raises(InputError, match=r"gtts.*một"):
        get("gtts", {"gap_s": "một"})
