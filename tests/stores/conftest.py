"""The stores that the suite runs on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from registry.stores.memory import MemoryStore
from registry.stores.port import Store
from registry.stores.sqlite import SqliteStore

ADAPTERS: dict[str, Callable[[Path], Store]] = {
    "memory": lambda _: MemoryStore(wait=0.1),
    "sqlite": lambda directory: SqliteStore(directory / "registry.db", create=True, wait=0.1),
}
"""How an empty store of each kind is made; a directory of its own is given to it."""


@pytest.fixture(params=ADAPTERS)
def make(request: pytest.FixtureRequest) -> Callable[[Path], Store]:
    return ADAPTERS[request.param]


@pytest.fixture
def store(make: Callable[[Path], Store], tmp_path: Path) -> Iterator[Store]:
    with closing(make(tmp_path)) as opened:
        yield opened
