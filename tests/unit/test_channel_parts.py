"""Small parts of the channels: links, forms with files, usage headers, whole files."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartParser

from broadcaster import durable
from broadcaster.channels.facebook.usage import usage_of
from broadcaster.channels.multipart import File, encode
from broadcaster.channels.text import clean_links, plain, runs

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)

LINKS = [
    ("https://a.vn/tin?utm_source=fb&utm_medium=x", "https://a.vn/tin"),
    ("https://a.vn/tin?id=7&fbclid=Iw", "https://a.vn/tin?id=7"),
    ("https://a.vn/tin?fbclid=Iw&id=7#muc-2", "https://a.vn/tin?id=7#muc-2"),
    ("https://a.vn/tin?gclid=1#muc", "https://a.vn/tin#muc"),
    ("https://a.vn/tin?UTM_Source=x&zarsrc=30", "https://a.vn/tin"),
    ("https://a.vn/?p=5", "https://a.vn/?p=5"),
    ("https://a.vn/?utm=giu&xutm_source=giu", "https://a.vn/?utm=giu&xutm_source=giu"),
    ("Xem https://a.vn/x?fbclid=1. Hết.", "Xem https://a.vn/x. Hết."),
    ("(https://a.vn/x?utm_id=1&b=2)", "(https://a.vn/x?b=2)"),
    ("utm_source=fb không phải đường dẫn", "utm_source=fb không phải đường dẫn"),
]


@pytest.mark.parametrize(("given_text", "wanted"), LINKS)
def test_links_lose_what_follows_people_around_and_nothing_else(
    given_text: str, wanted: str
) -> None:
    assert clean_links(given_text) == wanted
    assert plain(given_text) == wanted


@settings(max_examples=80)
@given(st.text(max_size=80), st.text("abc=&?#%/utm_", max_size=40))
def test_cleaning_twice_is_cleaning_once(before: str, query: str) -> None:
    once = clean_links(f"{before} https://a.vn/x?{query}")
    assert clean_links(once) == once


def test_lines_become_paragraphs_and_lists() -> None:
    text = "Các thôn:\n- Đông\n  - Đoài\nHết.\n\n- Một\n\nCuối\ncùng"
    assert runs(text) == [
        (False, ["Các thôn:"]),
        (True, ["Đông", "Đoài"]),
        (False, ["Hết."]),
        (True, ["Một"]),
        (False, ["Cuối", "cùng"]),
    ]


@settings(max_examples=60)
@given(
    words=st.text(st.characters(codec="utf-8"), max_size=60),
    content=st.one_of(st.binary(max_size=200), st.just(b"\r\n--x\r\n--\r\n")),
)
def test_a_form_with_a_file_is_read_as_it_was_written(words: str, content: bytes) -> None:
    body, kind = encode({"caption": words}, {"source": File("anh.jpg", "image/jpeg", content)})

    async def stream() -> object:
        yield body

    async def read() -> tuple[object, bytes, object]:
        parser = MultiPartParser(Headers({"content-type": kind}), stream())  # type: ignore[arg-type]  # a generator
        form = await parser.parse()
        file = form["source"]
        assert isinstance(file, UploadFile)
        found = form["caption"], await file.read(), file.content_type
        await form.close()
        return found

    assert anyio.run(read) == (words, content, "image/jpeg")


def headers(**values: object) -> dict[str, str]:
    names = {
        "app": "X-App-Usage",
        "page": "X-Page-Usage",
        "business": "X-Business-Use-Case-Usage",
    }
    return {names[k]: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}


def test_the_worst_of_the_usage_headers_counts() -> None:
    app = {"call_count": 28, "total_time": 25, "total_cputime": 91}
    page = {"type": "pages", "call_count": 40, "estimated_time_to_regain_access": 12}
    found = usage_of(headers(app=app, page={"call_count": 3}, business={"1": [page]}), NOW)
    assert found is not None
    assert (found.percent, found.regain_at) == (91, NOW + timedelta(minutes=12))


@pytest.mark.parametrize(
    "given_headers",
    [{}, headers(app="x"), headers(app=[1]), headers(app=7), headers(business={"1": [7, None]})],
)
def test_missing_or_odd_usage_headers_say_nothing(given_headers: dict[str, str]) -> None:
    assert usage_of(given_headers, NOW) is None


@pytest.mark.parametrize("value", ['"9"', "true", "-5", "NaN", "null", "[]"])
def test_odd_figures_count_as_none(value: str) -> None:
    found = usage_of(headers(app=f'{{"call_count": {value}}}'), NOW)
    assert found is not None
    assert (found.percent, found.regain_at) == (0, None)


def test_an_endless_wait_ends_after_a_day() -> None:
    given_headers = headers(app='{"estimated_time_to_regain_access": 1e300, "call_count": 1e99}')
    found = usage_of(given_headers, NOW)
    assert found is not None
    assert found.regain_at == NOW + timedelta(days=1)


def test_a_file_is_replaced_whole_and_others_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "tin" / "a.xml"
    durable.write(path, b"1")
    durable.write(path, b"22")
    assert path.read_bytes() == b"22"
    assert [one.name for one in path.parent.iterdir()] == ["a.xml"]
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o644


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "day" / "con").mkdir(parents=True)
    with pytest.raises(OSError, match="day"):
        durable.write(tmp_path / "day", b"x")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["day"]


def test_what_a_killed_writer_left_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / ".making-abc").write_bytes(b"half")
    durable.write(tmp_path / "a", io.BytesIO(b"1").getvalue())
    durable.sweep(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
