"""A province's folder: communes beside each other in one database, served by one process."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests
from databases import KINDS, fresh_url
from provinces import Land, commune_home
from web_server import answering

from broadcaster.bootstrap import connect, connect_all, open_secrets
from broadcaster.errors import InputError, NotFound, PolicyRefused
from broadcaster.services import overseeing
from broadcaster.services.communes import Communes
from broadcaster.services.stations import enrolling
from broadcaster.settings import config
from broadcaster.store import people


@pytest.fixture(params=KINDS)
def land(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Land]:
    with closing(Land(tmp_path, fresh_url(request.param, tmp_path, request))) as made:
        yield made


def test_every_commune_is_served_from_its_own_folder_and_rows(land: Land) -> None:
    first, second = land.commune("an-binh"), land.commune("binh-minh")
    served = land.served()
    assert [one.home for one in served.every()] == [first.context.home, second.context.home]
    assert served.of(second.context.commune_id).config.commune.name == "xã Bình Minh"
    assert first.draft() == second.draft() == 1  # each counts its own


def test_a_commune_that_comes_later_is_found_and_one_without_folder_is_not(land: Land) -> None:
    land.commune("an-binh")
    served = land.served()
    later = land.commune("binh-minh")
    assert len(served.every()) == 2
    assert served.of(later.context.commune_id).home == later.context.home
    with served.database.write() as connection:
        gone = people.the_commune(connection, "xã Đã Gộp", "da-gop")
    assert len(served.every()) == 2
    with pytest.raises(NotFound, match="da-gop"):
        served.of(gone)
    with pytest.raises(NotFound):
        served.of(gone + 1)


def test_a_mistake_in_one_communes_settings_stops_no_other_and_is_said_once(
    land: Land, caplog: pytest.LogCaptureFixture
) -> None:
    land.commune("an-binh")
    wrong = land.commune("binh-minh").context.home / "broadcaster.toml"
    right = wrong.read_text("utf-8")
    wrong.write_text("[commune]\nname = 5\n", encoding="utf-8")
    served = land.served()
    with caplog.at_level(logging.WARNING):
        assert [len(served.every()) for _ in range(3)] == [1, 1, 1]
    assert len([one for one in caplog.records if "binh-minh" in one.getMessage()]) == 1
    wrong.write_text(right, encoding="utf-8")
    assert len(served.every()) == 2


def test_changed_settings_are_taken_over_and_wrong_ones_change_nothing(
    land: Land, caplog: pytest.LogCaptureFixture
) -> None:
    xa = land.commune("an-binh")
    served, commune_id = land.served(), xa.context.commune_id
    path = xa.context.home / "broadcaster.toml"
    right = path.read_text("utf-8")
    assert served.of(commune_id).config.delivery.parallel == 3
    path.write_text(right.replace("[commune]", "[delivery]\nparallel = 7\n\n[commune]"), "utf-8")
    assert served.of(commune_id).config.delivery.parallel == 3  # nobody looks at every call
    xa.clock.move(seconds=11)
    assert served.of(commune_id).config.delivery.parallel == 7
    path.write_text("[commune]\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            xa.clock.move(seconds=11)
            assert [one.config.delivery.parallel for one in served.every()] == [7]
    assert len([one for one in caplog.records if "settings of before" in one.getMessage()]) == 1
    path.write_text(right, encoding="utf-8")
    xa.clock.move(seconds=11)
    assert [one.config.delivery.parallel for one in served.every()] == [3]


def test_the_operator_sees_figures_of_each_commune_and_no_content(land: Land) -> None:
    first, _ = land.commune("an-binh"), land.commune("binh-minh")
    enrolling.take_in(first.context, "loa-dong", first.clock())
    first.schedule(first.approved(), on="hằng ngày", at="17:00")
    first.plan()
    busy, idle = overseeing.communes(land.served(), first.clock.move(hours=10))
    assert busy.figures is not None
    assert idle.figures is not None
    assert (busy.key, busy.figures.stations, busy.figures.heard) == ("an-binh", 1, 0)
    assert busy.figures.due == len([one for one in first.rows() if one.due_at < first.clock()]) == 1
    assert busy.figures.planned_until is not None
    assert (idle.figures.stations, idle.figures.due, idle.figures.planned_until) == (0, 0, None)
    assert (busy.trouble, idle.trouble) == (None, None)


def test_a_code_opens_its_own_commune_and_a_token_shows_its_own_rundown(land: Land) -> None:
    first, second = land.commune("an-binh"), land.commune("binh-minh")
    served = land.served()
    codes = [enrolling.code(xa.context, xa.lan, "loa-dong", xa.clock()) for xa in (first, second)]
    with answering(served) as url:
        door = f"{url}/api/station/v1"
        tokens = [
            requests.post(f"{door}/enroll", json={"code": code}, timeout=10).json()["token"]
            for code in codes
        ]
        number = second.approved(text="Tin của Bình Minh\nNội dung.")
        second.schedule(number, on="23/11/2026", at="17:00")
        second.plan()
        headers = [{"Authorization": f"Bearer {token}"} for token in tokens]
        shown = [requests.get(f"{door}/rundown", headers=h, timeout=10).text for h in headers]
    assert ("Tin của Bình Minh" in shown[0], "Tin của Bình Minh" in shown[1]) == (False, True)
    with pytest.raises(PolicyRefused):
        enrolling.enroll(served, codes[0], first.clock())


def test_a_commune_names_no_database_of_its_own(land: Land) -> None:
    home = land.commune("an-binh").context.home
    path = home / "broadcaster.toml"
    path.write_text('database_url = "sqlite:///x.db"\n' + path.read_text("utf-8"), "utf-8")
    with pytest.raises(InputError, match="bỏ dòng database_url"):
        connect(home, {})


def test_the_provinces_environment_holds_no_communes_secret(land: Land) -> None:
    """All its communes have a Fanpage of that key; the environment is one and the same."""
    home = land.commune("an-binh").context.home
    environ = {"BROADCASTER_SECRET_FANPAGE_PAGE_TOKEN": "ma-cua-xa-khac"}
    secrets = open_secrets(home, config.load(home, {}), environ)
    assert secrets.source("fanpage", "page_token") == "file"
    assert secrets.get("fanpage", "page_token") != "ma-cua-xa-khac"


def test_a_commune_of_a_province_has_no_server_of_its_own(land: Land) -> None:
    home = land.commune("an-binh").context.home
    with pytest.raises(InputError, match=f"--home {land.home} run"):
        connect_all(home, {})


def test_the_folder_of_the_province_is_no_communes(land: Land) -> None:
    with pytest.raises(InputError, match="thư mục của cả tỉnh"):
        connect(land.home, {})


def test_an_ordinary_folder_serves_its_one_commune(land: Land) -> None:
    xa = land.commune("an-binh")
    only = Communes.only(xa.context)
    assert only.every() == [only.of(xa.context.commune_id)] == [only.alone] == [xa.context]
    with pytest.raises(NotFound):
        only.of(xa.context.commune_id + 1)


def test_the_environment_names_the_database_before_the_file_does(land: Land) -> None:
    land.commune("an-binh")
    url = land.url
    (land.home / "province.toml").write_text('database_url = "sqlite:///sai.db"\n', "utf-8")
    environ = {"BROADCASTER_DATABASE_URL": url}
    with closing(connect_all(land.home, environ).database) as shared:
        assert shared.url == url
    with closing(connect(commune_home(land.home, "an-binh"), environ).database) as own:
        assert own.url == url
