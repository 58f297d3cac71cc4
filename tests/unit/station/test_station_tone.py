"""The test tone: as loud and as long as asked for, never at a time when nothing may sound."""

from __future__ import annotations

import json
import wave
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from station_clock import NOON

from broadcaster.errors import PolicyRefused
from broadcaster.station.database import FILE, Database
from broadcaster.station.local import stop_here
from broadcaster.station.main import run
from broadcaster.station.settings import StationSettings, write_settings
from broadcaster.station.tone import refuse_at_a_bad_time, write_tone

SETTINGS = StationSettings(
    server="http://127.0.0.1:9", station="thon-1", player="file", quiet="", file_speed=20
)
MIDNIGHT = NOON - timedelta(hours=12)
TWO_SECONDS = timedelta(seconds=2)


@pytest.mark.parametrize("level", [-3.0, -20.0, -40.0])
def test_the_tone_has_its_level_and_soft_edges(tmp_path: Path, level: float) -> None:
    write_tone(tmp_path / "tone.wav", 1.0, level)
    with wave.open(str(tmp_path / "tone.wav")) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
        assert file.getnframes() == file.getframerate()
    assert 20 * np.log10(np.max(np.abs(sound))) == pytest.approx(level, abs=0.1)
    assert np.max(np.abs(sound[:100])) < np.max(np.abs(sound)) / 10


def test_at_night_there_is_no_tone(tmp_path: Path) -> None:
    settings = StationSettings(server="http://127.0.0.1:9", station="t", quiet="21:00-06:00")
    refuse_at_a_bad_time(tmp_path, settings, NOON, TWO_SECONDS)
    with pytest.raises(PolicyRefused, match="giờ yên tĩnh"):
        refuse_at_a_bad_time(tmp_path, settings, MIDNIGHT, TWO_SECONDS)


def test_a_stopped_station_gives_no_tone(tmp_path: Path) -> None:
    database = Database(tmp_path / FILE)
    stop_here(database, NOON)
    database.close()
    with pytest.raises(PolicyRefused, match="dừng khẩn cấp"):
        refuse_at_a_bad_time(tmp_path, SETTINGS, NOON, TWO_SECONDS)


def test_the_command_plays_it_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_settings(tmp_path, SETTINGS)
    with pytest.raises(SystemExit) as ended:
        run(["--home", str(tmp_path), "test-tone", "--seconds", "1", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert ended.value.code == 0
    assert (told["heard"], told["seconds"]) == (True, 1.0)
    assert Path(told["recording"]).is_file()


def test_nonsense_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_settings(tmp_path, SETTINGS)
    with pytest.raises(SystemExit) as ended:
        run(["--home", str(tmp_path), "test-tone", "--level", "6"])
    assert ended.value.code == 2
    assert "dBFS" in capsys.readouterr().err
