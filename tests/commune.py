"""A commune in a folder of its own, for tests: settings, database, people, a clock set by hand."""

from __future__ import annotations

import hashlib
import io
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from databases import bring_up

from broadcaster import speech
from broadcaster.bootstrap import connect, open_database
from broadcaster.channels import Draft
from broadcaster.domain.announcement import Priority, digest_of, without_title
from broadcaster.domain.delivery import LOUDSPEAKER, Delivery, State
from broadcaster.domain.people import Person, Role
from broadcaster.domain.picture import Picture
from broadcaster.domain.timetable import Words
from broadcaster.sandbox import credentials
from broadcaster.services import dispatching
from broadcaster.services.approval import approving
from broadcaster.services.content import authoring
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.services.timetable import planning, timetabling
from broadcaster.services.timetable.changes import Change
from broadcaster.settings import config, province
from broadcaster.store import announcements, deliveries, people

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Monday, 08:00 in Việt Nam."""
NOWHERE = "http://127.0.0.1:9"
TEXT = "Lịch cắt điện\nNgày 25/11/2026 cắt điện tại thôn Đông từ 7 giờ đến 11 giờ."
SPEAKERS = ("loa-dong", "loa-doai")
POSTS = ("fanpage", "website", "zalo")

_SETTINGS = """\
{database}
[commune]
name = "{name}"

{more}
[[targets]]
key = "loa-dong"
channel = "loudspeaker"
name = "Cụm loa thôn Đông"
village = "thôn Đông"

[[targets]]
key = "loa-doai"
channel = "loudspeaker"
name = "Cụm loa thôn Đoài"
village = "thôn Đoài"

[[targets]]
key = "fanpage"
channel = "facebook_page"
name = "Fanpage xã"
options = {{ base_url = "{sandbox}/graph", page_id = "{page_id}" }}

[[targets]]
key = "zalo"
channel = "zalo_oa"
name = "Zalo OA xã"
options = {{ base_url = "{sandbox}/zalo-api", oauth_url = "{sandbox}/zalo-oauth", \
app_id = "{app_id}", cover_url = "https://binhminh.example/bia.jpg" }}

[[targets]]
key = "website"
channel = "wordpress"
name = "Trang thông tin điện tử"
options = {{ base_url = "{sandbox}/wordpress", user = "{user}" }}
"""
_SECRETS = {
    "fanpage": {
        "page_token": credentials.FACEBOOK_PAGE_TOKEN,
        "app_secret": credentials.FACEBOOK_APP_SECRET,
    },
    "zalo": {
        "app_secret": credentials.ZALO_APP_SECRET,
        "access_token": credentials.ZALO_ACCESS_TOKEN,
        "refresh_token": credentials.ZALO_REFRESH_TOKEN,
    },
    "website": {"app_password": credentials.WORDPRESS_APP_PASSWORD},
}


class HandClock:
    """Stands still until it is moved, to and fro."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **step: float) -> datetime:
        self.now += timedelta(**step)
        return self.now


