"""The commands for words and voices: speech, lexicon, voice, studio, and a person's recording."""

from __future__ import annotations

import json
from pathlib import Path

from clerk import AUTHOR, BOTH, run_cli

LINE = "UBND xã mời họp lúc 7h30 ngày 09/4/2026, gọi 0220.3777.888."
HEARD = (
    "Ủy ban nhân dân xã mời họp lúc bảy giờ ba mươi phút ngày mồng chín tháng tư năm hai nghìn "
    "không trăm hai mươi sáu, gọi không hai hai không, ba bảy bảy bảy, tám tám tám."
)


def plain(text: str) -> str:
    return " ".join(text.replace(",", " ").replace(".", " ").split())


def test_a_line_is_read_with_every_word_traced(fresh: Path) -> None:
    read = run_cli(fresh, "speech", "read", "-", "--json", stdin=LINE).ok().data
    assert plain(read["spoken"]) == plain(HEARD)
    assert {"text", "start", "end", "rule"} <= read["trace"][0].keys()
    assert read["flags"] == []
    assert run_cli(fresh, "speech", "read", stdin=LINE).out.strip() == read["spoken"]


def test_explain_sets_written_beside_spoken_and_names_the_rule(fresh: Path) -> None:
    rows = run_cli(fresh, "speech", "explain", "--json", stdin=LINE).ok().data["rows"]
    said = {row["written"]: row for row in rows}
    assert said["UBND"]["spoken"] == "Ủy ban nhân dân"
    assert said["UBND"]["rule"].startswith("abbreviations.tsv:")
    assert "7h30" in said


def test_an_unknown_abbreviation_needs_a_person_and_a_line_settles_it(fresh: Path) -> None:
    line = "Đội PTKQ xã mời bà con."
    checked = run_cli(fresh, "speech", "check", "--json", stdin=line)
    assert checked.code == 6
    assert [flag["kind"] for flag in checked.data["flags"]] == ["unknown_abbreviation"]
    words = ("PTKQ", "phòng thủ khu quân")
    tried = run_cli(fresh, "lexicon", "try", *words, "--in", line, "--json").ok().data
    assert "phòng thủ khu quân" in tried["after"]
    assert "phòng thủ khu quân" not in tried["before"]
    run_cli(fresh, "lexicon", "add", *words).ok()
    assert run_cli(fresh, "speech", "check", stdin=line).code == 0
    assert run_cli(fresh, "lexicon", "add", *words).code == 2
    listed = run_cli(fresh, "lexicon", "list", "PTKQ", "--json").ok().data["entries"]
    assert [entry["written"] for entry in listed] == ["PTKQ"]
    run_cli(fresh, "lexicon", "remove", "PTKQ").ok()
    assert run_cli(fresh, "speech", "check", stdin=line).code == 6


def test_a_flagged_word_blocks_the_approval_until_it_is_accepted(fresh: Path) -> None:
    text = "Họp đội PTKQ\nMời đội PTKQ họp tối nay."
    run_cli(fresh, "announcement", "new", "--from", "-", "--as", BOTH, stdin=text).ok()
    run_cli(fresh, "render", "1", "--as", BOTH).ok()
    refused = run_cli(fresh, "approval", "grant", "1", "--as", "minh")
    assert refused.code == 6
    assert "PTKQ" in refused.err


def test_a_faulty_dictionary_is_told_by_file_and_line(fresh: Path) -> None:
    (fresh / "lexicon").mkdir(exist_ok=True)
    (fresh / "lexicon" / "places.tsv").write_text("# ghi chú\nKè Sắt\n", "utf-8")
    answered = run_cli(fresh, "speech", "read", stdin=LINE)
    assert answered.code == 2
    assert "places.tsv" in answered.err
    assert "2" in answered.err


def test_every_voice_says_whether_it_can_speak(fresh: Path) -> None:
    listed = run_cli(fresh, "voice", "list", "--json").ok().data["voices"]
    voices = {voice["name"]: voice for voice in listed}
    assert {"espeak", "gtts", "piper", "vendor"} <= voices.keys()
    assert voices["espeak"]["available"]
    assert all(voice["reason"] for voice in listed)
    assert run_cli(fresh, "voice", "check").code == 0


def test_a_voice_is_tried_and_what_it_said_is_measured(fresh: Path, tmp_path: Path) -> None:
    out = tmp_path / "thử.wav"
    run_cli(fresh, "voice", "try", "Xin chào bà con.", "--out", str(out)).ok()
    found = run_cli(fresh, "studio", "measure", str(out), "--json").ok().data
    assert found.keys() == {
        "integrated_lufs",
        "true_peak_dbtp",
        "loudness_range_lu",
        "duration_s",
        "longest_silence_s",
    }
    assert 1 < found["duration_s"] < 6
    assert abs(found["integrated_lufs"] + 16) <= 0.5
    assert found["true_peak_dbtp"] <= -2
    assert [path.name for path in tmp_path.glob("*.mp3")] == []


def test_a_text_file_is_no_sound(fresh: Path, tmp_path: Path) -> None:
    fake = tmp_path / "gia.mp3"
    fake.write_text("không phải âm thanh", "utf-8")
    assert run_cli(fresh, "studio", "measure", str(fake)).code == 2
    assert run_cli(fresh, "voice", "install", str(fake)).code == 2


def test_a_recording_is_used_instead_of_a_machine_and_needs_no_acceptance(
    fresh: Path, tmp_path: Path
) -> None:
    voice = tmp_path / "thu.wav"
    run_cli(fresh, "voice", "try", "Tối mai mời bà con đi họp thôn.", "--out", str(voice)).ok()
    run_cli(fresh, "announcement", "new", "--from", "-", "--as", AUTHOR, stdin="Họp\nTối mai.").ok()
    run_cli(fresh, "render", "1", "--recording", str(voice), "--as", AUTHOR).ok()
    seen = run_cli(fresh, "preview", "1", "--json").ok().data
    (spoken,) = [output for output in seen["outputs"] if output["channel"] == "loudspeaker"]
    assert spoken["voice"] == "recorded"
    assert json.dumps(seen["warnings"]) == "[]"
    run_cli(fresh, "approval", "grant", "1", "--seen", seen["code"], "--as", "minh").ok()
