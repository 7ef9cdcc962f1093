"""On any graph every store answers what the port says, operation by operation."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from registry.model.snapshot import NodeId
from registry.stores.port import By, Direction, Reader, Step, Where
from tests.examples import on_stores

from . import graphs
from .conftest import ADAPTERS, EVERY_STORE
from .graphs import Puts
from .reference_store import Plain

NUMBERS = {"memory": 100, "neo4j": 30, "sqlite": 100}


def on_any_graph(*strategies: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[[str], None]]:
    return on_stores(EVERY_STORE, NUMBERS, *strategies)


@contextmanager
def both(kind: str, puts: Puts) -> Iterator[tuple[Reader, Plain]]:
    with tempfile.TemporaryDirectory() as directory, closing(ADAPTERS[kind](Path(directory))) as store:
        for fresh, edges, gone in puts:
            with store.transaction() as transaction:
                transaction.put(fresh, edges, gone)
        with store.reading() as reader:
            yield reader, Plain(graphs.result(puts))


@on_any_graph(graphs.writes())
def test_all_that_was_put_and_nothing_else_is_there(kind: str, puts: Puts) -> None:
    with both(kind, puts) as (reader, plain):
        held = (list(reader.all_nodes()), list(reader.all_edges()), reader.count())

        assert held == (plain.in_order, plain.drawn, plain.count())


@on_any_graph(graphs.writes(), graphs.id_sets, graphs.keys, graphs.words, graphs.labels)
def test_nodes_are_found_by_identity_key_and_name(
    kind: str, puts: Puts, ids: Collection[NodeId], keys: list[str], words: list[str], labels: Collection[str]
) -> None:
    with both(kind, puts) as (reader, plain):
        assert reader.get(ids) == plain.get(ids)
        assert reader.keyed(keys) == plain.keyed(keys)
        assert reader.named([*words, *keys], labels) == plain.named([*words, *keys], labels)
        assert reader.names(labels) == plain.names(labels)


@on_any_graph(graphs.writes(), graphs.labels, graphs.positions, graphs.limits)
def test_nodes_come_in_pages(
    kind: str, puts: Puts, labels: Collection[str], after: NodeId | None, limit: int | None
) -> None:
    key = after.key if after else None
    with both(kind, puts) as (reader, plain):
        for label in labels:
            assert reader.nodes(label, after=key, limit=limit) == plain.nodes(label, after=key, limit=limit)


@on_any_graph(graphs.writes(), graphs.id_sets, graphs.steps)
def test_a_closure_takes_the_same_shortest_ways(
    kind: str, puts: Puts, start: Collection[NodeId], steps: list[Step]
) -> None:
    with both(kind, puts) as (reader, plain):
        reached = reader.closure(start, steps)

        assert reached == plain.closure(start, steps)
        assert reached.along() == plain.beside(reached, steps)


@on_any_graph(graphs.writes(), graphs.edge_names, graphs.id_sets)
def test_edges_are_found_from_either_end(kind: str, puts: Puts, names: list[str], ends: Collection[NodeId]) -> None:
    with both(kind, puts) as (reader, plain):
        for direction in Direction:
            assert reader.edges(names, ends, direction) == plain.edges(names, ends, direction)
            assert reader.edges(names, None, direction) == plain.edges(names, None, direction)


@on_any_graph(graphs.writes(), graphs.wheres(), graphs.limits)
def test_a_filter_lets_the_same_flows_through(kind: str, puts: Puts, where: Where, limit: int | None) -> None:
    with both(kind, puts) as (reader, plain):
        assert reader.flows(where, limit=limit) == plain.flows(where, limit=limit)


@on_any_graph(graphs.writes(), graphs.wheres(), graphs.groupings(), graphs.positions, graphs.limits)
def test_flows_are_grouped_in_the_same_pages(
    kind: str, puts: Puts, where: Where, by: By, after: NodeId | None, first: int | None
) -> None:
    with both(kind, puts) as (reader, plain):
        assert reader.group(where, by, after=after, first=first) == plain.group(where, by, after=after, first=first)
        assert reader.ends(where, by) == plain.ends(where, by)


@on_any_graph(graphs.writes(), graphs.wheres(), st.lists(graphs.groupings(), min_size=1, max_size=3))
def test_the_ends_of_flows_are_combined_in_the_same_tuples(kind: str, puts: Puts, where: Where, bys: list[By]) -> None:
    with both(kind, puts) as (reader, plain):
        assert reader.tuples(where, bys) == plain.tuples(where, bys)
