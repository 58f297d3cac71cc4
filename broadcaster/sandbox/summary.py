"""What came of a lesson: what the public saw, what it saw twice, and which faults struck."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from broadcaster.sandbox import public
from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.state import SandboxState

_REFERENCE = re.compile(r"\bTB-\d{4}-\d{4,}-[0-9A-F]{4}\b")


def summary(state: SandboxState) -> dict[str, Any]:
    """Counts by platform, as plain data. `doubled`: announcements that stand there twice."""
    seen = public.dump(state, "")
    with state.lock:
        faults = [_fault(one) for one in state.world.faults]
        calls = {name: sum(counted.values()) for name, counted in state.world.counters.items()}
    return {
        "public": {name: _counted(name, seen) for name in _PLACES},
        "calls": {name: calls.get(name, 0) for name in ("graph", "zalo", "wordpress")},
        "faults": faults,
    }


_PLACES = ("graph", "zalo", "wordpress", "zalo_broadcasts", "zalo_group_messages", "zalo_messages")


def _counted(name: str, seen: dict[str, Any]) -> dict[str, int]:
    posts = seen[name]
    return {"seen": len(posts), "doubled": _doubled(map(_words, posts))}


def _words(post: dict[str, Any]) -> str:
    """What tells one announcement from another: its reference, or the article it points to."""
    articles = post.get("articles")
    if articles is not None:
        return " ".join(f"article:{one}" for one in articles)
    return " ".join(sorted(set(_REFERENCE.findall(f"{post.get('text')} {post.get('link')}"))))


def _doubled(words: Iterable[str]) -> int:
    """How many are there more than they should be; posts without a reference are not ours."""
    return sum(count - 1 for name, count in Counter(words).items() if name)


def _fault(one: Fault) -> dict[str, Any]:
    beyond = max(0, one.seen - one.call + 1)
    return {
        "platform": one.platform,
        "operation": one.operation,
        "kind": one.kind,
        "struck": min(beyond, one.times) if one.times else beyond,
        "pending": one.seen < one.call,
    }
