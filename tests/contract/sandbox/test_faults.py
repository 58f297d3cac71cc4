"""The fault script: each kind on each platform, and which call it hits."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
import requests

from broadcaster.sandbox import credentials as demo
from sandbox.bench import Bench, article, code_of, refusal_of

PLATFORMS = ["graph", "zalo", "wordpress"]
CREATE = {"graph": "feed.create", "zalo": "article.create", "wordpress": "posts.create"}


def write(bench: Bench, platform: str, text: str = "Tin", **rest: float) -> requests.Response:
    """One post on that platform, as a client makes it."""
    if platform == "graph":
        given = {"message": text, "access_token": demo.FACEBOOK_PAGE_TOKEN}
        path = f"/graph/v26.0/{demo.FACEBOOK_PAGE_ID}/feed"
        return bench.call("POST", path, data=given, **rest)
    if platform == "zalo":
        headers = {"access_token": demo.ZALO_ACCESS_TOKEN}
        given = article(title=text)
        path = "/zalo-api/v2.0/article/create"
        return bench.call("POST", path, json=given, headers=headers, **rest)
    return bench.wp("POST", "posts", json={"title": text, "status": "publish"}, **rest)


def until(true: Callable[[], bool], seconds: float = 5) -> bool:
    """Look again and again until it is true, or the time is over."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
    return True


@pytest.mark.parametrize("platform", PLATFORMS)
def test_stored_then_500_leaves_the_post(bench: Bench, platform: str) -> None:
    bench.fault(platform, "store_then_500", CREATE[platform])
    assert write(bench, platform).status_code >= 500
    assert bench.count(platform) == 1


def test_each_platform_breaks_down_in_its_own_words(bench: Bench) -> None:
    for platform in PLATFORMS:
        bench.fault(platform, "store_then_500")
    assert code_of(write(bench, "graph")) == (500, 2, None)
    broken = write(bench, "zalo")
    assert broken.status_code == 502
    assert broken.headers["Content-Type"].startswith("text/html")
    assert refusal_of(write(bench, "wordpress")) == (500, "internal_server_error")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_stored_then_cut_leaves_the_post_and_no_answer(bench: Bench, platform: str) -> None:
    bench.fault(platform, "store_then_drop", CREATE[platform])
    with pytest.raises(requests.ConnectionError, match="without response"):
        write(bench, platform)
    assert bench.count(platform) == 1
    assert write(bench, platform, "Tin khác").ok


@pytest.mark.parametrize("platform", PLATFORMS)
def test_cut_before_storing_leaves_nothing(bench: Bench, platform: str) -> None:
    bench.fault(platform, "drop", CREATE[platform])
    with pytest.raises(requests.ConnectionError, match="without response"):
        write(bench, platform)
    assert bench.count(platform) == 0


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_slow_request_is_finished_though_the_client_has_gone(
    bench: Bench, platform: str, *, after: bool
) -> None:
    bench.fault(platform, "delay", CREATE[platform], seconds=0.4, after=after)
    with pytest.raises(requests.ReadTimeout):
        write(bench, platform, timeout=0.2)
    assert bench.count(platform) == (1 if after else 0)
    assert until(lambda: bench.count(platform) == 1)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_html_page_comes_instead_of_json(bench: Bench, platform: str) -> None:
    bench.fault(platform, "html", CREATE[platform], status=502)
    answer = write(bench, platform)
    assert answer.status_code == 502
    assert answer.headers["Content-Type"].startswith("text/html")
    assert bench.count(platform) == 0


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_error_page_may_come_after_storing(bench: Bench, platform: str) -> None:
    bench.fault(platform, "html", CREATE[platform], after=True)
    assert write(bench, platform).status_code == 503
    assert bench.count(platform) == 1


