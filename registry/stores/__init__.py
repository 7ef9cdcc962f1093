"""Stores: one port, and an adapter for each place where a registry can be kept."""

from __future__ import annotations

from importlib.util import find_spec

from registry.bilingual import Text
from registry.errors import StoreError
from registry.stores.port import Store
from registry.stores.urls import without_secrets

_UNDERSTOOD = Text(
    "a store is a path, sqlite:///relative/path, sqlite:////absolute/path, neo4j://host:7687, bolt://host:7687 "
    "or memory://",
    "存储可写作路径、sqlite:///相对路径、sqlite:////绝对路径、neo4j://host:7687、bolt://host:7687或memory://",
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
                raise StoreError(
                    Text(f"{url}: an SQLite store is on no host", f"{url}：SQLite存储不在任何主机上"),
                    hint=Text(f"write three slashes: sqlite:///{rest}", f"写三条斜线：sqlite:///{rest}"),
                )
            return _sqlite(rest[1:], create, wait)
        case "memory":
            from registry.stores.memory import MemoryStore

            return MemoryStore(wait=wait)
        case "neo4j" | "neo4j+s" | "neo4j+ssc" | "bolt" | "bolt+s" | "bolt+ssc":
            return _neo4j(url, create, wait)
        case _:
            shown = without_secrets(url)
            raise StoreError(
                Text(f"{shown}: there is no kind of store called {scheme!r}", f"{shown}：没有名为{scheme!r}的存储类型"),
                hint=_UNDERSTOOD,
            )


def _sqlite(path: str, create: bool, wait: float) -> Store:
    if not path:
        raise StoreError(Text("the path of the store is missing", "缺少存储的路径"), hint=_UNDERSTOOD)
    from registry.stores.sqlite import SqliteStore

    return SqliteStore(path, create=create, wait=wait)


def _neo4j(url: str, create: bool, wait: float) -> Store:
    if find_spec("neo4j") is None:
        shown, command = without_secrets(url), 'pip install "personal-information-registry[neo4j]"'
        raise StoreError(
            Text(f"{shown}: the driver of Neo4j is not installed", f"{shown}：未安装Neo4j的驱动程序"),
            hint=Text(f"install the registry with it: {command}", f"连同驱动程序一起安装：{command}"),
        )
    from registry.stores.neo4j import Neo4jStore
    from registry.stores.neo4j.address import address

    return Neo4jStore(address(url), create=create, wait=wait)
