"""Reading a settings file (TOML): checked whole, every mistake told in Vietnamese at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from broadcaster.errors import InputError


class Strict(BaseModel):
    """TOML knows numbers, words and truth apart, and so do we: a port is never `true`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


_Model = TypeVar("_Model", bound=BaseModel)


def read_toml(path: Path) -> dict[str, Any]:
    """Raises InputError that names the file, and the line at fault."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(
            f"Chưa có cấu hình: không thấy {path}. Hãy chạy “broadcaster init” trong thư mục của "
            "xã, hoặc chỉ đường bằng --home.",
            f"No settings: {path} is missing. Run “broadcaster init”, or point with --home.",
        ) from None
    except UnicodeDecodeError:
        raise InputError(
            f"{path}: không phải UTF-8. Hãy lưu lại tệp với bảng mã UTF-8.",
            f"{path}: not UTF-8. Save the file as UTF-8.",
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            f"{path}: sai cú pháp TOML ở {_spot(error)}. Sửa chỗ đó rồi thử lại.",
            f"{path}: TOML syntax: {error}.",
        ) from None
    except OSError as error:
        raise InputError(
            f"Không đọc được {path}: {error.strerror}.", f"Cannot read {path}: {error.strerror}."
        ) from None


def _spot(error: tomllib.TOMLDecodeError) -> str:
    found = re.search(r"at line (\d+), column (\d+)", str(error))
    return f"dòng {found[1]}, cột {found[2]}" if found else "cuối tệp"


def checked(model: type[_Model], values: Mapping[str, Any], where: str) -> _Model:
    """Raises InputError that lists every mistake, one a line; `where`: the file's name."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        rows = [f"  - {_place(e)}: {_in_vietnamese(e)}" for e in error.errors()]
        english = [f"  - {_place(e)}: {e['msg']}" for e in error.errors()]
        raise InputError(
            f"{where}: cấu hình có {len(rows)} lỗi:\n" + "\n".join(rows),
            f"{where}: {len(rows)} mistakes:\n" + "\n".join(english),
        ) from None


def _place(error: ErrorDetails) -> str:
    parts = ""
    for part in error["loc"]:
        parts += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return parts.lstrip(".") or "(toàn tệp)"


_SAID = {
    "missing": "thiếu mục này",
    "extra_forbidden": "không có mục tên này (gõ nhầm?)",
    "string_type": "phải là chữ trong ngoặc kép",
    "int_type": "phải là số nguyên",
    "float_type": "phải là số",
    "finite_number": "phải là số có hạn",
    "bool_type": "phải là true hoặc false",
    "list_type": "phải là danh sách",
    "dict_type": "phải là bảng",
    "model_type": "phải là bảng",
    "too_short": "cần ít nhất một phần tử",
    "string_too_short": "quá ngắn",
    "string_too_long": "quá dài",
    "string_pattern_mismatch": "chỉ dùng chữ thường không dấu, số và gạch nối",
}


def _in_vietnamese(error: ErrorDetails) -> str:
    kind = error["type"]
    limits = error.get("ctx", {})
    if kind == "value_error":
        return str(limits["error"])
    if kind == "literal_error":
        return f"chỉ nhận {limits['expected']}".replace(" or ", " hoặc ")
    for name, word in (
        ("ge", "ít nhất"),
        ("le", "nhiều nhất"),
        ("gt", "lớn hơn"),
        ("lt", "nhỏ hơn"),
    ):
        if name in limits:
            return f"phải {word} {limits[name]}"
    return _SAID.get(kind, "giá trị không dùng được")
