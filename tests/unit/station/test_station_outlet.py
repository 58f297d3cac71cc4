"""Where our sound goes and how loud, judged from what a sound system says."""

from __future__ import annotations

import time

import pytest

from broadcaster.station import causes
from broadcaster.station.players.outlet import Outlet, Watch, judge, read_amixer

HORN = Outlet(("horn", "Loa ngoài"), 80, False, carries_us=True)
SPARE = Outlet(("spare", "Loa máy tính"), 100, False)


def test_the_chosen_output_that_carries_us_is_good() -> None:
    assert judge([HORN, SPARE], "horn", was_there=False) == (None, HORN)
    assert judge([HORN, SPARE], "Loa ngoài", was_there=False) == (None, HORN), "by its description"
    assert judge([HORN, SPARE], "", was_there=False) == (None, HORN), "any will do"


@pytest.mark.parametrize("outlet", [Outlet(("horn",), 80, True, True), Outlet(("horn",), 0, False)])
def test_muted_and_nought_are_the_same_to_the_village(outlet: Outlet) -> None:
    assert judge([outlet], "horn", was_there=False) == (causes.OUTPUT_MUTED, outlet)


def test_another_output_than_the_chosen_one_is_a_fault() -> None:
    away = Outlet(("spare",), 100, False, carries_us=True)
    still_there = Outlet(("horn",), 80, False)
    assert judge([still_there, away], "horn", was_there=False)[0] == causes.moved("spare")
    assert judge([away], "horn", was_there=True)[0] == causes.moved("spare"), "pulled out"


def test_an_alias_of_the_sound_library_is_no_name_of_an_output() -> None:
    carrying = Outlet(("alsa_output.pci", "Built-in Audio"), 100, False, carries_us=True)
    assert judge([carrying], "pulse", was_there=False) == (None, carrying)


def test_nobody_answers_is_not_known_and_no_fault() -> None:
    assert judge([], "horn", was_there=True) == (None, None)


class Said:
    """A sound system that answers as it is told."""

    def __init__(self, outlets: list[Outlet] | None) -> None:
        self.now = outlets

    def outlets(self) -> list[Outlet] | None:
        return self.now

    def announcements(self) -> list[str]:
        return []


def test_a_watch_remembers_that_the_name_was_real() -> None:
    system = Said([HORN])
    watch = Watch(system, "horn")
    try:
        watch.look()
        assert (watch.trouble, watch.is_elsewhere) == (None, False)
        system.now = [Outlet(("spare",), 100, False, carries_us=True)]
        watch.look()
        assert (watch.trouble, watch.is_elsewhere) == (causes.moved("spare"), True)
        system.now = None
        watch.look()
        assert (watch.trouble, watch.outlet) == (None, None)
    finally:
        watch.close()


def test_a_watch_looks_by_itself() -> None:
    watch = Watch(Said([Outlet(("horn",), 50, True, carries_us=True)]), "horn")
    deadline = time.monotonic() + 5
    while watch.trouble is None and time.monotonic() < deadline:
        time.sleep(0.01)
    watch.close()
    assert watch.trouble == causes.OUTPUT_MUTED


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("  Mono: Playback 55 [63%] [-9.00dB] [on]\n", (63, False)),
        ("  Left: Playback 0 [0%] [off]\n  Right: Playback 9 [14%] [off]\n", (14, True)),
        ("  Left: Playback 200 [78%] [on]\n  Right: Playback 1 [1%] [off]\n", (78, False)),
        ("Simple mixer control 'Master',0\n", (None, False)),
    ],
)  # fmt: skip
def test_what_amixer_prints(said: str, level: tuple[int | None, bool]) -> None:
    assert read_amixer(said) == level
