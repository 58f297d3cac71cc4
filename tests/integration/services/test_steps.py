"""Two people for what is usual, one and a second word for an emergency; never one for all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import commune
import pytest
from commune import TEXT, Commune
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.domain.announcement import Priority
from broadcaster.domain.approval import Decision
from broadcaster.domain.emergency import Kind, Status
from broadcaster.domain.people import Person, Right, Role
from broadcaster.errors import BroadcasterError, Conflict, PolicyRefused
from broadcaster.services import reporting
from broadcaster.services.approval import approving, confirming, submitting
from broadcaster.services.content import authoring
from broadcaster.services.people import staffing
from broadcaster.services.stations import alerting


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return commune.found(tmp_path / "xa")


def hire(xa: Commune, name: str, *roles: Role) -> Person:
    return staffing.add(xa.context, xa.lan, name, name.title(), roles, xa.clock())


def rendered(xa: Commune, priority: Priority = Priority.NORMAL) -> int:
    number = xa.draft(priority=priority)
    xa.render(number)
    return number


def grant(xa: Commune, who: Person, number: int, reason: str = "") -> str:
    return approving.grant(xa.context, who, number, xa.clock(), reason=reason).state()


def test_one_step_where_nobody_is_editor_in_chief(xa: Commune) -> None:
    assert grant(xa, xa.minh, rendered(xa)) == "approved"


def test_an_editor_in_chief_makes_it_two_steps(xa: Commune) -> None:
    hoa = hire(xa, "hoa", Role.EDITOR_IN_CHIEF)
    number = rendered(xa)
    for who, why in ((xa.minh, "chưa được biên tập duyệt lần một"), (hoa, "chưa được trình")):
        with pytest.raises(PolicyRefused, match=why):
            grant(xa, who, number)
    assert submitting.submit(xa.context, xa.lan, number, xa.clock()).state() == "submitted"
    with pytest.raises(Conflict, match="đã được trình rồi"):
        submitting.submit(xa.context, xa.lan, number, xa.clock())
    assert grant(xa, hoa, number) == "edited"
    assert xa.show(number).approval is None
    with pytest.raises(PolicyRefused, match="không có quyền duyệt"):
        grant(xa, hoa, number)
    assert grant(xa, xa.minh, number) == "approved"


def test_who_gave_the_first_approval_cannot_give_the_last(xa: Commune) -> None:
    both = hire(xa, "hoa", Role.EDITOR_IN_CHIEF, Role.APPROVER)
    number = rendered(xa)
    submitting.submit(xa.context, xa.lan, number, xa.clock())
    assert grant(xa, both, number) == "edited"
    with pytest.raises(PolicyRefused, match="phải là một người khác"):
        grant(xa, both, number)


def test_a_change_after_the_first_step_starts_anew(xa: Commune) -> None:
    hoa = hire(xa, "hoa", Role.EDITOR_IN_CHIEF)
    number = rendered(xa)
    submitting.submit(xa.context, xa.lan, number, xa.clock())
    grant(xa, hoa, number)
    xa.render(number, seconds=31)  # one second more: other bytes
    assert xa.show(number).state() == "rendered"
    with pytest.raises(PolicyRefused, match="đã thay đổi sau đó"):
        grant(xa, xa.minh, number)
    xa.edit(number, TEXT + " Xin cảm ơn.")
    assert xa.show(number).state() == "draft"


def test_the_number_of_steps_may_be_set(tmp_path: Path) -> None:
    two = commune.found(tmp_path / "two", more="[approval]\nsteps = 2\n")
    with pytest.raises(PolicyRefused, match="lần một"):
        grant(two, two.minh, rendered(two))
    one = commune.found(tmp_path / "one", more="[approval]\nsteps = 1\n")
    hire(one, "hoa", Role.EDITOR_IN_CHIEF)
    assert grant(one, one.minh, rendered(one)) == "approved"


def test_an_editor_sends_back_with_a_reason(xa: Commune) -> None:
    hoa = hire(xa, "hoa", Role.EDITOR_IN_CHIEF)
    number = rendered(xa)
    submitting.submit(xa.context, xa.lan, number, xa.clock())
    made = approving.give_back(xa.context, hoa, number, "thiếu địa điểm", xa.clock())
    assert made.state() == "returned"


def test_one_person_may_write_and_order_an_emergency_and_another_confirms(xa: Commune) -> None:
    made = authoring.draft(
        xa.context, xa.minh, TEXT, xa.clock(), priority=Priority.EMERGENCY, targets=["loa-dong"]
    )
    number = made.announcement.number
    xa.render(number)
    with pytest.raises(PolicyRefused, match="phải có lý do"):
        grant(xa, xa.minh, number)
    with pytest.raises(PolicyRefused, match="ra lệnh phát khẩn cấp"):
        grant(xa, xa.lan, number, "bão")
    assert grant(xa, xa.minh, number, "bão đổ bộ đêm nay") == "approved"
    assert xa.show(number).approval is not None
    assert xa.show(number).confirmation is None
    for who, why in ((xa.minh, "người ra lệnh"), (xa.lan, "không có quyền")):
        with pytest.raises(PolicyRefused, match=why):
            confirming.confirm(xa.context, who, number, xa.clock())
    xa.clock.move(hours=3)
    made = confirming.confirm(xa.context, xa.tuan, number, xa.clock(), "đúng công điện")
    assert made.confirmation is not None
    assert made.confirmation.reason == "đúng công điện"
    with pytest.raises(Conflict, match="đã được tuan xác nhận"):
        confirming.confirm(xa.context, xa.tuan, number, xa.clock())


@pytest.mark.parametrize(
    ("hours", "said"), [(None, "CHƯA XÁC NHẬN"), (11, None), (13, "Xác nhận muộn")]
)
def test_the_log_says_what_nobody_confirmed_in_time(
    xa: Commune, hours: int | None, said: str | None
) -> None:
    number = xa.approved(priority=Priority.EMERGENCY)
    xa.schedule(number, on="23/11/2026", at="08:05")
    xa.plan()
    if hours:
        confirming.confirm(xa.context, xa.tuan, number, xa.clock() + timedelta(hours=hours))
    (line,) = reporting.lines(xa.context, number=number)
    words = line.unconfirmed.vi if line.unconfirmed else None
    assert words == said if words is None or said is None else words.startswith(said)


def test_what_was_approved_in_calm_and_is_sent_later_is_confirmed_after_it_was_sent(
    xa: Commune,
) -> None:
    number = xa.approved(priority=Priority.EMERGENCY)
    confirming.confirm(xa.context, xa.tuan, number, xa.clock())
    xa.clock.move(days=3)
    wish = alerting.Wish(
        number, xa.clock() + timedelta(hours=2), Kind.ALERT, Status.ACTUAL, 3, 1, (), None
    )
    alerting.send(xa.context, xa.minh, wish, xa.clock())
    (line,) = reporting.lines(xa.context, number=number)
    assert line.unconfirmed
    assert line.unconfirmed.vi.startswith("CHƯA XÁC NHẬN")
    with pytest.raises(PolicyRefused, match="người ra lệnh"):
        confirming.confirm(xa.context, xa.minh, number, xa.clock())
    confirming.confirm(xa.context, xa.tuan, number, xa.clock())
    (line,) = reporting.lines(xa.context, number=number)
    assert line.unconfirmed is None


def test_nothing_usual_is_confirmed(xa: Commune) -> None:
    with pytest.raises(PolicyRefused, match="không phải tin khẩn cấp"):
        confirming.confirm(xa.context, xa.tuan, xa.approved(), xa.clock())


def test_where_it_is_asked_for_the_approver_has_heard_exactly_this_sound(tmp_path: Path) -> None:
    xa = commune.found(tmp_path / "xa", more="[approval]\nmust_hear = true\n")
    number = rendered(xa)
    with pytest.raises(PolicyRefused, match="preview 1 --heard"):
        grant(xa, xa.minh, number)
    submitting.hear(xa.context, xa.tuan, number, xa.clock())
    with pytest.raises(PolicyRefused, match="chưa xác nhận đã nghe"):
        grant(xa, xa.minh, number)
    submitting.hear(xa.context, xa.minh, number, xa.clock())
    xa.render(number, seconds=31)
    with pytest.raises(PolicyRefused, match="chưa xác nhận đã nghe"):
        grant(xa, xa.minh, number)
    submitting.hear(xa.context, xa.minh, number, xa.clock())
    assert grant(xa, xa.minh, number) == "approved"


STAFF = {
    "lan": (Role.OPERATOR, Role.ADMIN),
    "minh": (Role.APPROVER,),
    "tuan": (Role.OPERATOR, Role.APPROVER),
    "hoa": (Role.EDITOR_IN_CHIEF,),
    "an": (Role.EDITOR_IN_CHIEF, Role.APPROVER),
    "thu": (Role.CONTRIBUTOR,),
    "binh": (Role.AUDITOR,),
}
DEEDS = ("edit", "override", "render", "submit", "grant", "return", "hear", "schedule")


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    deeds=st.lists(
        st.tuples(st.sampled_from(sorted(STAFF)), st.sampled_from(DEEDS)), min_size=4, max_size=14
    )
)
def test_whatever_people_do_an_approval_has_its_people_and_binds_what_there_is(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, str]]
) -> None:
    xa = commune.found(tmp_path_factory.mktemp("steps") / "xa")
    for name in STAFF.keys() - {"lan", "minh", "tuan"}:
        hire(xa, name, *STAFF[name])
    number = xa.draft("Họp thôn\nHọp lúc 7h30.", targets=("loa-dong", "fanpage"))
    xa.render(number)
    # The usual way lies in most of the examples, so that approvals do come about.
    way = [("lan", "submit"), ("hoa", "grant"), *deeds, ("minh", "grant")]
    for n, (name, deed) in enumerate(way):
        xa.clock.move(seconds=1)
        try:
            _do(xa, xa.context.person(name), number, deed, n)
        except BroadcasterError:
            continue
        finally:
            _holds(xa, number)


def _do(xa: Commune, who: Person, number: int, deed: str, n: int) -> None:
    now, context = xa.clock(), xa.context
    match deed:
        case "edit":
            authoring.edit(context, who, number, f"Họp thôn\nHọp lúc 7h30, lần {n}.", now)
        case "override":
            authoring.override(context, who, number, "fanpage", f"Họp 7h30 {'.' * n}", now)
        case "render":
            xa.render(number)
        case "submit":
            submitting.submit(context, who, number, now)
        case "grant":
            approving.grant(context, who, number, now)
        case "return":
            approving.give_back(context, who, number, "sửa", now)
        case "hear":
            submitting.hear(context, who, number, now)
        case "schedule":
            who.must_have(Right.SCHEDULE)
            xa.schedule(number, on=f"{n % 20 + 1:02d}/12/2026", at=f"{n % 12 + 7:02d}:00")


def _holds(xa: Commune, number: int) -> None:
    dossier = xa.show(number)
    granted = dossier.approval
    if granted is None:
        return
    first = [
        d for d in dossier.decisions if d.decision == Decision.EDITED and d.digest == granted.digest
    ]
    assert first, "no first approval of exactly this"
    assert granted.person not in {d.person for d in first} | dossier.authors
    assert xa.context.person(granted.person).may(Right.APPROVE)
    pinned, there = granted.pinned, dossier.pinned
    assert pinned["revision"] == there["revision"]
    assert pinned["renditions"] == there["renditions"]
