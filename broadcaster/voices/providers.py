"""What a speech service is: a description in a file, not code."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from broadcaster.errors import InputError

SHIPPED = Path(__file__).with_name("vendors.toml")
Field = str | int | bool


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pace(_Strict):
    """How our pace (1.0 is usual) becomes the vendor's number."""

    usual: float = 1.0
    step: float = 1.0
    least: float = 0.5
    most: float = 2.0
    whole: bool = False

    def say(self, speed: float) -> str:
        value = min(max(self.usual + (speed - 1) * self.step, self.least), self.most)
        return str(round(value)) if self.whole else f"{value:g}"


class Job(_Strict):
    """For services that answer first and have the sound later. Dotted names lead into JSON."""

    good: dict[str, str] = {}  # what the first answer must say
    link: str  # where the address of the sound is
    hosts: tuple[str, ...]  # sound is fetched from these and their subdomains only
    id: str = ""  # where the job's number is, if the address comes only later
    poll: str = ""  # address to ask with {id}
    done: dict[str, str] = {}
    failed: dict[str, str] = {}
    every_s: float = 2.0
    patience_s: float = 150.0


class Provider(_Strict):
    """One service; without `job` its answer is the sound itself."""

    title: str
    url: str
    voice: str
    most_characters: int
    body: Literal["text", "json", "form"]
    headers: dict[str, str] = {}
    fields: dict[str, Field] = {}
    speed: Pace = Pace()
    job: Job | None = None


def load(name: str, file: Path = SHIPPED) -> Provider:
    """The service `name` of a description file. Raises InputError naming what is wrong in it."""
    try:
        described = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise InputError(
            f"Không đọc được tệp dịch vụ giọng đọc “{file}”: {fault}.",
            f"Cannot read the file of speech services “{file}”: {fault}.",
        ) from fault
    if name not in described:
        known = ", ".join(described)
        raise InputError(
            f"Không có dịch vụ giọng đọc “{name}”; có: {known}.",
            f"There is no speech service “{name}”; there are: {known}.",
        )
    try:
        return Provider.model_validate(described[name])
    except ValidationError as fault:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in fault.errors())
        raise InputError(
            f"Tệp “{file.name}”, mục [{name}] có lỗi: {wrong}.",
            f"File “{file.name}”, section [{name}] is wrong: {wrong}.",
        ) from fault


def key(name: str, settings: Mapping[str, str]) -> str:
    """The secret of the service: from the environment, else from a file only its owner reads.

    Empty when there is none. Raises InputError for a file that others may read.
    """
    if found := os.environ.get(f"BROADCASTER_{name.upper()}_KEY", "").strip():
        return found
    if not (file := settings.get("key_file")):
        return ""
    path = Path(file)
    try:
        mode, secret = path.stat().st_mode, path.read_text("utf-8").strip()
    except (OSError, ValueError) as fault:
        raise InputError(
            f"Không đọc được tệp khóa “{file}”.", f"Cannot read the key file “{file}”."
        ) from fault
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(
            f"Tệp khóa “{file}” để người khác đọc được: hãy chạy chmod 600 “{file}”.",
            f"The key file “{file}” can be read by others: run chmod 600 “{file}”.",
        )
    return secret
