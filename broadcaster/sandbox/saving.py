"""The world and the scripts as JSON files, checked when read."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from broadcaster.errors import InputError, Unavailable
from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.settings import Settings
from broadcaster.sandbox.state import World

WORLD = TypeAdapter(World)
SETTINGS = TypeAdapter(Settings)
FAULTS = TypeAdapter(list[Fault])


def problems(error: ValidationError) -> str:
    """Field and reason of every mistake, on one line."""
    found = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in found[:5])


def save(world: World, path: Path) -> None:
    """Replace the file in one step. Not synced: it has to outlive a kill, not a power cut."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(WORLD.dump_json(world))
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise Unavailable(
            f"Không ghi được tệp dữ liệu của môi trường thử {path}: {error.strerror}.",
            f"Cannot write the sandbox's data file {path}: {error.strerror}.",
        ) from error


def load(path: Path) -> World:
    """Read the file; raises `InputError` when it is not one of ours."""
    try:
        return WORLD.validate_json(path.read_bytes())
    except (ValidationError, OSError) as error:
        raise InputError(
            f"Tệp dữ liệu của môi trường thử {path} không đọc được. Hãy xóa hoặc chọn tệp khác.",
            f"The sandbox's data file {path} cannot be read. Delete it or name another.",
        ) from error


def merged_settings(base: Settings, changes: object) -> Settings:
    """`base` with a few values changed; raises ValidationError for a wrong value or name."""
    plain = SETTINGS.dump_python(base, mode="json")
    given = changes if isinstance(changes, dict) else {"": changes}
    for platform, values in given.items():
        known = plain.get(platform)
        if known is None or not isinstance(values, dict):
            raise ValueError(str(platform))
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ValueError(f"{platform}: {', '.join(unknown)}")
        known.update(values)
    return SETTINGS.validate_python(plain)
