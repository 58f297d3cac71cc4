"""The composition root: settings, database, channels and clock become one context."""

from __future__ import annotations

import getpass
import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

from broadcaster import channels, resources
from broadcaster.channels import Channel, TargetSettings
from broadcaster.channels.port import kinds
from broadcaster.common_clock import CommonClock
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.errors import InputError, NotFound
from broadcaster.secrecy.masking import remember
from broadcaster.secrecy.store import Secrets
from broadcaster.services.communes import Communes
from broadcaster.services.context import Context, blob
from broadcaster.services.keeping.moving import End
from broadcaster.services.keeping.restoring import Doors
from broadcaster.settings import config, folders, policies, province
from broadcaster.settings import holidays as yearly_holidays
from broadcaster.settings.config import Config
from broadcaster.settings.province import Province
from broadcaster.store import database, people
from broadcaster.store.database import Database, bare, file_url


def clock() -> datetime:
    """The one place where the product reads the time of day."""
    return datetime.now(UTC)


def connect(home: Path, environ: Mapping[str, str] = os.environ) -> Context:
    """One commune, for one process. Raises InputError or Unavailable that say what to do."""
    settings = config.load(home, environ)
    _check_kinds(home, settings)
    store = open_database(home, settings)
    database.check_version(store)
    with store.read() as connection:
        commune_id = people.commune_id(connection, province.key(home))
    return _context(home, settings, store, commune_id, open_secrets(home, settings, environ))


def connect_all(
    home: Path,
    environ: Mapping[str, str] = os.environ,
    local: Callable[[], datetime] = clock,
) -> Communes:
    """What a server serves: all communes of a province's folder, or the one of an ordinary one.

    `local`: this machine's time of day; many machines go by their database's instead.
    Raises InputError or Unavailable that say what to do.
    """
    if above := folders.above(home):
        raise InputError(
            f"{home} là thư mục của một xã trong tỉnh: máy chủ của tỉnh phục vụ xã này. Hãy chạy: "
            f"broadcaster --home {above} run",
            f"{home} is a commune's folder within a province, whose server serves it. Run: "
            f"broadcaster --home {above} run",
        )
    if not folders.is_province(home):
        return Communes.only(connect(home, environ))
    settings, store = open_province(home, environ)
    database.check_version(store)
    common = local if store.is_sqlite else CommonClock(partial(database.time_of_day, store), local)

    def make(commune_id: int, key: str) -> Context:
        folder = home / province.FOLDER / key
        if not (folder / config.FILE).is_file():
            raise NotFound(
                f"Không có thư mục của xã “{key}”: {folder}", f"Commune “{key}” has no {folder}"
            )
        found = config.load(folder, environ)
        _check_kinds(folder, found)
        own = open_secrets(folder, found, environ)
        return replace(_context(folder, found, store, commune_id, own), clock=common)

    def stamp(key: str) -> object:
        return _stamp(home / province.FOLDER / key)

    return Communes(home, settings, store, common, _owner(), make, stamp)


def _stamp(folder: Path) -> list[tuple[str, int, int]]:
    """Of every file that a commune's context is made from: name, time and size."""
    files = [folder / config.FILE, folder / yearly_holidays.FILE]
    files += sorted(folder.glob("policy/*.toml"))
    found = []
    for path in files:
        with suppress(OSError):
            is_ = path.stat()
            found.append((path.name, is_.st_mtime_ns, is_.st_size))
    return found


def doors(environ: Mapping[str, str] = os.environ) -> Doors:
    """What a restore needs of this place: it works on a folder that has no name yet."""

    def context(home: Path, store: Database, key: str) -> Context:
        settings = config.load(home, environ)
        _check_kinds(home, settings)
        with store.read() as connection:
            commune_id = people.commune_id(connection, key)
        return _context(home, settings, store, commune_id, open_secrets(home, settings, environ))

    def elsewhere(home: Path, named: Path) -> End | None:
        url = config.load(home, environ).database_url
        return End(open_store(url), province.key(named), bare(url)) if url else None

    return Doors(context, elsewhere)


def _check_kinds(home: Path, settings: Config) -> None:
    """Only here is it known what is installed. Raises InputError naming every mistake."""
    known = [LOUDSPEAKER, *kinds()]
    wrong = [
        f"  - targets[{n}].channel: “{target.channel}”"
        for n, target in enumerate(settings.targets, 1)
        if target.channel not in known
    ]
    if wrong:
        path, listed, there = home / config.FILE, "\n".join(wrong), ", ".join(known)
        raise InputError(
            f"{path}: không có loại kênh này (gõ nhầm?):\n{listed}\nCác loại kênh có sẵn: {there}.",
            f"{path}: there is no such kind of channel:\n{listed}\nKnown: {there}.",
        )


def open_database(home: Path, settings: Config) -> Database:
    return open_store(settings.database_url or file_url(home / "data" / "broadcaster.db"))


def open_store(url: str) -> Database:
    remember(urlsplit(url).password or "")
    return Database(url, origin=f"dòng lệnh {_account()}@{socket.gethostname()}")


def _account() -> str:
    """Who is logged in at this machine; the number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return str(os.getuid()) if hasattr(os, "getuid") else "?"


def open_province(home: Path, environ: Mapping[str, str] = os.environ) -> tuple[Province, Database]:
    settings = province.load(home, environ)
    return settings, open_store(settings.database_url)


def open_secrets(home: Path, settings: Config, environ: Mapping[str, str] = os.environ) -> Secrets:
    """In a province the environment is the same for all communes: it holds no commune's secret."""
    own = environ if folders.above(home) is None else {}
    secrets = Secrets(home, own, keyring=settings.secrets.store == "keyring")
    secrets.remember_all()
    return secrets


def _context(
    home: Path, settings: Config, store: Database, commune_id: int, secrets: Secrets
) -> Context:
    return Context(
        home=home,
        config=settings,
        policy=policies.resolve(home, settings.policy),
        database=store.of(commune_id),
        commune_id=commune_id,
        channel=_Channels(home, settings, secrets).get,
        clock=clock,
        lexicons=(home / "lexicon",),
        chimes=resources.folder("audio"),
        holidays=yearly_holidays.load(home),
        owner=_owner(),
    )


_BORN = token_hex(3)
"""Tells this process from one before it that had the same number, as in a container."""


def _owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{_BORN}"


class _Channels:
    """Each target's channel is made once, at its first use."""

    def __init__(self, home: Path, settings: Config, secrets: Secrets) -> None:
        self._home, self._settings, self._secrets = home, settings, secrets
        self._made: dict[str, Channel] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> Channel:
        with self._lock:
            if key not in self._made:
                self._made[key] = self._make(key)
            return self._made[key]

    def _make(self, key: str) -> Channel:
        channel = self._settings.target(key).channel
        return channels.make(
            channel, target_settings(self._home, self._settings, self._secrets, key)
        )


def target_settings(home: Path, settings: Config, secrets: Secrets, key: str) -> TargetSettings:
    """What one target's channel is made from."""
    target, account = settings.target(key), settings.account(key)
    state = home / "data" / "channels" / account.key
    state.mkdir(parents=True, exist_ok=True)
    return TargetSettings(
        key=key,
        name=target.name,
        options={**account.options, **target.options},
        secret=partial(secrets.get, account.key),
        state=state,
        blob=partial(blob, home),
        seal=secrets.seal,
        account=target.account,
    )
