"""Corrections and withdrawals when the program is killed with -9 in the middle of them.

[--posts 200] [--kills 10] [--channel KIND] [--store sqlite|postgresql] [--seed N]. First all is
posted; then every announcement gets a new text, or is withdrawn, and the one process that works is
killed at random instants and started again. In the end the public must see each post once with
the new words, or not at all. `wrong` counts the posts of which that is not true.
"""

from __future__ import annotations

import random
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import kills_commune
from bench_kills import Outlet, database_of, each, far_side, instants, parser_of, work_and_kill

WORKS = ("correct", "withdraw")
_OUTLETS = 4
_OPERATIONS = {
    ("facebook_page", "correct"): "object.change",
    ("facebook_page", "withdraw"): "object.delete",
    ("zalo_oa", "correct"): "article.update",
    ("zalo_oa", "withdraw"): "article.remove",
    ("wordpress", "correct"): "posts.update",
    ("wordpress", "withdraw"): "posts.delete",
}


@dataclass(frozen=True)
class Result:
    channel: str
    store: str
    work: str
    posts: int
    kills: int
    wrong: int
    unsettled: int
    interrupted: int
    seconds: float


def run(as_json: bool) -> dict[str, object]:
    asked = parser_of("changes", __doc__, 200, 10).parse_args()
    return {"results": [asdict(one) for one in each(asked, WORKS, trial, as_json)]}


def trial(channel: str, store: str, work: str, posts: int, kills: int, seed: int = 1) -> Result:
    """One commune, four outlets of one kind; everything is posted, then changed under kills."""
    dice = random.Random(f"{seed} {channel} {store} {work}")  # noqa: S311 - no secret hangs on it
    with (
        tempfile.TemporaryDirectory(prefix="bench-changes-") as name,
        far_side(channel, _OUTLETS) as outlets,
        database_of(store) as url,
    ):
        home = Path(name) / "home"
        addresses = [outlet.url for outlet in outlets]
        old = kills_commune.found(home, channel, addresses, -(-posts // _OUTLETS), url)
        work_and_kill(home, "ours", outlets, [], dice)
        new = kills_commune.changed(home, work)
        changing = [replace(one, operation=_OPERATIONS[channel, work]) for one in outlets]
        began = time.monotonic()
        done = work_and_kill(home, "ours", changing, instants(dice, posts, kills), dice)
        took = round(time.monotonic() - began, 1)
        wrong = _wrong(outlets, old, new)
        unsettled, interrupted = kills_commune.left(home)
    total = len(old) * _OUTLETS
    return Result(channel, store, work, total, done, wrong, unsettled, interrupted, took)


def _wrong(outlets: list[Outlet], old: list[str], new: list[str]) -> int:
    """Posts with old words, and new ones that are not there exactly once."""
    left = sum(sum(outlet.seen(old)) for outlet in outlets)
    return left + sum(count != 1 for outlet in outlets for count in outlet.seen(new))
