"""A machine becomes a station with a code that works once, and ceases to be one at a word."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from commune import Commune
from station_line import Line, serving

from broadcaster.errors import BroadcasterError, InputError, PolicyRefused
from broadcaster.services.communes import Communes
from broadcaster.services.stations import enrolling, muting, signing
from broadcaster.signature import Forged, opened
from broadcaster.station import main
from broadcaster.station.deeds import DEEDS
from broadcaster.station.link import Link
from broadcaster.station.settings import read_settings, read_token
from broadcaster.station.trust import Trust
from broadcaster.wire import Signed


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    with serving(tmp_path / "home") as served:
        yield served


@pytest.fixture
def xa(line: Line) -> Commune:
    return line.town


def code(xa: Commune, target: str = "loa-doai") -> str:
    return enrolling.code(xa.context, xa.lan, target, xa.clock())


def test_a_machine_is_enrolled_with_a_code_as_a_person_types_it(
    line: Line, xa: Commune, tmp_path: Path
) -> None:
    pc = tmp_path / "may-loa"
    typed = code(xa).lower().replace("0", "o").replace("-", " ")
    main.run(["--home", str(pc), "enroll", "--server", line.url, "--code", typed])
    settings = read_settings(pc)
    assert settings.station == "loa-doai"
    assert Trust(pc).pinned() == signing.signer(xa.context).public
    link = Link(settings.server, read_token(pc, settings))
    signed = link.rundown("").signed
    link.close()
    assert signed is not None
    assert '"loa-doai"' in opened(signed, Trust(pc).pinned())
    assert (pc / "token").stat().st_mode & 0o077 == 0


def test_many_who_need_the_first_key_at_once_get_the_same(xa: Commune) -> None:
    """A server's first stations ask in the same second."""
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: signing.signer(xa.context).public, range(16)))
    assert len(keys) == 1
    assert [path.name for path in xa.context.keys.iterdir()] == ["plan.pem"]


def test_a_code_works_once_for_a_while_and_only_the_newest(xa: Commune) -> None:
    old, new = code(xa), code(xa)
    with pytest.raises(PolicyRefused):
        enrolling.enroll(Communes.only(xa.context), old, xa.clock())
    enrolling.enroll(Communes.only(xa.context), new, xa.clock())
    with pytest.raises(PolicyRefused):
        enrolling.enroll(Communes.only(xa.context), new, xa.clock())
    late = code(xa)
    xa.clock.move(minutes=16)
    with pytest.raises(PolicyRefused):
        enrolling.enroll(Communes.only(xa.context), late, xa.clock())


def test_a_code_is_not_kept_where_it_could_be_read(xa: Commune) -> None:
    made = code(xa).replace("-", "").encode()
    assert all(made not in file.read_bytes() for file in xa.context.home.rglob("*.db*"))


def test_only_who_manages_gives_codes_and_only_for_loudspeakers(xa: Commune) -> None:
    with pytest.raises(PolicyRefused):
        enrolling.code(xa.context, xa.minh, "loa-dong", xa.clock())
    with pytest.raises(InputError, match="không phải là cụm loa"):
        code(xa, "fanpage")


def test_guessing_is_borne_a_few_times_a_minute(line: Line, xa: Commune) -> None:
    link = Link(line.url, "")
    answers = [line.ask("POST", "enroll", json={"code": f"{n}"}).status_code for n in range(12)]
    assert answers == [403] * 10 + [429] * 2
    good = code(xa)
    with pytest.raises(BroadcasterError, match="Xin mã mới"):
        link.enroll(good, "")
    xa.clock.move(minutes=1)
    assert link.enroll(good, "").station == "loa-doai"
    link.close()


def test_a_revoked_token_opens_nothing(line: Line, xa: Commune) -> None:
    assert line.ask("GET", "rundown").status_code == 200
    enrolling.revoke(xa.context, xa.lan, "loa-dong", xa.clock())
    for path in ("rundown", "wait?seconds=0"):
        assert line.ask("GET", path).status_code == 401


def test_the_private_key_is_for_its_owner_only_and_is_made_once(xa: Commune) -> None:
    first = signing.signer(xa.context).public
    assert signing.signer(xa.context).public == first
    for path in (xa.context.keys, *xa.context.keys.iterdir()):
        assert path.stat().st_mode & 0o077 == 0


def test_a_rotated_key_is_taken_over_by_who_trusted_the_old_one(line: Line, xa: Commune) -> None:
    old = signing.signer(xa.context).public
    before = line.ask("GET", "rundown")
    signing.rotate(xa.context, xa.lan, xa.clock())
    tag = {"If-None-Match": before.headers["ETag"]}
    after = line.ask("GET", "rundown", headers=tag)
    assert after.status_code == 200, "the plan is signed anew"
    signed = Signed.model_validate_json(after.content)
    assert signed.key != old
    opened(signed, old)
    with pytest.raises(Forged):
        opened(Signed.model_validate_json(before.content), signed.key)


# --- waiting for a change -------------------------------------------------------------------------


def waited(line: Line, tag: str, seconds: float) -> tuple[int, float]:
    begun = time.monotonic()
    answer = line.ask("GET", f"wait?seconds={seconds}", headers={"If-None-Match": tag})
    return answer.status_code, time.monotonic() - begun


def test_who_waits_is_told_within_a_second_of_a_change(line: Line, xa: Commune) -> None:
    tag = line.ask("GET", "rundown").headers["ETag"]
    assert waited(line, tag, 0.1)[0] == 304
    assert waited(line, '"other"', 5)[0] == 204

    def change() -> None:
        muting.mute(
            xa.context, xa.minh, "loa-dong", xa.clock() + timedelta(hours=1), "tang", xa.clock()
        )

    threading.Timer(0.5, change).start()
    status, seconds = waited(line, tag, 9)
    assert status == 204
    assert seconds < 2.5, "half a second of it before the change; the machine may be busy"
    plan = line.rundown()
    assert plan["mute"]["reason"] == "tang"


def test_a_change_of_another_station_wakes_nobody_else(line: Line, xa: Commune) -> None:
    other = Line(xa, line.url, "loa-doai")
    tag = line.ask("GET", "rundown").headers["ETag"]
    other.ask("GET", "rundown")

    def change() -> None:
        muting.mute(
            xa.context, xa.minh, "loa-doai", xa.clock() + timedelta(hours=1), "tang", xa.clock()
        )

    threading.Timer(0.1, change).start()
    assert waited(line, tag, 0.8)[0] == 304
    other.session.close()


def test_every_deed_beside_the_station_has_a_name_and_a_help() -> None:
    assert {"enroll", "stop", "release", "mute", "unmute"} <= {deed.name for deed in DEEDS}
    assert all(deed.help for deed in DEEDS)
