"""A slot's programme: chime and opening once, closing once, nothing shifts, nothing runs over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.programme import HEAD, Lengths, Place, Programme, kinds, lengths

OPENS = datetime(2026, 11, 23, 23, tzinfo=UTC)
GAP = timedelta(seconds=2)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def programme(minutes: float = 30) -> Programme:
    return Programme(OPENS, OPENS + timedelta(minutes=minutes), GAP)


def item(length: float) -> Lengths:
    return Lengths(seconds(0.5), seconds(8), seconds(length), seconds(6))


def filled(*items: float, minutes: float = 30) -> Programme:
    made = programme(minutes)
    for n, length in enumerate(items):
        begins = made.room(item(length))
        assert begins is not None
        made.add(Place(n, begins, item(length)))
    return made


def test_items_follow_each_other_on_whole_seconds_after_a_gap() -> None:
    begins = [place.begins - OPENS for place in filled(60, 30, 90).places]
    assert begins == [seconds(0), seconds(71), seconds(104)]


def test_the_first_opens_the_last_closes_and_one_alone_does_both() -> None:
    parts = filled(60, 30, 90).parts()
    assert [(p.first, p.last) for p in parts.values()] == [
        (True, False), (False, False), (False, True),
    ]  # fmt: skip
    (alone,) = filled(60).parts().values()
    assert (alone.first, alone.last, alone.lasts) == (True, True, seconds(74.5))


def test_a_later_item_moves_the_closing_and_nothing_else() -> None:
    made = filled(60, 30)
    before = list(made.places)
    begins = made.room(item(10))
    assert begins is not None
    made.add(Place(9, begins, item(10)))
    assert made.places[:2] == before
    assert [part.last for part in made.parts().values()] == [False, False, True]


def test_what_does_not_fit_with_its_closing_has_no_room() -> None:
    assert programme(1).room(item(45.5)) == OPENS
    assert programme(1).room(item(46)) is None
    full = filled(20, minutes=1)
    assert full.left() == seconds(29)
    assert full.room(item(22.5)) is not None
    assert full.room(item(23)) is None


def test_when_the_first_falls_away_the_next_opens_only_where_there_is_time() -> None:
    three = filled(60, 30, 90)
    rest = Programme(three.opens, three.closes, GAP, three.places[1:])
    assert [part.first for part in rest.parts().values()] == [False, False]
    last = Programme(three.opens, three.closes, GAP, three.places[2:])
    assert [part.first for part in last.parts().values()] == [True]


@given(st.lists(st.floats(1, 300).map(lambda s: round(s, 3)), max_size=12), st.integers(1, 30))
def test_no_two_items_meet_and_none_runs_over(items: list[float], minutes: int) -> None:
    made = programme(minutes)
    for n, length in enumerate(items):
        begins = made.room(item(length))
        if begins is not None:
            made.add(Place(n, begins, item(length)))
    parts = made.parts()
    ends = [place.begins + parts[place.key].lasts for place in made.places]
    starts = [place.begins for place in made.places]
    assert all(start.microsecond == 0 for start in starts)
    assert all(end + GAP <= start for end, start in zip(ends, starts[1:], strict=False))
    assert all(end <= made.closes for end in ends)
    assert sum(part.first for part in parts.values()) == bool(made.places)
    assert sum(part.last for part in parts.values()) == bool(made.places)


def test_an_emergency_plays_neither_music_nor_opening() -> None:
    assert kinds(None, urgent=True) == frozenset({"lead_in", "item"})
    assert kinds(None, urgent=False) is None
    (alone,) = filled(60).parts().values()
    assert kinds(alone, urgent=False) == frozenset({"lead_in", "item", "closing"}) | HEAD


def test_a_rendition_without_cues_is_all_item() -> None:
    assert lengths({}, 30_000) == Lengths(seconds(0), seconds(0), seconds(30), seconds(0))
    cues = [
        {"kind": kind, "duration_ms": ms}
        for kind, ms in (("lead_in", 500), ("chime", 3000), ("opening", 5000), ("item", 60_000))
    ]
    assert lengths({"cues": cues}, 68_500) == Lengths(
        seconds(0.5), seconds(8), seconds(60), seconds(0)
    )
