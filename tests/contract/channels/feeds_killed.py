"""A child killed with -9 at the n-th thing it does to the disk, for every n: a program of its own.

Arguments: the folder of the feeds, "publish", "update" or "withdraw", and the folder that the state
before is copied from. Prints one line of JSON for each n: what a look-up says then, and after the
same was done again.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as Xml

from broadcaster.channels.feeds.channel import Feeds
from broadcaster.channels.port import Receipt
from channels.far_side import DRAFT, REFERENCE, feeds

NOW = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
BETTER = replace(DRAFT, body="Đã có điện lại.", reference="TB-2026-0012-AAAA")
_CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "shutil.rmtree")


def work(channel: Feeds, what: str) -> None:
    old = Receipt(REFERENCE.lower())
    if what == "publish":
        channel.publish(channel.compose(DRAFT), REFERENCE, NOW)
    elif what == "update":
        channel.update(channel.compose(BETTER), old, BETTER.reference, NOW)
    else:
        channel.withdraw(old, NOW)


def killed_at(n: int, task: Callable[[], None]) -> bool:
    """Run it in a child; whether the child was killed."""
    child = os.fork()
    if child == 0:
        left = n

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & 3
            if event in _CHANGES or writes:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        task()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def state(channel: Feeds, folder: Path) -> dict[str, object]:
    """What a worker finds out, and what readers of the feeds then get."""
    slug = REFERENCE.lower()
    there = channel.verify(Receipt(slug), NOW)
    found = []
    for name, tag in (("rss.xml", "item"), ("atom.xml", "{http://www.w3.org/2005/Atom}entry")):
        path = folder / name
        root = Xml.parse(path).getroot() if path.exists() else None  # noqa: S314 - ours
        found.append(len(list(root.iter(tag))) if root is not None else 0)
    return {"there": bool(there), "visible": bool(there and there.visible), "feeds": found}


def main() -> None:
    folder, what, before = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    outlet = feeds("http://127.0.0.1:9", folder.parent)
    n, killed = 0, True
    while killed:
        n += 1
        shutil.rmtree(folder, ignore_errors=True)
        if before.exists():
            shutil.copytree(before, folder)
        channel = Feeds(outlet.settings(folder=str(folder)))
        killed = killed_at(n, lambda made=channel: work(made, what))  # type: ignore[misc]  # the default binds it
        cut = state(channel, folder)
        work(channel, what)
        left = [p.name for p in folder.rglob(".making-*")]
        print(json.dumps({"n": n, "cut": cut, "done": state(channel, folder), "left": left}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
