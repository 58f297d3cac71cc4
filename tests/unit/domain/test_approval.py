"""What an approval binds: one byte, second or village more or less is a difference with a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.approval import changed, digest

DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)
TARGETS = st.sampled_from(["loa-dong", "loa-doai", "fanpage", "website"])
RULES = st.builds(
    lambda second, days, targets: [
        "FREQ=DAILY" if days else "", f"2026-12-05T17:00:{second:02d}", *sorted(targets)
    ],
    st.integers(0, 59), st.booleans(), st.sets(TARGETS, min_size=1),
)  # fmt: skip
PINNED = st.fixed_dictionaries(
    {
        "revision": DIGESTS,
        "renditions": st.dictionaries(TARGETS, DIGESTS, min_size=1),
        "rules": st.lists(RULES, min_size=1, max_size=3, unique_by=str).map(sorted),
    }
)


def _byte(text: str) -> str:
    return ("0" if text[0] != "0" else "1") + text[1:]


def _other_text(pinned: dict[str, Any]) -> tuple[dict[str, Any], str]:
    return {**pinned, "revision": _byte(pinned["revision"])}, "nội dung bản tin"


def _other_sound(pinned: dict[str, Any]) -> tuple[dict[str, Any], str]:
    name, value = min(pinned["renditions"].items())
    renditions = {**pinned["renditions"], name: _byte(value)}
    return {**pinned, "renditions": renditions}, f"“{name}” ({value[:8]} → {_byte(value)[:8]})"


def _one_outlet_less(pinned: dict[str, Any]) -> tuple[dict[str, Any], str]:
    name, *_ = sorted(pinned["renditions"])
    renditions = {k: v for k, v in pinned["renditions"].items() if k != name}
    return {**pinned, "renditions": renditions}, f"“{name}”"


def _one_second(pinned: dict[str, Any]) -> tuple[dict[str, Any], str]:
    rrule, begins, *targets = pinned["rules"][0]
    second = (int(begins[-2:]) + 1) % 60
    rules = [[rrule, f"{begins[:-2]}{second:02d}", *targets], *pinned["rules"][1:]]
    return {**pinned, "rules": sorted(rules)}, "lịch phát"


def _one_village_more(pinned: dict[str, Any]) -> tuple[dict[str, Any], str]:
    rules = [[*pinned["rules"][0], "loa-nam"], *pinned["rules"][1:]]
    return {**pinned, "rules": sorted(rules)}, "loa-nam"


CHANGES: list[Callable[[dict[str, Any]], tuple[dict[str, Any], str]]] = [
    _other_text, _other_sound, _one_outlet_less, _one_second, _one_village_more,
]  # fmt: skip


@given(PINNED, st.sampled_from(CHANGES))
def test_every_single_change_is_found_and_named(
    pinned: dict[str, Any], change: Callable[[dict[str, Any]], tuple[dict[str, Any], str]]
) -> None:
    after, name = change(pinned)
    if digest(after) == digest(pinned):  # two rules that changed places with each other
        return
    assert any(name in said for said in changed(pinned, after))


@given(PINNED)
def test_nothing_changed_is_nothing_to_say(pinned: dict[str, Any]) -> None:
    assert changed(pinned, {**pinned}) == []


@given(PINNED)
def test_an_approval_without_times_lets_them_be_set_later(pinned: dict[str, Any]) -> None:
    assert changed({**pinned, "rules": []}, pinned) == []
