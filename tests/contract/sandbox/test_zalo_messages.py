"""Zalo: broadcasts, messages to persons and groups, uploads, followers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from broadcaster.sandbox.settings import Package
from sandbox.bench import JPEG, Bench

RECENT, SILENT, NEVER, LEFT = (f"800000000000000000{n}" for n in (1, 3, 4, 5))
GROUP = "9000000000000000001"


def broadcast(bench: Bench, *ids: str, target: Any = None) -> dict[str, Any]:
    elements = [{"media_type": "article", "attachment_id": i} for i in ids]
    payload = {"template_type": "media", "elements": elements}
    message = {"attachment": {"type": "template", "payload": payload}}
    recipient = {} if target is None else {"target": target}
    body = {"recipient": recipient, "message": message}
    return bench.zalo("POST", "v2.0/oa/message", json=body)


def test_a_broadcast_is_seen_after_the_review(bench: Bench) -> None:
    found = bench.ready_article()
    sent = broadcast(bench, found)
    assert isinstance(sent["data"]["message_id"], str)
    assert bench.public()["zalo_broadcasts"] == []
    bench.clock.move(minutes=30)
    (shown,) = bench.public()["zalo_broadcasts"]
    assert shown["articles"] == [found]


def test_one_to_five_existing_articles_and_nothing_else(bench: Bench) -> None:
    ids = [bench.ready_article(title=f"Bài {n}") for n in range(6)]
    assert broadcast(bench)["error"] == -210
    assert broadcast(bench, *ids)["error"] == -210
    assert broadcast(bench, "404")["error"] == -201
    text = {"recipient": {}, "message": {"text": "Chữ trần"}}
    assert bench.zalo("POST", "v2.0/oa/message", json=text)["error"] == -233
    assert broadcast(bench, *ids[:5])["error"] == 0


@pytest.mark.parametrize(
    ("hour", "error"), [((5, 59), -234), ((6, 0), 0), ((21, 59), 0), ((22, 0), -234)]
)
def test_no_broadcast_at_night_in_viet_nam(bench: Bench, hour: tuple[int, int], error: int) -> None:
    found = bench.ready_article()
    bench.clock.now = datetime(2026, 11, 23, (hour[0] - 7) % 24, hour[1], tzinfo=UTC)
    assert broadcast(bench, found)["error"] == error


def test_the_account_must_be_verified_and_its_package_large_enough(bench: Bench) -> None:
    found = bench.ready_article()
    bench.state.settings.zalo.verified = False
    assert broadcast(bench, found)["error"] == -221
    bench.state.settings.zalo.verified = True
    bench.state.settings.zalo.package = "free"
    assert broadcast(bench, found)["error"] == -224


@pytest.mark.parametrize(("package", "most"), [("basic", 1), ("advanced", 4), ("premium", 6)])
def test_one_broadcast_a_day_and_so_many_a_month(bench: Bench, package: Package, most: int) -> None:
    bench.clock.now = datetime(2026, 11, 2, 2, tzinfo=UTC)
    bench.state.settings.zalo.access_hours = 10_000
    bench.new_zalo_life()
    bench.state.settings.zalo.package = package
    found = bench.ready_article()
    for day in range(most):
        assert broadcast(bench, found)["error"] == 0, day
        assert broadcast(bench, found)["error"] == -211
        bench.clock.move(days=1)
    assert broadcast(bench, found)["error"] == -211
    bench.clock.now = datetime(2026, 12, 1, 2, tzinfo=UTC)
    assert broadcast(bench, found)["error"] == 0


def test_the_quota_can_be_asked(bench: Bench) -> None:
    path, ask = "v3.0/oa/quota/message", {"user_id": RECENT}
    left = bench.zalo("POST", path, json=ask)["data"]["promotion"]
    assert left == {"daily_remain": 1, "monthly_remain": 4}
    broadcast(bench, bench.ready_article())
    older = {**ask, "type": "promotion"}
    left = bench.zalo("POST", "v2.0/oa/quota/message", json=older)["data"]["promotion"]
    assert left == {"daily_remain": 0, "monthly_remain": 3}


TARGETS: list[tuple[Any, int]] = [
    ({}, 0),
    ({"gender": "0", "ages": "0,1,7", "locations": "2", "cities": "63", "platform": "1,2"}, 0),
    ({"gender": 1, "ages": [0, 1]}, 0),
    ({"ages": "8"}, -210),
    ({"gender": "3"}, -210),
    ({"cities": "64"}, -210),
    ({"ages": "trẻ"}, -201),
    ({"ward": "1"}, -201),
    ("tất cả", -201),
]


@pytest.mark.parametrize(("target", "error"), TARGETS)
def test_targets_are_strings_numbers_or_lists_in_their_ranges(
    bench: Bench, target: Any, error: int
) -> None:
    assert broadcast(bench, bench.ready_article(), target=target)["error"] == error


def test_the_highest_city_code_can_be_set(bench: Bench) -> None:
    bench.state.settings.zalo.highest_city_code = 33
    assert broadcast(bench, bench.ready_article(), target={"cities": "34"})["error"] == -210


def test_dead_message_paths_are_240(bench: Bench) -> None:
    body = {"recipient": {"user_id": RECENT}, "message": {"text": "Chào"}}
    for path in ("v2.0/oa/message", "v3.0/oa/message/transaction", "v3.0/oa/message/promotion"):
        assert bench.zalo("POST", path, json=body)["error"] == -240


# To one person


def tell(bench: Bench, user_id: str, **message: Any) -> dict[str, Any]:
    body = {"recipient": {"user_id": user_id}, "message": message}
    return bench.zalo("POST", "v3.0/oa/message/cs", json=body)


def test_a_message_to_who_wrote_within_seven_days(bench: Bench) -> None:
    data = tell(bench, RECENT, text="Chào bác")["data"]
    assert data["user_id"] == RECENT
    assert isinstance(data["message_id"], str)
    assert data["sent_time"] == str(int(bench.clock.now.timestamp() * 1000))
    assert not {"remain", "total"} & set(data["quota"])
    assert bench.public()["zalo_messages"][0]["text"] == "Chào bác"


def test_silence_absence_and_strangers_have_their_codes(bench: Bench) -> None:
    assert tell(bench, SILENT, text="a")["error"] == -230
    assert tell(bench, NEVER, text="a")["error"] == -232
    assert tell(bench, LEFT, text="a")["error"] == -213
    assert tell(bench, "1", text="a")["error"] == -201


def test_a_message_may_go_at_night_but_only_2000_characters(bench: Bench) -> None:
    bench.clock.now = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert tell(bench, RECENT, text="ệ" * 2_000)["error"] == 0
    assert tell(bench, RECENT, text="ệ" * 2_001)["error"] == -210


def image(**element: str) -> dict[str, Any]:
    elements = [{"media_type": "image", **element}]
    payload = {"template_type": "media", "elements": elements}
    return {"type": "template", "payload": payload}


def test_uploads_are_used_by_id_and_die_after_seven_days(bench: Bench) -> None:
    made = bench.zalo("POST", "v2.0/oa/upload/image", files={"file": ("a.jpg", JPEG)})["data"]
    assert set(made) == {"attachment_id"}
    attachment = image(attachment_id=made["attachment_id"])
    assert tell(bench, RECENT, text="Ảnh", attachment=attachment)["error"] == 0
    bench.state.world.zalo.people[RECENT].last_interaction = bench.clock.now
    bench.clock.move(days=6, hours=23)
    bench.new_zalo_life()
    assert tell(bench, RECENT, attachment=attachment)["error"] == 0
    bench.state.world.zalo.people[RECENT].last_interaction = bench.clock.now
    bench.clock.move(hours=2)
    assert tell(bench, RECENT, attachment=attachment)["error"] == -100


def test_a_picture_by_address_and_a_file_by_token(bench: Bench) -> None:
    assert tell(bench, RECENT, attachment=image(url="https://xa.example/a.jpg"))["error"] == 0
    made = bench.zalo("POST", "v2.0/oa/upload/file", files={"file": ("a.pdf", b"%PDF-1.7")})
    assert set(made["data"]) == {"token"}
    file = {"type": "file", "payload": made["data"]}
    assert tell(bench, RECENT, attachment=file)["error"] == 0
    assert tell(bench, RECENT, attachment={"type": "file", "payload": {"token": "x"}})["error"] < 0


@pytest.mark.parametrize(
    ("kind", "content", "error"),
    [
        ("image", JPEG + b"0" * 1024 * 1024, -210),
        ("image", b"GIF89a", -201),
        ("gif", b"GIF89a", 0),
        ("file", b"MZ", -201),
        ("file", b"%PDF-" + b"0" * 5 * 1024 * 1024, -210),
    ],
)
def test_uploads_have_kinds_and_sizes(bench: Bench, kind: str, content: bytes, error: int) -> None:
    path = f"v2.0/oa/upload/{kind}"
    assert bench.zalo("POST", path, files={"file": ("a", content)})["error"] == error


def test_an_upload_may_return_an_address_and_has_a_monthly_limit(bench: Bench) -> None:
    options = bench.state.settings.zalo
    options.upload_returns_url, options.uploads_per_month = True, 1
    files = {"file": ("a.jpg", JPEG)}
    first = bench.zalo("POST", "v2.0/oa/upload/image", files=files)
    assert first["data"]["url"].startswith("https://")
    assert bench.zalo("POST", "v2.0/oa/upload/image", files=files)["error"] == -211


def test_templates_by_user_id_must_be_approved_for_it(bench: Bench) -> None:
    body = {"user_id": NEVER, "template_id": "100001", "template_data": {"ten": "An"}}
    path = "v3.0/oa/message/template"
    assert bench.zalo("POST", path, json=body)["error"] == 0
    assert bench.zalo("POST", path, json={**body, "template_id": "7"})["error"] == -249
    assert bench.zalo("POST", path, json={**body, "tracking_id": "a"})["error"] == -201


# To a group


def tell_group(bench: Bench, text: object = "Khẩn", group: str = GROUP) -> dict[str, Any]:
    body = {"recipient": {"group_id": group}, "message": {"text": text}}
    return bench.zalo("POST", "v3.0/oa/group/message", json=body)


def test_a_group_message_shows_at_once_at_any_hour(bench: Bench) -> None:
    bench.clock.now = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    data = tell_group(bench, "Mưa lũ: sơ tán ngay")["data"]
    assert data["group_id"] == GROUP
    assert isinstance(data["message_id"], str)
    (shown,) = bench.public()["zalo_group_messages"]
    assert shown["text"] == "Mưa lũ: sơ tán ngay"
    assert "Mưa lũ: sơ tán ngay" in bench.call("GET", "/").text


def test_groups_and_their_troubles_have_codes(bench: Bench) -> None:
    groups = bench.zalo("GET", "v3.0/oa/group/getgroupsofoa")["data"]["groups"]
    assert [g["group_id"] for g in groups] == [GROUP]
    members = {"params": {"group_id": GROUP}}
    assert len(bench.zalo("GET", "v3.0/oa/group/listmember", **members)["data"]["members"]) == 4
    group = bench.state.world.zalo.groups[GROUP]
    assert tell_group(bench, "")["error"] == -201
    assert tell_group(bench, group="1")["error"] == -201
    group.enabled = False
    assert tell_group(bench)["error"] == -237
    group.oa_inside = False
    assert tell_group(bench)["error"] == -403
    bench.state.settings.zalo.package = "free"
    assert tell_group(bench)["error"] == -224
    bench.state.settings.zalo.verified = False
    assert tell_group(bench)["error"] == -221


def followers(bench: Bench, **data: int) -> dict[str, Any]:
    path = "v3.0/oa/user/getlist"
    return bench.zalo("GET", path, params={"data": json.dumps(data)})


def test_followers_come_through_the_data_parameter(bench: Bench) -> None:
    data = followers(bench, offset=1, count=2)["data"]
    assert data["total"] == 4
    assert len(data["users"]) == 2
    assert followers(bench, offset=0, count=51)["error"] == -210
    assert followers(bench, offset=9_952, count=1)["error"] == -210
    assert bench.zalo("GET", "v3.0/oa/user/getlist", params={"data": "{"})["error"] == -201
