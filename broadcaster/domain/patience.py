"""When to try again: waits that grow, spread so that what failed together does not return together.

No dice: the spread comes from the delivery's own identity, so a run can be repeated exactly.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

BACK_OFF = [timedelta(seconds=s) for s in (15, 60, 300, 900, 1800)]
SPREAD = 0.25
"""The longest wait is longer than the plain one by this part."""


def back_off(attempt_no: int, uid: str) -> timedelta:
    """How long to wait after the try `attempt_no` (1, 2, …) has certainly failed."""
    plain = BACK_OFF[min(max(attempt_no, 1), len(BACK_OFF)) - 1]
    return plain * (1 + SPREAD * _share(f"{uid} {attempt_no}"))


def _share(seed: str) -> float:
    """From 0 up to 1, always the same for the same seed."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6]) / 2**48
