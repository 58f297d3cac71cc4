"""WordPress: posts over REST as observed on a real site."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from broadcaster.sandbox import credentials as demo
from sandbox.bench import Bench, refusal_of

USER, PASSWORD = demo.WORDPRESS_USER, demo.WORDPRESS_APP_PASSWORD


def gmt(bench: Bench, **ahead: float) -> str:
    return (bench.clock.now + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%S")


# Who may


def test_spaces_in_the_application_password_do_not_matter(bench: Bench) -> None:
    for password in (PASSWORD, PASSWORD.replace(" ", "")):
        answer = bench.wp("GET", "users/me?context=edit", auth=(USER, password))
        assert answer.json()["roles"] == ["editor"]


def test_a_wrong_password_on_a_public_get_is_silently_anonymous(bench: Bench) -> None:
    bench.post(slug="a")
    answer = bench.wp("GET", "posts", auth=(USER, "sai"))
    assert (answer.status_code, len(answer.json())) == (200, 1)
    refused = bench.wp("GET", "users/me?context=edit", auth=(USER, "sai"))
    assert refusal_of(refused) == (401, "rest_not_logged_in")


def test_a_wrong_password_on_a_write_is_401(bench: Bench) -> None:
    given = {"title": "a", "status": "publish"}
    for auth in ((USER, "sai"), ("ai-do", PASSWORD), None):
        answer = bench.wp("POST", "posts", json=given, auth=auth)
        assert refusal_of(answer) == (401, "rest_cannot_create")
    newer = {"wordpress": {"wrong_password_code": "incorrect_password"}}
    bench.call("PATCH", "/_control/settings", json=newer)
    answer = bench.wp("POST", "posts", json=given, auth=(USER, "sai"))
    assert refusal_of(answer) == (401, "incorrect_password")
    assert bench.count("wordpress") == 0


def test_a_host_may_strip_the_authorization_header(bench: Bench) -> None:
    bench.state.settings.wordpress.strip_authorization = True
    assert bench.wp("GET", "users/me").status_code == 401


def test_the_password_in_use_can_be_looked_up(bench: Bench) -> None:
    path = "users/me/application-passwords/introspect"
    assert {"uuid", "name", "last_used"} <= set(bench.wp("GET", path).json())
    assert refusal_of(bench.anonymous("GET", path)) == (401, "rest_not_logged_in")


def test_changing_and_deleting_need_a_login(bench: Bench) -> None:
    post = bench.post()["id"]
    answer = bench.anonymous("POST", f"posts/{post}", json={"title": "b"})
    assert refusal_of(answer) == (401, "rest_cannot_edit")
    assert refusal_of(bench.anonymous("DELETE", f"posts/{post}")) == (401, "rest_cannot_delete")


def test_an_authors_scripts_are_filtered_an_editors_are_kept(bench: Bench) -> None:
    text = "<p>a</p><script>b</script>"
    assert bench.post(content=text)["content"]["raw"] == text
    bench.state.settings.wordpress.role = "author"
    assert bench.post(content=text)["content"]["raw"] == "<p>a</p>"


# Create and read


def test_a_post_answers_201_with_its_place(bench: Bench) -> None:
    given = {"title": "Thông báo", "content": "<p>a</p>", "excerpt": "b", "status": "publish"}
    more = {"slug": "thong-bao-2026-000123", "comment_status": "closed"}
    answer = bench.wp("POST", "posts", json=given | more)
    assert answer.status_code == 201
    post = answer.json()
    assert answer.headers["Location"].endswith(f"/wp/v2/posts/{post['id']}")
    assert (post["slug"], post["status"]) == ("thong-bao-2026-000123", "publish")
    assert post["date_gmt"] == "2026-11-23T02:00:00"
    assert post["date"] == "2026-11-23T09:00:00"
    assert post["guid"]["rendered"].endswith(f"/?p={post['id']}")
    assert post["comment_status"] == "closed"
    page = bench.session.get(post["link"], timeout=10)
    assert page.status_code == 200
    assert "Thông báo" in page.text


def test_without_a_status_it_is_a_draft(bench: Bench) -> None:
    answer = bench.wp("POST", "posts", json={"title": "a"})
    assert answer.json()["status"] == "draft"
    assert "/?p=" in answer.json()["link"]


@pytest.mark.parametrize("status", ["draft", "pending", "private"])
def test_only_publish_is_public(bench: Bench, status: str) -> None:
    post = bench.post(status=status)
    assert post["status"] == status
    assert bench.count("wordpress") == 0
    assert refusal_of(bench.anonymous("GET", f"posts/{post['id']}")) == (401, "rest_forbidden")
    assert bench.wp("GET", f"posts/{post['id']}").status_code == 200


@pytest.mark.parametrize("status", ["xuat-ban", "trash"])
def test_an_unknown_status_is_refused_with_its_detail(bench: Bench, status: str) -> None:
    answer = bench.wp("POST", "posts", json={"title": "a", "status": status})
    assert refusal_of(answer) == (400, "rest_invalid_param")
    assert answer.json()["data"]["details"]["status"]["code"] == "rest_not_in_enum"


def test_nothing_to_say_is_empty_content(bench: Bench) -> None:
    answer = bench.wp("POST", "posts", json={"title": " ", "status": "publish"})
    assert refusal_of(answer) == (400, "empty_content")


def test_broken_json_and_unknown_routes(bench: Bench) -> None:
    headers = {"Content-Type": "application/json"}
    broken = bench.wp("POST", "posts", data=b'{"title":', headers=headers)
    assert refusal_of(broken) == (400, "rest_invalid_json")
    assert refusal_of(bench.wp("GET", "khong-co")) == (404, "rest_no_route")
    assert refusal_of(bench.wp("GET", "posts/404")) == (404, "rest_post_invalid_id")


def test_unregistered_meta_is_dropped_without_a_word(bench: Bench) -> None:
    assert "so_hieu" not in bench.post(meta={"so_hieu": "12"})["meta"]


def test_blocks_are_rendered_without_their_marks(bench: Bench) -> None:
    player = '<figure class="wp-block-audio"><audio controls src="/a.mp3"></audio></figure>'
    text = f'<!-- wp:audio {{"id":4}} -->\n{player}\n<!-- /wp:audio -->'
    post = bench.post(content=text)
    assert post["content"]["raw"] == text
    shown = bench.anonymous("GET", f"posts/{post['id']}").json()
    assert shown["content"] == {"rendered": player, "protected": False}


def test_raw_texts_need_context_edit_and_a_login(bench: Bench) -> None:
    path = f"posts/{bench.post()['id']}?context=edit"
    assert bench.wp("GET", path).json()["title"]["raw"] == "Thông báo"
    assert refusal_of(bench.anonymous("GET", path)) == (401, "rest_forbidden_context")


# Slugs


def test_the_same_slug_twice_becomes_slug_2(bench: Bench) -> None:
    slugs = [bench.post(slug="thong-bao-1")["slug"] for _ in range(3)]
    assert slugs == ["thong-bao-1", "thong-bao-1-2", "thong-bao-1-3"]


def test_a_slug_from_a_vietnamese_title_is_ascii(bench: Bench) -> None:
    post = bench.post(title="Đường về xã: lịch cắt điện!")
    assert post["slug"] == "duong-ve-xa-lich-cat-dien"


def test_a_post_is_found_by_slug_in_any_status(bench: Bench) -> None:
    for status in ("publish", "draft", "private"):
        bench.post(slug=status, status=status)
    later = bench.post(slug="sau", status="future", date_gmt=gmt(bench, hours=1))
    for slug in ("publish", "draft", "private", "sau"):
        (found,) = bench.wp("GET", f"posts?slug={slug}&status=any&_fields=id,slug,status").json()
        assert set(found) == {"id", "slug", "status"}
        assert found["slug"] == slug
    answer = bench.anonymous("GET", "posts?slug=sau")
    assert answer.json() == []
    assert later["status"] == "future"


def test_a_trashed_post_gives_its_slug_free(bench: Bench) -> None:
    post = bench.post(slug="tin")["id"]
    trashed = bench.wp("DELETE", f"posts/{post}").json()
    assert (trashed["status"], trashed["slug"]) == ("trash", "tin__trashed")
    assert bench.wp("GET", "posts?slug=tin&status=any").json() == []
    assert bench.post(slug="tin")["slug"] == "tin"
    assert bench.count("wordpress") == 1


# Times


def test_a_scheduled_post_waits_for_a_visit(bench: Bench) -> None:
    post = bench.post(status="future", date_gmt=gmt(bench, hours=1), slug="sau")
    assert post["status"] == "future"
    assert post["link"].endswith(f"/?p={post['id']}")
    path = f"posts/{post['id']}"
    assert refusal_of(bench.anonymous("GET", path)) == (401, "rest_forbidden")
    bench.clock.move(hours=1)
    assert bench.count("wordpress") == 0
    assert bench.call("GET", "/wordpress/wp-cron.php?doing_wp_cron").status_code == 200
    assert bench.count("wordpress") == 1
    assert bench.wp("GET", path).json()["link"].endswith("/wordpress/sau/")


def test_any_request_triggers_what_is_due_unless_the_host_forbids(bench: Bench) -> None:
    bench.state.settings.wordpress.cron_on_visit = False
    post = bench.post(status="future", date_gmt=gmt(bench, hours=1))
    bench.clock.move(hours=2)
    path = f"posts/{post['id']}"
    assert [bench.wp("GET", path).json()["status"] for _ in range(2)] == ["future"] * 2
    bench.state.settings.wordpress.cron_on_visit = True
    assert [bench.wp("GET", path).json()["status"] for _ in range(2)] == ["future", "publish"]


@pytest.mark.parametrize(
    ("asked", "ahead", "status"),
    [
        ("future", {"seconds": 59}, "publish"),
        ("publish", {"seconds": 59}, "publish"),
        ("future", {"seconds": 60}, "future"),
        ("future", {"hours": -1}, "publish"),
        ("publish", {"hours": 1}, "future"),
        ("draft", {"hours": 1}, "draft"),
    ],
)
def test_the_date_decides_between_publish_and_future(
    bench: Bench, asked: str, ahead: dict[str, int], status: str
) -> None:
    date = gmt(bench, **ahead)
    post = bench.post(status=asked, date_gmt=date)
    assert (post["status"], post["date_gmt"]) == (status, date)


def test_publishing_a_scheduled_post_needs_the_date_too(bench: Bench) -> None:
    post = bench.post(status="future", date_gmt=gmt(bench, hours=1))
    path = f"posts/{post['id']}"
    assert bench.wp("POST", path, json={"status": "publish"}).json()["status"] == "future"
    now = {"status": "publish", "date_gmt": gmt(bench)}
    assert bench.wp("POST", path, json=now).json()["status"] == "publish"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"date_gmt": "2026-11-24T01:00:00"}, "2026-11-24T01:00:00"),
        ({"date_gmt": "2026-11-24T01:00:00Z"}, "2026-11-24T01:00:00"),
        ({"date": "2026-11-24T08:00:00"}, "2026-11-24T01:00:00"),
        ({"date": "2026-11-24T08:00:00+07:00"}, "2026-11-24T01:00:00"),
        ({"date": "2026-11-24T01:00:00Z"}, "2026-11-24T01:00:00"),
    ],
)
def test_zones_of_date_and_date_gmt(bench: Bench, given: dict[str, str], expected: str) -> None:
    post = bench.post(status="future", **given)
    assert post["date_gmt"] == expected
    assert post["date"] == "2026-11-24T08:00:00"


def test_what_is_no_date_is_refused(bench: Bench) -> None:
    answer = bench.wp("POST", "posts", json={"title": "a", "date_gmt": "mai"})
    assert refusal_of(answer) == (400, "rest_invalid_param")


# Lists


def listed(bench: Bench, query: str) -> list[Any]:
    answer = bench.wp("GET", f"posts?{query}")
    assert answer.status_code == 200, answer.text
    return [p["title"]["rendered"] for p in answer.json()]


def test_filters_of_the_list(bench: Bench) -> None:
    bench.post(title="Cũ", date_gmt=gmt(bench, days=-2), categories=[2])
    bench.post(title="Mới", categories=[3])
    bench.post(title="Nháp", status="draft")
    assert listed(bench, "") == ["Mới", "Cũ"]
    assert listed(bench, "search=mới") == ["Mới"]
    assert listed(bench, "categories=2") == ["Cũ"]
    assert listed(bench, "after=2026-11-22T00:00:00Z") == ["Mới"]
    assert listed(bench, "before=2026-11-22T00:00:00Z") == ["Cũ"]
    assert listed(bench, "order=asc") == ["Cũ", "Mới"]
    assert listed(bench, "status=publish,draft&order=asc") == ["Cũ", "Mới", "Nháp"]


def test_paging_has_headers_and_an_end(bench: Bench) -> None:
    for number in range(5):
        bench.post(title=f"Bài {number}")
    answer = bench.anonymous("GET", "posts?per_page=2&page=2")
    assert len(answer.json()) == 2
    assert (answer.headers["X-WP-Total"], answer.headers["X-WP-TotalPages"]) == ("5", "3")
    assert set(answer.links) == {"prev", "next"}
    third = bench.session.get(answer.links["next"]["url"], timeout=10)
    assert len(third.json()) == 1
    past = bench.anonymous("GET", "posts?per_page=2&page=4")
    assert refusal_of(past) == (400, "rest_post_invalid_page_number")
    too_many = bench.anonymous("GET", "posts?per_page=101")
    assert refusal_of(too_many) == (400, "rest_invalid_param")


@pytest.mark.parametrize("status", ["future", "any", "draft", "publish,private"])
def test_strangers_list_only_what_is_published(bench: Bench, status: str) -> None:
    answer = bench.anonymous("GET", f"posts?status={status}")
    assert refusal_of(answer) == (400, "rest_invalid_param")
    assert answer.json()["data"]["details"]["status"]["code"] == "rest_forbidden_status"


def test_nested_fields_can_be_asked(bench: Bench) -> None:
    bench.post(title="Tin")
    (found,) = bench.anonymous("GET", "posts?_fields=id,title.rendered,content.rendered").json()
    assert set(found) == {"id", "title", "content"}
    assert found["title"] == {"rendered": "Tin"}


# Change and delete


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_an_update_changes_the_given_fields_only(bench: Bench, method: str) -> None:
    post = bench.post(title="Sai", content="<p>giữ</p>", slug="tin", tags=[])
    answer = bench.wp(method, f"posts/{post['id']}", json={"title": "Đúng"})
    assert answer.status_code == 200
    changed = answer.json()
    assert (changed["title"]["raw"], changed["content"]["raw"]) == ("Đúng", "<p>giữ</p>")
    assert (changed["slug"], changed["status"]) == ("tin", "publish")
    assert len(bench.wp("GET", "posts").json()) == 1


def test_deleting_for_good_and_once(bench: Bench) -> None:
    post = bench.post(slug="tin")["id"]
    gone = bench.wp("DELETE", f"posts/{post}?force=true").json()
    assert gone["deleted"] is True
    assert gone["previous"]["slug"] == "tin"
    again = bench.wp("DELETE", f"posts/{post}?force=true")
    assert refusal_of(again) == (404, "rest_post_invalid_id")


def test_a_trashed_post_can_come_back_under_its_slug(bench: Bench) -> None:
    post = bench.post(slug="tin")["id"]
    bench.wp("DELETE", f"posts/{post}")
    assert refusal_of(bench.wp("DELETE", f"posts/{post}")) == (410, "rest_already_trashed")
    back = bench.wp("POST", f"posts/{post}", json={"status": "publish"}).json()
    assert (back["slug"], back["status"]) == ("tin", "publish")


def test_a_refused_change_changes_nothing(bench: Bench) -> None:
    post = bench.post(title="Giữ")["id"]
    answer = bench.wp("POST", f"posts/{post}", json={"title": "Mất", "featured_media": 404})
    assert refusal_of(answer) == (400, "rest_invalid_featured_media")
    assert bench.public()["wordpress"][0]["title"] == "Giữ"
