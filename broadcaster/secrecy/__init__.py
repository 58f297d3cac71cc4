"""Passwords and tokens: where they lie, how they are covered and encrypted."""
