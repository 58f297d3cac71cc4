"""A province to be measured: its communes with outlets, stations and approved announcements.

Rows are written as the services write them, many in one transaction; planning is the real one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from broadcaster import bootstrap
from broadcaster.channels import Draft
from broadcaster.domain.announcement import (
    Announcement,
    Priority,
    Revision,
    digest_of,
    reference,
    revision_digest,
)
from broadcaster.domain.approval import Decision, digest, pin
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.sandbox import credentials as demo
from broadcaster.services.communes import Communes
from broadcaster.services.context import Context
from broadcaster.services.timetable import planning
from broadcaster.settings import config, province
from broadcaster.store import announcements, approvals, people, stations
from broadcaster.store.migrate import upgrade
from broadcaster.store.schema import rendition

OUTLETS = 3
"""Pages of a commune; so many of its posts a day fall into the minute that is measured."""

POSTS_A_DAY = 20
_EVENINGS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH"
"""The usual policy lets an item be heard on five days of seven."""

_OUTLET = """
[[targets]]
key = "trang-{n}"
channel = "facebook_page"
name = "Trang {n}"
options = {{ base_url = "{far}/graph", page_id = "{page}", settle_seconds = "0.5" }}
"""
_SPEAKER = '[[targets]]\nkey = "loa-{n}"\nchannel = "loudspeaker"\nname = "Loa {n}"\n'
_WEB = '[server]\nhost = "127.0.0.1"\nport = 0\n'


def token(n: int) -> str:
    """That of station `n` of the province."""
    return f"tram-do-{n:06d}-khong-bi-mat"


def found(home: Path, url: str, communes: int, speakers: int, far: str) -> Communes:
    """So many communes in `home`, with `speakers` stations in all, and their usual day planned.

    `far`: the sandbox's address. Without `url` it is one commune on SQLite, in a folder of its own.
    """
    if url:
        home.mkdir(parents=True)
        text = f'name = "tỉnh đo"\ndatabase_url = {json.dumps(url)}\n{_WEB}'
        (home / province.FILE).write_text(text, encoding="utf-8")
    keys = [f"xa-{n + 1:03}" if url else "" for n in range(communes)]
    shares = [len(range(n, speakers, communes)) for n in range(communes)]
    folders = [home / province.FOLDER / key if key else home for key in keys]
    for n, folder in enumerate(folders):
        _write(folder, f"xã số {n + 1}", shares[n], far, "" if url else _WEB)
    database = bootstrap.open_database(folders[0], config.load(folders[0]))
    upgrade(database)
    with database.write() as connection:
        for n, key in enumerate(keys):
            owner = people.the_commune(connection, f"xã số {n + 1}", key)
            for k in range(shares[n]):
                code = hashlib.sha256(token(n + k * communes).encode()).hexdigest()
                stations.enroll(connection, owner, f"loa-{k}", code)
    database.close()
    served = bootstrap.connect_all(home, {})
    for context in served.every():
        _usual_day(context, served.clock())
    return served


def _write(folder: Path, name: str, speakers: int, far: str, more: str) -> None:
    (folder / "data").mkdir(parents=True)
    text = f'[commune]\nname = "{name}"\n[delivery]\ntries_per_day = 100000\n{more}'
    for n in range(OUTLETS):
        text += _OUTLET.format(n=n, far=far, page=demo.FACEBOOK_PAGE_ID)
    text += "".join(_SPEAKER.format(n=n) for n in range(speakers))
    (folder / config.FILE).write_text(text, encoding="utf-8")
    hidden = "".join(
        f'[trang-{n}]\npage_token = "{demo.FACEBOOK_PAGE_TOKEN}"\n'
        f'app_secret = "{demo.FACEBOOK_APP_SECRET}"\n'
        for n in range(OUTLETS)
    )
    path = folder / config.SECRETS
    path.touch(mode=0o600)
    path.write_text(hidden, encoding="utf-8")


def _usual_day(context: Context, now: datetime) -> None:
    """What is not in the measured minute: posts in the hours to come, and every loudspeaker."""
    pages = [one.key for one in context.config.targets if one.channel != LOUDSPEAKER]
    speakers = [one.key for one in context.config.targets if one.channel == LOUDSPEAKER]
    with context.database.write() as connection:
        for n in range(0, POSTS_A_DAY - OUTLETS, OUTLETS):
            at = now + timedelta(hours=1, minutes=60 * n)
            approve(connection, context, pages[: POSTS_A_DAY - OUTLETS - n], at, now)
        evening = context.policy.local(now + timedelta(days=1)).replace(hour=17, minute=0)
        approve(connection, context, speakers, evening, now, _EVENINGS)
    planning.plan(context, now)


def rush(served: Communes, begins: datetime, within: timedelta) -> int:
    """In every commune a post for each Page, due at `begins` or spread over the time from then."""
    every, now = served.every(), served.clock()
    for n, context in enumerate(every):
        pages = [one.key for one in context.config.targets if one.channel != LOUDSPEAKER]
        with context.database.write() as connection:
            at = begins + within * n / len(every)
            approve(connection, context, pages, at.replace(microsecond=0), now)
    return len(every) * OUTLETS


def approve(
    connection: Connection,
    context: Context,
    targets: Sequence[str],
    at: datetime,
    now: datetime,
    rrule: str = "",
) -> None:
    """An announcement with its renditions, a rule and an approval of all of it."""
    title = f"Thông báo lúc {context.policy.local(at):%H:%M}"
    body = f"{title}\nHọp thôn lúc 19 giờ tại nhà văn hóa."
    owner = announcements.create(connection, context.commune_id, Priority.NORMAL, "lan", now)
    revision = announcements.add_revision(
        connection, owner, title=title, body=body, targets=list(targets),
        digest=revision_digest(title, body, Priority.NORMAL, list(targets)), author="lan", now=now,
    )  # fmt: skip
    rows = [_rendition(context, owner, revision, target, now) for target in targets]
    connection.execute(rendition.insert(), rows)
    approvals.add_rule(
        connection,
        {
            "announcement_id": owner.id, "rrule": rrule,
            "dtstart": context.policy.local(at).replace(tzinfo=None), "zone": context.policy.zone,
            "targets": list(targets), "author": "lan", "created_at": now, "added": [],
            "skipped": [], "avoids": [],
        },
    )  # fmt: skip
    made = announcements.renditions(connection, revision.id)
    pinned = pin(revision, made, approvals.rules(connection, owner.id))
    approvals.record(
        connection,
        {
            "revision_id": revision.id, "decision": Decision.GRANTED, "person": "minh",
            "reason": "", "digest": digest(pinned), "pinned": pinned, "decided_at": now,
            "valid_until": now + timedelta(days=60), "voided_at": None, "voided_reason": "",
        },
    )  # fmt: skip


def _rendition(
    context: Context, owner: Announcement, revision: Revision, target: str, now: datetime
) -> dict[str, Any]:
    channel, lasts = context.config.target(target).channel, 0
    if channel == LOUDSPEAKER:
        lasts = 20_000
        file = {"digest": hashlib.sha256(owner.uid.encode()).hexdigest(), "size": 1_920_044}
        content: dict[str, Any] = {"flags": [], "wav": file}
    else:
        draft = Draft(
            title=revision.title,
            body=revision.body,
            reference=reference(owner, revision),
            commune=context.config.commune.name,
            day=now.date(),
        )
        content = dict(context.channel(target).compose(draft))
    return {
        "revision_id": revision.id, "target": target, "channel": channel,
        "digest": digest_of([channel, content]), "content": content, "duration_ms": lasts,
        "created_at": now,
    }  # fmt: skip
