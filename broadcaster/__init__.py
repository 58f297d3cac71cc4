"""Broadcaster: one announcement, every outlet of a commune."""

__version__ = "0.1.0"
