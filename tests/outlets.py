"""A commune and the stand-ins of its outlets, with one clock for both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from commune import Commune, found

from broadcaster.domain.delivery import Delivery

PLATFORM = {"fanpage": "graph", "website": "wordpress", "zalo": "zalo"}
CREATE = {"fanpage": "feed.create", "website": "posts.create", "zalo": "article.create"}
LISTING = {"fanpage": "posts.list", "website": "posts.list", "zalo": "article.list"}


@dataclass
class Outlets:
    """The commune and the far side, with one clock for both."""

    xa: Commune
    url: str
    began: datetime

    def door(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.url}/_control/{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def fault(self, target: str, kind: str, operation: str = "*", **more: Any) -> None:
        fault = {"platform": PLATFORM[target], "kind": kind, "operation": operation, **more}
        self.door("POST", "faults", fault)

    def posts(self, target: str) -> list[Any]:
        """What the public sees there."""
        found: list[Any] = self.door("GET", "public")[PLATFORM[target]]
        return found

    def public(self, target: str) -> int:
        return len(self.posts(target))

    def planned(self, target: str) -> int:
        """An approved announcement that is due now; its number."""
        number = self.xa.approved((target,))
        local = self.xa.context.policy.local(self.xa.clock() + timedelta(minutes=2))
        self.xa.schedule(number, on=f"{local:%d/%m/%Y}", at=f"{local:%H:%M}")
        assert self.xa.plan() == 1
        self.go_to(self.xa.one(number).due_at)
        return number

    def go_to(self, moment: datetime) -> None:
        step = (moment - self.xa.clock()).total_seconds()
        self.door("POST", "clock", {"advance": step})
        self.xa.clock.now = moment

    def run(self, number: int, most: int = 40) -> Delivery:
        """Do what is due, and go on to when something is, until it has ended."""
        for _ in range(most):
            self.xa.tick()
            one = self.xa.one(number)
            if one.next_at is None:
                return one
            self.go_to(max(one.next_at, self.xa.clock() + timedelta(seconds=1)))
        return self.xa.one(number)


def found_with_outlets(home: Path, url: str) -> Outlets:
    """The commune in `home`, its outlets in an emptied sandbox at `url`."""
    began = requests.post(f"{url}/_control/reset", timeout=10).json()["now"]
    at = datetime.fromisoformat(began)
    return Outlets(found(home, sandbox=url, at=at), url, at)
