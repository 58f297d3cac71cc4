"""What a telephone writes into a picture does not go public; what is seen stays as it is."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import JPEG, png
from PIL import Image, ImageOps, PngImagePlugin

from broadcaster.domain.picture import picture_of
from broadcaster.domain.picture_traces import without_traces
from broadcaster.errors import InputError


def telephone(orientation: int, **more: object) -> bytes:
    """A JPEG with place and maker, and which side is up."""
    image = Image.radial_gradient("L").convert("RGB").resize((48, 32))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "DIEN THOAI CUA LAN"
    exif.get_ifd(0x8825).update({1: "N", 2: (21.0, 2.0, 3.0), 3: "E", 4: (105.0, 5.0, 6.0)})
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment="bi mat", **more)
    return out.getvalue()


def upright(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as image:
        return ImageOps.exif_transpose(image).convert("RGB").tobytes()


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("more", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_place_and_maker_go_and_the_picture_stays_the_right_way_up(
    orientation: int, more: dict[str, object]
) -> None:
    given_picture = telephone(orientation, **more)
    clean = without_traces(given_picture, "jpg")
    assert upright(clean) == upright(given_picture)
    with Image.open(io.BytesIO(clean)) as image:
        exif = image.getexif()
        assert dict(exif) == ({} if orientation == 1 else {0x0112: orientation})
        assert dict(exif.get_ifd(0x8825)) == {}
    for secret in (b"DIEN THOAI", b"bi mat"):
        assert secret in given_picture
        assert secret not in clean
    assert without_traces(clean, "jpg") == clean


def test_what_lies_behind_the_picture_goes_too() -> None:
    """Telephones append previews with traces of their own."""
    clean = without_traces(telephone(1) + telephone(1), "jpg")
    assert clean == without_traces(telephone(1), "jpg")


def test_words_hidden_in_a_png_go() -> None:
    image, words, out = Image.new("RGB", (9, 7), "red"), PngImagePlugin.PngInfo(), io.BytesIO()
    words.add_text("Author", "Nguyen Thi Lan")
    words.add_itxt("XML:com.adobe.xmp", "toa do", zip=True)
    image.save(out, "PNG", pnginfo=words)
    clean = without_traces(out.getvalue(), "png")
    assert b"Nguyen Thi Lan" in out.getvalue()
    assert b"Nguyen Thi Lan" not in clean
    assert b"iTXt" not in clean
    assert upright(clean) == upright(out.getvalue())


def test_a_picture_without_traces_stays_byte_for_byte() -> None:
    assert without_traces(JPEG, "jpg") == JPEG
    assert without_traces(png(), "png") == png()


@settings(max_examples=80)
@given(cut=st.integers(3, 400), noise=st.binary(max_size=8), turned=st.sampled_from([1, 6]))
def test_a_damaged_file_is_cleaned_or_refused_in_words(cut: int, noise: bytes, turned: int) -> None:
    whole = telephone(turned)
    damaged = whole[:cut] + noise + whole[cut + len(noise) :]
    try:
        clean = without_traces(damaged, picture_of(damaged, "Ảnh").kind)
    except InputError:
        return
    assert b"bi mat" not in clean or noise
