"""Pictures are known by their bytes, and are a part of what is approved."""

from __future__ import annotations

import hashlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import JPEG, png

from broadcaster.domain.announcement import Priority, revision_digest
from broadcaster.domain.picture import (
    MAX_BYTES,
    MAX_PICTURES,
    Picture,
    check_pictures,
    picture_of,
)
from broadcaster.errors import InputError


def test_a_picture_is_what_its_bytes_say() -> None:
    found = picture_of(png(64, 48), "  Nhà văn hóa\n thôn Đông ")
    digest = hashlib.sha256(png(64, 48)).hexdigest()
    size = len(png(64, 48))
    assert found == Picture(digest, "png", size, 64, 48, "Nhà văn hóa thôn Đông")
    assert (found.mime, Picture.of_json(found.as_json())) == ("image/png", found)
    jpeg = picture_of(JPEG, "Một điểm ảnh")
    assert (jpeg.kind, jpeg.width, jpeg.height, jpeg.mime) == ("jpg", 1, 1, "image/jpeg")


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"%PDF-1.7", b"\xff\xd8\xff", png()[:-12], JPEG[:-2], png(30_000, 1)],
)
def test_what_is_no_whole_picture_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match=r"\.jpg hoặc \.png"):
        picture_of(content, "Ảnh")


@pytest.mark.parametrize("alt", ["", "   ", "a" * 301, "có\x07chuông"])
def test_every_picture_is_described_on_one_line(alt: str) -> None:
    with pytest.raises(InputError, match="mô tả"):
        picture_of(png(), alt)


def test_a_heavy_picture_is_refused_with_its_weight() -> None:
    with pytest.raises(InputError, match="10,0 MB"):
        picture_of(JPEG + bytes(MAX_BYTES), "Ảnh")


@settings(max_examples=60)
@given(st.one_of(st.binary(max_size=200), st.binary(max_size=80).map(lambda b: JPEG[:3] + b)))
def test_any_bytes_are_taken_or_refused_in_words(content: bytes) -> None:
    with suppress(InputError):
        assert picture_of(content, "Ảnh").size == len(content)


def test_too_many_or_the_same_twice_is_refused() -> None:
    many = [picture_of(png(width), "Ảnh") for width in range(1, MAX_PICTURES + 2)]
    check_pictures(many[:MAX_PICTURES])
    for wrong in (many, [many[0], many[0]]):
        with pytest.raises(InputError, match="nhiều nhất"):
            check_pictures(wrong)


def test_the_revision_is_named_by_pictures_their_words_and_their_order() -> None:
    one, other = picture_of(png(10), "Một"), picture_of(png(20), "Hai")
    said = picture_of(png(10), "Một ảnh khác lời")
    found = {
        revision_digest("Tin", "Nội dung", Priority.NORMAL, ["website"], pictures)
        for pictures in ([], [one], [said], [one, other], [other, one])
    }
    assert len(found) == 5
