"""The stores that the suite runs on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from registry.stores.memory import MemoryStore
from registry.stores.port import Store
from registry.stores.sqlite import SqliteStore

from .servers import empty_store

ADAPTERS: dict[str, Callable[[Path], Store]] = {
    "memory": lambda _: MemoryStore(wait=0.1),
    "neo4j": lambda _: empty_store(),
    "sqlite": lambda directory: SqliteStore(directory / "registry.db", create=True, wait=0.1),
}
"""How an empty store of each kind is made; a directory of its own is given to it."""

NEO4J = pytest.param("neo4j", marks=pytest.mark.neo4j)
EVERY_STORE = ["memory", NEO4J, "sqlite"]


LASTING = [NEO4J, "sqlite"]
"""The stores that outlast a process: those that commands can work on."""


@contextmanager
def place(kind: str, directory: Path) -> Iterator[str]:
    """Where a command finds an empty registry of that kind."""
    with closing(ADAPTERS[kind](directory)) as store:
        yield store.url


@pytest.fixture(params=EVERY_STORE)
def make(request: pytest.FixtureRequest) -> Callable[[Path], Store]:
    return ADAPTERS[request.param]


@pytest.fixture
def store(make: Callable[[Path], Store], tmp_path: Path) -> Iterator[Store]:
    with closing(make(tmp_path)) as opened:
        yield opened
