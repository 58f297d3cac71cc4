"""Profiles: the shipped ones say what they are called, the commune's own go before them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from broadcaster.domain.announcement import Priority
from broadcaster.domain.policy import ZONE, Window
from broadcaster.errors import InputError
from broadcaster.settings import policies
from broadcaster.settings.policies import PolicySettings

OWN = """\
title = "Quy chế xã"
regulation = "Quyết định 12/QĐ-UBND"
regulation_date = "01/09/2026"
quiet_hours = "20:00-06:30"
windows = ["17:00-18:00"]
weekdays = ["thứ bảy", "chủ nhật"]
[near.school]
windows = ["17:30-19:00"]
max_volume = 40
[grace_minutes]
loudspeaker = { priority = 10 }
zalo_oa = { normal = 60 }
"""


def own(home: Path, text: str = OWN, name: str = "cua-xa") -> Path:
    (home / "policy").mkdir(exist_ok=True)
    (home / "policy" / f"{name}.toml").write_text(text, encoding="utf-8")
    return home


@pytest.mark.parametrize("minutes", [15, 30, 45, 60])
def test_a_shipped_profile_allows_the_minutes_of_its_name(tmp_path: Path, minutes: int) -> None:
    found = policies.load(tmp_path, f"{minutes}-phut")
    assert found.session_length == timedelta(minutes=minutes)
    assert (found.sessions_a_day, found.repeats_in_7_days) == (2, 4)
    assert found.weekdays == frozenset(range(5))
    assert found.near(["clinic"]).max_volume == 50
    assert str(found.quiet_hours) == "21:00–06:00"


def test_the_communes_own_profile_is_read_with_its_regulation(tmp_path: Path) -> None:
    found = policies.load(own(tmp_path), "cua-xa")
    assert (found.name, found.regulation_date) == ("Quyết định 12/QĐ-UBND", date(2026, 9, 1))
    assert found.weekdays == {5, 6}
    assert found.grace("loudspeaker", Priority.PRIORITY) == timedelta(minutes=10)
    assert found.grace("loudspeaker", Priority.NORMAL) == timedelta(minutes=5)
    assert found.grace("zalo_oa") == timedelta(hours=1)
    assert found.grace("wordpress") == timedelta(hours=6)


def test_it_hides_a_shipped_one_of_its_name(tmp_path: Path) -> None:
    assert policies.load(own(tmp_path, name="30-phut"), "30-phut").session_length is None


def test_near_a_school_both_windows_bind(tmp_path: Path) -> None:
    found = policies.load(own(tmp_path), "cua-xa").near(["school"])
    assert found.windows == (Window(time(17, 30), time(18)),)
    assert found.max_volume == 40


def test_windows_with_nothing_in_common_allow_nothing(tmp_path: Path) -> None:
    found = policies.load(own(tmp_path, OWN.replace("17:30-19:00", "07:00-08:00")), "cua-xa")
    noon = datetime(2026, 11, 24, tzinfo=ZoneInfo(ZONE))
    (never,) = found.near(["school"]).windows
    assert not any(
        never.holds(noon + timedelta(minutes=m), timedelta(seconds=1)) for m in range(1440)
    )


def test_the_settings_stand_above_the_profile(tmp_path: Path) -> None:
    above = PolicySettings(
        profile="30-phut", quiet_hours="none", loudspeaker_grace_minutes=1, regulation="QĐ 1"
    )
    found = policies.resolve(tmp_path, above)
    assert (found.quiet_hours, found.name) == (None, "QĐ 1")
    assert found.grace("loudspeaker", Priority.EMERGENCY) == timedelta(minutes=1)
    assert found.windows, "the rest is the profile's"


def test_settings_from_before_profiles_bind_as_they_did(tmp_path: Path) -> None:
    found = policies.resolve(tmp_path, PolicySettings(quiet_hours="22:00-05:00"))
    assert str(found.quiet_hours) == "22:00–05:00"
    assert not found.windows
    assert not found.weekdays


def test_a_profile_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Không có hồ sơ quy định “x”.*15-phut, 30-phut"):
        policies.load(tmp_path, "x")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('windows = ["18:00-17:00"]', "windows[1]: viết như 06:00-07:30"),
        ('weekdays = ["thứ tám"]', "weekdays: viết tên các ngày"),
        ('earliest = "6h"', "earliest: viết như 06:00"),
        ('regulation_date = "31/02/2026"', "regulation_date: viết ngày/tháng/năm"),
        ("sessions_a_day = 0", "sessions_a_day: phải ít nhất 1"),
        ("minutes_a_sesion = 3", "minutes_a_sesion: không có mục tên này"),
        ("[near.market]", "near.market"),
    ],
)
def test_a_mistake_in_a_profile_is_told_with_its_place(
    tmp_path: Path, wrong: str, said: str
) -> None:
    with pytest.raises(InputError) as told:
        policies.load(own(tmp_path, f'title = "x"\n{wrong}\n'), "cua-xa")
    assert said in told.value.text.vi
