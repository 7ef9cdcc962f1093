"""Stores: one port, and an adapter for each place where a registry can be kept."""

from __future__ import annotations

from registry.errors import StoreError
from registry.stores.port import Store

_UNDERSTOOD = "a store is a path, sqlite:///relative/path, sqlite:////absolute/path or memory://"


def open_store(url: str, *, create: bool = False) -> Store:
    """The store at ``url``, which without a scheme is the path of an SQLite file.

    With ``create`` it is made where there is none; what is there already stays as it is. Raises `StoreError`.
    """
    # Each adapter is imported only where it is wanted: their drivers cost more than a first answer should.
    scheme, separator, rest = url.partition("://")
    if not separator:
        return _sqlite(url, create)
    match scheme.lower():
        case "sqlite":
            if not rest.startswith("/"):
                raise StoreError(f"{url}: an SQLite store is on no host", hint=f"write three slashes: sqlite:///{rest}")
            return _sqlite(rest[1:], create)
        case "memory":
            from registry.stores.memory import MemoryStore

            return MemoryStore()
        case _:
            raise StoreError(f"{_without_secrets(url)}: there is no kind of store called {scheme!r}", hint=_UNDERSTOOD)


def _sqlite(path: str, create: bool) -> Store:
    if not path:
        raise StoreError("the path of the store is missing", hint=_UNDERSTOOD)
    from registry.stores.sqlite import SqliteStore

    return SqliteStore(path, create=create)


def _without_secrets(url: str) -> str:
    """The address without the user and password that may stand in it."""
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
