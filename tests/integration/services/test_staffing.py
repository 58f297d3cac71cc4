"""People come, change roles and limits; somebody always manages, and the log says who did it."""

from __future__ import annotations

from pathlib import Path

import commune
import pytest
from commune import Commune

from broadcaster.domain.people import Right, Role
from broadcaster.errors import Conflict, InputError, PolicyRefused
from broadcaster.services.people import staffing
from broadcaster.store import events


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return commune.found(tmp_path / "xa")


def test_a_village_representative_answers_for_a_village_that_has_an_outlet(xa: Commune) -> None:
    add = staffing.add
    with pytest.raises(InputError, match="--village"):
        add(xa.context, xa.lan, "dong", "Vũ Đông", [Role.VILLAGE_REP], xa.clock())
    with pytest.raises(InputError, match=r"Chưa có kênh nào của “thôn Bắc”.*thôn Đoài, thôn Đông"):
        add(
            xa.context, xa.lan, "bac", "Vũ Bắc", [Role.VILLAGE_REP], xa.clock(),
            villages=["thôn Bắc"],
        )  # fmt: skip
    made = add(
        xa.context, xa.lan, "dong", "Vũ Đông", [Role.VILLAGE_REP], xa.clock(),
        villages=["thôn Đông"],
    )  # fmt: skip
    assert made == xa.context.person("dong", Right.MUTE)
    assert made.villages == {"thôn Đông"}


def test_only_who_manages_adds_and_changes(xa: Commune) -> None:
    for who in (xa.minh, None):
        with pytest.raises(PolicyRefused):
            staffing.add(xa.context, who, "thu", "Đỗ Thu", [Role.CONTRIBUTOR], xa.clock())
    with pytest.raises(PolicyRefused, match="quản trị"):
        staffing.change(xa.context, xa.minh, "lan", xa.clock(), roles=[Role.APPROVER])


def test_the_last_administrator_stays_one(xa: Commune) -> None:
    with pytest.raises(PolicyRefused, match="quản trị cuối cùng"):
        staffing.change(xa.context, xa.lan, "lan", xa.clock(), roles=[Role.OPERATOR])
    staffing.change(xa.context, xa.lan, "minh", xa.clock(), roles=[Role.ADMIN])
    staffing.change(xa.context, xa.lan, "lan", xa.clock(), roles=[Role.OPERATOR])


def test_a_change_is_logged_with_what_it_was_before(xa: Commune) -> None:
    made = staffing.change(xa.context, xa.lan, "tuan", xa.clock(), roles=[Role.APPROVER])
    assert made.roles == {Role.APPROVER}
    with pytest.raises(Conflict, match="không có gì để sửa"):
        staffing.change(xa.context, xa.lan, "tuan", xa.clock(), roles=[Role.APPROVER])
    with xa.context.database.read() as connection:
        (noted,) = events.of_subject(connection, xa.context.commune_id, "person tuan")
    assert (noted["person"], noted["what"]) == ("lan", "person.changed")
    assert noted["detail"]["roles"] == ["approver"]
    assert noted["detail"]["before"]["roles"] == ["approver", "operator"]
