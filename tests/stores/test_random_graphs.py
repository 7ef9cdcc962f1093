"""On any graph every store answers what the port says, operation by operation."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from registry.model.snapshot import Edge, EdgeId, Node, NodeId
from registry.stores.port import By, Direction, Reader, Step, Store, Where

from . import graphs
from .plainly import Plain

Puts = list[tuple[list[Node], list[Edge], list[EdgeId]]]
Make = Callable[[Path], Store]

on_any_graph = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@contextmanager
def both(make: Make, puts: Puts) -> Iterator[tuple[Reader, Plain]]:
    with tempfile.TemporaryDirectory() as directory, closing(make(Path(directory))) as store:
        for fresh, edges, gone in puts:
            with store.transaction() as transaction:
                transaction.put(fresh, edges, gone)
        with store.reading() as reader:
            yield reader, Plain(graphs.result(puts))


@on_any_graph
@given(graphs.writes())
def test_all_that_was_put_and_nothing_else_is_there(make: Make, puts: Puts) -> None:
    with both(make, puts) as (reader, plain):
        held = (list(reader.all_nodes()), list(reader.all_edges()), reader.count())

        assert held == (plain.in_order, plain.drawn, plain.count())


@on_any_graph
@given(graphs.writes(), graphs.id_sets, graphs.keys, graphs.words, graphs.labels)
def test_nodes_are_found_by_identity_key_and_name(
    make: Make, puts: Puts, ids: Collection[NodeId], keys: list[str], words: list[str], labels: Collection[str]
) -> None:
    with both(make, puts) as (reader, plain):
        assert reader.get(ids) == plain.get(ids)
        assert reader.keyed(keys) == plain.keyed(keys)
        assert reader.named([*words, *keys], labels) == plain.named([*words, *keys], labels)
        assert reader.names(labels) == plain.names(labels)


@on_any_graph
@given(graphs.writes(), graphs.labels, graphs.positions, graphs.limits)
def test_nodes_come_in_pages(
    make: Make, puts: Puts, labels: Collection[str], after: NodeId | None, limit: int | None
) -> None:
    key = after.key if after else None
    with both(make, puts) as (reader, plain):
        for label in labels:
            assert reader.nodes(label, after=key, limit=limit) == plain.nodes(label, after=key, limit=limit)


@on_any_graph
@given(graphs.writes(), graphs.id_sets, graphs.steps)
def test_a_closure_takes_the_same_shortest_ways(
    make: Make, puts: Puts, start: Collection[NodeId], steps: list[Step]
) -> None:
    with both(make, puts) as (reader, plain):
        assert reader.closure(start, steps) == plain.closure(start, steps)


@on_any_graph
@given(graphs.writes(), graphs.edge_names, graphs.id_sets)
def test_edges_are_found_from_either_end(make: Make, puts: Puts, names: list[str], ends: Collection[NodeId]) -> None:
    with both(make, puts) as (reader, plain):
        for direction in Direction:
            assert reader.edges(names, ends, direction) == plain.edges(names, ends, direction)
            assert reader.edges(names, None, direction) == plain.edges(names, None, direction)


@on_any_graph
@given(graphs.writes(), graphs.wheres(), graphs.limits)
def test_a_filter_lets_the_same_flows_through(make: Make, puts: Puts, where: Where, limit: int | None) -> None:
    with both(make, puts) as (reader, plain):
        assert reader.flows(where, limit=limit) == plain.flows(where, limit=limit)


@on_any_graph
@given(graphs.writes(), graphs.wheres(), graphs.groupings(), graphs.positions, graphs.limits)
def test_flows_are_grouped_in_the_same_pages(
    make: Make, puts: Puts, where: Where, by: By, after: NodeId | None, first: int | None
) -> None:
    with both(make, puts) as (reader, plain):
        assert reader.group(where, by, after=after, first=first) == plain.group(where, by, after=after, first=first)
        assert reader.ends(where, by) == plain.ends(where, by)
