"""A second person allows exactly what was read and heard; any change takes the approval back."""

from __future__ import annotations

from pathlib import Path

import pytest
from commune import Commune, found

from broadcaster.domain.delivery import State
from broadcaster.errors import Conflict, InputError, PolicyRefused
from broadcaster.services.approval import approving
from broadcaster.services.content import authoring, rendering


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return found(tmp_path)


def test_the_author_cannot_approve_even_with_the_right_to(xa: Commune) -> None:
    number = xa.draft()
    xa.render(number)
    with pytest.raises(PolicyRefused, match="không có quyền duyệt"):
        approving.grant(xa.context, xa.lan, number, xa.clock())
    xa.lan = xa.tuan  # who may draft and approve
    number = xa.draft("Tin của Tuấn\nNội dung.")
    xa.render(number)
    with pytest.raises(PolicyRefused, match="không thể tự duyệt"):
        approving.grant(xa.context, xa.tuan, number, xa.clock())


def test_whoever_edited_last_cannot_approve_nor_can_the_first_author(xa: Commune) -> None:
    number = xa.draft()
    xa.lan = xa.tuan
    xa.edit(number, "Lịch cắt điện\nĐã sửa.")
    xa.render(number)
    with pytest.raises(PolicyRefused, match="không thể tự duyệt"):
        approving.grant(xa.context, xa.tuan, number, xa.clock())
    assert xa.approve(number).approval is not None


def test_approving_twice_is_refused(xa: Commune) -> None:
    number = xa.approved()
    with pytest.raises(Conflict, match="đã được minh duyệt rồi"):
        xa.approve(number)


def test_nothing_rendered_nothing_approved(xa: Commune) -> None:
    with pytest.raises(PolicyRefused, match="broadcaster render"):
        xa.approve(xa.draft())


def test_what_was_edited_after_rendering_is_not_approved(xa: Commune) -> None:
    number = xa.draft()
    xa.render(number)
    xa.edit(number, "Lịch cắt điện\nSửa sau khi tạo âm thanh.")
    with pytest.raises(PolicyRefused, match="nội dung mới nhất"):
        xa.approve(number)


@pytest.mark.parametrize("harm", ["change", "delete"])
def test_sound_that_is_not_what_its_name_says_is_not_approved(xa: Commune, harm: str) -> None:
    number = xa.draft()
    xa.render(number)
    (path,) = xa.context.audio.glob("*.wav")
    if harm == "delete":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(PolicyRefused, match="bị mất hoặc đã thay đổi"):
        xa.approve(number)


def test_the_code_of_another_preview_is_refused(xa: Commune) -> None:
    number = xa.draft()
    xa.render(number)
    with pytest.raises(Conflict, match="Mã bản xem trước"):
        approving.grant(xa.context, xa.minh, number, xa.clock(), seen="00000000")


@pytest.mark.parametrize("change", ["edit", "render", "return"])
def test_a_change_calls_back_what_was_planned(xa: Commune, change: str) -> None:
    number = xa.approved(("loa-dong", "fanpage"))
    xa.schedule(number)
    assert xa.plan() == 8
    if change == "edit":
        xa.edit(number, "Lịch cắt điện\nDời sang ngày khác.")
    elif change == "render":
        xa.render(number, seconds=31)
        with xa.context.database.write() as connection:
            authoring.withdraw_approval(
                connection, xa.context, xa.show(number).announcement, "bản mới", xa.clock()
            )
    else:
        approving.give_back(xa.context, xa.minh, number, "sai ngày", xa.clock())
    assert xa.states(number) == {State.CANCELLED: 8}
    assert all(one.cause for one in xa.rows(number))
    assert xa.show(number).approval is None
    assert xa.plan() == 0


def test_approved_again_it_is_planned_again_for_the_same_hours(xa: Commune) -> None:
    number = xa.approved()
    xa.schedule(number)
    xa.plan()
    xa.edit(number, "Lịch cắt điện\nBản sửa.")
    xa.render(number)
    xa.approve(number)
    assert xa.plan() == 7
    assert xa.states(number) == {State.CANCELLED: 7, State.PLANNED: 7}


