"""Reading one target's settings: every mistake names the target, the setting and the way out."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from broadcaster.channels.port import TargetSettings
from broadcaster.errors import InputError, Refused


@dataclass(frozen=True, slots=True)
class Options:
    """The options and secrets of one target."""

    settings: TargetSettings

    def text(self, name: str, default: str = "") -> str:
        value = self.settings.options.get(name, default)
        return default if value is None else str(value).strip()

    def needed(self, name: str) -> str:
        """A text that must be there. Raises InputError."""
        return self.text(name) or self._wrong(name, "còn thiếu", "is missing")

    def number(self, name: str, default: float) -> float:
        """A number above zero. Raises InputError."""
        try:
            found = float(self.settings.options.get(name, default))
        except (TypeError, ValueError):
            found = 0.0
        if not 0 < found < float("inf"):
            self._wrong(name, "phải là số lớn hơn 0", "must be a number above 0")
        return found

    def names(self, name: str) -> list[str]:
        """A list, or names separated by commas."""
        value = self.settings.options.get(name) or []
        parts = value.split(",") if isinstance(value, str) else list(value)
        return [str(part).strip() for part in parts if str(part).strip()]

    def choice(self, name: str, known: Sequence[str]) -> str:
        """One of `known`, the first by default. Raises InputError."""
        found = self.text(name, known[0])
        if found not in known:
            words = ", ".join(known)
            self._wrong(name, f"phải là một trong: {words}", f"must be one of: {words}")
        return found

    def address(self, name: str, default: str = "") -> str:
        """A base address without a slash at its end; plain http only to this very machine."""
        found = (self.text(name, default) or self.needed(name)).rstrip("/")
        if not safe_address(found):
            self._wrong(
                name,
                f"phải là địa chỉ https:// (đang là “{found}”); "
                "http:// chỉ dùng trên chính máy này",
                f"must be an https:// address (it is “{found}”); http:// only to this machine",
            )
        return found

    def secret(self, name: str) -> str:
        """A secret that the next call needs. Raises Refused: nothing has been sent."""
        try:
            found = self.settings.secret(name).strip()
        except InputError as error:
            raise Refused(
                error.text.vi, error.text.en, code="no-secret", target_wide=True
            ) from None
        if not re.fullmatch(r"[\x20-\x7e]+", found):
            raise Refused(
                f"Kênh “{self.settings.name}”: bí mật “{name}” trống hoặc có ký tự lạ. "
                "Hãy sao chép và lưu lại.",
                f"Target “{self.settings.name}”: the secret “{name}” is empty or holds odd "
                "characters. Copy and store it again.",
                code="odd-secret",
                target_wide=True,
            )
        return found

    def optional_secret(self, name: str) -> str:
        """A secret that may be left out."""
        try:
            unset = not self.settings.secret(name).strip()
        except InputError:
            unset = True
        return "" if unset else self.secret(name)

    def _wrong(self, name: str, vi: str, en: str) -> str:
        raise InputError(
            f"Kênh “{self.settings.name}” ({self.settings.key}): mục “{name}” {vi}. "
            "Hãy sửa trong tệp cấu hình.",
            f"Target “{self.settings.name}” ({self.settings.key}): option “{name}” {en}. "
            "Correct it in the configuration file.",
        )


def safe_address(address: str) -> bool:
    """Whether credentials may be sent there: https, or http to this very machine."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    plain = not parts.username and not parts.password and not parts.query and not parts.fragment
    if not host or port == 0 or not plain or not address.isprintable() or " " in address:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
