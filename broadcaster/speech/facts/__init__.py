"""What a text says in figures and names, and whether two versions of it say the same."""

from __future__ import annotations
