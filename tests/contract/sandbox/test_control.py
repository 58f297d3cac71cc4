"""The control door, the public page, and requests in parallel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import requests

from broadcaster.sandbox import credentials as demo
from sandbox.bench import Bench


def test_the_dump_lists_what_each_public_sees(bench: Bench) -> None:
    bench.feed("Tin một")
    bench.ready_article(title="Tin hai")
    bench.post(title="Tin ba", content="<p>Nội dung</p>")
    public = bench.public()
    for platform in ("graph", "zalo", "wordpress"):
        (post,) = public[platform]
        assert {"id", "title", "text", "link", "time"} <= set(post)
        assert datetime.fromisoformat(post["time"]) == bench.clock.now
        assert bench.session.get(post["link"], timeout=10).status_code == 200
    assert public["graph"][0]["text"] == "Tin một"
    assert public["zalo"][0]["title"] == "Tin hai"
    assert public["wordpress"][0]["title"] == "Tin ba"


def test_every_request_is_counted_by_operation(bench: Bench) -> None:
    bench.feed("Một")
    bench.feed("Một")
    bench.graph("GET", "me", access_token=demo.FACEBOOK_USER_TOKEN)
    bench.ready_article()
    bench.wp("GET", "posts")
    bench.wp("GET", "khong-co")
    assert bench.call("GET", "/_control/counters").json() == {
        "graph": {"feed.create": 2, "me": 1},
        "zalo": {"article.create": 1, "article.verify": 2},
        "wordpress": {"posts.list": 1, "unknown": 1},
    }


def test_the_clock_can_be_advanced_stopped_and_let_go(bench: Bench) -> None:
    def clock(**given: object) -> datetime:
        answer = bench.call("POST", "/_control/clock", json=given)
        return datetime.fromisoformat(answer.json()["now"])

    start = bench.clock.now
    assert (clock(advance=90) - start).total_seconds() == 90
    assert (clock(advance=-30) - start).total_seconds() == 60
    assert clock(at="2026-12-01T08:00:00+07:00") == datetime(2026, 12, 1, 1, tzinfo=UTC)
    bench.clock.move(hours=1)
    assert bench.call("GET", "/_control/clock").json()["stopped"] is True
    assert clock(run=True) == bench.clock.now


@pytest.mark.parametrize("given", [{}, {"at": "2026-12-01T08:00:00"}, {"at": "mai"}, {"x": 1}, []])
def test_a_wrong_clock_is_refused(bench: Bench, given: object) -> None:
    assert bench.call("POST", "/_control/clock", json=given).status_code == 400


def test_settings_can_be_changed_while_it_runs(bench: Bench) -> None:
    changes = {"graph": {"schedule_max_days": 75}, "zalo": {"processing_polls": 3}}
    answer = bench.call("PATCH", "/_control/settings", json=changes)
    assert answer.json()["graph"]["schedule_max_days"] == 75
    assert bench.state.settings.zalo.processing_polls == 3
    assert bench.state.settings.wordpress.role == "editor"


@pytest.mark.parametrize(
    "changes",
    [{"graph": {"sai": 1}}, {"tiktok": {}}, {"zalo": {"package": "x"}}, {"graph": 1}, [], "x"],
)
def test_wrong_settings_change_nothing(bench: Bench, changes: object) -> None:
    before = bench.call("GET", "/_control/settings").json()
    answer = bench.call("PATCH", "/_control/settings", json=changes)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Yêu cầu không dùng được")
    assert bench.call("GET", "/_control/settings").json() == before


def test_a_body_that_is_no_json_is_refused(bench: Bench) -> None:
    assert bench.call("POST", "/_control/faults", data=b"{").status_code == 400


def test_the_credentials_it_names_are_those_it_takes(bench: Bench) -> None:
    found = bench.call("GET", "/_control/credentials").json()
    graph, zalo, site = found["graph"], found["zalo"], found["wordpress"]
    given = {"access_token": graph["page_token"]}
    me = bench.session.get(f"{graph['base_url']}/v26.0/me", params=given, timeout=10)
    assert me.json()["id"] == graph["page_id"]
    headers = {"access_token": zalo["access_token"]}
    card = bench.session.get(f"{zalo['api_url']}/v2.0/oa/getoa", headers=headers, timeout=10)
    assert card.json()["data"]["oa_id"] == zalo["oa_id"]
    user = bench.session.get(
        f"{site['base_url']}/wp-json/wp/v2/users/me",
        auth=(site["user"], site["app_password"]),
        timeout=10,
    )
    assert user.status_code == 200


def test_reset_forgets_posts_counters_faults_and_settings_but_no_id(bench: Bench) -> None:
    first = bench.feed("Một").json()["id"]
    bench.state.settings.graph.list_lag = 9
    bench.fault("graph", "drop", times=0)
    bench.call("POST", "/_control/clock", json={"advance": 60})
    bench.call("POST", "/_control/reset")
    assert bench.count("graph") == 0
    assert bench.call("GET", "/_control/counters").json() == {}
    assert bench.state.settings.graph.list_lag == 0
    assert bench.state.now() == bench.clock.now
    assert bench.feed("Một").json()["id"] != first


def test_the_version_changes_with_what_the_public_sees(bench: Bench) -> None:
    def version() -> str:
        return str(bench.call("GET", "/_control/version").json()["version"])

    empty = version()
    due = str(int(bench.clock.now.timestamp()) + 600)
    bench.feed("Sau", published="false", scheduled_publish_time=due)
    assert version() == empty
    bench.clock.move(minutes=10)
    assert version() != empty


# The page


def test_the_page_shows_three_outlets_in_vietnamese(bench: Bench) -> None:
    empty = bench.call("GET", "/").text
    assert empty.count("Chưa có bài nào.") == 3
    sound = bench.upload(b"ID3", "a.mp3", "audio/mpeg").json()["source_url"]
    bench.feed("Thông báo số 12\nXem https://xa.example/tin. #loa")
    bench.ready_article(title="Bài Zalo")
    player = f'<figure><audio controls src="{sound}"></audio></figure>'
    bench.post(title="Bài trang web", content=player)
    page = bench.call("GET", "/").text
    assert '<a href="https://xa.example/tin">https://xa.example/tin</a>. ' in page
    assert '<span class="tag">#loa</span>' in page
    assert "Bài Zalo" in page
    assert player in page
    assert "09:00, thứ Hai 23/11/2026" in page
    assert "http" not in page.partition("<style>")[2].partition("</style>")[0]


def test_the_page_never_runs_what_editors_wrote(bench: Bench) -> None:
    bench.post(content="<p>a</p><script>alert(1)</script>")
    bench.feed("<script>alert(2)</script>")
    text = "<p>đậm <b onclick='x()'>b</b></p><script>alert(3)</script>"
    bench.ready_article(title="<i>x</i>", body=[{"type": "text", "content": text}])
    answer = bench.call("GET", "/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    script = policy.partition("script-src ")[2].partition(";")[0]
    assert script.startswith("'nonce-")
    assert answer.text.count("<script nonce=") == 1
    assert "&lt;script&gt;alert(2)" in answer.text
    assert "<b>b</b>" in answer.text
    assert "onclick" not in answer.text
    assert "&lt;i&gt;x&lt;/i&gt;" in answer.text


def test_the_tags_that_survive_on_zalo_can_be_set(bench: Bench) -> None:
    bench.ready_article(body=[{"type": "text", "content": "<h2>Mục</h2><p>Đoạn</p>"}])
    assert "<h2>Mục</h2>" not in bench.call("GET", "/").text
    changes = {"zalo": {"surviving_tags": ["h2"]}}
    bench.call("PATCH", "/_control/settings", json=changes)
    assert "<h2>Mục</h2>Đoạn" in bench.call("GET", "/").text


def test_the_page_warns_while_faults_are_on(bench: Bench) -> None:
    assert "Kịch bản sự cố" not in bench.call("GET", "/").text
    bench.fault("graph", "drop")
    assert "Kịch bản sự cố đang bật: 1" in bench.call("GET", "/").text


# In parallel


def test_parallel_writes_are_all_kept_under_different_ids(bench: Bench) -> None:
    def both(number: int) -> tuple[str, str]:
        with requests.Session() as session:
            mine = Bench(bench.url, bench.state, bench.clock, session)
            slug = mine.post(slug="tin")["slug"]
            return mine.feed(f"Tin {number}").json()["id"], str(slug)

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(both, range(40)))
    assert len({post for post, _ in made}) == 40
    assert len({slug for _, slug in made}) == 40
    assert (bench.count("graph"), bench.count("wordpress")) == (40, 40)
    assert bench.call("GET", "/_control/counters").json()["graph"]["feed.create"] == 40


def test_of_parallel_refreshes_one_wins(bench: Bench) -> None:
    def refresh(_number: int) -> bool:
        with requests.Session() as session:
            mine = Bench(bench.url, bench.state, bench.clock, session)
            return "access_token" in mine.refresh().json()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(refresh, range(12))) == 1


def test_a_slow_call_does_not_hold_up_the_others(bench: Bench) -> None:
    bench.fault("graph", "delay", "me", seconds=1.5)
    with ThreadPoolExecutor(1) as pool, requests.Session() as session:
        slow = pool.submit(Bench(bench.url, bench.state, bench.clock, session).graph, "GET", "me")
        while not bench.state.world.counters.get("graph"):
            pass
        assert bench.feed("Nhanh").status_code == 200
        assert not slow.done()
