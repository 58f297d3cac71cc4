"""The world and the scripts as JSON files, checked when read."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from broadcaster.errors import InputError, Unavailable
from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.settings import Settings
from broadcaster.sandbox.state import World

WORLD = TypeAdapter(World)
SETTINGS = TypeAdapter(Settings)
FAULTS = TypeAdapter(list[Fault])


@dataclass(frozen=True, slots=True)
class Script:
    """A prepared lesson: settings that differ from the default, and faults."""

    settings: Settings = field(default_factory=Settings)
    faults: list[Fault] = field(default_factory=list)


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


def read_script(path: Path) -> Script:
    """A script file: a list of faults, or an object with `settings` and `faults`."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        parts = given if isinstance(given, dict) else {"faults": given}
        unknown = set(parts) - {"settings", "faults"}
        if unknown:
            raise ValueError(", ".join(sorted(unknown)))
        settings = merged_settings(Settings(), parts.get("settings", {}))
        return Script(settings, FAULTS.validate_python(parts.get("faults", [])))
    except ValidationError as error:
        reason = problems(error)
    except (OSError, ValueError) as error:
        reason = str(error)
    raise InputError(
        f"Kịch bản sự cố {path} không dùng được: {reason}.",
        f"The fault script {path} cannot be used: {reason}.",
    )
