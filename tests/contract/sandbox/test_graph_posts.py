"""Facebook: creating, changing and deleting posts."""

from __future__ import annotations

import json
import re

import pytest

from broadcaster.sandbox import credentials as demo
from sandbox.bench import JPEG, MP4, PNG, Bench, code_of

PAGE = demo.FACEBOOK_PAGE_ID


def test_a_text_post_answers_with_page_and_post_id(bench: Bench) -> None:
    answer = bench.feed("Thông báo số 12/TB-UBND").json()
    assert re.fullmatch(rf"{PAGE}_\d{{15,18}}", answer["id"])
    (shown,) = bench.public()["graph"]
    assert (shown["id"], shown["text"]) == (answer["id"], "Thông báo số 12/TB-UBND")


def test_fields_on_a_post_are_read_back_in_the_same_call(bench: Bench) -> None:
    answer = bench.feed("Thông báo", fields="id,permalink_url").json()
    page = bench.session.get(answer["permalink_url"], timeout=10)
    assert page.status_code == 200
    assert "Thông báo" in page.text


def test_an_empty_post_is_refused(bench: Bench) -> None:
    assert code_of(bench.feed("  "))[1] == 100


def test_a_text_over_the_limit_is_refused(bench: Bench) -> None:
    assert bench.feed("a" * 63_206).status_code == 200
    assert code_of(bench.feed("a" * 63_207)) == (400, 100, None)
    bench.state.settings.graph.max_message = 50_000
    assert code_of(bench.feed("b" * 50_001))[1] == 100


def test_another_page_looks_as_if_it_did_not_exist(bench: Bench) -> None:
    assert code_of(bench.graph("POST", "999/feed", message="a")) == (400, 100, 33)


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://www.facebook.com/xa", 1609008),
        ("khong-phai-dia-chi", 2061006),
        ("https://hong.example/tin", 1609005),
    ],
)
def test_links_that_facebook_refuses(bench: Bench, link: str, code: int) -> None:
    bench.state.settings.graph.unscrapable_links = ("https://hong.example/",)
    assert code_of(bench.feed("a", link=link)) == (400, code, None)
    bench.state.settings.graph.link_errors_as_subcode = True
    assert code_of(bench.feed("a", link=link)) == (400, 100, code)
    assert bench.count("graph") == 0


def test_a_link_post_keeps_its_link(bench: Bench) -> None:
    post = bench.feed("Tin", link="https://xa.example/tin").json()["id"]
    found = bench.graph("GET", post, fields="attachments,status_type").json()
    assert found["attachments"]["data"][0]["url"] == "https://xa.example/tin"
    assert found["status_type"] == "shared_story"


def test_equal_text_in_a_row_is_506(bench: Bench) -> None:
    bench.feed("Một")
    assert code_of(bench.feed("Một")) == (400, 506, None)
    assert bench.feed("Hai").status_code == 200
    assert bench.feed("Một").status_code == 200
    assert bench.count("graph") == 3


def test_the_duplicate_code_can_be_368_or_off(bench: Bench) -> None:
    bench.feed("Một")
    bench.state.settings.graph.duplicate_code = 368
    assert code_of(bench.feed("Một"))[1] == 368
    bench.state.settings.graph.refuse_duplicates = False
    assert bench.feed("Một").status_code == 200


def test_after_a_delete_the_same_text_is_new(bench: Bench) -> None:
    first = bench.feed("Một").json()["id"]
    assert bench.graph("DELETE", first).json() == {"success": True}
    assert bench.feed("Một").status_code == 200


def test_edit_hide_and_pin(bench: Bench) -> None:
    bench.feed("Cũ hơn")
    post = bench.feed("Sai").json()["id"]
    bench.clock.move(minutes=1)
    assert bench.graph("POST", post, message="Đúng").json() == {"success": True}
    found = bench.graph("GET", post, fields="message,created_time,updated_time").json()
    assert found["message"] == "Đúng"
    assert found["created_time"] < found["updated_time"]
    bench.graph("POST", post, is_hidden="true")
    assert [p["text"] for p in bench.public()["graph"]] == ["Cũ hơn"]
    assert bench.graph("GET", post, fields="is_hidden").json()["is_hidden"] is True


def test_a_deleted_post_is_gone(bench: Bench) -> None:
    post = bench.feed("Một").json()["id"]
    link = bench.graph("GET", post, fields="permalink_url").json()["permalink_url"]
    bench.graph("DELETE", post)
    for method in ("GET", "POST", "DELETE"):
        assert code_of(bench.graph(method, post)) == (400, 100, 33)
    assert bench.session.get(link, timeout=10).status_code == 404


def test_a_post_written_by_hand_cannot_be_changed_unless_set(bench: Bench) -> None:
    post = bench.call("POST", "/_control/facebook/posts", json={"message": "Tay"}).json()["id"]
    assert code_of(bench.graph("POST", post, message="Máy"))[1] == 200
    bench.state.settings.graph.edit_only_own_posts = False
    assert bench.graph("POST", post, message="Máy").status_code == 200


# Pictures and videos


def photo(bench: Bench, content: bytes = JPEG, **params: str) -> tuple[int, dict[str, str]]:
    answer = bench.graph("POST", f"{PAGE}/photos", files={"source": ("a.jpg", content)}, **params)
    return answer.status_code, answer.json()


def test_one_photo_with_caption_is_a_post(bench: Bench) -> None:
    _, made = photo(bench, caption="Ảnh lễ hội", alt_text_custom="Sân đình")
    assert made["post_id"].startswith(f"{PAGE}_")
    (shown,) = bench.public()["graph"]
    assert shown["text"] == "Ảnh lễ hội"
    assert bench.session.get(shown["pictures"][0], timeout=10).content == JPEG
    alt = bench.graph("GET", made["id"], fields="alt_text_custom").json()
    assert alt["alt_text_custom"] == "Sân đình"