@dataclass
class Commune:
    """The use cases with the people who do them; `clock` is the time of all of it."""

    context: Context
    clock: HandClock
    lan: Person = field(init=False)
    minh: Person = field(init=False)
    tuan: Person = field(init=False)

    def __post_init__(self) -> None:
        self.lan, self.minh, self.tuan = map(self.context.person, ("lan", "minh", "tuan"))

    def draft(
        self,
        text: str = TEXT,
        targets: Sequence[str] = ("loa-dong",),
        priority: Priority = Priority.NORMAL,
        pictures: Sequence[Picture] = (),
    ) -> int:
        """A new announcement of Lan's; its number."""
        made = authoring.draft(
            self.context,
            self.lan,
            text,
            self.clock(),
            targets=targets,
            priority=priority,
            pictures=pictures,
        )
        return made.announcement.number

    def render(
        self, number: int, seconds: float = 30, cues: Mapping[str, float] | None = None
    ) -> Dossier:
        """Renditions as `services.rendering` stores them, with a hum in place of a voice.

        `cues`: seconds of each stretch of the sound; without them it is whole.
        """
        dossier = authoring.show(self.context, number, self.clock())
        sound = hum(seconds, seed=digest_of([dossier.revision.digest, seconds]))
        digest = hashlib.sha256(sound).hexdigest()
        for kind in ("wav", "mp3"):
            (self.context.audio / f"{digest}.{kind}").write_bytes(sound)
        part = {"digest": digest, "size": len(sound)}
        stretches = [self._cue(digest, kind, length) for kind, length in (cues or {}).items()]
        with self.context.database.write() as connection:
            for key in dossier.revision.targets:
                target = self.context.config.target(key)
                text = dossier.revision.text_for(key)
                content: dict[str, Any] = {
                    "spoken": speech.to_spoken(text),
                    "flags": [], "voice": "hum", "voice_quality": "natural", "wav": part,
                    "mp3": part, "cues": stretches,
                }  # fmt: skip
                if target.channel != LOUDSPEAKER:
                    draft = Draft(
                        dossier.revision.title,
                        without_title(dossier.revision.title, text),
                        dossier.reference,
                        self.context.config.commune.name,
                        self.clock().date(),
                        digest,
                        seconds,
                        dossier.revision.pictures,
                    )
                    content = dict(self.context.channel(key).compose(draft))
                announcements.add_rendition(
                    connection,
                    {
                        "revision_id": dossier.revision.id,
                        "target": key,
                        "channel": target.channel,
                        "digest": digest_of({"channel": target.channel, "content": content}),
                        "content": content,
                        "duration_ms": round(seconds * 1000),
                        "created_at": self.clock(),
                    },
                )
        return self.show(number)

    def _cue(self, of: str, kind: str, seconds: float) -> dict[str, Any]:
        sound = hum(seconds, seed=of + kind)
        digest = hashlib.sha256(sound).hexdigest()
        (self.context.audio / f"{digest}.wav").write_bytes(sound)
        length = round(seconds * 1000)
        return {"kind": kind, "digest": digest, "size": len(sound), "duration_ms": length}

    def show(self, number: int) -> Dossier:
        return authoring.show(self.context, number, self.clock())

    def edit(self, number: int, text: str, targets: Sequence[str] = ()) -> Dossier:
        return authoring.edit(self.context, self.lan, number, text, self.clock(), targets=targets)

    def approve(self, number: int) -> Dossier:
        return approving.grant(
            self.context, self.minh, number, self.clock(), reason="theo công điện"
        )

    def schedule(
        self,
        number: int,
        *,
        on: str = "hằng ngày",
        at: str = "17:00",
        until: str | None = "10/12/2026",
        targets: Sequence[str] = (),
    ) -> list[int]:
        """Rules as a person writes them; their ids."""
        if "/" in on:
            until = None
        return self._propose(number, Words(on=on, at=at, until=until or ""), targets)

    def collect(self, number: int, *, on: str, slot: str, until: str = "") -> list[int]:
        """Rules that put it into a slot; their ids."""
        return self._propose(number, Words(on=on, at="", slot=slot, until=until), ())

    def _propose(self, number: int, words: Words, targets: Sequence[str]) -> list[int]:
        return self.keep(timetabling.propose(self.context, number, words, self.clock(), targets))

    def remove_rule(self, rule_id: int, *, recall: bool | None = True) -> None:
        self.keep(timetabling.propose_removal(self.context, rule_id, self.clock()), recall=recall)

    def keep(self, change: Change, *, recall: bool | None = True) -> list[int]:
        return list(timetabling.keep(self.context, self.lan, change, self.clock(), recall)[1])

    def approved(
        self,
        targets: Sequence[str] = ("loa-dong",),
        *,
        seconds: float = 30,
        text: str = TEXT,
        priority: Priority = Priority.NORMAL,
        cues: Mapping[str, float] | None = None,
    ) -> int:
        """An announcement with an approval in force for the policy's period."""
        number = self.draft(text, targets, priority)
        self.render(number, seconds, cues)
        self.approve(number)
        return number

    def plan(self) -> int:
        return planning.plan(self.context, self.clock())

    def rows(self, number: int | None = None) -> list[Delivery]:
        with self.context.database.read() as connection:
            owner = number and announcements.by_number(connection, self.context.commune_id, number)
            return deliveries.find(
                connection, self.context.commune_id, announcement_id=owner.id if owner else None
            )

    def one(self, number: int | None = None) -> Delivery:
        (found,) = self.rows(number)
        return found

    def one_of(self, delivery_id: int) -> Delivery:
        """The delivery with that number."""
        with self.context.database.read() as connection:
            return deliveries.by_id(connection, self.context.commune_id, delivery_id)

    def tries(self, of: Delivery) -> list[dict[str, Any]]:
        with self.context.database.read() as connection:
            return [dict(row) for row in deliveries.attempts(connection, of.id)]

    def tick(self) -> int:
        """Handle all that is due now, once each; how many changed."""
        now = self.clock()
        found = dispatching.due(self.context.database, now)
        return sum(dispatching.handle(self.context, one.id, now) for one in found)

    def states(self, number: int | None = None) -> dict[State, int]:
        counted: dict[State, int] = {}
        for one in self.rows(number):
            counted[one.state] = counted.get(one.state, 0) + 1
        return counted

    def another(self, owner: str) -> Commune:
        """A second process on the same data."""
        return Commune(replace(self.context, owner=owner), self.clock)


