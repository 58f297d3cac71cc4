"""Outlets that are pushed to. What a failure of theirs *means* is decided here."""

from broadcaster.channels.port import Channel, Draft, Health, Receipt, TargetSettings, make

__all__ = ["Channel", "Draft", "Health", "Receipt", "TargetSettings", "make"]
