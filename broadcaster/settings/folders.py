"""Which folder is a commune's and which a whole province's; asked before anything heavy loads."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

COMMUNE = "broadcaster.toml"
PROVINCE = "province.toml"
COMMUNES = "communes"


def is_province(home: Path) -> bool:
    return (home / PROVINCE).is_file()


def above(home: Path) -> Path | None:
    """The province's folder, when `home` is that of one of its communes."""
    plain = Path(os.path.normpath(home.absolute()))
    province = plain.parent.parent
    return province if plain.parent.name == COMMUNES and is_province(province) else None


def find_home(given: Path | None, environ: Mapping[str, str], here: Path) -> Path:
    """The folder with the settings, of a commune or a province: given, BROADCASTER_HOME, or found
    going up from `here`.
    """
    if given is not None:
        return given
    if environ.get("BROADCASTER_HOME"):
        return Path(environ["BROADCASTER_HOME"])
    for folder in (here, *here.parents):
        if (folder / COMMUNE).is_file() or is_province(folder):
            return folder
    return here
