"""Keeping what a commune has: moved between databases, backed up, restored, checked."""
