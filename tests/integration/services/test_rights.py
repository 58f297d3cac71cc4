"""Every use case that changes something asks for its right, whoever calls it and however."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path

import commune
import pytest
from commune import TEXT, Commune

from broadcaster.domain.announcement import Priority
from broadcaster.domain.people import Person, Right, Role
from broadcaster.domain.policy import Limit
from broadcaster.domain.timetable.words import Words
from broadcaster.errors import BroadcasterError, PolicyRefused
from broadcaster.services.approval import approving, submitting
from broadcaster.services.content import authoring, rendering, withdrawing
from broadcaster.services.dispatching import settling
from broadcaster.services.people import staffing
from broadcaster.services.policy import excepting, policing
from broadcaster.services.stations import enrolling, muting, signing, stopping
from broadcaster.services.timetable import publicising, slotting, timetabling

SATURDAY = date(2026, 11, 28)
Deed = Callable[[Commune, Person, int], object]


def _schedule(xa: Commune, who: Person, number: int) -> object:
    words = Words(on="24/11/2026", at="17:00")
    change = timetabling.propose(xa.context, number, words, xa.clock())
    return timetabling.keep(xa.context, who, change, xa.clock())


DEEDS: dict[str, tuple[Right, Deed]] = {
    "draft": (
        Right.DRAFT, lambda xa, who, _: authoring.draft(xa.context, who, TEXT, xa.clock())
    ),
    "edit": (
        Right.EDIT, lambda xa, who, n: authoring.edit(xa.context, who, n, TEXT + "!", xa.clock())
    ),
    "override": (
        Right.EDIT,
        lambda xa, who, n: authoring.override(
            xa.context, who, n, "loa-dong", TEXT + "?", xa.clock()
        ),
    ),
    "render": (
        Right.DRAFT,
        lambda xa, who, n: rendering.render(xa.context, who, n, xa.clock(), lambda *_: None),
    ),
    "submit": (Right.DRAFT, lambda xa, who, n: submitting.submit(xa.context, who, n, xa.clock())),
    "approve": (Right.APPROVE, lambda xa, who, n: approving.grant(xa.context, who, n, xa.clock())),
    "schedule": (Right.SCHEDULE, _schedule),
    "slot": (
        Right.SCHEDULE,
        lambda xa, who, _: slotting.add(
            xa.context, who, "sang", time(6), time(7), ["loa-dong"], xa.clock()
        ),
    ),
    "unslot": (
        Right.SCHEDULE, lambda xa, who, _: slotting.remove(xa.context, who, "a", xa.clock())
    ),
    "settle": (
        Right.SETTLE, lambda xa, who, _: settling.settle(xa.context, who, 1, xa.clock(), posted="a")
    ),
    "withdraw": (
        Right.WITHDRAW, lambda xa, who, n: withdrawing.withdraw(xa.context, who, n, "a", xa.clock())
    ),
    "mute": (
        Right.MUTE,
        lambda xa, who, _: muting.mute(
            xa.context, who, "loa-dong", xa.clock() + timedelta(hours=1), "tang lễ", xa.clock()
        ),
    ),
    "stop": (Right.STOP, lambda xa, who, _: stopping.stop(xa.context, who, "a", xa.clock())),
    "release": (Right.STOP, lambda xa, who, _: stopping.release(xa.context, who, xa.clock())),
    "except": (
        Right.OVERRIDE,
        lambda xa, who, n: excepting.allow(
            xa.context, who, n, Limit.WEEKDAY, SATURDAY, SATURDAY, "hội", xa.clock()
        ),
    ),
    "unexcept": (
        Right.OVERRIDE, lambda xa, who, _: excepting.revoke(xa.context, who, 1, xa.clock())
    ),
    "publicise": (
        Right.EDIT,
        lambda xa, who, n: publicising.mark(
            xa.context, who, n, "Điều 11", date(2026, 11, 24), xa.clock(), ["thôn Đông"]
        ),
    ),
    "confirm publicity": (
        Right.SETTLE,
        lambda xa, who, n: publicising.confirm(xa.context, who, n, "thôn Đông", "", xa.clock()),
    ),
    "policy": (
        Right.POLICY,
        lambda xa, who, _: policing.use(xa.context, who, "30-phut", "quy chế mới", xa.clock()),
    ),
    "code": (
        Right.MANAGE, lambda xa, who, _: enrolling.code(xa.context, who, "loa-dong", xa.clock())
    ),
    "revoke": (
        Right.MANAGE, lambda xa, who, _: enrolling.revoke(xa.context, who, "loa-dong", xa.clock())
    ),
    "rotate": (Right.MANAGE, lambda xa, who, _: signing.rotate(xa.context, who, xa.clock())),
    "hire": (
        Right.MANAGE,
        lambda xa, who, _: staffing.add(
            xa.context, who, "moi", "Mới", [Role.CONTRIBUTOR], xa.clock()
        ),
    ),
    "change person": (
        Right.MANAGE,
        lambda xa, who, _: staffing.change(
            xa.context, who, "tuan", xa.clock(), full_name="Lê Tuấn"
        ),
    ),
}  # fmt: skip


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return commune.found(tmp_path / "xa", more="[approval]\nsteps = 1\n")


def refused(xa: Commune, who: Person, number: int, deed: Deed) -> bool:
    """For want of the right; other reasons do not count."""
    try:
        deed(xa, who, number)
    except PolicyRefused as error:
        return "không có quyền" in error.text.vi
    except BroadcasterError:
        return False
    return False


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_each_role_is_refused_exactly_what_the_table_does_not_give_it(
    xa: Commune, role: Role
) -> None:
    villages = ["thôn Đông"] if role == Role.VILLAGE_REP else []
    who = staffing.add(xa.context, xa.lan, "ai", "Ai Đó", [role], xa.clock(), villages=villages)
    found = {}
    for name, (right, deed) in DEEDS.items():
        number = xa.draft()
        xa.render(number)
        found[name] = refused(xa, who, number, deed) == (not who.may(right))
    assert [name for name, right in found.items() if not right] == []


def test_a_village_representative_is_kept_to_the_own_village(xa: Commune) -> None:
    who = staffing.add(
        xa.context, xa.lan, "ai", "Ai Đó", [Role.VILLAGE_REP], xa.clock(), villages=["thôn Đoài"]
    )
    number = xa.draft()
    for name in ("mute", "confirm publicity"):
        with pytest.raises(PolicyRefused, match="chỉ phụ trách thôn Đoài"):
            DEEDS[name][1](xa, who, number)


def test_an_operator_of_one_village_does_not_touch_the_others(xa: Commune) -> None:
    who = staffing.add(
        xa.context, xa.lan, "ai", "Ai Đó", [Role.OPERATOR], xa.clock(), villages=["thôn Đoài"]
    )
    number = xa.draft(targets=("loa-dong",))
    xa.render(number)
    for name in ("edit", "override", "render", "submit", "schedule", "slot", "withdraw", "mute"):
        with pytest.raises(PolicyRefused, match="chỉ phụ trách thôn Đoài"):
            DEEDS[name][1](xa, who, number)


def test_who_orders_an_emergency_schedules_it_alone_and_nothing_else(xa: Commune) -> None:
    urgent = xa.approved(priority=Priority.EMERGENCY)
    _schedule(xa, xa.minh, urgent)
    with pytest.raises(PolicyRefused, match="xếp lịch"):
        _schedule(xa, xa.minh, xa.approved(("loa-doai",)))
