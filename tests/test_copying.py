"""Copies of whole registries: between every two kinds of store, all or nothing, compared."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given

from registry.copying import contents, copy
from registry.errors import Refused, StoreCorrupt
from registry.model.snapshot import Edge, EdgeId, Node
from registry.stores import open_store
from registry.stores.memory import MemoryStore
from registry.stores.port import Direction, Store, Transaction
from registry.stores.sqlite import SqliteStore
from tests.command_line import run
from tests.examples import tried
from tests.registries import load_demo
from tests.stores import graphs
from tests.stores.conftest import ADAPTERS, EVERY_STORE
from tests.stores.graphs import edge, node, ref

ALL = [
    node("category:gps", aliases=("whereabouts",)),
    node("category:location"),
    node("flow:map", status="active", automated_decision=False),
]
JOINED = [
    edge("category:gps", "broader", "category:location"),
    edge("flow:map", "carries", "category:gps", required=False, stated_in=("p:1",)),
]


@pytest.fixture(params=EVERY_STORE)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    make: Callable[[Path], Store] = ADAPTERS[request.param]
    (tmp_path / "empty").mkdir()
    with closing(make(tmp_path / "empty")) as store:
        yield store


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Store]:
    with closing(SqliteStore(tmp_path / "full.db", create=True)) as store:
        with store.transaction() as transaction:
            transaction.put(ALL, JOINED)
        yield store


def held(store: Store) -> tuple[list[Node], list[Edge]]:
    with store.reading() as reader:
        return list(reader.all_nodes()), list(reader.all_edges())


def digest(store: Store) -> str:
    with store.reading() as reader:
        return contents(reader).digest


def test_the_registry_of_the_policy_goes_to_every_store_and_back(empty: Store, tmp_path: Path) -> None:
    with (
        closing(SqliteStore(tmp_path / "policy.db", create=True)) as policy,
        closing(SqliteStore(tmp_path / "back.db", create=True)) as back,
    ):
        load_demo(policy)
        there = copy(policy, empty)
        home = copy(empty, back)

        assert (there.nodes, there.edges, there.digest) == (home.nodes, home.edges, home.digest)
        assert held(back) == held(policy)


def test_a_registry_that_is_not_empty_is_left_alone(empty: Store, full: Store) -> None:
    with empty.transaction() as transaction:
        transaction.put([node("purpose:ads")], [])

    with pytest.raises(Refused) as refused:
        copy(full, empty)

    assert str(refused.value) == f"{empty.url}: this registry is not empty; nothing was copied"
    assert held(empty) == ([node("purpose:ads")], [])


def test_into_an_existing_registry_what_is_copied_becomes_what_it_is(empty: Store, full: Store) -> None:
    other = edge("flow:map", "for", "purpose:ads")
    kept = edge("flow:show", "carries", "category:gps")
    with empty.transaction() as transaction:
        transaction.put(
            [node("purpose:ads"), node("flow:map", status="proposed"), node("flow:show"), node("category:gps")],
            [other, kept],
        )

    copied = copy(full, empty, into_existing=True)

    with empty.reading() as reader:
        assert (copied.nodes, copied.edges) == (3, 2)
        assert reader.get([one.id for one in ALL]) == {one.id: one for one in ALL}
        assert reader.edges((), [ref("flow:map"), ref("category:gps")], Direction.OUT) == sorted(
            JOINED, key=lambda one: one.id
        )
        assert reader.edges((), [ref("flow:show")], Direction.OUT) == [kept]


class Forgetful(MemoryStore):
    """A store that loses the edges that it is given."""

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:  # type: ignore[override]
        with super().transaction() as transaction:
            put = transaction.put

            def forget(nodes: list[Node], edges: list[Edge], gone: list[EdgeId] = ()) -> None:  # type: ignore[assignment]
                list(edges)
                put(list(nodes), [], gone)

            transaction.put = forget  # type: ignore[assignment,method-assign]
            yield transaction


def test_what_did_not_arrive_is_noticed_and_nothing_is_kept(full: Store) -> None:
    with closing(Forgetful()) as target:
        with pytest.raises(StoreCorrupt) as told:
            copy(full, target)

        assert "3 nodes and 2 edges against 3 and 0; nothing was kept" in str(told.value)
        assert held(target) == ([], [])


@tried(40)
@given(graphs.writes(), graphs.writes())
def test_two_registries_have_the_same_digest_if_and_only_if_they_hold_the_same(
    one: graphs.Puts, other: graphs.Puts
) -> None:
    stores = []
    for puts in (one, other):
        store = MemoryStore()
        for fresh, edges, gone in puts:
            with store.transaction() as transaction:
                transaction.put(fresh, edges, gone)
        stores.append(store)

    assert (digest(stores[0]) == digest(stores[1])) == (held(stores[0]) == held(stores[1]))


def test_the_command_copies_and_says_how_much(tmp_path: Path, full: Store) -> None:
    source, target = tmp_path / "full.db", tmp_path / "other.db"

    first = run(source, "copy", "--to", str(target))
    again = run(source, "copy", "--to", str(target))
    into = run(source, "copy", "--to", str(target), "--into-existing")

    said = f"sqlite:///{target}: 3 nodes and 2 edges of sqlite:///{source}\nsha256 {digest(full)}\n"
    assert (first.code, first.out, first.err) == (0, "", said)
    assert again.code == 1
    assert again.err.startswith(f"error: sqlite:///{target}: this registry is not empty; nothing was copied\n")
    assert (into.code, into.err) == (0, said)


def test_a_copy_into_itself_changes_nothing(tmp_path: Path, full: Store) -> None:
    source = tmp_path / "full.db"

    ran = run(source, "copy", "--to", f"sqlite:///{source}")

    assert ran.code == 1
    assert held(full) == (sorted(ALL, key=lambda one: one.id), sorted(JOINED, key=lambda one: one.id))


def test_a_damaged_source_copies_nothing(tmp_path: Path, full: Store) -> None:
    full.close()
    with closing(sqlite3.connect(tmp_path / "full.db")) as connection, connection:
        connection.execute("DELETE FROM nodes WHERE key = 'location'")

    ran = run(tmp_path / "full.db", "copy", "--to", str(tmp_path / "other.db"))

    assert ran.code == 1
    with closing(open_store(str(tmp_path / "other.db"))) as other:
        assert held(other) == ([], [])
