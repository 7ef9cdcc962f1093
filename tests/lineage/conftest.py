"""A small registry, and the real one, on every kind of store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from registry.stores.port import Store
from tests.registries import Registry, load_demo
from tests.stores.conftest import ADAPTERS


@pytest.fixture(params=ADAPTERS)
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    make: Callable[[Path], Store] = ADAPTERS[request.param]
    with closing(make(tmp_path)) as store:
        yield Registry(store)


@pytest.fixture(scope="session", params=ADAPTERS)
def policy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """The registry of the real policy. It is shared: tests only ask."""
    make: Callable[[Path], Store] = ADAPTERS[request.param]
    with closing(make(tmp_path_factory.mktemp("policy"))) as store:
        load_demo(store)
        yield Registry(store)
