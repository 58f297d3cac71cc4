"""One table says who may do what; limits only ever take away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.people import RIGHTS, Person, Right, Role
from broadcaster.errors import PolicyRefused

PLACES = st.frozensets(st.sampled_from(["thôn Đông", "thôn Đoài", "thôn Nam"]))
SUBJECTS = st.frozensets(st.sampled_from(["y-te", "nong-nghiep", "thong-bao"]))
ROLES = st.frozensets(st.sampled_from(Role), min_size=1)


def person(
    *roles: Role, villages: frozenset[str] = frozenset(), categories: frozenset[str] = frozenset()
) -> Person:
    return Person(1, 1, "an", "Nguyễn An", frozenset(roles), villages, categories)


def test_every_role_and_every_right_stands_in_the_table() -> None:
    assert set(RIGHTS) == set(Role)
    assert set().union(*RIGHTS.values()) == set(Right)


@pytest.mark.parametrize(
    ("role", "never"),
    [
        (Role.CONTRIBUTOR, set(Right) - {Right.DRAFT}),
        (Role.VILLAGE_REP, {Right.APPROVE, Right.REVIEW, Right.SCHEDULE, Right.EDIT, Right.STOP}),
        (Role.EDITOR_IN_CHIEF, {Right.APPROVE, Right.MANAGE}),
        (Role.OPERATOR, {Right.APPROVE, Right.REVIEW, Right.OVERRIDE, Right.ACCEPT_SEVERE}),
        (Role.APPROVER, {Right.DRAFT, Right.EDIT, Right.SCHEDULE, Right.MANAGE}),
        (Role.AUDITOR, set(Right)),
        (Role.ADMIN, set(Right) - {Right.MANAGE, Right.POLICY, Right.STOP}),
    ],
)
def test_what_a_role_must_not_do(role: Role, never: set[Right]) -> None:
    one = person(role, villages=frozenset({"thôn Đông"}))
    assert [right for right in never if one.may(right)] == []


@given(ROLES, ROLES, PLACES, st.sampled_from(Right))
def test_more_roles_never_take_a_right_away(
    some: frozenset[Role], more: frozenset[Role], villages: frozenset[str], right: Right
) -> None:
    assert not person(*some, villages=villages).may(right) or person(
        *some, *more, villages=villages
    ).may(right)


@given(ROLES, PLACES, st.sampled_from(Right))
def test_whoever_may_not_is_refused_with_the_name_of_the_right(
    roles: frozenset[Role], villages: frozenset[str], right: Right
) -> None:
    one = person(*roles, villages=villages)
    if one.may(right):
        one.must_have(right)
    else:
        with pytest.raises(PolicyRefused, match="không có quyền"):
            one.must_have(right)


@given(PLACES, PLACES, SUBJECTS, SUBJECTS)
def test_limits_are_kept_for_every_village_and_category(
    own: frozenset[str], asked: frozenset[str], subjects: frozenset[str], about: frozenset[str]
) -> None:
    one = person(Role.OPERATOR, villages=own, categories=subjects)
    for category in ("", *about):
        inside = (not own or asked <= own) and (
            not subjects or not category or category in subjects
        )
        assert one.covers(asked, category) == inside
        if inside:
            one.must_cover(asked, category)
        else:
            with pytest.raises(PolicyRefused, match="chỉ phụ trách"):
                one.must_cover(asked, category)


def test_the_whole_commune_is_beyond_a_village() -> None:
    one = person(Role.VILLAGE_REP, villages=frozenset({"thôn Đông"}))
    one.must_cover({"thôn Đông"})
    with pytest.raises(PolicyRefused, match="kênh chung của cả xã"):
        one.must_cover({"thôn Đông", ""})


def test_a_village_representative_without_a_village_may_do_nothing() -> None:
    assert not any(person(Role.VILLAGE_REP).may(right) for right in Right)
