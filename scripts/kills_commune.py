"""A commune with many approved posts that are due, for measuring what kills do to them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from broadcaster import bootstrap
from broadcaster.channels import Draft
from broadcaster.domain.announcement import digest_of, without_title
from broadcaster.domain.people import Person, Role
from broadcaster.domain.timetable import Words
from broadcaster.sandbox import credentials as demo
from broadcaster.services.approval import approving
from broadcaster.services.content import authoring, withdrawing
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.services.timetable import planning, timetabling
from broadcaster.settings import config, province
from broadcaster.store import announcements, deliveries, people
from broadcaster.store.migrate import upgrade

# The far side is a stand-in that is never late for long, so patience can be short.
_SETTINGS = """
{database}
[commune]
name = "xã Bình Minh"
[policy]
post_grace_hours = 72
[delivery]
quarantine = 1
look_up = [0.5]
verify = 0.5
tries_per_day = 100000
"""

_KINDS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "facebook_page": (
        {"base_url": "{sandbox}/graph", "page_id": demo.FACEBOOK_PAGE_ID},
        {"page_token": demo.FACEBOOK_PAGE_TOKEN, "app_secret": demo.FACEBOOK_APP_SECRET},
    ),
    "zalo_oa": (
        {
            "base_url": "{sandbox}/zalo-api",
            "oauth_url": "{sandbox}/zalo-oauth",
            "app_id": demo.ZALO_APP_ID,
            "cover_url": "https://binhminh.example/bia.jpg",
        },
        {
            "app_secret": demo.ZALO_APP_SECRET,
            "access_token": demo.ZALO_ACCESS_TOKEN,
            "refresh_token": demo.ZALO_REFRESH_TOKEN,
        },
    ),
    "wordpress": (
        {"base_url": "{sandbox}/wordpress", "user": demo.WORDPRESS_USER},
        {"app_password": demo.WORDPRESS_APP_PASSWORD},
    ),
}
KINDS = sorted(_KINDS)


def found(
    home: Path, kind: str, outlets: Sequence[str], count: int, database_url: str = ""
) -> list[str]:
    """Make it in `home`, every announcement due an hour ago on every outlet; the references.

    `outlets` are addresses of sandboxes, each a target of this kind.
    """
    _write_settings(home, kind, outlets, database_url)
    settings = config.load(home)
    database = bootstrap.open_database(home, settings)
    upgrade(database)
    with database.write() as connection:
        owner = people.the_commune(connection, settings.commune.name, province.key(home))
        people.create(connection, owner, "lan", "Nguyễn Thị Lan", [Role.OPERATOR])
        people.create(connection, owner, "minh", "Trần Văn Minh", [Role.APPROVER])
    database.close()
    now = bootstrap.clock() - timedelta(hours=2)
    context = replace(bootstrap.connect(home, {}), clock=lambda: now)
    lan, minh = context.person("lan"), context.person("minh")
    made = [_approved(context, lan, minh, n, now) for n in range(count)]
    planned = planning.plan(context, now)
    context.database.close()
    if planned != count * len(outlets):
        raise RuntimeError(f"only {planned} posts were planned")
    return made


def _write_settings(home: Path, kind: str, outlets: Sequence[str], database_url: str) -> None:
    (home / "data").mkdir(parents=True)
    options, secrets = _KINDS[kind]
    database = f'database_url = "{database_url}"' if database_url else ""
    text, hidden = _SETTINGS.format(database=database), ""
    for number, sandbox in enumerate(outlets):
        table = ", ".join(
            f"{name} = {json.dumps(value.format(sandbox=sandbox))}"
            for name, value in {"settle_seconds": "0.5", **options}.items()
        )
        text += f'[[targets]]\nkey = "outlet-{number}"\nchannel = "{kind}"\n'
        text += f'name = "Kênh {number}"\noptions = {{ {table} }}\n'
        hidden += f"[outlet-{number}]\n" + "".join(f'{k} = "{v}"\n' for k, v in secrets.items())
    (home / config.FILE).write_text(text, encoding="utf-8")
    path = home / config.SECRETS
    path.touch(mode=0o600)
    path.write_text(hidden, encoding="utf-8")


def _approved(
    context: Context, author: Person, approver: Person, number: int, now: datetime
) -> str:
    """One announcement for all outlets, with its text rendered and its time set."""
    text = f"Thông báo số {number}\nHọp thôn lúc 19 giờ tại nhà văn hóa, lần {number}."
    keys = [target.key for target in context.config.targets]
    dossier = authoring.draft(context, author, text, now, targets=keys)
    return _made_ready(context, author, approver, dossier, now + timedelta(hours=1))


def _made_ready(
    context: Context, author: Person, approver: Person, dossier: Dossier, at: datetime
) -> str:
    """Rendered, scheduled for `at` and approved; its reference."""
    now = context.clock()
    with context.database.write() as connection:
        for key in dossier.revision.targets:
            announcements.add_rendition(connection, _rendition(context, dossier, key, now))
    due = context.policy.local(at)
    words = Words(on=f"{due:%d/%m/%Y}", at=f"{due:%H:%M}")
    proposal = timetabling.propose(context, dossier.announcement.number, words, now)
    timetabling.keep(context, author, proposal, now)
    approving.grant(context, approver, dossier.announcement.number, now)
    return dossier.reference


def _rendition(context: Context, dossier: Dossier, key: str, now: datetime) -> dict[str, Any]:
    revision = dossier.revision
    draft = Draft(
        title=revision.title,
        body=without_title(revision.title, revision.body),
        reference=dossier.reference,
        commune=context.config.commune.name,
        day=now.date(),
    )
    content = dict(context.channel(key).compose(draft))
    channel = context.config.target(key).channel
    return {
        "revision_id": revision.id,
        "target": key,
        "channel": channel,
        "digest": digest_of({"channel": channel, "content": content}),
        "content": content,
        "duration_ms": 0,
        "created_at": now,
    }


def changed(home: Path, work: str) -> list[str]:
    """Give every announcement a new text that is due at once, or withdraw it.

    The references that the public is to see once each afterwards: none after a withdrawal.
    """
    began = bootstrap.clock() - timedelta(minutes=30)
    context = replace(bootstrap.connect(home, {}), clock=lambda: began)
    lan, minh = context.person("lan"), context.person("minh")
    with context.database.read() as connection:
        numbers = [one.number for one in announcements.every(connection, context.commune_id)]
    if work == "withdraw":
        for number in numbers:
            withdrawing.withdraw(context, minh, number, "đo", began)
        context.database.close()
        return []
    made = [_corrected(context, lan, minh, number, began) for number in numbers]
    planning.plan(context, began)
    context.database.close()
    return made


def _corrected(
    context: Context, author: Person, approver: Person, number: int, now: datetime
) -> str:
    text = f"Thông báo số {number}\nHọp thôn đổi sang 20 giờ tại nhà văn hóa, lần {number}."
    dossier = authoring.edit(context, author, number, text, now)
    return _made_ready(context, author, approver, dossier, now + timedelta(minutes=5))


def left(home: Path) -> tuple[int, int]:
    """How many posts are not in a final state, and how many attempts a kill interrupted."""
    context = bootstrap.connect(home, {})
    with context.database.read() as connection:
        found = deliveries.find(connection, context.commune_id)
        tries = [t for one in found for t in deliveries.attempts(connection, one.id)]
    context.database.close()
    return sum(not one.final for one in found), sum(t["outcome"] == "lost" for t in tries)
