"""Plans: what would change, nothing else is written, and a flow is closed, never deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from registry.errors import InvalidInput, Refused, StaleWrite
from registry.model.snapshot import Edge, EdgeId, Node, NodeId, Text
from registry.planning import Plan, apply, close_flow, plan, read_manifests
from registry.seeding import DEMO, VOCABULARY, seeds
from registry.stores.port import Store
from tests.manifest_files import WORLD, contents, register, write
from tests.stores.conftest import ADAPTERS, EVERY_STORE

LOCATION = NodeId("DataCategory", "location")
TODAY = "2026-11-23"
GPS = NodeId("DataCategory", "gps")
GETUI = NodeId("Recipient", "getui")
JPUSH = NodeId("Recipient", "jpush")
SYNC = NodeId("DataFlow", "sync")
FLOW = (
    "flows: {sync: {name: {en: Sync, zh: 同步}, kind: provide, carries: gps, from: product:app, to: jpush, for: push}}"
)


@pytest.fixture(params=EVERY_STORE)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A small registry with one flow, on every kind of store."""
    make: Callable[[Path], Store] = ADAPTERS[request.param]
    directory = tmp_path / "store"
    directory.mkdir()
    with closing(make(directory)) as store:
        register(store, directory, WORLD)
        register(store, directory, FLOW)
        yield store


def planned(store: Store, directory: Path, manifest: str) -> Plan:
    write(directory, {"m.yaml": manifest})
    with store.reading() as reader:
        return plan(reader, read_manifests(reader, [directory / "m.yaml"]))


def test_what_is_there_already_is_no_change(world: Store, tmp_path: Path) -> None:
    found = planned(world, tmp_path, WORLD)

    assert found == Plan((), 11, contents(world)[0])


def test_a_plan_has_what_is_new_and_what_differs(world: Store, tmp_path: Path) -> None:
    manifest = """
        categories:
          gps: {name: {en: GPS location, zh: GPS定位}}
          location: {name: {en: Location, zh: 位置信息}, aliases: [position, 定位]}
          cell: {name: {en: Cell, zh: 基站}, broader: location}
        recipients:
          getui: {name: {en: GeTui, zh: 个推}, kind: sdk, version: "2", bundles: jpush}
    """

    found = planned(world, tmp_path, manifest)

    assert [change.id.key for change in found.added] == ["cell"]
    assert [change.id.key for change in found.changed] == ["gps", "getui"]
    assert found.unchanged == 1
    cell, gps, getui = sorted(found.changes, key=lambda change: change.id)
    narrower = Edge(cell.id, "BROADER", LOCATION)
    assert (cell.before, cell.leads, cell.edges, cell.gone) == (None, (narrower,), (narrower,), ())
    assert (gps.leads, gps.edges, gps.gone) == ((), (), (EdgeId(GPS, "BROADER", LOCATION),))
    assert (getui.leads, getui.edges, getui.gone) == ((Edge(GETUI, "BUNDLES", JPUSH),), (), ())
    assert getui.before is not None
    assert getui.after.properties == {**getui.before.properties, "version": "2"}


def test_a_plan_has_what_an_edge_says_anew(world: Store, tmp_path: Path) -> None:
    manifest = FLOW.replace("carries: gps", "carries: {category: gps, required: false}")

    (change,) = planned(world, tmp_path, manifest).changes

    assert change.edges == (Edge(SYNC, "CARRIES", GPS, {"required": False}),)
    assert change.gone == ()
    assert len(change.leads) == 4


def test_what_is_declared_becomes_exactly_what_it_says_and_the_rest_stays(world: Store, tmp_path: Path) -> None:
    _, nodes, edges = contents(world)

    register(world, tmp_path, "categories: {gps: {name: {en: Satellite, zh: 卫星}}}")

    version, now, ways = contents(world)
    assert version == 3
    assert [node for node in now if node.id == GPS] == [Node(GPS, {"name": Text("Satellite", "卫星")})]
    assert [node for node in now if node.id != GPS] == [node for node in nodes if node.id != GPS]
    assert ways == [edge for edge in edges if edge.source != GPS]


def test_applying_no_change_writes_nothing(world: Store, tmp_path: Path) -> None:
    before = contents(world)

    apply(world, planned(world, tmp_path, WORLD))

    assert contents(world) == before


def test_a_plan_is_for_the_registry_as_it_was(world: Store, tmp_path: Path) -> None:
    old = planned(world, tmp_path, "categories: {a: {name: {en: a, zh: b}}}")
    register(world, tmp_path, "categories: {b: {name: {en: a, zh: b}}}")
    before = contents(world)

    with pytest.raises(StaleWrite, match="nothing was written"):
        apply(world, old)

    assert contents(world) == before


def test_the_same_plan_is_not_applied_twice(world: Store, tmp_path: Path) -> None:
    once = planned(world, tmp_path, "categories: {a: {name: {en: a, zh: b}}}")
    apply(world, once)

    with pytest.raises(StaleWrite):
        apply(world, once)


def test_the_registry_of_the_policy_is_no_change_the_second_time(tmp_path: Path) -> None:
    with closing(ADAPTERS["sqlite"](tmp_path)) as store:
        for _ in range(2):
            with store.reading() as reader:
                found = plan(reader, read_manifests(reader, [seeds(VOCABULARY), seeds(DEMO)]))
            apply(store, found)

        assert found.changes == ()
        assert contents(store)[0] == 1


