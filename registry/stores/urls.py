"""Addresses of stores as people may see them."""

from __future__ import annotations


def without_secrets(url: str) -> str:
    """The address without the user, password and query that may stand in it."""
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("?")[0].partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