def test_a_graph_error_has_code_subcode_status_and_extras(bench: Bench) -> None:
    extra = {"error_user_title": "Tạm khóa", "error_data": '{"a": 1}'}
    bench.fault("graph", "error", code=368, subcode=1390008, status=403, extra=extra)
    answer = write(bench, "graph")
    assert code_of(answer) == (403, 368, 1390008)
    assert answer.json()["error"]["error_user_title"] == "Tạm khóa"
    assert bench.count("graph") == 0


def test_a_zalo_error_comes_with_http_200(bench: Bench) -> None:
    bench.fault("zalo", "error", code=-248, message="Against the standards")
    answer = write(bench, "zalo")
    assert answer.status_code == 200
    assert answer.json() == {"error": -248, "message": "Against the standards"}


def test_a_wordpress_error_has_its_status_in_the_body(bench: Bench) -> None:
    bench.fault("wordpress", "error", code="rest_forbidden", status=403)
    assert refusal_of(write(bench, "wordpress")) == (403, "rest_forbidden")


def test_the_page_limit_is_80001_with_the_minutes_to_wait(bench: Bench) -> None:
    bench.fault("graph", "rate_limit", seconds=301)
    answer = write(bench, "graph")
    assert code_of(answer) == (400, 80001, 2494055)
    (page,) = json.loads(answer.headers["X-Business-Use-Case-Usage"])[demo.FACEBOOK_PAGE_ID]
    assert page["estimated_time_to_regain_access"] == 6
    assert page["call_count"] == 100
    bench.fault("graph", "rate_limit", code=4)
    assert code_of(write(bench, "graph"))[1] == 4


def test_zalos_limit_is_32_with_nothing_left(bench: Bench) -> None:
    bench.fault("zalo", "rate_limit")
    answer = write(bench, "zalo")
    assert (answer.status_code, answer.json()["error"]) == (200, -32)
    assert answer.headers["X-RateLimit-Remain"] == "0"


def test_the_websites_limit_is_429_with_retry_after(bench: Bench) -> None:
    bench.fault("wordpress", "rate_limit", seconds=90)
    answer = write(bench, "wordpress")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "90")


def test_a_page_token_dies_in_mid_run(bench: Bench) -> None:
    bench.fault("graph", "token_death", CREATE["graph"], call=2, subcode=460)
    assert write(bench, "graph", "Một").status_code == 200
    assert code_of(write(bench, "graph", "Hai")) == (400, 190, 460)
    assert code_of(bench.graph("GET", "me")) == (400, 190, 460)
    assert bench.count("graph") == 1


def test_a_zalo_token_dies_and_a_refresh_heals(bench: Bench) -> None:
    bench.fault("zalo", "token_death", CREATE["zalo"])
    assert write(bench, "zalo").json()["error"] == -216
    token = bench.refresh().json()["access_token"]
    assert bench.zalo("GET", "v2.0/oa/getoa", headers={"access_token": token})["error"] == 0
    assert bench.zalo("GET", "v2.0/oa/getoa")["error"] == -216


def test_a_zalo_grant_can_die_altogether(bench: Bench) -> None:
    bench.fault("zalo", "token_death", "getoa", code=-14014)
    assert bench.zalo("GET", "v2.0/oa/getoa")["error"] == -216
    assert bench.refresh().json()["error"] < 0


def test_an_application_password_is_revoked(bench: Bench) -> None:
    bench.fault("wordpress", "token_death", CREATE["wordpress"])
    assert refusal_of(write(bench, "wordpress")) == (401, "rest_cannot_create")
    assert bench.wp("GET", "users/me").status_code == 401


def test_rotated_then_cut_loses_the_grant(bench: Bench) -> None:
    bench.fault("zalo", "rotate_then_drop")
    assert bench.zalo("GET", "v2.0/oa/getoa")["error"] == 0
    with pytest.raises(requests.ConnectionError):
        bench.refresh()
    assert bench.refresh().json()["error"] < 0
    assert bench.zalo("GET", "v2.0/oa/getoa")["error"] == 0


