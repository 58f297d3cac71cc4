"""WordPress: media, terms, and the site around the REST API."""

from __future__ import annotations

import hashlib
import io
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
import soundfile

from broadcaster.sandbox import credentials as demo
from sandbox.bench import PNG, Bench, refusal_of


def sound(seconds: int = 3) -> bytes:
    made = io.BytesIO()
    soundfile.write(made, np.zeros(8_000 * seconds), 8_000, format="MP3")
    return made.getvalue()


def test_a_raw_upload_knows_its_length_and_is_served(bench: Bench) -> None:
    content = sound()
    answer = bench.upload(content, "ban-tin.mp3", "audio/mpeg")
    assert answer.status_code == 201
    made = answer.json()
    assert made["mime_type"] == "audio/mpeg"
    assert made["media_details"]["length"] == 3
    assert made["media_details"]["length_formatted"] == "0:03"
    assert made["media_details"]["filesize"] == len(content)
    served = bench.session.get(made["source_url"], timeout=10)
    assert served.content == content
    assert served.headers["Content-Type"] == "audio/mpeg"


def test_byte_ranges_of_a_file(bench: Bench) -> None:
    url = bench.upload(b"0123456789", "a.mp3", "audio/mpeg").json()["source_url"]

    def part(text: str) -> tuple[int, bytes, str]:
        answer = bench.session.get(url, headers={"Range": text}, timeout=10)
        return answer.status_code, answer.content, answer.headers.get("Content-Range", "")

    assert part("bytes=2-4") == (206, b"234", "bytes 2-4/10")
    assert part("bytes=7-") == (206, b"789", "bytes 7-9/10")
    assert part("bytes=-2") == (206, b"89", "bytes 8-9/10")
    assert part("bytes=0-99") == (206, b"0123456789", "bytes 0-9/10")
    assert part("bytes=10-")[0] == 416
    assert part("lines=1")[:2] == (200, b"0123456789")
    head = bench.session.head(url, timeout=10)
    assert (head.headers["Content-Length"], head.headers["Accept-Ranges"]) == ("10", "bytes")


def test_an_upload_by_form_takes_its_texts_along(bench: Bench) -> None:
    post = bench.post()["id"]
    texts = {"title": "Ảnh bìa", "alt_text": "Sân đình", "caption": "Lễ hội", "post": str(post)}
    answer = bench.wp("POST", "media", files={"file": ("a.png", PNG)}, data=texts)
    made = answer.json()
    assert answer.status_code == 201
    assert (made["title"]["raw"], made["alt_text"], made["post"]) == ("Ảnh bìa", "Sân đình", post)
    assert made["media_type"] == "image"
    bench.wp("POST", f"posts/{post}", json={"featured_media": made["id"]})
    assert bench.public()["wordpress"][0]["pictures"] == [made["source_url"]]


def test_a_checksum_that_does_not_match_is_412(bench: Bench) -> None:
    right = hashlib.md5(PNG, usedforsecurity=False).hexdigest()
    headers = {"Content-MD5": right}
    assert bench.upload(PNG, "a.png", "image/png", **headers).status_code == 201
    headers = {"Content-MD5": "0" * 32}
    refused = bench.upload(PNG, "a.png", "image/png", **headers)
    assert refusal_of(refused) == (412, "rest_upload_hash_mismatch")
    by_form = bench.wp("POST", "media", files={"file": ("a.png", PNG)}, headers=headers)
    assert refusal_of(by_form) == (412, "rest_upload_hash_mismatch")


def test_vietnamese_file_names_become_ascii_and_clashes_get_numbers(bench: Bench) -> None:
    urls = [bench.upload(PNG, "bản tin.png", "image/png").json()["source_url"] for _ in range(2)]
    assert [u.rpartition("/")[2] for u in urls] == ["ban-tin.png", "ban-tin-1.png"]


@pytest.mark.parametrize("name", ["a.exe", "a", "a.php"])
def test_a_refused_type_is_500(bench: Bench, name: str) -> None:
    refused = bench.upload(b"x", name, "application/octet-stream")
    assert refusal_of(refused) == (500, "rest_upload_sideload_error")


def test_an_upload_needs_a_disposition_and_a_body(bench: Bench) -> None:
    bare = bench.wp("POST", "media", data=PNG, headers={"Content-Type": "image/png"})
    assert refusal_of(bare) == (400, "rest_upload_no_content_disposition")
    assert refusal_of(bench.upload(b"", "a.png", "image/png")) == (400, "rest_upload_no_data")


def test_too_large_is_413_or_400_as_the_host_is(bench: Bench) -> None:
    bench.state.settings.wordpress.max_upload_bytes = 10
    by_proxy = bench.upload(PNG, "a.png", "image/png")
    assert by_proxy.status_code == 413
    assert by_proxy.headers["Content-Type"].startswith("text/html")
    bench.state.settings.wordpress.too_big_status = 400
    assert bench.upload(PNG, "a.png", "image/png").status_code == 400


