"""The real server on loopback, and a station that says what a test wants it to say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import commune
import requests
from commune import Commune
from web_server import answering

from broadcaster.domain.delivery import Delivery
from broadcaster.services.communes import Communes
from broadcaster.services.stations import enrolling


def plan_of(answer: requests.Response) -> dict[str, Any]:
    """What was signed in the answer."""
    found: dict[str, Any] = json.loads(answer.json()["payload"])
    return found


@dataclass
class Line:
    """One station's HTTP session with the server of `town`."""

    town: Commune
    url: str
    target: str = "loa-dong"
    token: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.token = self.token or self.enroll()

    def enroll(self) -> str:
        return enrolling.take_in(self.town.context, self.target, self.town.clock())

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        url = f"{self.url}/api/station/v1/{path}"
        return self.session.request(method, url, headers=headers, **{"timeout": 10, **more})

    def rundown(self) -> dict[str, Any]:
        answer = self.ask("GET", "rundown")
        assert answer.status_code == 200
        return plan_of(answer)

    def status(self, *held: str, version: int = 0) -> requests.Response:
        return self.ask("POST", "status", json=self.status_body(*held, version=version))

    def status_body(self, *held: str, version: int = 0) -> dict[str, Any]:
        return {
            "version": version,
            "held": list(held),
            "device": "Loa nén",
            "clock": self.town.clock().isoformat(),
            "free_disk_mb": 900,
            "program": "test",
        }

    def entry(self, of: Delivery, outcome: str = "aired", **more: Any) -> dict[str, Any]:
        return {
            "entry": f"entry-of-{of.uid}",
            "uid": of.uid,
            "outcome": outcome,
            "planned_at": of.due_at.isoformat(),
            "started_at": (of.due_at + timedelta(seconds=1)).isoformat(),
            "seconds_played": 30.04,
            "device": "Loa nén thôn Đông",
        } | more

    def prove(self, *entries: dict[str, Any]) -> list[str]:
        answer = self.ask("POST", "as-run", json={"entries": entries})
        assert answer.status_code == 200
        stored: list[str] = answer.json()["stored"]
        return stored


@contextmanager
def serving(home: Path, **settings: Any) -> Iterator[Line]:
    """The station “loa-dong” of a new commune in `home`, enrolled, with the server answering it."""
    town = commune.found(home, **settings)
    with answering(Communes.only(town.context)) as url:
        line = Line(town, url)
        with closing(town.context.database), closing(line.session):
            yield line
