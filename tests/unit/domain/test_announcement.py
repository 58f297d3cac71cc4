"""The same text has the same digest; what cannot be announced is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.announcement import (
    MAX_CHARACTERS,
    check_text,
    clean_text,
    digest_of,
    title_of,
    without_title,
)
from broadcaster.errors import InputError


@given(st.text())
def test_cleaning_twice_changes_nothing_more(raw: str) -> None:
    once = clean_text(raw)
    assert clean_text(once) == once
    once.encode()


@given(st.text(st.characters()))
def test_every_text_has_a_digest_also_with_lone_surrogates(text: str) -> None:
    assert len(digest_of([text])) == 64


def test_line_ends_and_decomposed_letters_do_not_change_the_digest() -> None:
    windows, mac = "Kính báo\r\nBà con", "Ki\u0301nh ba\u0301o  \nBa\u0300 con\n"
    assert digest_of(clean_text(windows)) == digest_of(clean_text(mac))


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("", "Có chữ"), ("Tin", ""), ("Tin", " \n\t "), ("Tin", "... !!!"),
        ("Tin", "a" * (MAX_CHARACTERS + 1)), ("Tin", "PK\x03\x04 nhị phân"),
        ("Tin\x00", "Có chữ"), ("Hai\ndòng", "Có chữ"), ("x" * 301, "Có chữ"),
    ],
)  # fmt: skip
def test_what_cannot_be_announced_is_refused(title: str, body: str) -> None:
    with pytest.raises(InputError):
        check_text(title, body)


def test_a_plan_is_named_by_its_kind_and_the_line_below() -> None:
    text = "UBND XÃ\nSố: 12/KH-UBND\n\nKẾ HOẠCH\nĐổi mới sáng tạo năm 2026\nNội dung"
    assert title_of(text) == "Kế hoạch: Đổi mới sáng tạo năm 2026"


def test_a_long_first_line_is_cut_between_words() -> None:
    title = title_of("chữ " * 100)
    assert len(title) <= 150
    assert title.endswith("chữ…")


def test_the_title_is_not_said_twice_but_a_lone_title_is_the_body() -> None:
    assert without_title("Tin", "Tin\n\nNội dung") == "Nội dung"
    assert without_title("Tin", "Tin") == "Tin"
