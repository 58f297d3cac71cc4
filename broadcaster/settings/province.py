"""A province's settings: one file above the folders of its communes.

HOME/province.toml and HOME/communes/KEY/, each of them an ordinary commune's folder. They share one
database and one server; a commune's own file says nothing of either.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from broadcaster.errors import InputError
from broadcaster.settings import folders
from broadcaster.settings.file import Strict, checked, read_toml
from broadcaster.settings.server import DatabaseUrl, Server

FILE = folders.PROVINCE
FOLDER = folders.COMMUNES
VARIABLE = "BROADCASTER_DATABASE_URL"
"""Stands above the file, so that the password need not lie in it."""

_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


class EngineSettings(Strict):
    """What wakes the workers of several processes, and how many deliveries each has in hand."""

    kind: Literal["embedded", "procrastinate"] = "procrastinate"
    workers: int = Field(default=8, ge=1, le=64)


class Province(Strict):
    """`name` e.g. "tỉnh Bắc Ninh". Without a database_url: a file of SQLite, for one server."""

    name: str = Field(default="", max_length=100)
    database_url: Annotated[DatabaseUrl, Field(repr=False)] = ""
    server: Server = Server()
    engine: EngineSettings = EngineSettings()


def key(home: Path) -> str:
    """What tells a commune from the others of its database: its folder's name; "" on its own.

    Raises InputError for a name that cannot be one.
    """
    if folders.above(home) is None:
        return ""
    return checked_key(Path(os.path.normpath(home.absolute())).name)


def checked_key(name: str) -> str:
    """Raises InputError unless it is small letters, digits and hyphens."""
    if not _KEY.fullmatch(name):
        raise InputError(
            f"“{name}”: tên thư mục của xã chỉ dùng chữ thường không dấu, số và gạch nối, "
            "ví dụ an-binh.",
            f"“{name}”: a commune's folder is named in small letters, digits and hyphens, "
            "e.g. an-binh.",
        )
    return name


def load(home: Path, environ: Mapping[str, str] = os.environ) -> Province:
    """Read and check HOME/province.toml. Raises InputError with all mistakes at once."""
    where = str(home / FILE)
    values: dict[str, Any] = read_toml(home / FILE)
    if environ.get(VARIABLE):
        values["database_url"] = environ[VARIABLE]
        where += f" ({VARIABLE})"
    found = checked(Province, values, where)
    if found.database_url:
        return found
    return found.model_copy(update={"database_url": f"sqlite:///{home / 'data/broadcaster.db'}"})
