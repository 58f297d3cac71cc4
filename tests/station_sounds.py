"""Sounds and plans for the station's tests."""

from __future__ import annotations

import hashlib
import io
import wave
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broadcaster.signature import public_text, sign
from broadcaster.station.audio import Vault
from broadcaster.station.trust import Trust
from broadcaster.wire import Cue, Rundown, RundownItem, Signed

RATE = 8_000


def wav(seconds: float, seed: int = 1, rate: int = RATE, channels: int = 1) -> bytes:
    noise = np.random.default_rng(seed).integers(-9000, 9000, (round(seconds * rate), channels))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(noise.astype("<i2").tobytes())
    return file.getvalue()


def samples(path: Path) -> Any:
    with wave.open(str(path)) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return raw.reshape(-1, file.getnchannels())


def cue_of(sound: bytes) -> Cue:
    with wave.open(io.BytesIO(sound)) as file:
        length = file.getnframes() * 1000 // file.getframerate()
    digest = hashlib.sha256(sound).hexdigest()
    return Cue(kind="programme", digest=digest, size=len(sound), duration_ms=length)


def hold(vault: Vault, sound: bytes) -> Cue:
    """Put `sound` on the station's disk, as a finished fetch would."""
    cue = cue_of(sound)
    vault.part(cue.digest).write_bytes(sound)
    assert vault.keep(cue.digest, cue.size) is None
    return cue


def item(uid: str, starts_at: datetime, cues: list[Cue], **changes: Any) -> RundownItem:
    values: dict[str, Any] = {
        "uid": uid,
        "title": f"Tin {uid}",
        "priority": "normal",
        "starts_at": starts_at,
        "expires_at": starts_at + timedelta(minutes=5),
        "cues": cues,
        "approval": "duyet",
        "authority": "minh" if changes.get("priority") == "emergency" else "",
    }
    return RundownItem(**(values | changes))


def rundown(version: int, issued_at: datetime, items: list[RundownItem], **more: Any) -> Rundown:
    dates = {
        "issued_at": issued_at,
        "valid_from": issued_at - timedelta(days=1),
        "valid_until": issued_at + timedelta(days=8),
    }
    return Rundown(station="thon-1", version=version, items=items, **(dates | more))


KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
"""Of the server that all stations of these tests belong to."""


def sealed(plan: Rundown, key: Ed25519PrivateKey = KEY) -> Signed:
    return sign(key, plan.model_dump_json())


def trusting(home: Path) -> Trust:
    """The folder of a station that is enrolled with that server."""
    home.mkdir(parents=True, exist_ok=True)
    trust = Trust(home)
    trust.pin(public_text(KEY))
    return trust
