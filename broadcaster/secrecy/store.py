"""Where secrets lie: the environment, a file for its owner only, or the system's keyring."""

from __future__ import annotations

import importlib
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from broadcaster.errors import InputError
from broadcaster.secrecy.encryption import Seal, new_key
from broadcaster.secrecy.files import must_be_private, write_private
from broadcaster.secrecy.masking import remember
from broadcaster.settings.config import SECRETS
from broadcaster.settings.file import read_toml

KEY_FILE = "sealing.key"
_KEY = ("sealing", "key")

Source = Literal["environment", "file", "keyring", ""]


class Secrets:
    """Passwords and tokens: environment first, then HOME/secrets.toml, then the keyring if used.

    BROADCASTER_SECRET_FANPAGE_PAGE_TOKEN, or [fanpage] page_token = "…" in the file. Whatever is
    read here is masked in all that this process says from then on.
    """

    def __init__(self, home: Path, environ: Mapping[str, str], *, keyring: bool = False) -> None:
        self._home = home
        self._path = home / SECRETS
        self._environ = environ
        self._keyring = keyring
        self.seal = Seal(self._sealing_key)

    def get(self, target: str, name: str) -> str:
        """Raises InputError when it is nowhere, or the file may be read by others."""
        found, _ = self._find(target, name)
        if not found:
            variable = _variable(target, name)
            raise InputError(
                f"Thiếu mật khẩu hoặc mã “{name}” của kênh “{target}”. Hãy chạy: broadcaster "
                f"channel connect {target}; hoặc ghi vào {self._path} dưới [{target}], hoặc đặt "
                f"biến môi trường {variable}.",
                f"Secret “{name}” of target “{target}” is missing. Run: broadcaster channel "
                f"connect {target}; or use {self._path}, or {variable}.",
            )
        remember(found)
        return found

    def remember_all(self) -> None:
        """Mask from now on whatever lies in environment and file, before any of it is used."""
        prefix = "BROADCASTER_SECRET_"
        remember(*(value for name, value in self._environ.items() if name.startswith(prefix)))
        try:
            sections = read_toml(self._path) if self._path.exists() else {}
        except InputError:
            return  # said when one of them is needed
        for section in sections.values():
            if isinstance(section, dict):
                remember(*(value for value in section.values() if isinstance(value, str)))

    def source(self, target: str, name: str) -> Source:
        """Where it lies; empty when it is nowhere."""
        return self._find(target, name)[1]

    def put(self, target: str, name: str, value: str) -> Source:
        """Keep it, in the keyring or the file; where it went.

        Raises InputError when an environment variable would go on hiding it.
        """
        variable = _variable(target, name)
        if self._environ.get(variable):
            raise InputError(
                f"Biến môi trường {variable} đang được đặt và luôn được ưu tiên. Hãy sửa ở đó, "
                "hoặc bỏ biến này rồi chạy lại.",
                f"The environment variable {variable} is set and comes first. Change it there, "
                "or unset it and run this again.",
            )
        remember(value)
        if self._keyring:
            self._ring().set_password(self._service, f"{target}.{name}", value)
            return "keyring"
        self._home.mkdir(parents=True, exist_ok=True)
        with FileLock(self._home / "secrets.lock"):
            text = ""
            if self._path.exists():
                must_be_private(self._path)
                read_toml(self._path)  # says what is wrong with it
                text = self._path.read_text("utf-8-sig")
            write_private(self._path, with_secret(text, target, name, value))
        return "file"

    def _find(self, target: str, name: str) -> tuple[str, Source]:
        if found := self._environ.get(_variable(target, name)):
            return found, "environment"
        if self._path.exists():
            must_be_private(self._path)
            if found := self._written(target, name):
                return found, "file"
        if self._keyring and (found := self._ringing(target, name)):
            return found, "keyring"
        return "", ""

    def _written(self, target: str, name: str) -> str:
        section = read_toml(self._path).get(target, {})
        found = section.get(name, "") if isinstance(section, dict) else None
        if not isinstance(found, str):
            raise InputError(
                f'{self._path}: viết dưới [{target}] một dòng {name} = "…" (chữ trong ngoặc kép).',
                f'{self._path}: write a line {name} = "…" below [{target}].',
            )
        return found

    def _sealing_key(self, make: bool) -> str:
        if self._keyring:
            if found := self._ringing(*_KEY):
                return found
            if not make:
                raise self._no_key("keyring")
            self._ring().set_password(self._service, ".".join(_KEY), new_key())
            return self._ringing(*_KEY)
        path = self._home / KEY_FILE
        if not path.exists():
            if not make:
                raise self._no_key(str(path))
            with FileLock(self._home / "sealing.lock"):
                if not path.exists():
                    write_private(path, new_key() + "\n")
        must_be_private(path)
        return path.read_text("utf-8").strip()

    def _no_key(self, where: str) -> InputError:
        return InputError(
            f"Không thấy khóa mã hóa ({where}) đã dùng để giữ các mã truy cập. Hãy chép lại khóa "
            "từ bản sao lưu, hoặc kết nối lại kênh: broadcaster channel connect KHÓA_KÊNH",
            f"The key ({where}) that the tokens were sealed with is missing. Put it back from a "
            "backup, or connect the target again: broadcaster channel connect KEY",
        )

    @property
    def _service(self) -> str:
        return f"broadcaster {self._home}"

    def _ringing(self, target: str, name: str) -> str:
        found = self._ring().get_password(self._service, f"{target}.{name}")
        return str(found or "")

    def _ring(self) -> Any:
        """The system's keyring, only where the settings ask for it."""
        try:
            ring = importlib.import_module("keyring")
            backend = ring.get_keyring()
        except ImportError:
            raise InputError(
                "Cấu hình chọn [secrets] store = “keyring” nhưng chưa cài phần này. "
                "Hãy chạy: pip install “commune-broadcaster[keyring]”",
                "[secrets] store is “keyring”, which is not installed. "
                "Run: pip install “commune-broadcaster[keyring]”",
            ) from None
        if backend.priority <= 0:
            raise InputError(
                "Máy này không có kho mật khẩu của hệ thống (keyring). Hãy đổi [secrets] store "
                "thành “file” trong broadcaster.toml.",
                "This machine has no system keyring. Set [secrets] store to “file”.",
            )
        return backend


