"""Slugs and file names as WordPress makes them: ASCII, and unique."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

TRASHED = "__trashed"


def ascii_text(text: str) -> str:
    """Vietnamese letters without their marks."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def slugify(text: str) -> str:
    low = ascii_text(text).lower()
    kept = re.sub(r"[^a-z0-9_\s-]", "", low)
    return re.sub(r"[\s-]+", "-", kept).strip("-")[:200]


def unique(slug: str, taken: Collection[str]) -> str:
    """`slug`, or `slug-2`, `slug-3`…"""
    found, number = slug, 1
    while found in taken:
        number += 1
        found = f"{slug}-{number}"
    return found


def file_name(text: str, taken: Collection[str]) -> str:
    """An ASCII file name; a clash gets `-1`, `-2`…"""
    base = text.replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = ascii_text(base).rpartition(".")
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", stem if dot else ending).strip("-.") or "tep"
    tail = f".{ending.lower()}" if dot else ""
    found, number = safe + tail, 0
    while found in taken:
        number += 1
        found = f"{safe}-{number}{tail}"
    return found
