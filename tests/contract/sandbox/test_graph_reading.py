"""Facebook: scheduling, lists and reading back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from broadcaster.sandbox import credentials as demo
from sandbox.bench import Bench, code_of

DRAFT = {"published": "false"}


def due(bench: Bench, **ahead: float) -> str:
    return str(int((bench.clock.now + timedelta(**ahead)).timestamp()))


def test_a_scheduled_post_moves_over_when_the_clock_passes(bench: Bench) -> None:
    post = bench.feed("Sau", scheduled_publish_time=due(bench, hours=2), **DRAFT).json()["id"]
    (waiting,) = bench.graph_list("scheduled_posts", fields="id,scheduled_publish_time")
    assert waiting == {"id": post, "scheduled_publish_time": int(due(bench, hours=2))}
    assert bench.graph_list("published_posts") == []
    assert bench.count("graph") == 0
    bench.clock.move(hours=2)
    assert bench.graph_list("scheduled_posts") == []
    (shown,) = bench.graph_list("published_posts", fields="id,is_published")
    assert shown == {"id": post, "is_published": True}
    assert bench.count("graph") == 1


@pytest.mark.parametrize(
    ("days", "ahead", "status"),
    [
        (30, {"minutes": 9}, 400),
        (30, {"minutes": 10}, 200),
        (30, {"days": 30}, 200),
        (30, {"days": 31}, 400),
        (75, {"days": 74}, 200),
        (75, {"days": 76}, 400),
    ],
)
def test_the_window_starts_at_ten_minutes_and_ends_as_set(
    bench: Bench, days: int, ahead: dict[str, int], status: int
) -> None:
    bench.state.settings.graph.schedule_max_days = days
    answer = bench.feed("Sau", scheduled_publish_time=due(bench, **ahead), **DRAFT)
    assert answer.status_code == status


@pytest.mark.parametrize("text", ["2026-11-23T12:00:00+0700", "+3 hours", "1795410000"])
def test_the_time_may_be_iso_or_relative_or_unix(bench: Bench, text: str) -> None:
    post = bench.feed("Sau", scheduled_publish_time=text, **DRAFT).json()["id"]
    found = bench.graph("GET", post, fields="scheduled_publish_time").json()
    assert found["scheduled_publish_time"] == 1_795_410_000


def test_a_time_on_a_published_post_is_refused(bench: Bench) -> None:
    assert code_of(bench.feed("a", scheduled_publish_time=due(bench, hours=1)))[1] == 100
    given = {"published": "true", "scheduled_publish_time": due(bench, hours=1)}
    assert code_of(bench.feed("a", **given))[1] == 100


def test_a_scheduled_post_can_be_moved_and_published_now(bench: Bench) -> None:
    post = bench.feed("Sau", scheduled_publish_time=due(bench, hours=2), **DRAFT).json()["id"]
    later = due(bench, hours=5)
    assert bench.graph("POST", post, scheduled_publish_time=later).status_code == 200
    bench.clock.move(hours=3)
    assert bench.count("graph") == 0
    bench.state.settings.graph.publish_now_works = False
    assert code_of(bench.graph("POST", post, is_published="true"))[1] == 100
    bench.state.settings.graph.publish_now_works = True
    assert bench.graph("POST", post, is_published="true").json() == {"success": True}
    assert bench.count("graph") == 1


def test_an_unpublished_post_is_in_no_list_of_the_public(bench: Bench) -> None:
    post = bench.feed("Nháp", **DRAFT).json()["id"]
    assert bench.graph_list("published_posts") == bench.graph_list("scheduled_posts") == []
    assert bench.graph("GET", post, fields="is_published").json()["is_published"] is False


@pytest.mark.parametrize("edge", ["published_posts", "feed", "posts"])
def test_lists_go_newest_first_in_pages(bench: Bench, edge: str) -> None:
    for text in ("Một", "Hai", "Ba"):
        bench.feed(text)
        bench.clock.move(seconds=1)
    path = f"{demo.FACEBOOK_PAGE_ID}/{edge}"
    first = bench.graph("GET", path, limit=2, fields="id,message").json()
    assert [p["message"] for p in first["data"]] == ["Ba", "Hai"]
    following = bench.session.get(first["paging"]["next"], timeout=10).json()
    assert [p["message"] for p in following["data"]] == ["Một"]
    assert "next" not in following["paging"]
    after = first["paging"]["cursors"]["after"]
    same = bench.graph("GET", path, limit=2, fields="id,message", after=after).json()
    assert same["data"] == following["data"]


def test_since_and_until_cut_the_list(bench: Bench) -> None:
    bench.feed("Cũ")
    bench.clock.move(minutes=10)
    bench.feed("Mới")
    since = due(bench, minutes=-5)
    (new,) = bench.graph_list("published_posts", since=since)
    assert new["message"] == "Mới"
    (old,) = bench.graph_list("published_posts", until=since)
    assert old["message"] == "Cũ"


def test_a_fresh_post_may_not_yet_be_readable(bench: Bench) -> None:
    bench.state.settings.graph.read_lag = 8
    post = bench.feed("Mới").json()["id"]
    error = bench.graph("GET", post).json()["error"]
    assert (error["code"], error["error_subcode"]) == (100, 33)
    assert "does not exist" in error["message"]
    bench.clock.move(seconds=8)
    assert bench.graph("GET", post).status_code == 200


def test_lists_may_lag_behind_writes(bench: Bench) -> None:
    bench.state.settings.graph.list_lag = 5
    bench.feed("Mới")
    assert bench.graph_list("published_posts") == []
    assert bench.count("graph") == 1
    bench.clock.move(seconds=5)
    assert len(bench.graph_list("published_posts")) == 1


def test_all_fields_of_a_post_can_be_asked(bench: Bench) -> None:
    post = bench.feed("Tin", link="https://xa.example/").json()["id"]
    names = (
        "id,message,created_time,updated_time,permalink_url,is_published,is_hidden,"
        "status_type,attachments{media_type,url},from"
    )
    found = bench.graph("GET", post, fields=names).json()
    assert found["created_time"] == "2026-11-23T02:00:00+0000"
    assert "scheduled_publish_time" not in found
    assert set(found) == {n.partition("{")[0] for n in names.split(",") if not n.endswith("}")}


def test_an_unknown_field_is_refused(bench: Bench) -> None:
    post = bench.feed("Tin").json()["id"]
    assert code_of(bench.graph("GET", post, fields="id,khong_co"))[1] == 100
