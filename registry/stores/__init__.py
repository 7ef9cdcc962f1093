"""Stores: one port, and an adapter for each place where a registry can be kept."""

from __future__ import annotations

from importlib.util import find_spec

from registry.errors import StoreError
from registry.stores.port import Store
from registry.stores.urls import without_secrets

_UNDERSTOOD = (
    "a store is a path, sqlite:///relative/path, sqlite:////absolute/path, neo4j://host:7687, bolt://host:7687 "
    "or memory://"
)


def open_store(url: str, *, create: bool = False, wait: float = 5.0) -> Store:
    """The store at ``url``, which without a scheme is the path of an SQLite file.

    With ``create`` it is made where there is none; what is there already stays as it is. ``wait`` is how many seconds
    a write waits for another one. Raises `StoreError`.
    """
    # Each adapter is imported only where it is wanted: their drivers cost more than a first answer should.
    scheme, separator, rest = url.partition("://")
    if not separator:
        return _sqlite(url, create, wait)
    match scheme.lower():
        case "sqlite":
            if not rest.startswith("/"):
                raise StoreError(f"{url}: an SQLite store is on no host", hint=f"write three slashes: sqlite:///{rest}")
            return _sqlite(rest[1:], create, wait)
        case "memory":
            from registry.stores.memory import MemoryStore

            return MemoryStore(wait=wait)
        case "neo4j" | "neo4j+s" | "neo4j+ssc" | "bolt" | "bolt+s" | "bolt+ssc":
            return _neo4j(url, create, wait)
        case _:
            raise StoreError(f"{without_secrets(url)}: there is no kind of store called {scheme!r}", hint=_UNDERSTOOD)


def _sqlite(path: str, create: bool, wait: float) -> Store:
    if not path:
        raise StoreError("the path of the store is missing", hint=_UNDERSTOOD)
    from registry.stores.sqlite import SqliteStore

    return SqliteStore(path, create=create, wait=wait)


def _neo4j(url: str, create: bool, wait: float) -> Store:
    if find_spec("neo4j") is None:
        raise StoreError(
            f"{without_secrets(url)}: the driver of Neo4j is not installed",
            hint='install the registry with it: pip install "personal-information-registry[neo4j]"',
        )
    from registry.stores.neo4j import Neo4jStore
    from registry.stores.neo4j.address import address

    return Neo4jStore(address(url), create=create, wait=wait)
