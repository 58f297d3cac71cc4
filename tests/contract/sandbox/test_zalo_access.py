"""Zalo: OAuth with single-use refresh tokens, headers, envelope, rate limit."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from broadcaster.sandbox import credentials as demo
from broadcaster.sandbox.zalo.access import challenge_of
from sandbox.bench import STRANGER, Bench


def test_a_refresh_gives_a_new_pair_with_the_life_as_a_string(bench: Bench) -> None:
    answer = bench.refresh().json()
    assert set(answer) == {"access_token", "refresh_token", "expires_in"}
    assert answer["expires_in"] == "90000"
    headers = {"access_token": answer["access_token"]}
    assert bench.zalo("GET", "v2.0/oa/getoa", headers=headers)["error"] == 0
    assert bench.refresh(answer["refresh_token"]).json()["expires_in"] == "90000"


def test_a_refresh_token_works_once(bench: Bench) -> None:
    bench.refresh()
    again = bench.refresh()
    assert again.status_code == 200
    body = again.json()
    assert body["error"] < 0
    assert {"error_name", "error_description", "error_reason", "ref_doc"} <= set(body)
    assert "access_token" not in body


@pytest.mark.parametrize(
    "form", [{"app_id": "1"}, {"grant_type": "password"}, {"refresh_token": STRANGER}]
)
def test_a_wrong_refresh_gives_nothing_and_costs_nothing(
    bench: Bench, form: dict[str, str]
) -> None:
    assert bench.refresh(**{"token": demo.ZALO_REFRESH_TOKEN, **form}).json()["error"] < 0
    assert "access_token" in bench.refresh().json()


def test_a_wrong_secret_key_gives_nothing_and_costs_nothing(bench: Bench) -> None:
    form = {
        "refresh_token": demo.ZALO_REFRESH_TOKEN,
        "app_id": demo.ZALO_APP_ID,
        "grant_type": "refresh_token",
    }
    path = "/zalo-oauth/v4/oa/access_token"
    assert bench.call("POST", path, data=form).json()["error"] < 0
    assert "access_token" in bench.refresh().json()


def test_access_lives_25_hours_and_refresh_three_months(bench: Bench) -> None:
    bench.clock.move(hours=24, minutes=59)
    assert bench.zalo("GET", "v2.0/oa/getoa")["error"] == 0
    bench.clock.move(minutes=1)
    assert bench.zalo("GET", "v2.0/oa/getoa")["error"] == -220
    bench.clock.move(days=88)
    fresh = bench.refresh().json()
    bench.clock.move(days=91)
    assert bench.refresh(fresh["refresh_token"]).json()["error"] < 0


def consent(bench: Bench, **changes: str) -> requests.Response:
    given = {
        "app_id": demo.ZALO_APP_ID,
        "redirect_uri": "http://127.0.0.1:1/ve?a=1",
        "code_challenge": challenge_of(demo.ZALO_CODE_VERIFIER),
        "state": "s1",
        **changes,
    }
    path = "/zalo-oauth/v4/oa/permission"
    return bench.call("GET", path, params=given, allow_redirects=False)


def code_to_pair(bench: Bench, code: str, verifier: str) -> dict[str, Any]:
    form = {
        "code": code,
        "app_id": demo.ZALO_APP_ID,
        "grant_type": "authorization_code",
        "code_verifier": verifier,
    }
    headers = {"secret_key": demo.ZALO_APP_SECRET}
    answer = bench.call("POST", "/zalo-oauth/v4/oa/access_token", data=form, headers=headers)
    found: dict[str, Any] = answer.json()
    return found


def test_consent_gives_a_code_that_works_once_with_its_verifier(bench: Bench) -> None:
    back = parse_qs(urlsplit(consent(bench).headers["Location"]).query)
    assert (back["oa_id"], back["state"], back["a"]) == ([demo.ZALO_OA_ID], ["s1"], ["1"])
    code = back["code"][0]
    assert code_to_pair(bench, code, "sai")["error"] < 0
    assert "access_token" in code_to_pair(bench, code, demo.ZALO_CODE_VERIFIER)
    assert code_to_pair(bench, code, demo.ZALO_CODE_VERIFIER)["error"] < 0


def test_a_code_lives_ten_minutes(bench: Bench) -> None:
    code = parse_qs(urlsplit(consent(bench).headers["Location"]).query)["code"][0]
    bench.clock.move(minutes=10)
    assert code_to_pair(bench, code, demo.ZALO_CODE_VERIFIER)["error"] < 0


def test_consent_is_bound_to_what_the_console_has_saved(bench: Bench) -> None:
    options = bench.state.settings.zalo
    assert consent(bench, code_challenge="khac").json()["error"] == -14003
    options.redirect_uri = "https://xa.example/ve"
    assert consent(bench).json()["error"] == -14003
    options.app_active = False
    assert consent(bench).json()["error"] == -14002


def test_a_wrong_or_missing_token_is_216_with_http_200(bench: Bench) -> None:
    assert bench.zalo("GET", "v2.0/oa/getoa", headers={"access_token": STRANGER})["error"] == -216
    bare = bench.call("GET", "/zalo-api/v2.0/oa/getoa")
    assert (bare.status_code, bare.json()["error"]) == (200, -216)
    assert set(bare.json()) == {"error", "message"}


def test_bearer_is_no_zalo_header(bench: Bench) -> None:
    headers = {"Authorization": f"Bearer {demo.ZALO_ACCESS_TOKEN}"}
    answer = bench.call("GET", "/zalo-api/v2.0/oa/getoa", headers=headers).json()
    assert answer["error"] == -216


def test_the_token_in_the_query_works_only_when_switched_on(bench: Bench) -> None:
    path = f"/zalo-api/v2.0/oa/getoa?access_token={demo.ZALO_ACCESS_TOKEN}"
    assert bench.call("GET", path).json()["error"] == -216
    bench.state.settings.zalo.accept_query_token = True
    assert bench.call("GET", path).json()["error"] == 0


def test_the_proof_is_demanded_when_switched_on(bench: Bench) -> None:
    key, token = demo.ZALO_APP_SECRET.encode(), demo.ZALO_ACCESS_TOKEN.encode()
    right = hmac.new(key, token, hashlib.sha256).hexdigest()
    bench.state.settings.zalo.require_appsecret_proof = True
    assert bench.zalo("GET", "v2.0/oa/getoa")["error"] == -242
    wrong = {"appsecret_proof": "00"}
    assert bench.zalo("GET", "v2.0/oa/getoa", headers=wrong)["error"] == -242
    assert bench.zalo("GET", "v2.0/oa/getoa", headers={"appsecret_proof": right})["error"] == 0


def remain(bench: Bench, path: str) -> tuple[str, int, int]:
    headers = {"access_token": demo.ZALO_ACCESS_TOKEN}
    answer = bench.call("GET", f"/zalo-api/{path}", headers=headers)
    found = answer.headers
    left = int(found["X-RateLimit-Remain"])
    return found["X-RateLimit-Limit"], left, answer.json()["error"]


def test_4000_calls_a_minute_counted_apart_for_articles(bench: Bench) -> None:
    assert remain(bench, "v2.0/oa/getoa") == ("4000", 3_999, 0)
    assert remain(bench, "v2.0/article/getslice?offset=0&limit=1") == ("4000", 3_999, 0)
    bench.state.settings.zalo.calls_per_minute = 2
    assert remain(bench, "v2.0/oa/getoa") == ("2", 0, 0)
    assert remain(bench, "v2.0/oa/getoa") == ("2", 0, -32)
    bench.clock.move(minutes=1)
    assert remain(bench, "v2.0/oa/getoa") == ("2", 1, 0)


def test_the_card_of_the_account(bench: Bench) -> None:
    card = bench.zalo("GET", "v2.0/oa/getoa")["data"]
    assert card["oa_id"] == card["oaid"] == demo.ZALO_OA_ID
    assert card["is_verified"] is True
    assert {"name", "num_follower", "package_name", "package_valid_through_date"} <= set(card)
