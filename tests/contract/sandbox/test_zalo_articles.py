"""Zalo: articles from create to remove."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from sandbox.bench import MP4, Bench, article


def test_create_gives_a_token_and_verify_the_id_after_some_polls(bench: Bench) -> None:
    bench.state.settings.zalo.processing_polls = 2
    answer = bench.create_article()
    assert answer["error"] == 0
    assert set(answer["data"]) == {"token"}
    token = answer["data"]["token"]
    assert [bench.verify(token)["error"] for _ in range(3)] == [-214, -214, 0]
    found = bench.verify(token)["data"]["id"]
    assert isinstance(found, str)
    assert int(found) > 2**53


def test_processing_may_answer_without_an_id_instead(bench: Bench) -> None:
    bench.state.settings.zalo.processing_answer = "no_id"
    token = bench.create_article()["data"]["token"]
    assert bench.verify(token) == {"data": {}, "error": 0, "message": "Success"}
    assert "id" in bench.verify(token)["data"]


def test_processing_may_take_time(bench: Bench) -> None:
    options = bench.state.settings.zalo
    options.processing_polls, options.processing_seconds = 0, 30
    token = bench.create_article()["data"]["token"]
    assert bench.verify(token)["error"] == -214
    assert bench.count("zalo") == 0
    bench.clock.move(seconds=30)
    assert bench.verify(token)["error"] == 0


def test_an_article_nobody_verifies_appears_or_not_as_set(bench: Bench) -> None:
    bench.create_article()
    assert bench.count("zalo") == 1
    bench.state.reset()
    bench.state.settings.zalo.unverified_articles_appear = False
    token = bench.create_article()["data"]["token"]
    assert bench.count("zalo") == 0
    bench.verify(token)
    bench.verify(token)
    assert bench.count("zalo") == 1


def test_an_unknown_token_is_invalid(bench: Bench) -> None:
    assert bench.verify("khong-co") == {"error": -201, "message": "token is invalid!"}


def test_the_default_is_hidden_with_comments(bench: Bench) -> None:
    found = bench.ready_article(status=None)
    detail = bench.zalo("GET", "v2.0/article/getdetail", params={"id": found})["data"]
    assert (detail["status"], detail["comment"]) == ("hide", "show")
    assert bench.count("zalo") == 0
    shown = bench.ready_article(status="show", title="Hiện")
    (post,) = bench.public()["zalo"]
    assert (post["id"], post["title"]) == (shown, "Hiện")


@pytest.mark.parametrize(("field", "most"), [("title", 150), ("author", 50), ("description", 300)])
def test_lengths_are_counted_in_characters_after_composition(
    bench: Bench, field: str, most: int
) -> None:
    loose = unicodedata.normalize("NFD", "ệ") * most
    assert len(loose) == 3 * most
    assert bench.create_article(**{field: loose})["error"] == 0
    assert bench.create_article(**{field: loose + "a"})["error"] == -210
    bench.state.settings.zalo.too_long_code = -201
    assert bench.create_article(**{field: "a" * (most + 1)})["error"] == -201


@pytest.mark.parametrize("field", ["type", "title", "author", "cover", "description", "body"])
def test_each_required_field_is_named_when_missing(bench: Bench, field: str) -> None:
    answer = bench.create_article(**{field: None})
    assert answer == {"error": -201, "message": f"{field} is invalid!"}


COVERS: list[tuple[dict[str, str], int]] = [
    ({"cover_type": "photo", "photo_url": "http://xa.example/a.jpg"}, -201),
    ({"cover_type": "photo", "photo_url": "khong phai"}, -201),
    ({"cover_type": "1", "photo_url": "https://xa.example/a.jpg"}, -201),
    ({"cover_type": "photo", "photo_url": "https://x.example/a", "status": "on"}, -201),
    ({"cover_type": "photo", "photo_url": "https://xa.example/a.jpg"}, 0),
    ({"cover_type": "video", "video_id": "9", "cover_view": "horizontal"}, 0),
    ({"cover_type": "video", "video_id": "9", "cover_view": "round"}, -201),
]


@pytest.mark.parametrize(("cover", "error"), COVERS)
def test_a_cover_is_an_https_picture_or_a_video(
    bench: Bench, cover: dict[str, str], error: int
) -> None:
    assert bench.create_article(cover=cover)["error"] == error


BODIES: list[tuple[Any, int]] = [
    ([], -201),
    ("chữ", -201),
    ([{"type": "text", "content": " "}], -201),
    ([{"type": "audio", "url": "https://xa.example/a.mp3"}], -201),
    ([{"type": "image", "url": "http://xa.example/a.jpg"}], -201),
    ([{"type": "image", "url": "https://xa.example/a.jpg", "caption": "Ảnh"}], 0),
    ([{"type": "video", "url": "https://x.example/a", "thumb": "https://x.example/b"}], 0),
    ([{"type": "video", "video_id": "9"}], 0),
    ([{"type": "product", "id": "9"}], 0),
]


@pytest.mark.parametrize(("body", "error"), BODIES)
def test_the_kinds_of_blocks_and_no_sound(bench: Bench, body: object, error: int) -> None:
    assert bench.create_article(body=body)["error"] == error


@pytest.mark.parametrize("field", ["status", "comment"])
def test_show_and_hide_are_the_only_states(bench: Bench, field: str) -> None:
    assert bench.create_article(**{field: "public"})["error"] == -201


def test_a_body_limit_can_be_set(bench: Bench) -> None:
    bench.state.settings.zalo.max_body_characters = 10
    assert bench.create_article(body=[{"type": "text", "content": "a" * 11}])["error"] == -210


def test_what_is_no_json_object_is_refused(bench: Bench) -> None:
    for raw in (b"{", b"[]", b"\xff"):
        assert bench.zalo("POST", "v2.0/article/create", data=raw)["error"] == -201


def test_the_quota_of_articles_is_per_month(bench: Bench) -> None:
    bench.state.settings.zalo.article_quota_per_month = 1
    bench.create_article()
    refused = bench.create_article()
    assert refused["error"] == -223
    assert "quota" in refused["message"]
    bench.clock.move(days=9)
    bench.new_zalo_life()
    assert bench.create_article()["error"] == 0


def slice_of(bench: Bench, **params: Any) -> dict[str, Any]:
    given = {"offset": 0, "limit": 10, "type": "normal", **params}
    return bench.zalo("GET", "v2.0/article/getslice", params=given)


def test_the_list_is_newest_first_with_strings_and_at_most_ten(bench: Bench) -> None:
    for number in range(12):
        bench.ready_article(title=f"Bài {number}")
    data = slice_of(bench)["data"]
    assert [m["title"] for m in data["medias"]] == [f"Bài {n}" for n in range(11, 1, -1)]
    assert data["total"] == 12
    first = data["medias"][0]
    assert all(isinstance(first[n], str) for n in ("id", "create_date", "update_date"))
    names = {"id", "type", "title", "status", "total_view", "total_share", "thumb", "link_view"}
    assert names <= set(first)
    assert [m["title"] for m in slice_of(bench, offset=10)["data"]["medias"]] == ["Bài 1", "Bài 0"]
    assert slice_of(bench, limit=11)["error"] == -210
    assert slice_of(bench, type="video")["data"]["medias"] == []
    assert bench.session.get(first["link_view"], timeout=10).status_code == 200


def test_the_list_may_lag(bench: Bench) -> None:
    bench.state.settings.zalo.list_lag = 20
    bench.ready_article()
    assert slice_of(bench)["data"]["medias"] == []
    bench.clock.move(seconds=20)
    assert len(slice_of(bench)["data"]["medias"]) == 1


def test_update_is_the_whole_article_and_is_verified_again(bench: Bench) -> None:
    found = bench.ready_article(status=None, title="Cũ")
    bench.state.settings.zalo.unverified_articles_appear = False
    changed = article(title="Mới", status="show", id=found)
    answer = bench.zalo("POST", "v2.0/article/update", json=changed)
    assert bench.count("zalo") == 0
    bench.verify(answer["data"]["token"])
    assert bench.verify(answer["data"]["token"])["data"]["id"] == found
    (post,) = bench.public()["zalo"]
    assert (post["id"], post["title"]) == (found, "Mới")
    part = {"id": found, "status": "hide"}
    assert bench.zalo("POST", "v2.0/article/update", json=part)["error"] == -201


def test_a_removed_article_is_gone(bench: Bench) -> None:
    found = bench.ready_article()
    link = bench.public()["zalo"][0]["link"]
    assert bench.zalo("POST", "v2.0/article/remove", json={"id": found})["error"] == 0
    assert bench.zalo("POST", "v2.0/article/remove", json={"id": found})["error"] == -201
    detail = bench.zalo("GET", "v2.0/article/getdetail", params={"id": found})
    assert detail == {"error": -201, "message": "id is invalid!"}
    assert bench.session.get(link, timeout=10).status_code == 404


def test_the_same_article_twice_is_two_articles(bench: Bench) -> None:
    assert bench.ready_article() != bench.ready_article()
    assert bench.count("zalo") == 2


@pytest.mark.parametrize("place", ["header", "query"])
def test_a_video_converts_and_its_token_may_stand_in_two_places(bench: Bench, place: str) -> None:
    path = "v2.0/article/upload_video/"
    made = bench.zalo("POST", path + "preparevideo", files={"file": ("a.mp4", MP4)})
    token = {"token": made["data"]["token"]}
    where = {"headers": token} if place == "header" else {"params": token}
    states = [bench.zalo("GET", path + "verify", **where)["data"] for _ in range(2)]
    assert [s["status"] for s in states] == [3, 1]
    assert states[1]["convert_percent"] == 100
    assert states[1]["video_id"]


def test_only_mp4_and_avi_are_videos(bench: Bench) -> None:
    path = "v2.0/article/upload_video/preparevideo"
    assert bench.zalo("POST", path, files={"file": ("a.mp4", b"ID3")})["error"] == -201
