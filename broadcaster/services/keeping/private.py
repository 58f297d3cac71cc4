"""What must not lie open in a backup: passwords, tokens' key, the key that signs plans.

Left out, or sealed with a passphrase: scrypt (RFC 7914) makes a key of it, Fernet seals.
"""

from __future__ import annotations

import base64
import io
import json
import os
import zipfile
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from broadcaster.errors import InputError
from broadcaster.secrecy.files import must_be_private
from broadcaster.secrecy.store import KEY_FILE
from broadcaster.settings.config import FILE, SECRETS

ENTRY = "private.sealed"
SHORTEST = 12
"""Characters of a passphrase: whoever finds the stick has all the time in the world."""

_WORK = 2**15  # 32 MB and a tenth of a second for each guess


def files(home: Path) -> list[Path]:
    """Those that are there."""
    known = [home / SECRETS, home / KEY_FILE, *sorted((home / "data" / "keys").glob("plan.*"))]
    return [path for path in known if path.is_file() and path.suffix != ".new"]


def sealed(home: Path, passphrase: str, *, settings: bool) -> bytes:
    """All of them in one sealed piece; `settings`: with those, as a password stands in them."""
    if len(passphrase) < SHORTEST:
        raise InputError(
            f"Câu mật khẩu phải dài ít nhất {SHORTEST} ký tự.",
            f"The passphrase must have at least {SHORTEST} characters.",
        )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for path in [*files(home), *([home / FILE] if settings else [])]:
            file.writestr(path.relative_to(home).as_posix(), path.read_bytes())
    salt = os.urandom(16)
    token = _lock(passphrase, salt, _WORK).encrypt(packed.getvalue()).decode()
    about = {"kdf": "scrypt", "n": _WORK, "r": 8, "p": 1, "salt": base64.b64encode(salt).decode()}
    return json.dumps({**about, "sealed": token}).encode()


def opened(content: bytes, passphrase: str) -> dict[str, bytes]:
    """The files by their place in the home. Raises InputError for another passphrase."""
    try:
        about = json.loads(content)
        lock = _lock(passphrase, base64.b64decode(about["salt"]), min(int(about["n"]), 2**20))
        packed = lock.decrypt(about["sealed"].encode())
    except (InvalidToken, KeyError, ValueError):
        raise InputError(
            "Sai câu mật khẩu của bản sao lưu. Chưa phục hồi gì.",
            "That is not the passphrase of the backup. Nothing was restored.",
        ) from None
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        return {name: file.read(name) for name in file.namelist()}


def keep(home: Path, found: dict[str, bytes]) -> None:
    """Write them for their owner's eyes only."""
    for name, content in found.items():
        path = home / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        must_be_private(path)


def _lock(passphrase: str, salt: bytes, work: int) -> Fernet:
    made = Scrypt(salt=salt, length=32, n=work, r=8, p=1).derive(passphrase.encode())
    return Fernet(base64.urlsafe_b64encode(made))
