"""The editor's help finds what it names, and is silent about a good text."""

from __future__ import annotations

from datetime import date

import pytest

from broadcaster import speech

_TODAY = date(2026, 5, 1)
_PLAN = """Số: /KH-UBND
Kè Sắt, ngày tháng năm 2026
Triển khai trên địa bàn xã Kè Sắt. Xây dựng ứng dụng Kẽ Sắt để phục vụ công tác chuyển đổi số.
"""


def rules(text: str, expect: speech.Expectations | None = None) -> list[str]:
    return [finding.rule for finding in speech.lint(text, _TODAY, expect)]


def test_a_plan_nobody_finished_has_its_blanks_and_its_name_twice() -> None:
    assert rules(_PLAN) == ["number.blank", "date.blank", "name.two-spellings"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Họp thứ Hai, ngày 5/5/2026.", "date.weekday"),
        ("Họp thứ 2 ngày 05/5.", "date.weekday"),
        ("Mời họp ngày 1/4/2026.", "date.past"),
        ("Họp ngày 31/02/2026.", "date.impossible"),
        ("Gặp ông Tư, số 0912.345.678.", "private.phone"),
        ("Thẻ 031085001234 bị rơi.", "private.id"),
        ("Giống lúa khuyến mãi lớn.", "sales.wording"),
        ("mời bà con " * 16, "sentence.long"),
    ],
)
def test_each_fault_is_named(text: str, rule: str) -> None:
    assert rules(text) == [rule]


@pytest.mark.parametrize(
    "text",
    [
        "Họp thứ Ba, ngày 5/5/2026 tại nhà văn hóa.",
        "Căn cứ Quyết định số 1380/QĐ-UBND ngày 09/4/2026.",
        "Đường dây nóng của UBND xã: 0912.345.678.",
        "Văn hoá xã và Văn hóa xã.",
        "Kỷ niệm ngày 2/9/1945.",
    ],
)
def test_a_good_text_has_no_findings(text: str) -> None:
    assert rules(text) == []


def test_sales_wording_may_stand_on_a_page() -> None:
    assert rules("Khuyến mãi lớn.", speech.Expectations(loudspeaker=False)) == []


def test_a_template_asks_for_its_parts() -> None:
    expect = speech.Expectations(template="outage")
    assert rules("Cắt điện.", expect) == ["missing.contact", "missing.place", "missing.time"]
    whole = "Cắt điện từ 7h tại thôn Đoài, liên hệ điện lực."
    assert rules(whole, expect) == []


def test_a_reading_longer_than_its_slot_is_told() -> None:
    expect = speech.Expectations(slot_seconds=60, reading_seconds=90)
    assert rules("Mời họp.", expect) == ["slot.too-long"]
    assert rules("Mời họp.", speech.Expectations(slot_seconds=60, reading_seconds=59)) == []