def test_a_return_needs_a_reason_and_shows_it(xa: Commune) -> None:
    number = xa.draft()
    with pytest.raises(InputError, match="phải có lý do"):
        approving.give_back(xa.context, xa.minh, number, "  ", xa.clock())
    given = approving.give_back(xa.context, xa.minh, number, "thiếu địa điểm", xa.clock())
    assert given.state() == "returned"
    assert given.decisions[-1].reason == "thiếu địa điểm"


def test_an_approval_of_a_period_lets_the_operator_schedule_inside_it_only(xa: Commune) -> None:
    number = xa.approved()
    assert xa.schedule(number, until="10/12/2026")
    with pytest.raises(PolicyRefused, match="thời hạn được duyệt"):
        xa.schedule(number, at="17:30", until="30/12/2026")
    assert xa.show(number).approval is not None


def test_an_approval_that_named_its_hours_is_voided_by_another_hour(xa: Commune) -> None:
    number = xa.draft()
    xa.render(number)
    xa.schedule(number, at="17:00")
    xa.approve(number)
    xa.plan()
    xa.schedule(number, at="18:00")
    assert xa.show(number).approval is None
    assert set(xa.states(number)) == {State.CANCELLED}


def why(xa: Commune, number: int) -> str:
    voided = [one for one in xa.show(number).decisions if one.voided_at]
    return voided[-1].voided_reason


def test_what_takes_an_approval_back_is_named_exactly(xa: Commune) -> None:
    number = xa.draft(targets=("loa-dong", "loa-doai", "fanpage"))
    xa.render(number)
    xa.schedule(number, on="24/11/2026", at="17:00:00", targets=["loa-dong"])
    xa.approve(number)
    xa.schedule(number, on="24/11/2026", at="17:00:01", targets=["loa-doai"])
    assert why(xa, number) == ("lịch phát (bỏ: không; thêm: 17:00:01 24/11/2026 (loa-doai)) đã đổi")


def test_the_rendition_that_takes_an_approval_back_is_named(tmp_path: Path) -> None:
    xa = found(tmp_path / "xa", more='[voice]\norder = ["espeak"]\n')
    number = xa.draft("Họp\nMời họp.", targets=("loa-dong",))
    xa.render(number)
    before = xa.show(number).renditions[0].digest[:8]
    xa.approve(number)
    made = rendering.render(xa.context, xa.lan, number, xa.clock(), lambda *_: None)
    after = made.renditions[0].digest[:8]
    assert f"bản thể hiện cho “loa-dong” ({before} → {after})" in why(xa, number)


def test_a_removed_rule_cancels_what_it_had_planned(xa: Commune) -> None:
    number = xa.approved()
    first, *_ = xa.schedule(number, at="17:00")
    xa.schedule(number, at="18:00")
    xa.plan()
    xa.remove_rule(first)
    left = [one for one in xa.rows(number) if one.state == State.PLANNED]
    assert {one.rule_id for one in left} == {first + 1}


def test_hours_that_have_all_passed_are_not_approved(xa: Commune) -> None:
    number = xa.draft()
    xa.render(number)
    xa.schedule(number, on="23/11/2026", at="09:00")
    xa.clock.move(hours=2)
    with pytest.raises(PolicyRefused, match="đều đã qua"):
        xa.approve(number)
    xa.schedule(number, on="23/11/2026", at="17:00")
    xa.approve(number)
    assert xa.plan() == 1


def test_an_edit_keeps_the_outlets_of_the_newest_text(xa: Commune) -> None:
    number = xa.draft(targets=("loa-dong", "fanpage"))
    xa.edit(number, "Lịch cắt điện\nChỉ phát loa.", targets=["loa-doai"])
    assert xa.edit(number, "Lịch cắt điện\nSửa chữ.").revision.targets == ("loa-doai",)
