"""Facebook: who may call, and what every answer carries."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from broadcaster.sandbox import credentials as demo
from sandbox.bench import STRANGER, Bench, code_of


def test_a_page_token_is_the_page_itself(bench: Bench) -> None:
    answer = bench.graph("GET", "me", fields="id,name")
    assert answer.json() == {"id": demo.FACEBOOK_PAGE_ID, "name": demo.FACEBOOK_PAGE_NAME}


@pytest.mark.parametrize("where", ["query", "form", "json", "bearer"])
def test_the_token_may_stand_in_four_places(bench: Bench, where: str) -> None:
    token = {"access_token": demo.FACEBOOK_PAGE_TOKEN}
    path = f"/graph/v26.0/{demo.FACEBOOK_PAGE_ID}/feed"
    if where == "query":
        answer = bench.call("POST", path, params=token, data={"message": "a"})
    elif where == "form":
        answer = bench.call("POST", path, data={"message": "a", **token})
    elif where == "json":
        answer = bench.call("POST", path, json={"message": "a", **token})
    else:
        headers = {"Authorization": f"Bearer {demo.FACEBOOK_PAGE_TOKEN}"}
        answer = bench.call("POST", path, data={"message": "a"}, headers=headers)
    assert answer.status_code == 200


def test_a_wrong_token_is_refused_with_190(bench: Bench) -> None:
    assert code_of(bench.graph("GET", "me", access_token=STRANGER)) == (400, 190, None)
    assert code_of(bench.feed("a", access_token=STRANGER)) == (400, 190, None)
    assert bench.count("graph") == 0


def test_the_subcode_and_status_of_a_wrong_token_can_be_chosen(bench: Bench) -> None:
    options = bench.state.settings.graph
    options.wrong_token_subcode, options.auth_status = 460, 401
    assert code_of(bench.graph("GET", "me", access_token=STRANGER)) == (401, 190, 460)


def test_the_error_envelope_has_all_its_parts(bench: Bench) -> None:
    error = bench.graph("GET", "me", access_token=STRANGER).json()["error"]
    assert error["type"] == "OAuthException"
    assert error["message"]
    assert error["is_transient"] is False
    assert error["fbtrace_id"]


def test_a_user_token_lists_the_pages_with_their_tokens(bench: Bench) -> None:
    token = demo.FACEBOOK_USER_TOKEN
    answer = bench.graph(
        "GET", "me/accounts", access_token=token, fields="id,name,access_token,tasks"
    )
    (page,) = answer.json()["data"]
    assert page["access_token"] == demo.FACEBOOK_PAGE_TOKEN
    assert "CREATE_CONTENT" in page["tasks"]
    assert bench.graph("GET", "me", access_token=token).json()["id"] == demo.FACEBOOK_USER_ID


def test_a_user_token_may_not_post(bench: Bench) -> None:
    assert code_of(bench.feed("a", access_token=demo.FACEBOOK_USER_TOKEN)) == (400, 200, None)


def test_the_page_gives_its_token_to_its_user_only(bench: Bench) -> None:
    own = {"fields": "access_token", "access_token": demo.FACEBOOK_USER_TOKEN}
    answer = bench.graph("GET", demo.FACEBOOK_PAGE_ID, **own).json()
    assert answer["access_token"] == demo.FACEBOOK_PAGE_TOKEN
    assert "access_token" not in bench.graph("GET", demo.FACEBOOK_PAGE_ID).json()


def test_the_four_steps_from_log_in_to_page_token(bench: Bench) -> None:
    app = {"client_id": demo.FACEBOOK_APP_ID, "redirect_uri": "http://127.0.0.1:1/ve"}
    path = "/graph/v26.0/dialog/oauth"
    asked = bench.call("GET", path, params={**app, "state": "s1"}, allow_redirects=False)
    back = parse_qs(urlsplit(asked.headers["Location"]).query)
    assert back["state"] == ["s1"]
    secret = {**app, "client_secret": demo.FACEBOOK_APP_SECRET}
    exchange = "/graph/v26.0/oauth/access_token"
    short = bench.call("GET", exchange, params={**secret, "code": back["code"][0]}).json()
    again = bench.call("GET", exchange, params={**secret, "code": back["code"][0]})
    assert again.status_code == 400
    long_lived = {"grant_type": "fb_exchange_token", "fb_exchange_token": short["access_token"]}
    answer = bench.call("GET", exchange, params={**secret, **long_lived}).json()
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 5_183_944)
    pages = bench.graph("GET", "me/accounts", access_token=answer["access_token"]).json()["data"]
    assert pages[0]["id"] == demo.FACEBOOK_PAGE_ID


def test_a_wrong_app_secret_gets_no_token(bench: Bench) -> None:
    given = {"client_id": demo.FACEBOOK_APP_ID, "client_secret": "sai", "code": "x"}
    answer = bench.call("GET", "/graph/v26.0/oauth/access_token", params=given)
    assert answer.status_code == 400


def proof(token: str) -> str:
    key = demo.FACEBOOK_APP_SECRET.encode()
    return hmac.new(key, token.encode(), hashlib.sha256).hexdigest()


def test_the_proof_is_checked_when_given_and_demanded_when_switched_on(bench: Bench) -> None:
    right = proof(demo.FACEBOOK_PAGE_TOKEN)
    assert bench.graph("GET", "me").status_code == 200
    assert code_of(bench.graph("GET", "me", appsecret_proof="00"))[1] == 100
    bench.state.settings.graph.require_appsecret_proof = True
    assert code_of(bench.graph("GET", "me"))[1] == 100
    assert bench.graph("GET", "me", appsecret_proof=right).status_code == 200


def test_every_answer_carries_the_three_usage_headers(bench: Bench) -> None:
    headers = bench.graph("GET", "me").headers
    shape = {"call_count", "total_time", "total_cputime"}
    assert set(json.loads(headers["X-App-Usage"])) == shape
    assert set(json.loads(headers["X-Page-Usage"])) == shape
    (page,) = json.loads(headers["X-Business-Use-Case-Usage"])[demo.FACEBOOK_PAGE_ID]
    assert page["type"] == "pages"
    assert page["estimated_time_to_regain_access"] == 0


def test_usage_grows_with_the_calls_and_may_start_late(bench: Bench) -> None:
    options = bench.state.settings.graph
    options.usage_call_budget, options.usage_headers_after_calls = 4, 1
    assert "X-App-Usage" not in bench.graph("GET", "me").headers
    assert json.loads(bench.graph("GET", "me").headers["X-App-Usage"])["call_count"] == 50


def at_version(bench: Bench, version: str) -> requests.Response:
    given = {"access_token": demo.FACEBOOK_PAGE_TOKEN}
    return bench.call("GET", f"/graph/{version}/me", params=given)


def test_an_ended_version_is_served_or_refused_as_set(bench: Bench) -> None:
    assert at_version(bench, "v20.0").status_code == 200
    bench.state.settings.graph.serve_ended_versions = False
    assert at_version(bench, "v20.0").status_code == 400
    assert at_version(bench, "v21.0").status_code == 200
    bench.clock.now = datetime(2027, 1, 22, tzinfo=UTC)
    assert at_version(bench, "v21.0").status_code == 400


def test_a_version_that_does_not_exist_yet_is_refused(bench: Bench) -> None:
    assert at_version(bench, "v99.0").status_code == 400


def test_an_unknown_path_gets_a_graph_error(bench: Bench) -> None:
    assert code_of(bench.graph("GET", "khong/co/gi"))[1] == 2500