# Closing


def test_a_closed_flow_stays_with_the_day_and_the_reason(world: Store) -> None:
    _, nodes, edges = contents(world)

    closed = close_flow(world, "sync", reason=" replaced ", on="2026-05-01", today=TODAY)

    _, now, ways = contents(world)
    (before,) = (node for node in nodes if node.id == SYNC)
    assert closed.properties == {
        **before.properties,
        "status": "retired",
        "effective_to": "2026-05-01",
        "closing_reason": "replaced",
    }
    assert [node for node in now if node.id == SYNC] == [closed]
    assert ways == edges


@pytest.mark.parametrize(
    ("key", "reason", "on", "problem"),
    [
        ("sync", " \n", "2026-05-01", "flow sync cannot be closed: the reason is empty"),
        ("sync", "\x1b[31m", "2026-05-01", "flow sync cannot be closed: the reason holds the control character U+001B"),
        ("sync", "a\udcff", "2026-05-01", "flow sync cannot be closed: the reason holds the control character U+DCFF"),
        ("sync", "a" * 10_001, "2026-05-01", "the reason has 10,001 characters, more than 10,000"),
        ("late", "over", "2026-04-30", "flow late begins on 2026-05-01; it cannot end on 2026-04-30"),
        ("done", "over", "2026-05-01", "flow done was closed on 2026-03-01"),
        ("dark", "over", "2026-05-01", "flow dark was closed on a day that is not recorded"),
        ("gone", "over", "2026-05-01", "gone: there is no such flow"),
        ("sync", "over", "2026-11-24", "flow sync goes on until 2026-11-24"),
    ],
)
def test_what_cannot_be_closed_stays_as_it_is(
    key: str, reason: str, on: str, problem: str, world: Store, tmp_path: Path
) -> None:
    manifest = """
        defaults: {name: x, kind: provide, carries: gps, from: product:app, to: jpush}
        flows:
          late: {name: {en: Late, zh: 迟}, effective_from: 2026-05-01}
          done: {name: {en: Done, zh: 毕}, status: retired, effective_to: 2026-03-01}
          dark: {name: {en: Dark, zh: 暗}, status: retired}
    """
    register(world, tmp_path, manifest.replace("name: x, ", ""))
    before = contents(world)

    with pytest.raises((Refused, InvalidInput)) as caught:
        close_flow(world, key, reason=reason, on=on, today=TODAY)

    assert problem in str(caught.value)
    assert contents(world) == before


def test_a_flow_is_closed_once(world: Store) -> None:
    close_flow(world, "sync", reason="replaced", on="2026-05-01", today=TODAY)
    before = contents(world)

    with pytest.raises(Refused, match="flow sync was closed on 2026-05-01"):
        close_flow(world, "sync", reason="again", on="2026-06-01", today=TODAY)

    assert contents(world) == before


@pytest.mark.parametrize("status", ["", "status: active, ", "status: proposed, "])
def test_a_closed_flow_is_not_opened_again_by_a_manifest(status: str, world: Store, tmp_path: Path) -> None:
    close_flow(world, "sync", reason="replaced", on="2026-05-01", today=TODAY)
    before = contents(world)

    with pytest.raises(InvalidInput, match='flow "sync" was closed on 2026-05-01, and is declared as open'):
        register(world, tmp_path, FLOW.replace("kind:", f"{status}kind:"))

    assert contents(world) == before


@pytest.mark.parametrize(
    "otherwise",
    [
        FLOW.replace("carries: gps", "carries: [gps, location]"),
        FLOW.replace("kind: provide", "kind: disclose"),
        FLOW.replace("kind:", "effective_to: 2026-06-01, kind:"),
        FLOW.replace("kind:", "closing_reason: other, kind:"),
    ],
)
def test_a_closed_flow_is_not_rewritten_by_a_manifest(otherwise: str, world: Store, tmp_path: Path) -> None:
    close_flow(world, "sync", reason="replaced", on="2026-05-01", today=TODAY)
    before = contents(world)

    with pytest.raises(InvalidInput, match="was closed on 2026-05-01, and is declared otherwise"):
        register(world, tmp_path, otherwise.replace("kind:", "status: retired, kind:"))

    assert contents(world) == before


def test_a_closed_flow_may_still_be_described_better(world: Store, tmp_path: Path) -> None:
    close_flow(world, "sync", reason="replaced", on="2026-05-01", today=TODAY)

    register(world, tmp_path, FLOW.replace("kind:", "status: retired, effective_to: 2026-05-01, mode: batch, kind:"))

    (sync,) = (node for node in contents(world)[1] if node.id == SYNC)
    assert (sync.word("status"), sync.word("mode")) == ("retired", "batch")
    assert (sync.word("effective_to"), sync.word("closing_reason")) == ("2026-05-01", "replaced")


def test_a_flow_ends_on_the_day_it_began_at_the_earliest(world: Store, tmp_path: Path) -> None:
    register(world, tmp_path, FLOW.replace("kind: provide", "kind: provide, effective_from: 2026-05-01"))

    assert close_flow(world, "sync", reason="over", on="2026-05-01", today=TODAY).word("effective_to") == "2026-05-01"
