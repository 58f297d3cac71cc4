"""The voice from a file in a folder. A program of the same command line stands in for Piper."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from broadcaster.errors import InputError
from broadcaster.voices import TemporaryFault, VoiceUnavailable, speak_all
from broadcaster.voices.piper import Piper, install

# Speaks like the program that stands behind `piper`: same options, text on stdin, raw on stdout.
STAND_IN = """#!{python}
import argparse, sys
from broadcaster.voices.espeak import Espeak
options = argparse.ArgumentParser()
options.add_argument("--model")
options.add_argument("--output-raw", action="store_true", required=True)
options.add_argument("--length-scale", type=float)
chosen = options.parse_args()
if b"BROKEN" in open(chosen.model, "rb").read():
    sys.exit("ONNX: invalid model")
text = sys.stdin.readline().strip()
pcm = Espeak({{}}).speak(text, speed=1 / chosen.length_scale, deadline_s=20)
sys.stdout.buffer.write(pcm.data)
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "piper"
    path.write_text(STAND_IN.format(python=sys.executable))
    path.chmod(0o755)
    return str(path)


def voice_file(folder: Path, *, language: str = "vi", content: bytes = b"weights" * 500) -> Path:
    folder.mkdir(exist_ok=True)
    model = folder / "vi_VN-thu.onnx"
    model.write_bytes(content)
    facts = {"audio": {"sample_rate": 22050}, "espeak": {"voice": language}}
    (folder / "vi_VN-thu.onnx.json").write_text(json.dumps(facts))
    return model


def test_a_file_in_the_folder_is_a_voice_and_its_checksum_is_shown(
    program: str, tmp_path: Path
) -> None:
    model = voice_file(tmp_path / "voices")
    piper = Piper({"folder": str(tmp_path / "voices"), "program": program})
    shown = piper.available()
    assert shown.ok
    assert hashlib.sha256(model.read_bytes()).hexdigest() in shown.reason.vi
    pcm = piper.speak("Xin chào bà con.", speed=1, deadline_s=20)
    assert 0.8 < pcm.duration_s < 3


def test_another_file_under_the_same_name_is_another_voice(program: str, tmp_path: Path) -> None:
    settings = {"piper": {"folder": str(tmp_path / "voices"), "program": program}}
    voice_file(tmp_path / "voices")
    first = speak_all(["Xin chào."], ["piper"], tmp_path / "cache", settings=settings)
    voice_file(tmp_path / "voices", content=b"other weights" * 500)
    second = speak_all(["Xin chào."], ["piper"], tmp_path / "cache", settings=settings)
    assert (first.calls, second.calls) == (1, 1)
    assert first.segments != second.segments


def test_installing_copies_both_files_and_nothing_else(program: str, tmp_path: Path) -> None:
    install(voice_file(tmp_path / "download"), tmp_path / "voices")
    assert {p.name for p in (tmp_path / "voices").iterdir()} == {
        "vi_VN-thu.onnx",
        "vi_VN-thu.onnx.json",
    }
    assert Piper({"folder": str(tmp_path / "voices"), "program": program}).available().ok


def test_a_voice_of_another_language_or_without_description_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="không phải tệp giọng tiếng Việt"):
        install(voice_file(tmp_path / "en", language="en-us"), tmp_path / "voices")
    alone = voice_file(tmp_path / "alone")
    alone.with_name("vi_VN-thu.onnx.json").unlink()
    with pytest.raises(InputError, match=r"vi_VN-thu\.onnx\.json"):
        install(alone, tmp_path / "voices")
    assert not (tmp_path / "voices").exists()


def test_a_broken_voice_file_falls_back_for_the_whole_text(program: str, tmp_path: Path) -> None:
    voice_file(tmp_path / "voices", content=b"BROKEN" * 500)
    piper = {"folder": str(tmp_path / "voices"), "program": program}
    with pytest.raises(TemporaryFault, match="invalid model"):
        Piper(piper).speak("Xin chào.", speed=1, deadline_s=20)
    done = speak_all(["Xin chào."], ["piper", "espeak"], tmp_path / "c", settings={"piper": piper})
    assert done.voice == "espeak"


def test_what_is_missing_is_named_with_the_fix(program: str, tmp_path: Path) -> None:
    empty = Piper({"folder": str(tmp_path), "program": program})
    assert "*.onnx" in empty.available().reason.vi
    with pytest.raises(VoiceUnavailable):
        empty.speak("Xin chào.", speed=1, deadline_s=20)
