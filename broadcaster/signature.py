"""The server's signature on a plan (Ed25519), and the way from an older key of it to a newer one.

Whoever can reach the loudspeakers can frighten a village. So a station plays nothing but what this
one server has signed: it pins the server's public key when it is enrolled.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from broadcaster.errors import BroadcasterError
from broadcaster.wire import Signed, Succession

_PLAN = b"commune-broadcaster station plan 1\0"
_SUCCESSION = b"commune-broadcaster station key 1\0"
"""Said before what is signed, so that a signature on the one is none on the other."""


class Forged(BroadcasterError):
    """The signature is missing, wrong, or by a key that this station has no reason to trust."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(
            f"Chữ ký của lịch không đúng ({vi}): trạm không nhận, không phát.",
            f"The plan's signature is wrong ({en}): neither taken nor played.",
        )


def public_text(private: Ed25519PrivateKey) -> str:
    """The public key in base64: what a station pins."""
    return b64encode(private.public_key().public_bytes_raw()).decode()


def fingerprint(key: str) -> str:
    """Short, for people to compare: the first digits of SHA-256 over the key in base64."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def sign(
    private: Ed25519PrivateKey, payload: str, successions: Sequence[Succession] = ()
) -> Signed:
    signature = private.sign(_PLAN + payload.encode())
    return Signed(
        payload=payload,
        key=public_text(private),
        signature=b64encode(signature).decode(),
        successions=list(successions),
    )


def hand_on(old: Ed25519PrivateKey, new: str) -> Succession:
    """The old key says that `new` (public, base64) takes its place."""
    signature = old.sign(_SUCCESSION + new.encode())
    return Succession(key=new, signature=b64encode(signature).decode())


def opened(signed: Signed, pinned: str) -> str:
    """The payload, if the pinned key or a successor of it has signed it. Raises Forged.

    A successor counts only as the newest: what an older key signs later is refused.
    """
    if not pinned:
        raise Forged("trạm chưa ghim khóa máy chủ", "this station has pinned no key")
    if newest(signed, pinned) != signed.key:
        raise Forged("khóa lạ", "an unknown key")
    _verify(signed.key, signed.signature, _PLAN + signed.payload.encode())
    return signed.payload


def newest(signed: Signed, pinned: str) -> str:
    """The key that is valid today for whoever has pinned `pinned`. Raises Forged."""
    key = pinned
    for step in signed.successions:
        if step.key == key:  # this far it is known already
            continue
        if _is_by(key, step):
            key = step.key
    return key


def _is_by(key: str, step: Succession) -> bool:
    try:
        _verify(key, step.signature, _SUCCESSION + step.key.encode())
    except Forged:
        return False
    return True


def _verify(key: str, signature: str, data: bytes) -> None:
    try:
        public = Ed25519PublicKey.from_public_bytes(b64decode(key, validate=True))
        public.verify(b64decode(signature, validate=True), data)
    except (ValueError, InvalidSignature):
        raise Forged("chữ ký sai", "bad signature") from None
