"""A text of its own for one outlet; categories, papers, and who may write where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import commune
import pytest
from commune import TEXT, Commune

from broadcaster.domain.announcement import Priority
from broadcaster.domain.people import Person, Role
from broadcaster.errors import Conflict, InputError, PolicyRefused
from broadcaster.services.approval import approving
from broadcaster.services.content import authoring, rendering
from broadcaster.services.people import staffing
from broadcaster.store import events

SHORT = "Mất điện ngày 25/11/2026, thôn Đông, từ 7h đến 11h."


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return commune.found(
        tmp_path / "xa",
        more='[voice]\norder = ["espeak"]\n\n[sound]\nchime = ""\nclosing_chime = ""\n',
    )


def hire(
    xa: Commune, role: Role, *, villages: Sequence[str] = (), categories: Sequence[str] = ()
) -> Person:
    return staffing.add(
        xa.context, xa.lan, "thu", "Đỗ Thu", [role], xa.clock(), villages=villages,
        categories=categories,
    )  # fmt: skip


def shown(xa: Commune, number: int, target: str) -> str:
    (one,) = [r for r in xa.show(number).renditions if r.target == target]
    return xa.context.channel(target).show(one.content)


def test_one_outlet_says_it_its_own_way_and_the_others_do_not(xa: Commune) -> None:
    number = xa.draft(targets=("fanpage", "website"))
    authoring.override(xa.context, xa.lan, number, "fanpage", SHORT, xa.clock())
    xa.render(number)
    assert SHORT in shown(xa, number, "fanpage")
    assert "cắt điện tại thôn Đông" in shown(xa, number, "website")
    authoring.override(xa.context, xa.lan, number, "fanpage", None, xa.clock())
    xa.render(number)
    assert SHORT not in shown(xa, number, "fanpage")


def test_a_loudspeaker_may_say_its_own_words(xa: Commune) -> None:
    number = xa.draft("Họp\nMời họp lúc 7h30.", targets=("loa-dong", "loa-doai"))
    authoring.override(
        xa.context, xa.lan, number, "loa-doai", "Họp\nBà con ơi, 7h30 họp.", xa.clock()
    )
    made = rendering.render(xa.context, xa.lan, number, xa.clock(), lambda *_: None)
    said = {r.target: r.content for r in made.renditions}
    assert "Bà con ơi" in said["loa-doai"]["spoken"]
    assert "Bà con ơi" not in said["loa-dong"]["spoken"]
    assert said["loa-doai"]["wav"]["digest"] != said["loa-dong"]["wav"]["digest"]


def test_an_own_text_takes_the_approval_back_and_names_its_author(xa: Commune) -> None:
    number = xa.draft(targets=("fanpage",))
    xa.render(number)
    approving.grant(xa.context, xa.minh, number, xa.clock())
    made = authoring.override(xa.context, xa.tuan, number, "fanpage", SHORT, xa.clock())
    assert made.approval is None
    assert (made.revision.n, made.revision.author) == (2, "tuan")
    assert not made.rendered
    with xa.context.database.read() as connection:
        noted = events.of_subject(connection, xa.context.commune_id, f"announcement {number}")
    assert [n["detail"] for n in noted if n["what"] == "announcement.overridden"] == [
        {"target": "fanpage", "removed": False}
    ]


def test_nobody_approves_what_they_once_wrote(xa: Commune) -> None:
    number = xa.draft(targets=("fanpage",))
    authoring.override(xa.context, xa.tuan, number, "fanpage", SHORT, xa.clock())
    authoring.edit(xa.context, xa.lan, number, TEXT + " Xin cảm ơn.", xa.clock())
    xa.render(number)
    with pytest.raises(PolicyRefused, match="không thể tự duyệt"):
        approving.grant(xa.context, xa.tuan, number, xa.clock())


def test_own_texts_are_checked_like_any_other(xa: Commune) -> None:
    number = xa.draft(targets=("fanpage",))
    override = authoring.override
    with pytest.raises(InputError, match="không dành cho kênh “website”"):
        override(xa.context, xa.lan, number, "website", SHORT, xa.clock())
    with pytest.raises(InputError, match="trống"):
        override(xa.context, xa.lan, number, "fanpage", " \n", xa.clock())
    with pytest.raises(Conflict, match="giống hệt"):
        override(xa.context, xa.lan, number, "fanpage", None, xa.clock())


def test_category_and_paper_belong_to_the_revision(xa: Commune) -> None:
    number = xa.draft(targets=("fanpage",))
    before = xa.show(number).reference
    made = authoring.edit(
        xa.context, xa.lan, number, None, xa.clock(), category="chu-truong",
        document_number="1380/QĐ-UBND",
    )  # fmt: skip
    assert (made.revision.category, made.revision.document_number) == ("chu-truong", "1380/QĐ-UBND")
    assert made.revision.title == "Lịch cắt điện"
    assert made.reference != before
    with pytest.raises(InputError, match=r"(?s)Không có chuyên mục “rao-vat”.*thong-bao-chung"):
        authoring.edit(xa.context, xa.lan, number, None, xa.clock(), category="rao-vat")
    with pytest.raises(InputError, match="không giống số hiệu"):
        authoring.edit(xa.context, xa.lan, number, None, xa.clock(), document_number="mới")


def test_a_village_representative_writes_for_the_own_village_only(xa: Commune) -> None:
    thu = hire(xa, Role.VILLAGE_REP, villages=["thôn Đông"])
    made = authoring.draft(xa.context, thu, TEXT, xa.clock())
    assert made.revision.targets == ("loa-dong",)
    for targets, named in ((["loa-doai"], "thôn “thôn Đoài”"), (["fanpage"], "cả xã")):
        with pytest.raises(PolicyRefused, match=named):
            authoring.draft(xa.context, thu, TEXT, xa.clock(), targets=targets)
    other = xa.draft(targets=("loa-dong",))
    with pytest.raises(PolicyRefused, match="sửa bản tin của người khác"):
        authoring.edit(xa.context, thu, other, TEXT + " Hết.", xa.clock())


def test_a_contributor_writes_in_the_own_categories_only(xa: Commune) -> None:
    thu = hire(xa, Role.CONTRIBUTOR, categories=["nong-nghiep"])
    with pytest.raises(PolicyRefused, match="chuyên mục nong-nghiep"):
        authoring.draft(xa.context, thu, TEXT, xa.clock())
    made = authoring.draft(xa.context, thu, TEXT, xa.clock(), category="nong-nghiep")
    with pytest.raises(PolicyRefused, match="chuyên mục"):
        authoring.edit(
            xa.context, thu, made.announcement.number, None, xa.clock(), category="van-hoa"
        )


def test_who_orders_an_emergency_may_write_it_and_nothing_else(xa: Commune) -> None:
    made = authoring.draft(
        xa.context, xa.minh, TEXT, xa.clock(), priority=Priority.EMERGENCY, targets=["loa-dong"]
    )
    assert made.revision.author == "minh"
    with pytest.raises(PolicyRefused, match="soạn bản tin"):
        authoring.draft(xa.context, xa.minh, TEXT, xa.clock())
