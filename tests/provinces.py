"""A province in a folder of its own, for tests: one database, communes side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import commune
from commune import Commune

from broadcaster.bootstrap import connect_all
from broadcaster.services.communes import Communes

NAMES = {"an-binh": "xã An Bình", "binh-minh": "xã Bình Minh"}


def commune_home(home: Path, key: str) -> Path:
    return home / "communes" / key


@dataclass
class Land:
    """HOME with province.toml; `url` is the database of all its communes."""

    home: Path
    url: str
    made: list[Commune] = field(default_factory=list)
    opened: list[Communes] = field(default_factory=list)

    def __post_init__(self) -> None:
        text = f'name = "tỉnh thử"\ndatabase_url = "{self.url}"\n'
        (self.home / "province.toml").write_text(text, encoding="utf-8")

    def commune(self, key: str, **settings: Any) -> Commune:
        """A new one, with the people and targets that a commune of the tests has."""
        self.made.append(commune.found(commune_home(self.home, key), name=NAMES[key], **settings))
        return self.made[-1]

    def served(self) -> Communes:
        """What a server of the province serves, by the clock of its first commune."""
        served = connect_all(self.home, {})
        if self.made:
            served.clock = self.made[0].clock
        self.opened.append(served)
        return served

    def close(self) -> None:
        for database in [one.database for one in self.opened] + [
            xa.context.database for xa in self.made
        ]:
            database.close()