def test_strangers_upload_nothing(bench: Bench) -> None:
    answer = bench.anonymous("POST", "media", files={"file": ("a.png", PNG)})
    assert refusal_of(answer) == (401, "rest_cannot_create")


def test_media_are_found_again_and_deleted_only_by_force(bench: Bench) -> None:
    made = bench.upload(PNG, "thong-bao-12.png", "image/png").json()
    for query in ("search=thong-bao-12", "slug=thong-bao-12"):
        (found,) = bench.anonymous("GET", f"media?{query}&_fields=id,source_url").json()
        assert found == {"id": made["id"], "source_url": made["source_url"]}
    assert bench.anonymous("GET", "media?slug=khac").json() == []
    path = f"media/{made['id']}"
    changed = bench.wp("POST", path, json={"alt_text": "Mới"}).json()
    assert changed["alt_text"] == "Mới"
    assert refusal_of(bench.wp("DELETE", path)) == (501, "rest_trash_not_supported")
    assert bench.wp("DELETE", f"{path}?force=true").json()["deleted"] is True
    assert refusal_of(bench.wp("GET", path)) == (404, "rest_post_invalid_id")
    assert bench.session.get(made["source_url"], timeout=10).status_code == 404


@pytest.mark.parametrize("kind", ["tags", "categories"])
def test_a_term_that_exists_answers_with_its_id(bench: Bench, kind: str) -> None:
    made = bench.wp("POST", kind, json={"name": "Lũ quét"})
    assert made.status_code == 201
    assert made.json()["slug"] == "lu-quet"
    again = bench.wp("POST", kind, json={"name": "Lũ quét"})
    assert refusal_of(again) == (400, "term_exists")
    assert again.json()["data"]["term_id"] == made.json()["id"]
    post = bench.post(**{kind: [made.json()["id"], 9_999]})
    assert post[kind] == [made.json()["id"]]
    assert bench.anonymous("GET", f"{kind}?slug=lu-quet").json()[0]["count"] == 1
    nameless = bench.wp("POST", kind, json={})
    assert refusal_of(nameless) == (400, "rest_missing_callback_param")
    assert bench.anonymous("POST", kind, json={"name": "b"}).status_code == 401


def test_the_site_has_the_categories_of_a_commune(bench: Bench) -> None:
    slugs = {t["slug"] for t in bench.anonymous("GET", "categories").json()}
    assert {"thong-bao", "khan-cap", "ban-tin-truyen-thanh"} <= slugs


def test_discovery_names_the_authorization(bench: Bench) -> None:
    found = bench.call("GET", "/wordpress/wp-json/").json()
    assert found["authentication"]["application-passwords"]["endpoints"]["authorization"]
    assert "wp/v2" in found["namespaces"]


def test_rest_route_always_works_and_wp_json_only_with_permalinks(bench: Bench) -> None:
    bench.post(slug="tin")
    query = "/wordpress/?rest_route=/wp/v2/posts&slug=tin"
    assert len(bench.call("GET", query).json()) == 1
    bench.state.settings.wordpress.pretty_permalinks = False
    assert bench.anonymous("GET", "posts").status_code == 404
    assert len(bench.call("GET", query).json()) == 1
    auth = (demo.WORDPRESS_USER, demo.WORDPRESS_APP_PASSWORD)
    path = "/wordpress/index.php?rest_route=/wp/v2/posts"
    given = {"title": "Tin hai", "status": "publish"}
    assert bench.call("POST", path, json=given, auth=auth).status_code == 201


def test_any_origin_is_allowed(bench: Bench) -> None:
    answer = bench.anonymous("GET", "posts", headers={"Origin": "https://a.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"


def test_the_short_link_leads_to_the_post(bench: Bench) -> None:
    post = bench.post(slug="tin", content="<p>Nội dung</p>")
    page = bench.call("GET", f"/wordpress/?p={post['id']}")
    assert page.url == post["link"]
    assert "Nội dung" in page.text
    hidden = bench.post(status="draft")
    assert bench.call("GET", f"/wordpress/?p={hidden['id']}").status_code == 404
    assert bench.call("GET", "/wordpress/khong-co/").status_code == 404
    assert post["link"] in bench.call("GET", "/wordpress/").text


def test_the_sites_feed_carries_the_sound(bench: Bench) -> None:
    content = sound(1)
    url = bench.upload(content, "a.mp3", "audio/mpeg").json()["source_url"]
    bench.post(title="Bản tin & nhạc", content=f'<figure><audio src="{url}"></audio></figure>')
    feed = Xml.fromstring(bench.call("GET", "/wordpress/feed/").content)  # noqa: S314 - the sandbox's own feed
    item = feed.find("channel/item")
    assert item is not None
    assert item.findtext("title") == "Bản tin & nhạc"
    enclosure = item.find("enclosure")
    assert enclosure is not None
    assert enclosure.attrib == {"url": url, "length": str(len(content)), "type": "audio/mpeg"}
