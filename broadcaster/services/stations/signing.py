"""The key with which this server signs what its stations may play.

DATA/keys/plan.pem is the private key, readable by its owner only; plan.json beside it has the
successions from older keys to it. Both belong into the backup: without them every station has to be
enrolled again.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from broadcaster import signature as seal
from broadcaster.domain.people import Person, Right
from broadcaster.errors import Unavailable
from broadcaster.services.context import Context
from broadcaster.store import events, stations
from broadcaster.wire import Rundown, Signed, Succession

KEY, _SUCCESSIONS = "plan.pem", "plan.json"


@dataclass(frozen=True)
class Signer:
    """`public` in base64: what stations pin."""

    private: Ed25519PrivateKey
    successions: tuple[Succession, ...]

    @property
    def public(self) -> str:
        return seal.public_text(self.private)

    def sign(self, rundown: Rundown) -> Signed:
        return seal.sign(self.private, rundown.model_dump_json(), self.successions)


def signer(context: Context) -> Signer:
    """The key in force; made at its first use. Raises Unavailable when it cannot be read."""
    folder = context.keys
    if not (folder / KEY).is_file():
        _create(folder)
    return Signer(_read(folder / KEY), _successions(folder))


def rotate(context: Context, person: Person, now: datetime) -> Signer:
    """A new key, signed by the old one; stations take it over with their next plan.

    That helps against a key that has grown old, not against one that was stolen: then the stations
    are to be enrolled again.
    """
    person.must_have(Right.MANAGE)
    old, new = signer(context), Ed25519PrivateKey.generate()
    step = seal.hand_on(old.private, seal.public_text(new))
    made = Signer(new, (*old.successions, step))
    # First how one gets to the new key: a station is never shown a key without the way to it.
    steps = [one.model_dump() for one in made.successions]
    _write(context.keys / _SUCCESSIONS, json.dumps(steps).encode())
    _write(context.keys / KEY, _pem(new))
    with context.database.write() as connection:
        stations.touch(connection, context.commune_id)
        events.note(
            connection, context.commune_id, person.name, "station.key-rotated", "commune", now,
            key=seal.fingerprint(made.public),
        )  # fmt: skip
    return made


def _create(folder: Path) -> None:
    """Many may need it at once, here or on another host: the first one's key stands."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = _aside(folder, _pem(Ed25519PrivateKey.generate()))
    try:
        with suppress(FileExistsError):
            os.link(aside, folder / KEY)
    finally:
        aside.unlink()


def _pem(private: Ed25519PrivateKey) -> bytes:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    _aside(path.parent, content).replace(path)


def _aside(folder: Path, content: bytes) -> Path:
    """A whole file under a name of its own, readable by its owner only."""
    number, name = tempfile.mkstemp(dir=folder)
    with os.fdopen(number, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Unavailable(
            f"Không đọc được khóa ký lịch {path}. Hãy phục hồi tệp này từ bản sao lưu.",
            f"The key that signs plans, {path}, cannot be read. Restore it from the backup.",
        )
    return key


def _successions(folder: Path) -> tuple[Succession, ...]:
    path = folder / _SUCCESSIONS
    if not path.is_file():
        return ()
    return tuple(Succession.model_validate(one) for one in json.loads(path.read_text("utf-8")))