def _variable(target: str, name: str) -> str:
    return f"BROADCASTER_SECRET_{target}_{name}".upper().replace("-", "_")


def with_secret(text: str, target: str, name: str, value: str) -> str:
    """The file's text with one value set; everything else of it stays as it was.

    Raises InputError when the file is written in a way that cannot be changed by line.
    """
    line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
    lines = text.rstrip("\n").split("\n") if text else []
    head = re.compile(rf"\s*\[\s*[\"']?{re.escape(target)}[\"']?\s*\]\s*(#.*)?")
    start = next((n for n, found in enumerate(lines) if head.fullmatch(found)), None)
    if start is None:
        gap = [""] if lines and lines[-1].strip() else []
        lines += [*gap, f"[{target}]", line]
    else:
        rest = range(start + 1, len(lines))
        end = next((n for n in rest if lines[n].lstrip().startswith("[")), len(lines))
        key = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=")
        old = next((n for n in range(start + 1, end) if key.match(lines[n])), None)
        lines[start + 1 if old is None else old : start + 1 if old is None else old + 1] = [line]
    made = "\n".join(lines) + "\n"
    wanted = tomllib.loads(text)
    section = wanted.setdefault(target, {})
    if isinstance(section, dict):
        section[name] = value
    try:
        right = tomllib.loads(made) == wanted
    except tomllib.TOMLDecodeError:
        right = False
    if not right:
        raise InputError(
            f"Không tự sửa được {SECRETS}: hãy tự ghi mục {name} dưới [{target}] trong tệp này.",
            f"{SECRETS} cannot be changed by itself: write {name} below [{target}] by hand.",
        )
    return made
