"""Outlets that are pushed to. What a failure of theirs *means* is decided here."""

from broadcaster.channels.port import (
    Channel,
    Draft,
    Gone,
    Health,
    Receipt,
    TargetSettings,
    Usage,
    Withdrawn,
    correcting,
    make,
    withdrawing,
)

__all__ = [
    "Channel",
    "Draft",
    "Gone",
    "Health",
    "Receipt",
    "TargetSettings",
    "Usage",
    "Withdrawn",
    "correcting",
    "make",
    "withdrawing",
]
