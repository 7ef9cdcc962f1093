"""A store in memory: what the other stores are measured against, and the warm index of a server.

A write makes the next snapshot beside the present one and puts it in place in one assignment. So readers need no lock,
and keep the snapshot they began with.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice, product
from operator import itemgetter

from registry.bilingual import Text
from registry.errors import StoreLocked
from registry.model.bulk import uncollected
from registry.model.graph import FLOW, GRAPH
from registry.model.snapshot import Edge, EdgeId, Node, NodeId, names_of, normalised
from registry.stores.memory_snapshot import EVERY_FLOW, Changes, MemorySnapshot
from registry.stores.port import (
    AllOf,
    AnyOf,
    By,
    Closure,
    Condition,
    Dated,
    Direction,
    Ends,
    Group,
    Has,
    Is,
    Match,
    Page,
    Step,
    Where,
    admit_node,
    check_by,
    is_reading,
)
from registry.stores.traversal import closure_over, in_order

_BY_KEY = itemgetter(1)
_NONE: frozenset[int] = frozenset()
_FEW = 4
"""Up to so many kinds of edges are looked up one by one; a source has some ten edges in all."""


class MemoryReader:
    """Reads of one snapshot; it stays as it is as long as the reader is kept."""

    def __init__(self, snapshot: MemorySnapshot) -> None:
        self._snapshot = snapshot

    @property
    def version(self) -> int:
        """The number of writes that led to this snapshot."""
        return self._snapshot.version

    def get(self, ids: Collection[NodeId]) -> dict[NodeId, Node]:
        """The nodes among ``ids`` that exist."""
        nodes = self._snapshot.nodes
        return {node_id: nodes[node_id] for node_id in ids if node_id in nodes}

    def keyed(self, keys: Collection[str]) -> dict[str, tuple[NodeId, ...]]:
        """The nodes that bear each key or former key."""
        bearers = self._snapshot.keys
        return {key: tuple(self._snapshot.named(bearers[key])) for key in keys if key in bearers}

    def named(self, names: Collection[str], labels: Collection[str]) -> list[Match]:
        """The nodes of ``labels`` that answer to one of ``names``, in the order of name, label and key."""
        return [
            Match(name, node_id)
            for name in sorted(set(names))
            for node_id in self._snapshot.named(self._snapshot.forms.get(normalised(name), ()))
            if not labels or node_id.label in labels
        ]

    def names(self, labels: Collection[str]) -> list[Match]:
        """Every name of every node of ``labels``."""
        wanted = sorted(set(labels)) or sorted(self._snapshot.order)
        return [
            Match(name, node_id)
            for label in wanted
            for node_id in self._snapshot.order.get(label, ())
            for name in names_of(self._snapshot.nodes[node_id])
        ]

    def closure(self, start: Collection[NodeId], steps: Collection[Step]) -> Closure:
        """Every node that ``steps`` lead to from ``start``, with a shortest way there."""
        walked = in_order(steps)

        def neighbours(node_id: NodeId) -> Iterator[tuple[Step, NodeId]]:
            for step in walked:
                for end in self._beside(step, node_id):
                    yield step, end

        return closure_over((node_id for node_id in start if node_id in self._snapshot.nodes), neighbours)

    def _beside(self, step: Step, node_id: NodeId) -> Iterable[NodeId]:
        if step.direction is Direction.IN:
            ids, sources = self._snapshot.ids, self._snapshot.into.get(step.edge, {}).get(node_id, ())
            return [ids[number] for number in sources]
        return [edge.target for edge in self._snapshot.out.get(step.edge, {}).get(node_id, ())]

    def edges(self, names: Collection[str], ends: Collection[NodeId] | None, direction: Direction) -> list[Edge]:
        """The edges of ``names`` that leave ``ends`` or lead to them, in the order of source, name and target."""
        out = self._snapshot.out
        wanted = [name for name in sorted(set(names) or out) if name in out]
        if ends is not None and direction is Direction.IN:
            return self._edges_into(wanted, set(ends))
        leads = self._snapshot.leads
        sources = sorted(leads if ends is None else set(ends))
        if len(wanted) <= _FEW:
            indexes = [out[name] for name in wanted]
            return [edge for source in sources for index in indexes for edge in index.get(source, ())]
        found = (edge for source in sources for edge in leads.get(source, ()))
        return [*found] if len(wanted) == len(out) else [edge for edge in found if edge.name in wanted]

    def _edges_into(self, names: Collection[str], ends: set[NodeId]) -> list[Edge]:
        found: list[Edge] = []
        for name in names:
            into, out = self._snapshot.into.get(name, {}), self._snapshot.out.get(name, {})
            numbers = _NONE.union(*(into.get(end, ()) for end in ends))
            sources = (self._snapshot.ids[number] for number in numbers)
            found.extend(edge for source in sources for edge in out[source] if edge.target in ends)
        return sorted(found, key=lambda edge: edge.id)

    def flows(self, where: Where, *, limit: int | None = None) -> list[NodeId]:
        """The flows that ``where`` lets through, in the order of their keys."""
        flows, every = self._let_through(where), self._snapshot.order.get(FLOW, ())
        if len(flows) < len(every) // 10:
            return self._in_order(flows)[:limit]
        numbers = self._snapshot.numbers
        return list(islice((flow for flow in every if numbers[flow] in flows), limit))

    def _in_order(self, flows: Iterable[int]) -> list[NodeId]:
        return sorted((self._snapshot.ids[number] for number in flows), key=_BY_KEY)

    def group(self, where: Where, by: By, *, after: NodeId | None = None, first: int | None = None) -> Page:
        """The flows that ``where`` lets through, grouped by where their edges ``by`` lead."""
        flows = self._let_through(where)
        ends = self._ends(flows, by)
        page = [end for end in ends if after is None or end > after][:first]
        groups = (
            Group(
                end, tuple(self._in_order(flows & _union([self._sources(name, end, by.stated) for name in by.edges])))
            )
            for end in page
        )
        return Page(tuple(groups), len(ends))

    def ends(self, where: Where, by: By) -> list[NodeId]:
        """Where the edges ``by`` of the flows lead that ``where`` lets through."""
        return self._ends(self._let_through(where), by)

    def tuples(self, where: Where, bys: Sequence[By]) -> list[tuple[NodeId, ...]]:
        """Each distinct combination of ends of one flow that ``where`` lets through."""
        for by in bys:
            check_by(by)
        ids, out = self._snapshot.ids, self._snapshot.out
        found: set[tuple[NodeId, ...]] = set()
        for number in self._let_through(where):
            flow = ids[number]
            sides = [
                {edge.target for name in by.edges for edge in out.get(name, {}).get(flow, ()) if _leads(by, edge)}
                for by in bys
            ]
            found.update(product(*sides))
        return sorted(found)

    def _ends(self, flows: frozenset[int], by: By) -> list[NodeId]:
        """The ends that count and that ``flows`` lead to; asked from the side that has fewer."""
        check_by(by)
        into = [self._snapshot.into[edge] for edge in by.edges if edge in self._snapshot.into]
        out = [self._snapshot.out[edge] for edge in by.edges if edge in self._snapshot.out]
        if by.among is not None:
            known: Iterable[NodeId] = sorted(by.among)
        elif len(flows) < sum(map(len, into)):
            ids = self._snapshot.ids
            edges = (edge for number in flows for one in out for edge in one.get(ids[number], ()))
            return sorted({edge.target for edge in edges if _leads(by, edge)})
        else:
            labels = by.labels or {label for edge in by.edges for label in GRAPH.by_edge[edge].targets(FLOW)}
            known = (end for label in sorted(labels) for end in self._snapshot.order.get(label, ()))
        counting = (end for end in known if _counts(by, end))
        return [
            end
            for end in counting
            if any(not flows.isdisjoint(self._sources(name, end, by.stated)) for name in by.edges)
        ]

    def _let_through(self, where: Where) -> frozenset[int]:
        """The numbers of the flows that the filter lets through."""
        every = self._snapshot.words.get(EVERY_FLOW, _NONE)
        leading = [self._leading_to(one) for one in where.conditions if isinstance(one, Ends) and not one.absent]
        flows = leading[0].intersection(*leading[1:]) if leading else every
        for name, values in where.properties.items():
            flows = _union([flows & self._snapshot.words.get((name, value), _NONE) for value in values])
        for condition in where.conditions:
            if not isinstance(condition, Ends) or condition.absent:
                flows = self._passing(flows, condition)
        return flows

    def _passing(self, flows: frozenset[int], condition: Condition) -> frozenset[int]:
        """Those of ``flows`` for which the condition holds."""
        match condition:
            case AnyOf(conditions):
                return _NONE.union(*(self._passing(flows, one) for one in conditions))
            case AllOf(conditions):
                for one in conditions:
                    flows = self._passing(flows, one)
                return flows
            case Has():
                return self._having(flows, condition)
            case Dated():
                return self._dated(flows, condition)
            case Is(name, values, absent):
                found = _union([self._snapshot.words.get((name, value), _NONE) for value in sorted(values)])
            case Ends(_, _, absent):
                found = self._leading_to(condition)
        return flows - found if absent else flows & found

    def _dated(self, flows: frozenset[int], condition: Dated) -> frozenset[int]:
        stated = [(day, found) for (name, day), found in self._snapshot.dates.items() if name == condition.property]
        if condition.missing:
            return flows.difference(*(found for day, found in stated if not condition.holds(day)))
        return flows & _NONE.union(*(found for day, found in stated if condition.holds(day)))

    def _leading_to(self, condition: Ends) -> frozenset[int]:
        found = _union(
            [self._sources(name, end, condition.stated) for name in condition.edges for end in condition.among]
        )
        of_flows_only = all(GRAPH.by_edge[name].sources == (FLOW,) for name in condition.edges)
        return found if of_flows_only else found & self._snapshot.words.get(EVERY_FLOW, _NONE)

    def _sources(self, name: str, end: NodeId, stated: bool) -> frozenset[int]:
        """The sources of the edges of that name which lead to ``end``; without readings where they are ``stated``."""
        found = self._snapshot.into.get(name, {}).get(end, _NONE)
        read = self._snapshot.readings.get(name, {}).get(end, _NONE) if stated else _NONE
        return found - read if read else found

    def _having(self, flows: frozenset[int], condition: Has) -> frozenset[int]:
        out, label, ids = self._snapshot.out.get(condition.edge, {}), condition.label, self._snapshot.ids
        if len(out) < len(flows):
            numbers = self._snapshot.numbers
            having = {numbers[source] for source, edges in out.items() if _leads_to(label, edges)}
        else:
            having = {number for number in flows if _leads_to(label, out.get(ids[number], ()))}
        return flows - having if condition.absent else flows & having

    def nodes(self, label: str, *, after: str | None = None, limit: int | None = None) -> list[Node]:
        """Nodes with that label in the order of their keys."""
        ids = self._snapshot.order.get(label, ())
        found = [node_id for node_id in ids if after is None or node_id.key > after][:limit]
        return [self._snapshot.nodes[node_id] for node_id in found]

    def count(self) -> dict[str, int]:
        """How many nodes there are of each label that has any."""
        return {label: len(self._snapshot.order[label]) for label in sorted(self._snapshot.order)}

    def all_nodes(self) -> Iterator[Node]:
        """Every node, by label and key."""
        snapshot = self._snapshot
        return (snapshot.nodes[node_id] for label in sorted(snapshot.order) for node_id in snapshot.order[label])

    def all_edges(self) -> Iterator[Edge]:
        """Every edge, by source, name and target."""
        snapshot = self._snapshot
        indexes = [snapshot.out[name] for name in sorted(snapshot.out)]
        ids = (node_id for label in sorted(snapshot.order) for node_id in snapshot.order[label])
        return (edge for source in ids for index in indexes for edge in index.get(source, ()))


def _leads(by: By, edge: Edge) -> bool:
    """Whether flows are grouped under where this edge leads."""
    return _counts(by, edge.target) and not (by.stated and is_reading(edge))


def _counts(by: By, end: NodeId) -> bool:
    """Whether flows are grouped under this end."""
    return end not in by.without and (not by.labels or end.label in by.labels) and (by.among is None or end in by.among)


def _leads_to(label: str | None, edges: Iterable[Edge]) -> bool:
    """Whether any of the edges leads to a node with that label (any where None)."""
    return any(label is None or edge.target.label == label for edge in edges)


def _union(sets: Sequence[frozenset[int]]) -> frozenset[int]:
    return sets[0] if len(sets) == 1 else _NONE.union(*sets)


class MemoryTransaction(MemoryReader):
    """Reads and writes on a copy of the snapshot, which nobody else sees."""

    def __init__(self, snapshot: MemorySnapshot) -> None:
        super().__init__(snapshot)
        self._before = snapshot.version

    def put(self, nodes: Iterable[Node], edges: Iterable[Edge], gone: Iterable[EdgeId] = ()) -> None:
        """Remove the edges ``gone``, then store these nodes and edges."""
        with uncollected():
            self._put(nodes, edges, gone)

    def _put(self, nodes: Iterable[Node], edges: Iterable[Edge], gone: Iterable[EdgeId]) -> None:
        fresh = {node.id: node for node in nodes}
        for node in fresh.values():
            admit_node(node)
        written = bool(fresh)
        changes = Changes(self._snapshot, fresh)
        for edge_id in gone:
            changes.remove(edge_id)
            written = True
        for edge in edges:
            changes.draw(edge)
            written = True
        if written:
            self._snapshot = changes.after(self._before + 1)

    @property
    def snapshot(self) -> MemorySnapshot:
        """What the registry is when this is committed."""
        return self._snapshot


class MemoryStore:
    """A registry that lasts as long as the process."""

    def __init__(self, *, wait: float = 5.0) -> None:
        self._snapshot = MemorySnapshot()
        self._writing = threading.Lock()
        self._wait = wait

    @property
    def url(self) -> str:
        """``memory://``."""
        return "memory://"

    @property
    def upgraded(self) -> None:
        """It lasts no longer than the process: there is nothing to upgrade."""
        return None

    @contextmanager
    def reading(self) -> Iterator[MemoryReader]:
        """Reads of the snapshot at which the block begins."""
        yield MemoryReader(self._snapshot)

    @contextmanager
    def transaction(self) -> Iterator[MemoryTransaction]:
        """A write, seen by others when the block ends. One at a time: another waits, then raises `StoreLocked`."""
        if not self._writing.acquire(timeout=self._wait):
            raise StoreLocked(
                Text(
                    f"{self.url}: another write holds the registry; waited {self._wait:g} s",
                    f"{self.url}：登记册正被另一写入占用；已等待{self._wait:g}秒",
                ),
                hint=Text("try again", "请重试"),
            )
        try:
            transaction = MemoryTransaction(self._snapshot)
            yield transaction
            self._snapshot = transaction.snapshot
        finally:
            self._writing.release()

    def close(self) -> None:
        """Nothing to give back."""
