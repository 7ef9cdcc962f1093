"""A small registry, and the real one, on every kind of store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from registry.stores.port import Store
from tests.registries import Registry, load_demo
from tests.stores.conftest import ADAPTERS, EVERY_STORE, shared

WORLD = """
    categories:
      personal-information: {}
      location: {broader: [personal-information], aliases: [position]}
      gps: {broader: [location], has_sensitivity: [high]}
      network-address: {broader: [personal-information]}
      ip-address: {broader: [location, network-address]}
      device-information: {broader: [personal-information]}
      log-information: {broader: [personal-information]}
      profile: {broader: [personal-information]}
      statistics: {broader: [personal-information]}
    sensitivity_levels:
      high: {scheme: test, rank: 2}
    clauses:
      p:1: {document: p, number: "1", defines: [device-information], includes: [location],
        combines: [device-information, log-information]}
    purposes:
      push: {}
      ads: {}
    subjects:
      users: {}
      children: {has_sensitivity: [high]}
    organizations:
      group: {located_in: [cn]}
      home: {part_of: [group]}
      sister: {part_of: [group]}
      foreign: {located_in: [us]}
    jurisdictions:
      cn: {}
      us: {}
    products:
      app: {operated_by: [home]}
    activities:
      pushing: {}
    permissions:
      camera: {}
      android.CAMERA: {platform: android, broader: [camera]}
      ios.camera: {platform: ios, broader: [camera]}
      place: {}
      android.FINE: {platform: android, broader: [place], gives_access_to: [gps]}
      android.COARSE: {platform: android, broader: [place]}
    recipients:
      pushers: {kind: partner, named: false}
      jpush: {kind: sdk, broader: [pushers], operated_by: [foreign]}
      inner: {kind: sdk}
      outer: {kind: sdk, bundles: [inner]}
      sibling: {kind: affiliate, operated_by: [sister]}
      broker: {kind: partner}
"""


@pytest.fixture(params=EVERY_STORE)
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    make: Callable[[Path], Store] = ADAPTERS[request.param]
    with closing(make(tmp_path)) as store:
        yield Registry(store)


@pytest.fixture(params=EVERY_STORE)
def policy(request: pytest.FixtureRequest) -> Iterator[Registry]:
    """The registry of the real policy. It is shared: tests only ask."""
    with shared(request.param, "policy", load_demo) as store:
        yield Registry(store)


@pytest.fixture
def world(registry: Registry) -> Registry:
    registry.register(WORLD)
    return registry