def test_cut_before_rotating_keeps_the_grant(bench: Bench) -> None:
    bench.fault("zalo", "drop", "oauth.token")
    with pytest.raises(requests.ConnectionError):
        bench.refresh()
    assert "access_token" in bench.refresh().json()


def test_an_article_stuck_for_ever_or_for_a_time(bench: Bench) -> None:
    bench.fault("zalo", "stuck_processing", "article.create")
    token = bench.create_article()["data"]["token"]
    assert {bench.verify(token)["error"] for _ in range(5)} == {-214}
    bench.clock.move(hours=3)
    assert bench.verify(token)["error"] == -214
    assert bench.count("zalo") == 0
    bench.fault("zalo", "stuck_processing", "article.create", seconds=60)
    token = bench.create_article()["data"]["token"]
    assert [bench.verify(token)["error"] for _ in range(3)] == [-214] * 3
    bench.clock.move(seconds=60)
    assert bench.verify(token)["error"] == 0


def test_verify_can_be_held_back_by_itself(bench: Bench) -> None:
    bench.fault("zalo", "stuck_processing", "article.verify", times=3)
    token = bench.create_article()["data"]["token"]
    assert [bench.verify(token)["error"] for _ in range(4)] == [-214, -214, -214, 0]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_lists_lag_by_script(bench: Bench, platform: str) -> None:
    write(bench, platform)
    bench.fault(platform, "list_lag", "*.list", seconds=5, times=2)

    def listed() -> int:
        if platform == "graph":
            return len(bench.graph_list("published_posts"))
        if platform == "zalo":
            return len(bench.zalo("GET", "v2.0/article/getslice")["data"]["medias"])
        return len(bench.wp("GET", "posts").json())

    assert bench.count(platform) == 1
    assert listed() == 0
    bench.clock.move(seconds=5)
    assert listed() == 1


def test_a_fault_hits_the_nth_call_after_it_was_added(bench: Bench) -> None:
    write(bench, "graph", "0")
    bench.fault("graph", "error", CREATE["graph"], call=2, times=2, code=1)
    statuses = [write(bench, "graph", str(n)).status_code for n in range(1, 6)]
    assert statuses == [200, 500, 500, 200, 200]


def test_times_0_is_for_ever_until_cleared(bench: Bench) -> None:
    bench.fault("graph", "drop", times=0)
    for _ in range(3):
        with pytest.raises(requests.ConnectionError):
            write(bench, "graph")
    assert bench.call("DELETE", "/_control/faults").json() == []
    assert write(bench, "graph").status_code == 200


def test_wildcards_and_other_platforms(bench: Bench) -> None:
    bench.fault("wordpress", "error", "posts.*", status=503)
    assert bench.wp("GET", "media").status_code == 200
    assert write(bench, "graph").status_code == 200
    assert bench.wp("GET", "posts").status_code == 503


def test_several_faults_work_together(bench: Bench) -> None:
    bench.fault("graph", "delay", CREATE["graph"], seconds=0.1)
    bench.fault("graph", "store_then_drop", CREATE["graph"])
    before = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        write(bench, "graph")
    assert time.monotonic() - before >= 0.1
    assert bench.count("graph") == 1


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"platform": "tiktok", "kind": "drop"}, "platform"),
        ({"platform": "graph", "kind": "explode"}, "kind"),
        ({"platform": "graph", "kind": "drop", "oparation": "x"}, "oparation"),
        ({"platform": "graph", "kind": "drop", "call": 0}, "call"),
        ({"platform": "graph", "kind": "delay", "seconds": -1}, "seconds"),
        ({"kind": "drop"}, "platform"),
    ],
)
def test_a_wrong_fault_is_refused_with_its_field(
    bench: Bench, fault: dict[str, object], named: str
) -> None:
    answer = bench.call("POST", "/_control/faults", json=fault)
    assert answer.status_code == 400
    assert named in answer.json()["error"]
    assert bench.call("GET", "/_control/faults").json() == []
