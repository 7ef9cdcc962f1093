"""The stores that the suite runs on."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from registry.stores.memory import MemoryStore
from registry.stores.port import Store
from registry.stores.sqlite import SqliteStore

from .servers import empty_store, shared_store

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


@contextmanager
def shared(kind: str, name: str, fill: Callable[[Store], None]) -> Iterator[Store]:
    """A registry of that kind which tests only ask. It is filled once, and again only where it had to make room."""
    if kind == "neo4j":
        with shared_store(name, fill) as on_server:
            yield on_server
        return
    if (kind, name) not in _SHARED:
        directory = Path(tempfile.mkdtemp(prefix="registry-shared-"))
        atexit.register(shutil.rmtree, directory, ignore_errors=True)
        store = ADAPTERS[kind](directory)
        atexit.register(store.close)
        fill(store)
        _SHARED[kind, name] = store
    yield _SHARED[kind, name]


_SHARED: dict[tuple[str, str], Store] = {}


@pytest.fixture(params=EVERY_STORE)
def make(request: pytest.FixtureRequest) -> Callable[[Path], Store]:
    return ADAPTERS[request.param]


@pytest.fixture
def store(make: Callable[[Path], Store], tmp_path: Path) -> Iterator[Store]:
    with closing(make(tmp_path)) as opened:
        yield opened
