"""How long each version of the Graph API lives: data that a commune may replace by newer."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from broadcaster.errors import InputError, Text

SHIPPED = Path(__file__).with_name("versions.toml")
NEAR = timedelta(days=90)
_LIFE = timedelta(days=2 * 365)


@dataclass(frozen=True, slots=True)
class Versions:
    """`default` is the one to use; days on which others end, or were released."""

    default: str
    ends: Mapping[str, date]
    released: Mapping[str, date]

    @classmethod
    def read(cls, path: Path = SHIPPED) -> Versions:
        """Raises InputError."""
        try:
            given = tomllib.loads(path.read_text(encoding="utf-8"))
            ends, released = given.get("ends", {}), given.get("released", {})
            if not all(type(day) is date for day in [*ends.values(), *released.values()]):
                raise ValueError("ends, released")
            return cls(str(given["default"]), ends, released)
        except (OSError, ValueError, KeyError, AttributeError) as error:
            raise InputError(
                f"Tệp phiên bản API {path} không đọc được ({error}). Hãy sửa theo mẫu, hoặc bỏ "
                "mục “versions_file” của kênh.",
                f"The file of API versions {path} cannot be read ({error}). Correct it, or leave "
                "out the target's option “versions_file”.",
            ) from None

    def warning(self, version: str, now: datetime) -> Text | None:
        """What a person should do while there is time; None when there is enough of it."""
        end = self.ends.get(version)
        born = self.released.get(version)
        about = not end
        end = end or (born + _LIFE if born else None)
        if end is None or datetime(end.year, end.month, end.day, tzinfo=UTC) - now >= NEAR:
            return None
        better = self.default if self.default != version else ""
        step = f"đổi “version” thành {better}" if better else "hỏi người bảo trì bản mới"
        step_en = f"set “version” to {better}" if better else "ask the maintainer for a newer one"
        around, around_en = ("khoảng ", "about ") if about else ("", "")
        return Text(
            f"phiên bản API {version} hết hạn {around}ngày {end:%d/%m/%Y}; hãy {step}.",
            f"API {version} ends {around_en}on {end}; {step_en}.",
        )
