"""Meta's own Python package at the sandbox: not only our client understands its Graph API."""

from __future__ import annotations

import io
import json
import warnings
from typing import Any

import pytest
from pictures import JPEG, png

from broadcaster.sandbox import credentials as demo
from sandbox.bench import Bench

with warnings.catch_warnings():  # the package's own syntax and dependencies
    warnings.simplefilter("ignore")
    from facebook_business.adobjects.page import Page
    from facebook_business.adobjects.pagepost import PagePost
    from facebook_business.api import FacebookAdsApi
    from facebook_business.exceptions import FacebookRequestError
    from facebook_business.session import FacebookSession


@pytest.fixture
def api(bench: Bench) -> Any:
    """Their client with the Page's token and the app secret's proof, turned to this machine."""
    bench.state.settings.graph.require_appsecret_proof = True
    session = FacebookSession(
        app_id=demo.FACEBOOK_APP_ID,
        app_secret=demo.FACEBOOK_APP_SECRET,
        access_token=demo.FACEBOOK_PAGE_TOKEN,
        timeout=10,
    )
    session.GRAPH = f"{bench.url}/graph"
    return FacebookAdsApi(session)


@pytest.fixture
def page(api: Any) -> Any:
    return Page(demo.FACEBOOK_PAGE_ID, api=api)


def staged(api: Any, content: bytes, name: str) -> str:
    """A picture that nobody sees yet; the package hands files to its lowest call only."""
    answer = api.call(
        "POST",
        (demo.FACEBOOK_PAGE_ID, "photos"),
        params={"published": False, "alt_text_custom": "Ảnh"},
        files={"source": (name, io.BytesIO(content))},
    )
    return str(answer.json()["id"])


def test_a_post_is_made_read_changed_and_deleted(bench: Bench, api: Any, page: Any) -> None:
    made = page.create_feed(params={"message": "Mời họp thôn"})
    post = PagePost(made["id"], api=api)
    read = post.api_get(fields=["message", "permalink_url", "is_published"])
    assert (read["message"], read["is_published"]) == ("Mời họp thôn", True)
    assert [one["link"] for one in bench.public()["graph"]] == [read["permalink_url"]]
    post.api_update(params={"message": "Mời họp thôn lúc 19 giờ"})
    assert bench.public()["graph"][0]["text"] == "Mời họp thôn lúc 19 giờ"
    post.api_delete()
    assert bench.count("graph") == 0
    with pytest.raises(FacebookRequestError) as caught:
        post.api_get(fields=["message"])
    assert (caught.value.api_error_code(), caught.value.api_error_subcode()) == (100, 33)


def test_one_photo_shows_at_once(bench: Bench, page: Any) -> None:
    made = page.create_photo(
        params={"url": "https://binhminh.example.vn/anh.jpg", "caption": "Lễ hội"}
    )
    assert made["id"]
    (post,) = bench.public()["graph"]
    assert (post["kind"], post["text"]) == ("photo", "Lễ hội")


def test_several_photos_show_in_one_post(bench: Bench, api: Any, page: Any) -> None:
    photos = [staged(api, JPEG, "a.jpg"), staged(api, png(), "b.png")]
    assert bench.count("graph") == 0
    media = [{"media_fbid": one} for one in photos]
    page.create_feed(params={"message": "Hai ảnh", "attached_media": media})
    (post,) = bench.public()["graph"]
    assert len(post["pictures"]) == 2


def test_the_lists_are_paged_as_the_package_expects(page: Any) -> None:
    for n in range(3):
        page.create_feed(params={"message": f"Tin số {n}"})
    found = page.get_published_posts(fields=["message"], params={"limit": 2})
    assert [one["message"] for one in found] == ["Tin số 2", "Tin số 1", "Tin số 0"]


def test_its_errors_are_read_with_code_and_transience(bench: Bench, page: Any) -> None:
    bench.fault("graph", "store_then_500", "feed.create")
    with pytest.raises(FacebookRequestError) as caught:
        page.create_feed(params={"message": "Tin"})
    error = caught.value
    assert (error.http_status(), error.api_error_code(), error.api_transient_error()) == (
        500,
        2,
        True,
    )
    bench.fault("graph", "rate_limit", "feed.create", seconds=600)
    with pytest.raises(FacebookRequestError) as caught:
        page.create_feed(params={"message": "Tin khác"})
    usage = json.loads(caught.value.http_headers()["X-Business-Use-Case-Usage"])
    assert usage[demo.FACEBOOK_PAGE_ID][0]["estimated_time_to_regain_access"] == 10
