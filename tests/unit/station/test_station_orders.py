"""Whatever somebody does to the station's database or to its plan, nothing sounds unsigned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from station_clock import NOON
from station_sounds import KEY, hold, item, rundown, sealed, wav
from station_village import Village

from broadcaster.domain.policy import ZONE
from broadcaster.errors import Text
from broadcaster.signature import Forged, hand_on, public_text, sign
from broadcaster.station import causes
from broadcaster.station.local import mute_here, release_here, stop_here, unmute_here
from broadcaster.station.plan import OddRundown
from broadcaster.wire import Limits, Mute

STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    made = Village(tmp_path)
    yield made
    made.plan.close()


def kinds(village: Village) -> list[str]:
    return [one.kind for one in village.journal.incidents()]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE item SET starts_at = '2026-12-01T04:59:00.000000+00:00'",
        "UPDATE item SET expires_at = '2026-12-02T00:00:00.000000+00:00'",
        "UPDATE item SET priority = 'emergency'",
        "UPDATE item SET uid = 'b' WHERE uid = 'a'; UPDATE cue SET uid = 'b' WHERE uid = 'a';"
        " UPDATE play SET uid = 'b' WHERE uid = 'a'",
        "UPDATE cue SET digest = (SELECT MAX(digest) FROM cue WHERE uid != 'a')",
        "UPDATE cue SET duration_ms = 1",
        "UPDATE item SET sealed = ''",
        "UPDATE item SET sealed = '99'",
        "DELETE FROM sealed",
        "UPDATE sealed SET body = json_object('payload', '{}', 'key', '', 'signature', '')",
        "UPDATE sealed SET body = replace(body, '05:00:00', '05:00:01')",
        "UPDATE meta SET value = '' WHERE key = 'sealed'",
        "UPDATE meta SET value = '7' WHERE key = 'version'",
    ],
)
def test_a_tampered_database_makes_no_sound_and_an_incident(village: Village, change: str) -> None:
    cues, other = village.sound(3), village.sound(3, seed=2)
    later = item("z", NOON + timedelta(days=2), other)
    village.tell(item("a", NOON, cues), later)
    village.run(10)
    database = village.plan.database
    database.write("PRAGMA foreign_keys=OFF")
    for statement in change.split("; "):
        database.write(statement)
    village.run(600)
    assert village.ear.starts == []
    assert set(kinds(village)) == {"tampered"}
    assert database.get("etag") == "", "so that the plan is fetched anew"


def test_a_plan_made_whole_again_plays(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(3)))
    village.plan.database.write("DELETE FROM sealed")
    village.run(30)
    village.tell(item("a", NOON, village.sound(3)))
    village.run(200)
    assert village.outcome("a").outcome == "aired"


def test_an_item_that_a_newer_plan_does_not_name_still_stands_by_its_own(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(3)))
    for _ in range(3):
        village.tell()
    village.run(200)
    assert village.outcome("a").outcome == "aired"


@pytest.mark.parametrize(
    ("approval", "valid_until", "cause"),
    [
        ("", NOON + timedelta(days=1), causes.NOT_APPROVED),
        ("duyet", NOON - timedelta(seconds=1), causes.OUT_OF_DATE),
    ],
)
def test_signed_but_not_approved_or_not_in_date_is_silent(
    village: Village, approval: str, valid_until: datetime, cause: Text
) -> None:
    one = item("a", NOON, village.sound(3), approval=approval)
    village.tell(one, valid_until=valid_until)
    village.run(600)
    assert village.ear.starts == []
    assert village.outcome("a").cause_vi == cause.vi
    assert kinds(village) == ["guard"]


def test_an_emergency_for_which_nobody_answers_is_none(tmp_path: Path) -> None:
    night = datetime(2026, 12, 5, 3, 15, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    village = Village(tmp_path, night - timedelta(minutes=2))
    forged = item("a", night, village.sound(3), priority="emergency", authority=" ")
    honest = item("b", night, village.sound(3), priority="emergency")
    village.tell(forged, honest)
    village.run(400)
    assert [uid for uid, _ in village.ear.starts] == ["b"]
    assert kinds(village) == ["guard"]


def test_a_plan_of_a_stranger_or_a_dead_one_changes_nothing(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(3)))
    plan = rundown(9, NOON, [], withdrawn=["a"])
    with pytest.raises(Forged):
        village.plan.apply(sealed(plan, STRANGER), "", "thon-1", NOON)
    with pytest.raises(OddRundown, match="hết hạn"):
        village.plan.apply(sealed(plan), "", "thon-1", NOON + timedelta(days=9))
    assert list(village.plan.open_items()) == ["a"]


def test_a_new_key_of_the_server_is_pinned_and_the_old_one_is_over(village: Village) -> None:
    new = Ed25519PrivateKey.from_private_bytes(b"n" * 32)
    sound = [hold(village.vault, wav(3))]
    plan = rundown(5, NOON, [item("a", NOON, sound)])
    handed = sign(new, plan.model_dump_json(), [hand_on(KEY, public_text(new))])
    village.plan.apply(handed, "", "thon-1", NOON)
    assert village.trust.pinned() == public_text(new)
    with pytest.raises(Forged):
        village.plan.apply(sealed(rundown(6, NOON, [])), "", "thon-1", NOON)
    village.run(200)
    assert village.outcome("a").outcome == "aired"


# --- the guards ----------------------------------------------------------------------------------


def test_a_day_that_is_full_takes_no_more_and_an_emergency_still_sounds(village: Village) -> None:
    limits = Limits(zone=ZONE, minutes_a_day=0.1)
    minute = timedelta(minutes=1)
    village.tell(
        item("a", NOON, village.sound(4)),
        item("b", NOON + minute, village.sound(4)),
        item("z", NOON + 2 * minute, village.sound(4), priority="emergency"),
        item("c", NOON + timedelta(days=1), village.sound(4)),
        limits=limits,
    )
    village.run(400)
    village.clock.set(NOON + timedelta(days=1) - minute)
    village.run(120)
    assert [uid for uid, _ in village.ear.starts] == ["a", "z", "c"]
    assert "phút phát thường" in village.outcome("b").cause_vi
    assert kinds(village) == ["guard"]


def test_nothing_routine_before_the_earliest_hour(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(1)), limits=Limits(zone=ZONE, earliest="12:01"))
    village.run(600)
    assert "12:01" in village.outcome("a").cause_vi


def test_a_funeral_mutes_what_plays_and_what_is_due_but_no_emergency(village: Village) -> None:
    hour = timedelta(hours=1)
    plan = [
        item("a", NOON, village.sound(60)),
        item("b", NOON + timedelta(minutes=5), village.sound(1)),
        item("z", NOON + timedelta(minutes=9), village.sound(1), priority="emergency"),
        item("c", NOON + hour, village.sound(1)),
    ]
    village.tell(*plan)

    def mute(heard: float) -> None:
        if heard >= 5 and village.version == 1:
            village.tell(*plan, mute=Mute(until=NOON + hour, reason="đám tang"))

    village.ear.during = mute
    village.run(700)
    village.clock.set(NOON + hour - timedelta(minutes=1))
    village.run(90)
    assert 5 <= village.outcome("a").seconds_played < 5.3
    assert "đám tang" in village.outcome("b").cause_vi
    assert [uid for uid, _ in village.ear.starts] == ["a", "z", "c"]
    assert kinds(village) == [], "somebody wanted it so"


def test_the_stop_button_beside_the_loudspeakers_outlives_a_restart(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(60)), item("b", NOON + timedelta(minutes=3), []))

    def press(heard: float) -> None:
        if heard >= 5:
            stop_here(village.plan.database, village.clock.now())

    village.ear.during = press
    village.run(130)
    village.boot()
    village.tell(item("c", NOON + timedelta(minutes=1), village.sound(1), priority="emergency"))
    village.run(100)
    assert 5 <= village.outcome("a").seconds_played < 5.3
    assert village.outcome("c").cause_vi == causes.STOPPED.vi
    release_here(village.plan.database)
    village.tell(item("d", NOON + timedelta(minutes=5), village.sound(1)))
    village.run(400)
    assert village.outcome("d").outcome == "aired"


def test_a_mute_set_beside_the_loudspeakers_ends_by_itself_or_by_hand(village: Village) -> None:
    mute_here(village.plan.database, NOON + timedelta(minutes=10), "")
    village.tell(
        *(item(f"t{n}", NOON + n * timedelta(minutes=8), village.sound(1)) for n in (0, 2))
    )
    village.run(1200)
    assert [uid for uid, _ in village.ear.starts] == ["t2"]
    mute_here(village.plan.database, NOON + timedelta(days=1), "sửa loa")
    unmute_here(village.plan.database)
    village.tell(item("c", NOON + timedelta(minutes=30), village.sound(1)))
    village.run(900)
    assert village.outcome("c").outcome == "aired"
