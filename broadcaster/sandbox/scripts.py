"""Fault scripts: lessons in TOML (or JSON), read whole, every mistake told at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from broadcaster.errors import InputError
from broadcaster.sandbox.faults import ONLY, Fault, Kind
from broadcaster.sandbox.graph.api import ROUTES as GRAPH
from broadcaster.sandbox.platform import Route
from broadcaster.sandbox.saving import merged_settings, problems
from broadcaster.sandbox.settings import Settings
from broadcaster.sandbox.wordpress.api import ROUTES as WORDPRESS
from broadcaster.sandbox.zalo.api import ROUTES as ZALO
from broadcaster.settings.file import Strict, checked, read_toml

_ROUTES: Mapping[str, Sequence[Route]] = {"graph": GRAPH, "zalo": ZALO, "wordpress": WORDPRESS}


@dataclass(frozen=True, slots=True)
class Script:
    """A prepared lesson: settings that differ from the default, faults, and when it begins."""

    settings: Settings = field(default_factory=Settings)
    faults: list[Fault] = field(default_factory=list)
    title: str = ""
    start: datetime | None = None


class _Line(Strict):
    """One fault as a person writes it; `facebook` is another name for `graph`."""

    platform: Literal["facebook", "graph", "zalo", "wordpress"]
    kind: Kind
    operation: str = "*"
    call: int = Field(default=1, ge=1)
    times: int = Field(default=1, ge=0)
    after: bool = False
    seconds: float = Field(default=0, ge=0)
    code: int | str | None = None
    subcode: int | None = None
    status: int | None = Field(default=None, ge=100, le=599)
    message: str = ""
    extra: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _possible(self) -> _Line:
        wrong = [*self._of_the_platform(), *self._of_the_kind()]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    @property
    def _platform(self) -> Literal["graph", "zalo", "wordpress"]:
        return "graph" if self.platform == "facebook" else self.platform

    def _of_the_platform(self) -> list[str]:
        known = operations(self._platform)
        if any(fnmatchcase(one, self.operation) for one in known):
            return []
        return [f"không có thao tác “{self.operation}”; các thao tác: {', '.join(known)}"]

    def _of_the_kind(self) -> list[str]:
        wrong = []
        platforms = ONLY.get(self.kind)
        if platforms and self._platform not in platforms:
            wrong.append(f"sự cố “{self.kind}” chỉ có ở: {', '.join(platforms)}")
        if self.kind in {"delay", "list_lag", "review_delay"} and not self.seconds:
            wrong.append(f"sự cố “{self.kind}” cần seconds lớn hơn 0")
        return wrong

    def fault(self) -> Fault:
        return Fault(**{**self.model_dump(), "platform": self._platform})


class _Lesson(Strict):
    """`start`: the sandbox's clock when it begins, e.g. "2026-12-01T21:50:00+07:00"."""

    title: str = ""
    start: str = ""
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    fault: list[_Line] = Field(default_factory=list)

    @field_validator("start")
    @classmethod
    def _moment(cls, value: str) -> str:
        try:
            right = not value or datetime.fromisoformat(value).tzinfo is not None
        except ValueError:
            right = False
        if not right:
            raise ValueError("viết như 2026-12-01T21:50:00+07:00 (có múi giờ)")
        return value

    @field_validator("settings")
    @classmethod
    def _known(cls, value: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        wrong = []
        for platform, values in value.items():
            for name, one in values.items():
                try:
                    merged_settings(Settings(), {platform: {name: one}})
                except ValidationError as error:
                    wrong.append(f"{platform}.{name}: {problems(error)}")
                except ValueError:
                    wrong.append(f"{platform}.{name}: không có mục này")
        if wrong:
            raise ValueError("; ".join(wrong))
        return value


def operations(platform: str) -> list[str]:
    """The names that a script may use, as counters show them."""
    return sorted({route.operation for route in _ROUTES[platform]})


def read_script(path: Path) -> Script:
    """A lesson in TOML, or the same in JSON. Raises InputError that lists every mistake."""
    given = _read_json(path) if path.suffix.lower() == ".json" else read_toml(path)
    if isinstance(given, list):
        given = {"fault": given}
    if "faults" in given and "fault" not in given:
        given = {**given, "fault": given["faults"]}
        del given["faults"]
    lesson = checked(_Lesson, given, str(path))
    return Script(
        merged_settings(Settings(), lesson.settings),
        [line.fault() for line in lesson.fault],
        lesson.title,
        datetime.fromisoformat(lesson.start) if lesson.start else None,
    )


def _read_json(path: Path) -> Any:
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason, english = f"không đọc được: {error.strerror}", f"cannot be read: {error.strerror}"
    except ValueError as error:
        reason, english = f"sai cú pháp JSON: {error}", f"JSON syntax: {error}"
    else:
        if isinstance(found, dict | list):
            return found
        reason, english = "phải là một bảng hoặc danh sách", "must be an object or a list"
    raise InputError(f"{path}: {reason}.", f"{path}: {english}.")