def test_a_photo_by_url_is_not_fetched(bench: Bench) -> None:
    answer = bench.graph("POST", f"{PAGE}/photos", url="https://xa.example/a.jpg", message="Ảnh")
    assert set(answer.json()) == {"id", "post_id"}


def test_several_photos_show_with_one_last_call(bench: Bench) -> None:
    ids = [photo(bench, c, published="false")[1]["id"] for c in (JPEG, PNG)]
    assert bench.count("graph") == 0
    media = json.dumps([{"media_fbid": i} for i in ids])
    post = bench.feed("Hai ảnh", attached_media=media).json()["id"]
    (shown,) = bench.public()["graph"]
    assert len(shown["pictures"]) == 2
    found = bench.graph("GET", post, fields="attachments").json()["attachments"]["data"]
    inside = found[0]["subattachments"]["data"]
    assert [a["target"]["id"] for a in inside] == ids


def test_photos_that_are_in_a_post_already_are_1366051(bench: Bench) -> None:
    media = json.dumps([{"media_fbid": photo(bench, published="false")[1]["id"]}])
    bench.feed("Một", attached_media=media)
    assert code_of(bench.feed("Hai", attached_media=media)) == (400, 100, 1366051)


def test_an_unused_photo_is_dropped_after_a_day_unless_temporary(bench: Bench) -> None:
    plain = photo(bench, published="false")[1]["id"]
    kept = photo(bench, published="false", temporary="true")[1]["id"]
    bench.clock.move(hours=25)
    assert code_of(bench.feed("a", attached_media=json.dumps([{"media_fbid": plain}])))[1] == 100
    assert bench.feed("b", attached_media=json.dumps([{"media_fbid": kept}])).status_code == 200


def test_scheduled_photos_may_have_to_be_temporary(bench: Bench) -> None:
    bench.state.settings.graph.scheduled_photos_temporary = True
    media = json.dumps([{"media_fbid": photo(bench, published="false")[1]["id"]}])
    due = str(int(bench.clock.now.timestamp()) + 3_600)
    when = {"published": "false", "scheduled_publish_time": due}
    assert code_of(bench.feed("a", attached_media=media, **when))[1] == 100


def test_a_photo_too_large_or_of_another_kind_is_1366046(bench: Bench) -> None:
    large = JPEG + b"0" * 4 * 1024 * 1024
    for content in (large, b"GIF89a" + b"0" * 50, b"text"):
        status, answer = photo(bench, content)
        assert status == 400
        assert json.loads(json.dumps(answer))["error"]["error_subcode"] == 1366046
    bench.state.settings.graph.photo_max_bytes = 10 * 1024 * 1024
    assert photo(bench, large)[0] == 200


def test_attached_media_must_be_a_list_of_known_photos(bench: Bench) -> None:
    for media in ("x", "[1]", '[{"media_fbid":"404"}]'):
        assert code_of(bench.feed("a", attached_media=media))[1] == 100


def test_a_small_video_is_a_post_after_processing(bench: Bench) -> None:
    bench.state.settings.graph.video_processing = 30
    files = {"source": ("a.mp4", MP4)}
    given = {"title": "Bản tin", "description": "Số 3"}
    video = bench.graph("POST", f"{PAGE}/videos", files=files, **given).json()["id"]
    status = {"fields": "status"}
    assert bench.graph("GET", video, **status).json()["status"]["video_status"] == "processing"
    bench.clock.move(seconds=31)
    assert bench.graph("GET", video, **status).json()["status"]["video_status"] == "ready"
    assert bench.public()["graph"][0]["text"] == "Số 3"


def test_a_sound_is_no_video(bench: Bench) -> None:
    answer = bench.graph("POST", f"{PAGE}/videos", files={"source": ("a.mp3", b"ID3")})
    assert answer.status_code == 400


def test_a_video_in_pieces_shows_only_when_finished(bench: Bench) -> None:
    path = f"{PAGE}/videos"
    size = str(len(MP4))
    start = bench.graph("POST", path, upload_phase="start", file_size=size).json()
    session = {"upload_session_id": start["upload_session_id"]}
    assert (start["start_offset"], start["end_offset"]) == ("0", size)
    half = len(MP4) // 2
    for begin, piece in ((0, MP4[:half]), (0, MP4[:half]), (half, MP4[half:])):
        answer = bench.graph(
            "POST",
            path,
            upload_phase="transfer",
            start_offset=str(begin),
            files={"video_file_chunk": ("a", piece)},
            **session,
        ).json()
    assert answer["start_offset"] == answer["end_offset"] == size
    assert bench.count("graph") == 0
    done = bench.graph("POST", path, upload_phase="finish", description="Phim", **session)
    assert done.json() == {"success": True}
    shown = bench.public()["graph"][0]
    assert bench.session.get(shown["pictures"][0], timeout=10).content == MP4


def test_a_video_in_pieces_cannot_be_finished_early(bench: Bench) -> None:
    path = f"{PAGE}/videos"
    start = bench.graph("POST", path, upload_phase="start", file_size="100").json()
    session = {"upload_session_id": start["upload_session_id"]}
    assert bench.graph("POST", path, upload_phase="finish", **session).status_code == 400
    wrong = {"upload_phase": "transfer", "start_offset": "50"}
    files = {"video_file_chunk": ("a", b"x")}
    error = bench.graph("POST", path, files=files, **wrong, **session).json()["error"]
    assert error["error_subcode"] == 1363037
    assert error["error_data"] == {"start_offset": "0", "end_offset": "100"}
