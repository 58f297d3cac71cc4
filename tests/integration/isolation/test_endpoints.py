"""Every door of the server, by the neighbour's station with the other commune's names.

Whoever adds a route adds a case here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest
import requests
from databases import fresh_url
from neighbours import SECRET, Neighbours, made
from web_server import answering

from broadcaster.services.stations import enrolling
from broadcaster.web.app import create_app

_STATION = "/api/station/v1"
Ask = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def two(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Neighbours]:
    home = tmp_path_factory.mktemp("tinh")
    found = made(home, fresh_url("sqlite", home, request))
    with closing(found.land):
        yield found


@pytest.fixture(scope="module")
def url(two: Neighbours) -> Iterator[str]:
    with answering(two.land.served()) as found:
        yield found


def cases(two: Neighbours) -> Mapping[str, tuple[dict[str, Any], int]]:
    """By method and path as the application names them: what is sent, the status it is to have."""
    a, now = two.known, two.one.clock().isoformat()
    status = {
        "version": 10**6, "held": [a.uid], "device": "loa", "clock": now, "free_disk_mb": 1,
        "program": "x",
    }  # fmt: skip
    entry = {
        "entry": a.entry, "uid": a.uid, "outcome": "aired", "planned_at": now, "started_at": now,
        "seconds_played": 30, "device": "loa",
    }  # fmt: skip
    incident = {
        "entry": a.entry, "kind": "forged", "subject": a.uid, "at": now, "vi": "x", "en": "x",
    }  # fmt: skip
    tagged = {"headers": {"If-None-Match": a.etag}}
    return {
        "GET /health": ({}, 200),
        "GET /ready": ({}, 200),
        "GET /metrics": ({}, 200),
        "GET /openapi.json": ({}, 200),
        f"POST {_STATION}/enroll": ({"json": {"code": "0000-0000-0000"}}, 403),
        f"GET {_STATION}/rundown": (tagged, 200),
        f"GET {_STATION}/wait": ({"params": {"seconds": 0}, **tagged}, 204),
        f"GET {_STATION}/audio/{{digest}}": ({"digest": a.digest}, 404),
        f"POST {_STATION}/status": ({"json": status}, 204),
        f"POST {_STATION}/as-run": ({"json": {"entries": [entry]}}, 200),
        f"POST {_STATION}/incidents": ({"json": {"incidents": [incident]}}, 200),
    }


def doors(two: Neighbours) -> list[str]:
    """What the application describes, and whatever else it answers to."""
    app = create_app(two.land.served())
    described = app.openapi()["paths"]
    found = [f"{method.upper()} {path}" for path, ways in described.items() for method in ways]
    other = {getattr(route, "path", "") for route in app.routes} - {"", *described}
    return sorted([*found, *(f"GET {path}" for path in other)])


def ask(url: str, door: str, token: str, sent: Mapping[str, Any]) -> requests.Response:
    method, path = door.split()
    more = dict(sent)
    path = path.format(digest=more.pop("digest", ""))
    headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
    return requests.request(method, url + path, headers=headers, timeout=10, **more)


def test_every_door_has_a_case(two: Neighbours) -> None:
    assert doors(two) == sorted(cases(two))


def test_a_neighbours_station_sees_and_changes_nothing(two: Neighbours, url: str) -> None:
    for door, (sent, status) in cases(two).items():
        answer = ask(url, door, two.token, sent)
        shown = f"{answer.headers} {answer.text}".replace(two.known.entry, "")
        assert answer.status_code == status, (door, answer.text)
        assert (SECRET in shown.casefold(), "xã An Bình" in shown) == (False, False), (door, shown)
        assert two.changed() == set(), door


def test_what_the_neighbour_asked_for_is_there_for_its_owner(two: Neighbours, url: str) -> None:
    """The audio, and a delivery that its own station may end with an entry of that very name."""
    context = two.one.context
    token = enrolling.take_in(context, "loa-dong", two.one.clock())
    sent = {"digest": two.known.digest}
    assert ask(url, f"GET {_STATION}/audio/{{digest}}", token, sent).status_code == 200
    shown = ask(url, f"GET {_STATION}/rundown", token, {})
    assert (shown.status_code, SECRET in shown.text) == (200, True)


@pytest.mark.parametrize("token", ["", "sai", SECRET])
def test_without_a_stations_token_only_the_enrolment_answers(
    two: Neighbours, url: str, token: str
) -> None:
    for door, (sent, _) in cases(two).items():
        if _STATION not in door or door.endswith("/enroll"):
            continue
        answer = ask(url, door, token, sent)
        assert (answer.status_code, SECRET in answer.text) == (401, False), door


def test_a_code_of_one_commune_makes_no_station_of_another(two: Neighbours, url: str) -> None:
    told = requests.post(
        f"{url}{_STATION}/enroll", json={"code": two.known.code}, timeout=10
    ).json()
    assert told["station"] == two.known.target
    plan = ask(url, f"GET {_STATION}/rundown", told["token"], {}).json()["payload"]
    assert "Bình Minh" not in plan
