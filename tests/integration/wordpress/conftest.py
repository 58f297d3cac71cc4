"""The fixtures of this folder; they stand in real_site.py, where their types are checked."""

from real_site import newsroom, opened_again, site

__all__ = ["newsroom", "opened_again", "site"]
