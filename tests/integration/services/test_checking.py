"""What blocks an approval: versions that differ, papers without number, blanks, doubts, voices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import commune
import pytest
from commune import POSTS, TEXT, Commune
from sqlalchemy import select, update

from broadcaster.domain.announcement import Priority, digest_of
from broadcaster.errors import InputError, PolicyRefused
from broadcaster.services.approval import approving, checking
from broadcaster.services.approval.checking import Finding
from broadcaster.services.content import authoring
from broadcaster.store import events
from broadcaster.store.schema import rendition

LONG = TEXT + "\n\n" + "\n\n".join(
    f"Hộ số {n} nộp {n}.500.000 đồng tại NVH thôn Đông trước {n}h30 ngày {n}/12/2026."
    for n in range(7, 20)
)  # fmt: skip


MARKED = """# Thông báo lịch tiêm chủng

**UBND xã** mời bà con đưa trẻ từ 6–59 tháng tuổi:

1. Thời gian: **7h30** ngày 05/12/2026 (thứ Bảy)
2. Địa điểm: [Trạm Y tế xã](https://binhminh.example/2026/12?id=55), NVH thôn 3
* Liên hệ: 0912 345 678, 02203.777.888; thư ubnd2026@binhminh.example
+ Mức phí 50.000đ/mũi, hộ nghèo được giảm 50%.
> Lưu ý: đợt II từ 12–14/12, Quyết định số 1380/QĐ-UBND ngày 09/4/2026.
"""
TWICE = "Lịch cắt điện 24/11\nLịch cắt điện 24/11\nTừ 7h đến 11h."


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return commune.found(tmp_path / "xa")


def findings(xa: Commune, number: int) -> list[Finding]:
    return checking.blocking(xa.context, xa.show(number), xa.clock())


def tamper(xa: Commune, number: int, target: str, old: str, new: str) -> None:
    """Another word in one stored version, with a digest that fits: only the gate can tell."""
    dossier = xa.show(number)
    (one,) = [r for r in dossier.renditions if r.target == target]
    with xa.context.database.write() as connection:
        content = connection.scalar(select(rendition.c.content).where(rendition.c.id == one.id))
        changed = _replaced(content, old, new)
        assert changed != content
        connection.execute(
            update(rendition)
            .where(rendition.c.id == one.id)
            .values(content=changed, digest=digest_of({"channel": one.channel, "content": changed}))
        )


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {k: _replaced(v, old, new) for k, v in value.items()}
    if isinstance(value, list):
        return [_replaced(v, old, new) for v in value]
    return value.replace(old, new) if isinstance(value, str) else value


@pytest.mark.parametrize(
    "text", [TEXT, LONG, MARKED, TWICE], ids=["short", "long", "marked", "twice"]
)
def test_what_every_channel_composes_agrees_with_the_text(xa: Commune, text: str) -> None:
    number = xa.draft(text, targets=("loa-dong", *POSTS))
    xa.render(number)
    assert findings(xa, number) == []
    assert approving.grant(xa.context, xa.minh, number, xa.clock()).approval is not None


@pytest.mark.parametrize("target", ["loa-dong", *POSTS])
@pytest.mark.parametrize(
    ("old", "spoken", "new", "kind"),
    [
        ("7 giờ", "bảy giờ", "8 giờ", "giờ"),
        ("25/11", "hai mươi lăm tháng mười một", "26/11", "ngày"),
        ("thôn Đông", "thôn Đông", "thôn Bắc", "địa điểm"),
    ],
)
def test_one_version_that_says_otherwise_blocks_and_stands_side_by_side(
    xa: Commune, target: str, old: str, spoken: str, new: str, kind: str
) -> None:
    number = xa.draft(targets=("loa-dong", *POSTS))
    xa.render(number)
    heard = {"8 giờ": "tám giờ", "26/11": "hai mươi sáu tháng mười một"}
    if target == "loa-dong":
        tamper(xa, number, target, spoken, heard.get(new, new))
    else:
        tamper(xa, number, target, old, new)
    found = findings(xa, number)
    assert {one.target for one in found} == {target}
    assert all(one.severe and one.kind == "mismatch" for one in found)
    assert any(one.text.vi.startswith(kind) and one.written and one.other for one in found)
    with pytest.raises(PolicyRefused, match=r"(?s)không khớp.*↔.*approval grant"):
        approving.grant(xa.context, xa.minh, number, xa.clock())


def test_an_own_text_with_another_hour_blocks_until_it_is_mended(xa: Commune) -> None:
    number = xa.draft(targets=("fanpage", "zalo"))
    override = authoring.override
    override(
        xa.context, xa.lan, number, "zalo", "Mất điện 25/11/2026, thôn Đông, 7-12h.", xa.clock()
    )
    xa.render(number)
    (one,) = findings(xa, number)
    assert (one.written, one.other, one.target) == ("11 giờ", "7-12h", "zalo")
    override(
        xa.context, xa.lan, number, "zalo", "Mất điện 25/11/2026, thôn Đông, 7-11h.", xa.clock()
    )
    xa.render(number)
    assert findings(xa, number) == []


def test_a_row_changed_outside_the_program_is_refused(xa: Commune) -> None:
    number = xa.draft(targets=("fanpage",))
    xa.render(number)
    with xa.context.database.write() as connection:
        connection.execute(update(rendition).values(content={"message": "Họp lúc 9 giờ."}))
    with pytest.raises(PolicyRefused, match="bị sửa ngoài chương trình"):
        approving.grant(xa.context, xa.minh, number, xa.clock())


def test_what_quotes_a_paper_needs_its_number(xa: Commune) -> None:
    number = xa.draft(targets=("fanpage",))
    authoring.edit(xa.context, xa.lan, number, None, xa.clock(), category="chu-truong")
    xa.render(number)
    assert [(one.code, one.severe) for one in findings(xa, number)] == [("so-hieu", True)]
    authoring.edit(xa.context, xa.lan, number, None, xa.clock(), document_number="13/NQ-HĐND")
    xa.render(number)
    assert findings(xa, number) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Thông báo\nSố: /TB-UBND về việc họp dân.", "lint.number.blank"),
        ("Họp thôn\nHọp vào ngày tháng năm 2026.", "lint.date.blank"),
        ("Họp thôn\nHọp ngày 31/11/2026.", "lint.date.impossible"),
        ("Họp thôn\nHọp thứ hai, ngày 24/11/2026.", "lint.date.weekday"),
        ("Tin bán hàng\nMua ngay hôm nay.", "lint.sales.wording"),
    ],
)
def test_a_severe_remark_of_the_editors_help_blocks(xa: Commune, text: str, kind: str) -> None:
    number = xa.draft(text)
    xa.render(number)
    assert [(one.kind, one.severe) for one in findings(xa, number)] == [(kind, True)]


def test_a_mild_remark_is_shown_and_does_not_block(xa: Commune) -> None:
    number = xa.draft("Họp thôn\nĐã họp ngày 02/11/2026.")
    xa.render(number)
    (one,) = checking.findings(xa.context, xa.show(number), xa.clock())
    assert (one.kind, one.blocks) == ("lint.date.past", False)


def test_everything_is_accepted_by_name_with_a_reason_and_logged(xa: Commune) -> None:
    number = xa.draft("Họp thôn\nHọp thứ hai, ngày 24/11/2026, giảm giá vé.")
    xa.render(number)
    first, second = findings(xa, number)

    def grant(accept: dict[str, str] | str) -> None:
        approving.grant(xa.context, xa.minh, number, xa.clock(), accept=accept)

    for given in ("đã xem", {first.code: "đã xem"}):
        with pytest.raises(PolicyRefused, match=second.code):
            grant(given)
    with pytest.raises(InputError, match="phải có lý do"):
        grant({first.code: " "})
    with pytest.raises(InputError, match="Không có lưu ý nào mang mã “tu-0000”"):
        grant({first.code: "a", second.code: "b", "tu-0000": "c"})
    grant({first.code: "lịch đã đổi", second.code: "vé của xã"})
    with xa.context.database.read() as connection:
        noted = events.of_subject(connection, xa.context.commune_id, f"announcement {number}")
    kept = noted[-1]["detail"]["accepted"]
    assert {one["code"]: one["reason"] for one in kept} == {
        first.code: "lịch đã đổi",
        second.code: "vé của xã",
    }
    assert xa.show(number).decisions[-1].reason in {
        "lịch đã đổi; vé của xã",
        "vé của xã; lịch đã đổi",
    }


def test_in_an_emergency_the_versions_agree_too(xa: Commune) -> None:
    number = xa.draft(priority=Priority.EMERGENCY)
    xa.render(number)
    tamper(xa, number, "loa-dong", "bảy giờ", "tám giờ")
    assert [one.kind for one in findings(xa, number)] == ["mismatch"]
