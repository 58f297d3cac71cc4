"""Websites that run WordPress, by its REST API."""
