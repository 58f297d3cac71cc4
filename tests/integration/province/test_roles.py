"""Who may run a part of a province's work, and what the others are told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from commune import found
from databases import fresh_url
from provinces import Land

from broadcaster.errors import InputError, Unavailable
from broadcaster.server.roles import Role, serve, shares_work
from broadcaster.services.communes import Communes
from broadcaster.settings.province import EngineSettings


def never(_url: str) -> None:
    raise AssertionError("it has begun")


@pytest.fixture
def on_postgresql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Communes]:
    with closing(Land(tmp_path, fresh_url("postgresql", tmp_path, request))) as land:
        land.commune("an-binh")
        yield land.served()


@pytest.mark.parametrize("role", list(Role))
def test_one_commune_has_no_roles_and_is_told_what_to_run(tmp_path: Path, role: Role) -> None:
    alone = Communes.only(found(tmp_path).context)
    assert not shares_work(alone)
    with pytest.raises(InputError, match=r"không có province.toml. Một xã thì chạy: broadcaster"):
        serve(alone, role, never)


def test_a_province_on_sqlite_is_sent_to_postgresql(tmp_path: Path) -> None:
    with closing(Land(tmp_path, f"sqlite:///{tmp_path / 'tinh.db'}")) as land:
        land.commune("an-binh")
        assert not shares_work(land.served()), "it runs whole, in one process"
        with pytest.raises(InputError, match=r"postgresql\+psycopg://.*broadcaster store copy"):
            serve(land.served(), Role.WORKER, never)


def test_a_province_that_wants_one_process_gets_no_second(on_postgresql: Communes) -> None:
    assert shares_work(on_postgresql)
    on_postgresql.settings = on_postgresql.settings.model_copy(
        update={"engine": EngineSettings(kind="embedded")}
    )
    assert not shares_work(on_postgresql)
    with pytest.raises(InputError, match=r"kind = “embedded”: chỉ chạy được một tiến trình"):
        serve(on_postgresql, Role.PLANNER, never)


def test_a_role_without_the_part_for_provinces_is_told_what_to_install(
    on_postgresql: Communes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "procrastinate", None)  # as where it is not installed
    with pytest.raises(Unavailable, match=r"pip install 'commune-broadcaster\[province\]'"):
        serve(on_postgresql, Role.WORKER, never)