def found(
    home: Path,
    *,
    sandbox: str = NOWHERE,
    at: datetime = START,
    more: str = "",
    database_url: str = "",
    name: str = "xã Bình Minh",
) -> Commune:
    """Make the commune in `home`; `more` goes before the targets of its settings."""
    write_settings(home, sandbox, more, database_url, name)
    (home / "data" / "audio").mkdir(parents=True)
    settings = config.load(home)
    store = open_database(home, settings)
    bring_up(store)
    with store.write() as connection:
        owner = people.the_commune(connection, settings.commune.name, province.key(home))
        people.create(connection, owner, "lan", "Nguyễn Thị Lan", [Role.OPERATOR, Role.ADMIN])
        people.create(connection, owner, "minh", "Trần Văn Minh", [Role.APPROVER])
        people.create(connection, owner, "tuan", "Lê Anh Tuấn", [Role.OPERATOR, Role.APPROVER])
    store.close()
    clock = HandClock(at)
    return Commune(replace(connect(home, {}), clock=clock, owner="worker-1"), clock)


def write_settings(
    home: Path,
    sandbox: str,
    more: str = "",
    database_url: str = "",
    name: str = "xã Bình Minh",
) -> None:
    """HOME/broadcaster.toml and HOME/secrets.toml, the latter for its owner only."""
    home.mkdir(parents=True, exist_ok=True)
    text = _SETTINGS.format(
        database=f'database_url = "{database_url}"' if database_url else "",
        more=more,
        name=name,
        sandbox=sandbox,
        page_id=credentials.FACEBOOK_PAGE_ID,
        app_id=credentials.ZALO_APP_ID,
        user=credentials.WORDPRESS_USER,
    )
    (home / config.FILE).write_text(text, encoding="utf-8")
    secrets = "".join(
        f"[{key}]\n" + "".join(f'{name} = "{value}"\n' for name, value in pairs.items())
        for key, pairs in _SECRETS.items()
    )
    path = home / config.SECRETS
    path.touch(mode=0o600)
    path.write_text(secrets, encoding="utf-8")


def hum(seconds: float, *, seed: str) -> bytes:
    """A quiet WAV file that no other `seed` has."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(
            (seed.encode() * (round(seconds * 16000) // len(seed) + 1))[: round(seconds * 8000) * 2]
        )
    return file.getvalue()
