"""Hands the shared fixtures to every test; mypy, which wants one module of a name, skips this."""

from fixtures import _no_traffic, postgres_url, refused_traffic, tmp_home
from small_disk import disk

__all__ = ["_no_traffic", "disk", "postgres_url", "refused_traffic", "tmp_home"]
