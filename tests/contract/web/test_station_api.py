"""Version 1 of the station protocol: plan and audio go out, word and proof come back once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from station_line import Line, plan_of, serving

from broadcaster.domain.delivery import Delivery, State
from broadcaster.services.stations import stopping
from broadcaster.store import stations


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    with serving(tmp_path / "home") as served:
        yield served


@pytest.fixture
def planned(line: Line) -> Delivery:
    """One broadcast in half an hour, not handed over yet."""
    return plan_at(line, "08:30")


def plan_at(line: Line, at: str, target: str = "loa-dong") -> Delivery:
    number = line.town.approved((target,), text=f"Tin lúc {at}\nHọp lúc {at} tại nhà văn hóa.")
    line.town.schedule(number, on="23/11/2026", at=at)
    line.town.plan()
    return line.town.one(number)


def now_is(line: Line, of: Delivery) -> Delivery:
    (found,) = [one for one in line.town.rows() if one.id == of.id]
    return found


# --- who may ask ---------------------------------------------------------------------------------

DOORS = [("GET", "rundown"), ("GET", f"audio/{'a' * 64}"), ("POST", "status"), ("POST", "as-run")]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer sai", "Basic c2FpOnNhaQ==", "Bearer ộ"])
@pytest.mark.parametrize(("method", "path"), DOORS)
def test_no_door_opens_without_the_right_token(
    shared_line: Line, method: str, path: str, header: str
) -> None:
    answer = shared_line.ask(method, path, headers={"Authorization": header.encode()})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "thu hồi" in answer.json()["detail"]


@pytest.fixture(scope="module")
def shared_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """For what changes nothing."""
    with serving(tmp_path_factory.mktemp("shared") / "home") as served:
        yield served


def test_a_new_token_ends_the_old_one_at_once(line: Line, planned: Delivery) -> None:
    old, line.token = line.token, line.enroll()
    assert [item["uid"] for item in line.rundown()["items"]] == [planned.uid]
    line.token = old
    assert line.ask("GET", "rundown").status_code == 401
    assert line.status(planned.uid).status_code == 401
    assert now_is(line, planned).state == State.SENDING


def test_a_token_is_not_kept_where_it_could_be_read(line: Line) -> None:
    for file in line.town.context.home.rglob("*.db*"):
        assert line.token.encode() not in file.read_bytes()


# --- the rundown ---------------------------------------------------------------------------------


def test_an_unchanged_rundown_has_the_same_version_and_is_not_sent_again(
    line: Line, planned: Delivery
) -> None:
    first = line.ask("GET", "rundown")
    assert [item["uid"] for item in plan_of(first)["items"]] == [planned.uid]
    line.town.clock.move(minutes=2)
    for tag in (first.headers["ETag"], f"W/{first.headers['ETag']}"):  # a proxy may weaken it
        again = line.ask("GET", "rundown", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    assert line.rundown()["version"] == plan_of(first)["version"]


def test_a_new_delivery_counts_the_version_up_by_one(line: Line, planned: Delivery) -> None:
    first = line.ask("GET", "rundown")
    later = plan_at(line, "09:00")
    answer = line.ask("GET", "rundown", headers={"If-None-Match": first.headers["ETag"]})
    assert answer.status_code == 200
    assert plan_of(answer)["version"] == plan_of(first)["version"] + 1
    assert [item["uid"] for item in plan_of(answer)["items"]] == [planned.uid, later.uid]


def test_an_item_says_when_what_and_until_when(line: Line, planned: Delivery) -> None:
    (item,) = line.rundown()["items"]
    assert datetime.fromisoformat(item["starts_at"]) == planned.due_at
    assert datetime.fromisoformat(item["expires_at"]) == planned.expires_at
    assert (item["title"], item["priority"]) == ("Tin lúc 08:30", "normal")
    (cue,) = item["cues"]
    file = line.town.context.audio / f"{cue['digest']}.wav"
    assert (cue["size"], cue["duration_ms"]) == (file.stat().st_size, 30_000)


def test_handing_over_is_written_down_with_an_attempt(line: Line, planned: Delivery) -> None:
    assert line.town.tries(planned) == []
    line.rundown()
    line.rundown()
    handed = now_is(line, planned)
    assert (handed.state, handed.owner, handed.attempt_no) == (
        State.SENDING,
        "station:loa-dong",
        1,
    )
    assert handed.next_at == planned.expires_at + timedelta(seconds=30 + 60)
    (attempt,) = line.town.tries(planned)
    assert (attempt["n"], attempt["outcome"]) == (1, "")


def test_a_station_hears_nothing_of_another_one(line: Line) -> None:
    other = plan_at(line, "08:30", "loa-doai")
    assert line.rundown()["items"] == []
    assert now_is(line, other).state == State.PLANNED


def test_what_is_past_its_time_is_not_handed_over(line: Line, planned: Delivery) -> None:
    line.town.clock.now = planned.expires_at
    assert line.rundown()["items"] == []
    assert now_is(line, planned).state == State.PLANNED


def test_withdrawn_items_are_listed_until_the_station_answers(
    line: Line, planned: Delivery
) -> None:
    line.rundown()
    line.town.remove_rule(planned.rule_id)
    for _ in range(2):
        plan = line.rundown()
        assert (plan["items"], plan["withdrawn"]) == ([], [planned.uid])
    line.prove(line.entry(planned, "cancelled", started_at=None, seconds_played=0))
    ended = now_is(line, planned)
    assert ended.state == State.CANCELLED
    assert ended.cause is not None
    assert line.rundown()["withdrawn"] == []


def test_stop_all_silences_and_hands_nothing_new_over(line: Line, planned: Delivery) -> None:
    line.rundown()
    stopping.stop(line.town.context, line.town.minh, "Sự cố", line.town.clock())
    later = plan_at(line, "09:00")
    plan = line.rundown()
    assert plan["stopped"] is True
    assert [item["uid"] for item in plan["items"]] == [planned.uid]
    assert now_is(line, later).state == State.PLANNED
    stopping.release(line.town.context, line.town.minh, line.town.clock())
    assert line.rundown()["stopped"] is False
    assert now_is(line, later).state == State.SENDING


def test_quiet_hours_stand_in_the_rundown(line: Line) -> None:
    assert line.rundown()["quiet"] == {
        "start": "21:00",
        "end": "06:00",
        "zone": "Asia/Ho_Chi_Minh",
    }


def test_a_commune_without_quiet_hours_says_so(tmp_path: Path) -> None:
    with serving(tmp_path / "home", more='[policy]\nquiet_hours = "none"\n') as line:
        assert line.rundown()["quiet"] is None


def test_the_limits_of_the_profile_stand_in_the_rundown(tmp_path: Path) -> None:
    with serving(tmp_path / "home", more='[policy]\nprofile = "30-phut"\n') as line:
        assert line.rundown()["limits"] == {
            "zone": "Asia/Ho_Chi_Minh",
            "earliest": "06:00",
            "windows": [{"start": "06:00", "end": "07:30"}, {"start": "17:00", "end": "18:30"}],
            "weekdays": [1, 2, 3, 4, 5],
            "minutes_a_day": 60.0,
            "max_volume": 90,
        }


def test_a_server_with_a_restored_backup_goes_on_above_what_the_station_runs(
    line: Line, planned: Delivery
) -> None:
    first = line.rundown()["version"]
    assert line.status(version=first + 40).status_code == 204
    plan = line.rundown()
    assert plan["version"] == first + 41
    assert [item["uid"] for item in plan["items"]] == [planned.uid]
    line.status(version=first)  # a status that was long on its way
    assert line.rundown()["version"] == first + 41


# --- the station's word --------------------------------------------------------------------------


def test_what_the_station_holds_is_accepted(line: Line, planned: Delivery) -> None:
    assert line.status(planned.uid).status_code == 204
    assert now_is(line, planned).state == State.PLANNED  # never handed over
    line.rundown()
    assert line.status(planned.uid, "never-heard-of").status_code == 204
    assert now_is(line, planned).state == State.ACCEPTED
    assert [item["uid"] for item in line.rundown()["items"]] == [planned.uid]
    with line.town.context.database.read() as connection:
        (station,) = stations.every(connection, line.town.context.commune_id)
    assert station.seen_at == line.town.clock()
    assert station.status["device"] == "Loa nén"


def test_an_entry_sent_three_times_counts_once(line: Line, planned: Delivery) -> None:
    line.rundown()
    entry = line.entry(planned)
    assert line.prove(entry, entry) == [entry["entry"]] * 2
    line.town.clock.move(hours=1)
    assert line.prove(entry) == [entry["entry"]]
    ended = now_is(line, planned)
    assert (ended.state, ended.next_at, ended.cause) == (State.CONFIRMED, None, None)
    assert ended.actual_at == planned.due_at + timedelta(seconds=1)
    assert (ended.proof["device"], ended.proof["seconds_played"]) == ("Loa nén thôn Đông", 30.04)
    (attempt,) = line.town.tries(planned)
    assert attempt["outcome"] == "aired"
    with line.town.context.database.read() as connection:
        assert len(stations.entries(connection, line.town.context.commune_id, planned.uid)) == 1
    assert line.rundown()["items"] == []


def test_a_second_opinion_does_not_rewrite_a_final_state(line: Line, planned: Delivery) -> None:
    line.rundown()
    line.prove(line.entry(planned))
    line.prove(line.entry(planned, "missed", entry="second", cause_vi="Mất điện."))
    assert now_is(line, planned).state == State.CONFIRMED
    with line.town.context.database.read() as connection:
        assert len(stations.entries(connection, line.town.context.commune_id, planned.uid)) == 2


def test_one_station_cannot_speak_for_another(line: Line) -> None:
    other = plan_at(line, "08:30", "loa-doai")
    doai = Line(line.town, line.url, "loa-doai")
    doai.rundown()
    before = now_is(line, other)
    assert before.state == State.SENDING
    line.status(other.uid)
    line.prove(line.entry(other))
    assert now_is(line, other) == before
    doai.prove(doai.entry(other, entry="its own"))
    assert now_is(line, other).state == State.CONFIRMED
    doai.session.close()


def test_late_proof_settles_what_was_unknown(line: Line, planned: Delivery) -> None:
    line.rundown()
    line.town.clock.now = planned.expires_at + timedelta(minutes=10)
    line.town.tick()
    assert now_is(line, planned).state == State.UNKNOWN
    line.prove(line.entry(planned))
    assert now_is(line, planned).state == State.CONFIRMED


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("partly_aired", State.PARTLY_AIRED),
        ("missed", State.MISSED),
        ("cancelled", State.CANCELLED),
    ],
)
@pytest.mark.parametrize("cause", ["Mất điện lúc 08:29.", ""])
def test_what_did_not_sound_whole_ends_with_a_cause(
    line: Line, planned: Delivery, outcome: str, state: State, cause: str
) -> None:
    line.rundown()
    line.prove(line.entry(planned, outcome, cause_vi=cause))
    ended = now_is(line, planned)
    assert ended.state == state
    assert ended.cause is not None
    assert ended.cause.vi == cause or (not cause and "không nói lý do" in ended.cause.vi)


def test_proof_of_what_the_server_never_knew_is_kept(line: Line, planned: Delivery) -> None:
    stranger: dict[str, Any] = line.entry(planned) | {"uid": "of-a-lost-database"}
    assert line.prove(stranger) == [stranger["entry"]]
    with line.town.context.database.read() as connection:
        assert (
            len(stations.entries(connection, line.town.context.commune_id, "of-a-lost-database"))
            == 1
        )
