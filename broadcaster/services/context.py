"""Everything of the world that a use case may touch, handed over by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from broadcaster.channels import Channel
from broadcaster.domain.people import Person, Right
from broadcaster.domain.policy import Policy
from broadcaster.domain.timetable.holidays import Holiday
from broadcaster.settings.config import Config, Target
from broadcaster.store import people
from broadcaster.store.database import Database

_FOLDERS = {
    "wav": Path("data", "audio"),
    "mp3": Path("data", "audio"),
    "jpg": Path("data", "pictures"),
    "png": Path("data", "pictures"),
}


def blob(home: Path, digest: str, kind: str) -> Path:
    """The file of the commune's blob store; each is named by its SHA-256."""
    return home / _FOLDERS[kind] / f"{digest}.{kind}"


@dataclass(frozen=True)
class Context:
    """`clock` gives aware UTC and is read only after a call to the outside came back."""

    home: Path
    config: Config
    policy: Policy
    database: Database
    commune_id: int
    channel: Callable[[str], Channel]
    clock: Callable[[], datetime]
    lexicons: tuple[Path, ...] = ()
    chimes: Path = Path()
    holidays: tuple[Holiday, ...] = ()
    owner: str = "cli"

    @property
    def audio(self) -> Path:
        """Finished programmes, each named by its SHA-256."""
        return self.home / _FOLDERS["mp3"]

    @property
    def keys(self) -> Path:
        """Private keys of the server, for its owner only."""
        return self.home / "data" / "keys"

    @property
    def voice_cache(self) -> Path:
        return self.home / "data" / "voice-cache"

    def file(self, digest: str, kind: str) -> Path:
        """Where the bytes of that digest lie: sound (wav, mp3) or picture (jpg, png)."""
        return blob(self.home, digest, kind)

    def policy_at(self, target: str) -> Policy:
        """The rules for one target, narrowed by what its loudspeakers stand near to."""
        known = self._targets.get(target)
        near = known.near if known else []
        return self.policy.near(near) if near else self.policy

    def offset(self, target: str) -> timedelta:
        """How long after the minute its loudspeakers begin, so as not to talk over neighbours."""
        known = self._targets.get(target)
        return self.policy.offset(known.group if known else "")

    @cached_property
    def _targets(self) -> Mapping[str, Target]:
        """Asked at every poll of every station, of which there may be thousands."""
        return {one.key: one for one in self.config.targets}

    @cached_property
    def bases(self) -> dict[str, str]:
        """By station, the name of the settings in its plan: filled by services.stations.syncing."""
        return {}

    def person(self, name: str, right: Right | None = None) -> Person:
        """Raises NotFound, or PolicyRefused when the person lacks `right`."""
        with self.database.read() as connection:
            found = people.by_name(connection, self.commune_id, name)
        if right is not None:
            found.must_have(right)
        return found
