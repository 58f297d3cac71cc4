"""Zalo Official Accounts: articles, broadcasts to followers, groups."""
