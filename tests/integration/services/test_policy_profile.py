"""What the profile forbids is refused with a free hour; exceptions are rows; nothing slips by."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from commune import Commune, found

from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import State
from broadcaster.domain.policy import Limit
from broadcaster.errors import InputError, PolicyRefused
from broadcaster.services.policy import excepting, policing
from broadcaster.services.policy.policing import with_profile
from broadcaster.services.timetable import publicising
from broadcaster.settings import config, policies

FRIDAY, SATURDAY = "27/11/2026", "28/11/2026"


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return found(tmp_path, more='[policy]\nprofile = "15-phut"\n')


@pytest.mark.parametrize(
    ("on", "at", "said"),
    [
        (FRIDAY, "04:30", r"giờ yên tĩnh.*06:00:00 27/11/2026"),
        (FRIDAY, "12:00", r"khung giờ được phát: 06:00–07:30, 17:00–18:30.*07:29:00 27/11/2026"),
        (SATURDAY, "17:00", r"Thứ bảy 28/11/2026 không phải ngày được phát.*18:29:00 27/11/2026"),
        ("thứ hai, thứ ba, thứ tư, thứ năm, thứ sáu", "17:00", "quá 4 lần trong 7 ngày liền"),
        ("thứ năm, thứ sáu, thứ bảy", "17:00", "Thứ bảy"),
    ],
)
def test_a_forbidden_time_is_refused_with_why_and_a_free_one(
    xa: Commune, on: str, at: str, said: str
) -> None:
    with pytest.raises(PolicyRefused, match=said):
        xa.schedule(xa.approved(), on=on, at=at)
    assert xa.plan() == 0


def test_a_session_longer_than_the_profile_has_no_free_hour_but_an_exception(xa: Commune) -> None:
    number = xa.approved(seconds=16 * 60)
    with pytest.raises(PolicyRefused, match=r"16 phút, quá 15 phút một buổi") as told:
        xa.schedule(number, on=FRIDAY, at="17:00")
    assert "Giờ trống" not in told.value.text.vi
    assert (
        f"broadcaster policy except {number} --limit session_minutes --from {FRIDAY}"
        in told.value.text.vi
    )


def test_the_offered_hour_is_taken(xa: Commune) -> None:
    xa.schedule(xa.approved(seconds=300), on=FRIDAY, at="17:00")
    other = xa.approved(text="Tin khác\nNội dung khác.", seconds=120)
    with pytest.raises(PolicyRefused) as told:
        xa.schedule(other, on=FRIDAY, at="17:02")
    offered = re.search(r"gần nhất: (\S+) (\S+)\.", told.value.text.vi)
    assert offered is not None
    assert xa.schedule(other, on=offered[2], at=offered[1])


def test_a_text_not_rendered_yet_is_reckoned_by_its_length(xa: Commune) -> None:
    number = xa.draft("Tin dài\n" + "Nội dung rất dài của bản tin này. " * 500)
    with pytest.raises(PolicyRefused, match="quá 15 phút một buổi"):
        xa.schedule(number, on=FRIDAY, at="17:00")


def test_an_exception_is_a_row_and_opens_its_day_only(xa: Commune) -> None:
    number = xa.approved()
    xa.clock.move(seconds=1)
    given = excepting.allow(
        xa.context, xa.minh, number, Limit.WEEKDAY, date(2026, 11, 28), date(2026, 11, 28),
        "ngày hội đại đoàn kết", xa.clock(),
    )  # fmt: skip
    assert xa.schedule(number, on=SATURDAY, at="17:00")
    with pytest.raises(PolicyRefused, match="Chủ nhật"):
        xa.schedule(number, on="29/11/2026", at="17:00")
    xa.plan()
    assert xa.states() == {State.PLANNED: 1}
    (listed,) = excepting.every(xa.context)
    assert listed == given
    row = listed.waiver
    assert (row.person, row.reason, row.place) == ("minh", "ngày hội đại đoàn kết", "worker-1")


def test_an_exception_taken_back_lets_nothing_new_be_planned(xa: Commune) -> None:
    number = xa.approved()
    given = excepting.allow(
        xa.context, xa.minh, number, Limit.WEEKDAY, date(2026, 11, 28), date(2026, 11, 28), "hội",
        xa.clock(),
    )  # fmt: skip
    xa.schedule(number, on=SATURDAY, at="17:00")
    excepting.revoke(xa.context, xa.minh, given.waiver.id, xa.clock())
    xa.plan()
    (row,) = xa.rows()
    assert row.state == State.CANCELLED
    assert row.cause is not None
    assert "không phải ngày được phát" in row.cause.vi
    (listed,) = excepting.every(xa.context)
    assert (listed.waiver.revoked_by, listed.waiver.revoked_at) == ("minh", xa.clock())


def test_who_may_not_and_what_may_not_be_excepted(xa: Commune) -> None:
    number, day, now = xa.approved(), date(2026, 11, 28), xa.clock()
    with pytest.raises(PolicyRefused, match="không có quyền"):
        excepting.allow(xa.context, xa.lan, number, Limit.WEEKDAY, day, day, "hội", now)
    with pytest.raises(PolicyRefused, match="không có ngoại lệ"):
        excepting.allow(xa.context, xa.minh, number, Limit.QUIET, day, day, "hội", now)
    with pytest.raises(InputError, match="phải có lý do"):
        excepting.allow(xa.context, xa.minh, number, Limit.WEEKDAY, day, day, " ", now)
    before = day - timedelta(days=1)
    with pytest.raises(InputError, match="trước ngày đầu"):
        excepting.allow(xa.context, xa.minh, number, Limit.WEEKDAY, day, before, "hội", now)
    assert excepting.every(xa.context) == []


def test_what_the_law_wants_repeated_is_not_counted(tmp_path: Path) -> None:
    village = '[[targets]]\nkey = "loa-nam"\nchannel = "loudspeaker"\nname = "Loa thôn Nam"\n'
    more = f'[policy]\nprofile = "15-phut"\n{village}village = "thôn Nam"\n'
    xa = found(tmp_path / "luat", more=more)
    number = xa.approved(("loa-nam",))
    days = "thứ hai, thứ ba, thứ tư, thứ năm, thứ sáu"
    with pytest.raises(PolicyRefused, match="quá 4 lần trong 7 ngày"):
        xa.schedule(number, on=days, at="17:00")
    law, first = "Luật Thực hiện dân chủ ở cơ sở, Điều 11", date(2026, 11, 23)
    publicising.mark(xa.context, xa.lan, number, law, first, xa.clock(), ["thôn Nam"])
    xa.schedule(number, on=days, at="17:00")
    xa.plan()
    assert xa.states() == {State.PLANNED: 5}


def test_an_emergency_stands_above_the_profile(xa: Commune) -> None:
    number = xa.approved(seconds=1200, priority=Priority.EMERGENCY)
    assert xa.schedule(number, on="29/11/2026", at="03:00")
    xa.plan()
    assert xa.states() == {State.PLANNED: 1}


def test_a_profile_that_changed_changes_no_row_and_refuses_new_ones(xa: Commune) -> None:
    number = xa.approved(seconds=600)
    xa.schedule(number, on="thứ tư", at="06:30", until="10/12/2026")
    xa.plan()
    before = xa.rows()
    (xa.context.home / "policy").mkdir()
    shipped = policies.names(xa.context.home)["15-phut"].read_text(encoding="utf-8")
    own = shipped.replace("minutes_a_session = 15", "minutes_a_session = 5")
    (xa.context.home / "policy" / "ngan.toml").write_text(own, encoding="utf-8")
    refused = policing.review(xa.context, policing.under(xa.context, "ngan"), xa.clock())
    assert {one.breach.limit for one in refused} == {Limit.SESSION_MINUTES}
    policy = policing.use(xa.context, xa.lan, "ngan", "nghị quyết mới", xa.clock())
    later = replace(xa, context=replace(xa.context, policy=policy))
    later.plan()
    assert later.rows() == before, "approved and planned stays; stations hold it against the limits"
    later.clock.move(days=7)
    later.plan()
    new = [one for one in later.rows() if one.id not in {row.id for row in before}]
    assert [one.state for one in new] == [State.CANCELLED]


def test_the_timetable_as_it_is_passes_its_own_profile(xa: Commune) -> None:
    xa.schedule(xa.approved(), on="thứ hai, thứ tư", at="17:00")
    xa.plan()
    assert policing.review(xa.context, xa.context.policy, xa.clock()) == []


@pytest.mark.parametrize(
    "text",
    [
        '[commune]\nname = "x"\n',
        '[policy]\nprofile = "a"  # ghi chú\nquiet_hours = "none"\n[commune]\nname = "x"\n',
        '[policy]\n# profile = "a"\nquiet_hours = "none"\n\n[commune]\nname = "x"\n',
        "[commune]\nname = 'x'\n[policy] # quy chế\nprofile = 'a'",
    ],
)
def test_the_settings_keep_every_other_line(text: str) -> None:
    changed = with_profile(text, "45-phut")
    before, after = tomllib.loads(text), tomllib.loads(changed)
    assert after.pop("policy") == {**before.pop("policy", {}), "profile": "45-phut"}
    assert after == before
    assert "ghi chú" in changed or "ghi chú" not in text


def test_only_who_may_change_the_policy_does(xa: Commune) -> None:
    with pytest.raises(PolicyRefused, match="không có quyền sửa quy chế"):
        policing.use(xa.context, xa.minh, "30-phut", "thử", xa.clock())
    with pytest.raises(InputError, match="Không có hồ sơ"):
        policing.use(xa.context, xa.lan, "khong-co", "thử", xa.clock())
    assert config.load(xa.context.home).policy.profile == "15-phut"
