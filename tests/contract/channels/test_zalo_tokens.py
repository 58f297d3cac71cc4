"""The rotating tokens: one refresher, on disk before use, nothing lost that Zalo still honours."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcaster.channels import Channel
from broadcaster.errors import Refused, TryAgain
from broadcaster.sandbox import credentials as demo
from broadcaster.secrecy.store import Secrets
from channels.far_side import DRAFT, REFERENCE, Outlet, Sandbox, zalo

DAY = timedelta(hours=24)


@pytest.fixture
def oa(sandbox: Sandbox, tmp_path: Path) -> Outlet:
    sandbox.settings("zalo", processing_polls=0)
    return zalo(sandbox.url, tmp_path)


def kept(oa: Outlet) -> dict[str, Any]:
    """What the token file holds, opened with the commune's key."""
    sealed = json.loads((oa.folder / "state" / "zalo-token.json").read_text())["sealed"]
    found: dict[str, Any] = json.loads(Secrets(oa.folder, {}).seal.open(sealed))
    return found


def publish(channel: Channel, now: datetime) -> None:
    channel.publish(channel.compose(DRAFT), REFERENCE, now)


def refreshes(sandbox: Sandbox) -> int:
    return sandbox.calls("zalo", "oauth.token")


def test_the_first_use_keeps_the_pair_from_the_settings_for_its_owner_only(
    oa: Outlet, now: datetime
) -> None:
    assert oa.channel().check(now).ok
    assert kept(oa)["pair"]["refresh"] == demo.ZALO_REFRESH_TOKEN
    mode = (oa.folder / "state" / "zalo-token.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_young_token_is_used_an_old_one_renewed_before_it_dies(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = oa.channel()
    channel.check(now)
    assert channel.check(now + timedelta(hours=19)).ok
    assert refreshes(sandbox) == 0
    assert channel.check(now + timedelta(hours=20, minutes=1)).ok
    assert refreshes(sandbox) == 1
    found = kept(oa)
    assert found["previous"]["refresh"] == demo.ZALO_REFRESH_TOKEN
    assert found["pair"]["refresh"] != demo.ZALO_REFRESH_TOKEN
    assert found["trying"] == ""
    assert oa.channel().check(now + timedelta(hours=21)).ok  # another process reads the disk
    assert refreshes(sandbox) == 1


def test_a_token_that_dies_in_mid_run_is_renewed_once_and_the_article_posted_once(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = oa.channel()
    channel.check(now)
    sandbox.fault("zalo", "token_death", "article.create")
    publish(channel, now)
    assert len(sandbox.public("zalo")) == 1
    assert refreshes(sandbox) == 1
    assert sandbox.calls("zalo", "article.create") == 2


def test_a_token_refused_again_after_renewing_is_for_a_person(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault("zalo", "error", "article.create", code=-216, times=0)
    with pytest.raises(Refused, match="quản trị viên OA"):
        publish(oa.channel(), now)
    assert sandbox.calls("zalo", "article.create") == 2


def test_two_workers_at_once_refresh_once(oa: Outlet, sandbox: Sandbox, now: datetime) -> None:
    oa.channel().check(now)
    sandbox.fault("zalo", "delay", "oauth.token", seconds=0.2)
    workers = [oa.channel() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        healths = list(pool.map(lambda one: one.check(now + DAY), workers))
    assert all(health.ok for health in healths)
    assert refreshes(sandbox) == 1


def test_a_lost_answer_costs_nothing_while_the_old_token_lives(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = oa.channel()
    channel.check(now)
    sandbox.fault("zalo", "rotate_then_drop")
    later = now + timedelta(hours=21)
    health = channel.check(later)
    assert health.ok
    assert "cấp quyền lại" in health.warnings[0].vi
    publish(channel, later)
    assert len(sandbox.public("zalo")) == 1


def test_when_zalo_says_the_grant_is_gone_a_person_is_told_what_to_do(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = oa.channel()
    channel.check(now)
    sandbox.fault("zalo", "rotate_then_drop")
    sandbox.advance(26 * 3600)
    with pytest.raises(TryAgain):
        publish(channel, now + timedelta(hours=26))
    with pytest.raises(Refused, match="Quản trị viên OA hãy vào") as caught:
        publish(channel, now + timedelta(hours=26, minutes=5))
    assert demo.ZALO_REFRESH_TOKEN not in str(caught.value)
    assert sandbox.public("zalo") == []


def test_a_refresh_that_never_reached_zalo_is_tried_again_with_the_same_pair(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = oa.channel()
    channel.check(now)
    sandbox.fault("zalo", "drop", "oauth.token")
    sandbox.fault("zalo", "html", "oauth.token", call=2)
    sandbox.advance(26 * 3600)
    for minutes in (0, 1):
        with pytest.raises(TryAgain):
            publish(channel, now + timedelta(hours=26, minutes=minutes))
    publish(channel, now + timedelta(hours=26, minutes=2))
    assert len(sandbox.public("zalo")) == 1


def test_a_new_pair_in_the_settings_replaces_the_dead_one(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    dead = oa.channel(secrets={"access_token": "het-han-0001", "refresh_token": "da-dung-0001"})
    with pytest.raises(Refused):
        publish(dead, now)
    publish(oa.channel(), now)  # the administrator has granted again
    assert len(sandbox.public("zalo")) == 1
    assert kept(oa)["previous"]["refresh"] == "da-dung-0001"


def test_the_rotated_pair_is_not_replaced_by_the_one_it_began_with(
    oa: Outlet, now: datetime
) -> None:
    oa.channel().check(now)
    oa.channel().check(now + DAY)
    rotated = kept(oa)["pair"]
    assert oa.channel().check(now + DAY).ok
    assert kept(oa)["pair"] == rotated


def test_a_refresh_token_alone_is_enough_to_begin(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    assert oa.channel(secrets={"access_token": None}).check(now).ok
    assert refreshes(sandbox) == 1


def test_a_broken_token_file_is_kept_and_named(oa: Outlet, sandbox: Sandbox, now: datetime) -> None:
    oa.channel().check(now)
    file = oa.folder / "state" / "zalo-token.json"
    for broken in ("{", "[]", '{"pair": 1}', '{"pair": {}, "previous": {}}'):
        file.write_text(broken)
        with pytest.raises(Refused, match=r"zalo-token\.json"):
            publish(oa.channel(), now)
        assert file.read_text() == broken
    assert refreshes(sandbox) == 0


def test_a_disk_that_cannot_be_written_is_found_out_before_zalo_rotates(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = oa.channel()
    channel.check(now)
    (oa.folder / "state" / "zalo-token.new").mkdir()  # where the new file would be written
    (oa.folder / "state" / "zalo-token.new" / "x").touch()
    assert channel.check(now + DAY).ok  # with the old pair, which lives for another hour
    with pytest.raises(TryAgain, match="đĩa"):
        publish(channel, now + timedelta(hours=26))
    assert refreshes(sandbox) == 0


def test_a_wrong_app_secret_does_not_use_up_the_grant(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    wrong = oa.channel(secrets={"app_secret": "sai", "access_token": None}, appsecret_proof=False)
    with pytest.raises(Refused):
        publish(wrong, now)
    publish(oa.channel(secrets={"access_token": None}), now)
    assert len(sandbox.public("zalo")) == 1


def test_a_wrong_pair_entered_over_a_living_one_does_no_harm(
    oa: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    oa.channel().check(now)
    wrong = {"access_token": "cua-oa-khac-1", "refresh_token": "cua-oa-khac-2"}
    assert oa.channel(secrets=wrong).check(now).ok
    found = kept(oa)
    assert found["previous"]["refresh"] == demo.ZALO_REFRESH_TOKEN
    assert found["pair"]["refresh"] not in {demo.ZALO_REFRESH_TOKEN, "cua-oa-khac-2"}
    assert refreshes(sandbox) == 2  # the wrong one, then the one before
