"""Encryption of the secrets that the program itself keeps on disk, such as rotating tokens.

Fernet (AES-128-CBC with HMAC-SHA256). The key lies apart from what it seals: outside `data`, or in
the system's keyring, so that a copy of the data folder opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.fernet import Fernet, InvalidToken

from broadcaster.errors import InputError

Keys = Callable[[bool], str]
"""The key as text; True makes one if there is none. Raises InputError."""


class Seal:
    """Seals and opens text. Raises InputError when the key is not to be had."""

    def __init__(self, key: Keys) -> None:
        self._key = key

    def close(self, text: str) -> str:
        return self._fernet(make=True).encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises ValueError when this key has not sealed it, or it is not whole."""
        try:
            return self._fernet(make=False).decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise ValueError("sealed with another key, or not whole") from None

    def _fernet(self, *, make: bool) -> Fernet:
        try:
            return Fernet(self._key(make))
        except ValueError:
            raise InputError(
                "Khóa mã hóa các mã truy cập bị hỏng. Hãy chép lại khóa từ bản sao lưu, hoặc xóa "
                "khóa rồi kết nối lại kênh: broadcaster channel connect KHÓA_KÊNH",
                "The key that tokens are sealed with is damaged. Put it back from a backup, or "
                "delete it and connect the target again: broadcaster channel connect KEY",
            ) from None


def new_key() -> str:
    return Fernet.generate_key().decode()
