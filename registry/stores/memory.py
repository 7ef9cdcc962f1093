"""A store in memory: what the other stores are measured against, and the warm index of a server.

A moment of the registry is never changed once it can be read: a write works on a copy of what it touches and puts it
in place in one assignment, so readers need no lock and keep the moment they began with.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import nsmallest
from operator import attrgetter, itemgetter
from typing import TypeVar

from registry.errors import StoreLocked
from registry.model.graph import FLOW
from registry.model.snapshot import Edge, EdgeId, Node, NodeId, names_of, normalised
from registry.stores.port import (
    By,
    Direction,
    Ends,
    Group,
    Has,
    Match,
    Page,
    Reached,
    Step,
    Where,
    admit_edge,
    admit_node,
    check_edge,
    closed_words,
    dangling,
)
from registry.stores.walking import in_order, shortest_ways

_K = TypeVar("_K", bound=Hashable)
_C = TypeVar("_C", bound=Collection[NodeId])
_BY_KEY = itemgetter(1)
_BY_TARGET = attrgetter("target")
_NONE: frozenset[NodeId] = frozenset()


@dataclass(slots=True)
class _Moment:
    """Everything that the registry holds at one moment, indexed. All values inside the indexes are immutable."""

    version: int = 0
    nodes: dict[NodeId, Node] = field(default_factory=dict)
    order: dict[str, tuple[NodeId, ...]] = field(default_factory=dict)
    """The nodes of each label in the order of their keys."""
    out: dict[str, dict[NodeId, tuple[Edge, ...]]] = field(default_factory=dict)
    """By edge name and source, in the order of targets."""
    into: dict[str, dict[NodeId, frozenset[NodeId]]] = field(default_factory=dict)
    """The sources of the edges, by name and target."""
    words: dict[tuple[str, str], frozenset[NodeId]] = field(default_factory=dict)
    """The flows with each value of a closed set, by property and value."""
    keys: dict[str, tuple[NodeId, ...]] = field(default_factory=dict)
    forms: dict[str, tuple[NodeId, ...]] = field(default_factory=dict)
    """The nodes that answer to each normalised name."""

    def copy(self) -> _Moment:
        """A moment that may be changed without changing this one."""
        return _Moment(
            self.version,
            self.nodes.copy(),
            self.order.copy(),
            {name: index.copy() for name, index in self.out.items()},
            {name: index.copy() for name, index in self.into.items()},
            self.words.copy(),
            self.keys.copy(),
            self.forms.copy(),
        )


class MemoryReader:
    """Reads of one moment; it stays as it is as long as the reader is kept."""

    def __init__(self, moment: _Moment) -> None:
        self._moment = moment

    @property
    def version(self) -> int:
        """The number of writes that led to this moment."""
        return self._moment.version

    def get(self, ids: Collection[NodeId]) -> dict[NodeId, Node]:
        """The nodes among ``ids`` that exist."""
        nodes = self._moment.nodes
        return {node_id: nodes[node_id] for node_id in ids if node_id in nodes}

    def keyed(self, keys: Collection[str]) -> dict[str, tuple[NodeId, ...]]:
        """The nodes that bear each key or former key."""
        return {key: self._moment.keys[key] for key in keys if key in self._moment.keys}

    def named(self, names: Collection[str], labels: Collection[str]) -> list[Match]:
        """The nodes of ``labels`` that answer to one of ``names``, in the order of name, label and key."""
        return [
            Match(name, node_id)
            for name in sorted(set(names))
            for node_id in self._moment.forms.get(normalised(name), ())
            if not labels or node_id.label in labels
        ]

    def names(self, labels: Collection[str]) -> list[Match]:
        """Every name of every node of ``labels``."""
        wanted = sorted(set(labels)) or sorted(self._moment.order)
        return [
            Match(name, node_id)
            for label in wanted
            for node_id in self._moment.order.get(label, ())
            for name in names_of(self._moment.nodes[node_id])
        ]

    def closure(self, start: Collection[NodeId], steps: Collection[Step]) -> dict[NodeId, Reached]:
        """Every node that ``steps`` lead to from ``start``, with a shortest way there."""
        walked = in_order(steps)

        def neighbours(node_id: NodeId) -> Iterator[tuple[Step, NodeId]]:
            for step in walked:
                for end in self._beside(step, node_id):
                    yield step, end

        return shortest_ways((node_id for node_id in start if node_id in self._moment.nodes), neighbours)

    def _beside(self, step: Step, node_id: NodeId) -> Iterable[NodeId]:
        if step.direction is Direction.IN:
            return self._moment.into.get(step.edge, {}).get(node_id, ())
        return (edge.target for edge in self._moment.out.get(step.edge, {}).get(node_id, ()))

    def edges(self, names: Collection[str], ends: Collection[NodeId] | None, direction: Direction) -> list[Edge]:
        """The edges of ``names`` that leave ``ends`` or lead to them, in the order of source, name and target."""
        wanted = sorted(set(names)) or sorted(self._moment.out)
        if ends is not None and direction is Direction.IN:
            return self._edges_into(wanted, set(ends))
        indexes = [self._moment.out[name] for name in wanted if name in self._moment.out]
        sources = {source for index in indexes for source in index} if ends is None else set(ends)
        return [edge for source in sorted(sources) for index in indexes for edge in index.get(source, ())]

    def _edges_into(self, names: Collection[str], ends: set[NodeId]) -> list[Edge]:
        found: list[Edge] = []
        for name in names:
            into, out = self._moment.into.get(name, {}), self._moment.out.get(name, {})
            sources = _NONE.union(*(into.get(end, ()) for end in ends))
            found.extend(edge for source in sources for edge in out[source] if edge.target in ends)
        return sorted(found, key=lambda edge: edge.id)

    def flows(self, where: Where, *, limit: int | None = None) -> list[NodeId]:
        """The flows that ``where`` lets through, in the order of their keys."""
        flows = self._let_through(where)
        return sorted(flows, key=_BY_KEY) if limit is None else nsmallest(limit, flows, key=_BY_KEY)

    def group(self, where: Where, by: By, *, after: NodeId | None = None, first: int | None = None) -> Page:
        """The flows that ``where`` lets through, grouped by where their edges ``by`` lead."""
        check_edge(by.edge, by.labels)
        flows = self._let_through(where)
        ends = sorted(end for end in self._ends(flows, by.edge) if _counts(end, by))
        page = [end for end in ends if after is None or end > after][:first]
        into = self._moment.into.get(by.edge, {})
        groups = (Group(end, tuple(sorted(flows & into[end], key=_BY_KEY))) for end in page)
        return Page(tuple(groups), len(ends))

    def _ends(self, flows: frozenset[NodeId], name: str) -> Iterable[NodeId]:
        """Where the edges of ``flows`` lead; asked from the side that has fewer."""
        into, out = self._moment.into.get(name, {}), self._moment.out.get(name, {})
        if len(flows) < len(into):
            return {edge.target for flow in flows for edge in out.get(flow, ())}
        return (end for end, sources in into.items() if not flows.isdisjoint(sources))

    def _let_through(self, where: Where) -> frozenset[NodeId]:
        flows: frozenset[NodeId] | None = None
        for condition in where.conditions:
            if isinstance(condition, Ends) and not condition.absent:
                found = self._leading_to(condition)
                flows = found if flows is None else flows & found
        if flows is None:
            flows = frozenset(self._moment.order.get(FLOW, ()))
        for name, values in where.properties.items():
            flows &= _NONE.union(*(self._moment.words.get((name, value), _NONE) for value in values))
        for condition in where.conditions:
            if isinstance(condition, Has):
                flows = self._having(flows, condition)
            elif condition.absent:
                flows -= self._leading_to(condition)
        return flows

    def _leading_to(self, condition: Ends) -> frozenset[NodeId]:
        indexes = [self._moment.into.get(name, {}) for name in condition.edges]
        found = _NONE.union(*(index.get(end, _NONE) for index in indexes for end in condition.among))
        return frozenset(node_id for node_id in found if node_id.label == FLOW)

    def _having(self, flows: frozenset[NodeId], condition: Has) -> frozenset[NodeId]:
        out, label = self._moment.out.get(condition.edge, {}), condition.label

        def has(flow: NodeId) -> bool:
            return any(label is None or edge.target.label == label for edge in out.get(flow, ()))

        return frozenset(flow for flow in flows if has(flow) != condition.absent)

    def nodes(self, label: str, *, after: str | None = None, limit: int | None = None) -> list[Node]:
        """Nodes with that label in the order of their keys."""
        ids = self._moment.order.get(label, ())
        found = [node_id for node_id in ids if after is None or node_id.key > after][:limit]
        return [self._moment.nodes[node_id] for node_id in found]

    def count(self) -> dict[str, int]:
        """How many nodes there are of each label that has any."""
        return {label: len(self._moment.order[label]) for label in sorted(self._moment.order)}

    def all_nodes(self) -> Iterator[Node]:
        """Every node, by label and key."""
        moment = self._moment
        return (moment.nodes[node_id] for label in sorted(moment.order) for node_id in moment.order[label])

    def all_edges(self) -> Iterator[Edge]:
        """Every edge, by source, name and target."""
        moment = self._moment
        indexes = [moment.out[name] for name in sorted(moment.out)]
        ids = (node_id for label in sorted(moment.order) for node_id in moment.order[label])
        return (edge for source in ids for index in indexes for edge in index.get(source, ()))


def _counts(end: NodeId, by: By) -> bool:
    if by.labels and end.label not in by.labels:
        return False
    return end not in by.without and (by.among is None or end in by.among)


class MemoryTransaction(MemoryReader):
    """Reads and writes on a copy of the moment, which nobody else sees."""

    def __init__(self, moment: _Moment) -> None:
        super().__init__(moment)
        self.written = False

    def put(self, nodes: Iterable[Node], edges: Iterable[Edge], gone: Iterable[EdgeId] = ()) -> None:
        """Remove the edges ``gone``, then store these nodes and edges."""
        fresh = {node.id: node for node in nodes}
        drawn = {edge.id: edge for edge in edges}
        removed = set(gone)
        self._admit(fresh, drawn)
        if not (fresh or drawn or removed):
            return
        if not self.written:
            self._moment = self._moment.copy()
            self._moment.version += 1
            self.written = True
        _put_nodes(self._moment, fresh)
        _put_edges(self._moment, drawn, removed)

    def _admit(self, fresh: dict[NodeId, Node], drawn: dict[EdgeId, Edge]) -> None:
        known = self._moment.nodes
        for node in fresh.values():
            admit_node(node)
        for edge_id, edge in drawn.items():
            admit_edge(edge)
            for end in (edge.source, edge.target):
                if end not in known and end not in fresh:
                    raise dangling(edge_id, end)

    @property
    def moment(self) -> _Moment:
        """What the registry is when this is committed."""
        return self._moment


class MemoryStore:
    """A registry that lasts as long as the process."""

    def __init__(self, *, wait: float = 5.0) -> None:
        self._moment = _Moment()
        self._writing = threading.Lock()
        self._wait = wait

    @property
    def url(self) -> str:
        """``memory://``."""
        return "memory://"

    @contextmanager
    def reading(self) -> Iterator[MemoryReader]:
        """Reads of the moment at which the block begins."""
        yield MemoryReader(self._moment)

    @contextmanager
    def transaction(self) -> Iterator[MemoryTransaction]:
        """A write, seen by others when the block ends. One at a time: another waits, then raises `StoreLocked`."""
        if not self._writing.acquire(timeout=self._wait):
            raise StoreLocked(
                f"{self.url}: another write holds the registry; waited {self._wait:g} s", hint="try again"
            )
        try:
            transaction = MemoryTransaction(self._moment)
            yield transaction
            self._moment = transaction.moment
        finally:
            self._writing.release()

    def close(self) -> None:
        """Nothing to give back."""


def _put_nodes(moment: _Moment, fresh: dict[NodeId, Node]) -> None:
    before = [moment.nodes[node_id] for node_id in fresh if node_id in moment.nodes]
    after = fresh.values()
    _revise(moment.words, _words(before), _words(after), frozenset)
    _revise(moment.keys, _keys(before), _keys(after), _sorted)
    _revise(moment.forms, _forms(before), _forms(after), _sorted)
    by_label: dict[str, list[NodeId]] = defaultdict(list)
    for node_id in fresh:
        if node_id not in moment.nodes:
            by_label[node_id.label].append(node_id)
    for label, added in by_label.items():
        moment.order[label] = tuple(sorted((*moment.order.get(label, ()), *added), key=_BY_KEY))
    moment.nodes.update(fresh)


def _put_edges(moment: _Moment, drawn: dict[EdgeId, Edge], removed: set[EdgeId]) -> None:
    touched: dict[str, dict[NodeId, dict[NodeId, Edge | None]]] = defaultdict(lambda: defaultdict(dict))
    for edge_id in removed:
        touched[edge_id.name][edge_id.source][edge_id.target] = None
    for edge in drawn.values():
        touched[edge.name][edge.source][edge.target] = edge
    for name, by_source in touched.items():
        out, into = moment.out.setdefault(name, {}), moment.into.setdefault(name, {})
        for source, changes in by_source.items():
            _revise_edges(out, source, changes)
        ends = [(target, source, edge) for source, by_target in by_source.items() for target, edge in by_target.items()]
        gone = ((target, source) for target, source, edge in ends if edge is None)
        new = ((target, source) for target, source, edge in ends if edge is not None)
        _revise(into, gone, new, frozenset)


def _revise_edges(out: dict[NodeId, tuple[Edge, ...]], source: NodeId, changes: dict[NodeId, Edge | None]) -> None:
    kept = [edge for edge in out.get(source, ()) if edge.target not in changes]
    kept += [edge for edge in changes.values() if edge is not None]
    if kept:
        out[source] = tuple(sorted(kept, key=_BY_TARGET))
    else:
        out.pop(source, None)


def _words(nodes: Iterable[Node]) -> Iterator[tuple[tuple[str, str], NodeId]]:
    return ((word, node.id) for node in nodes for word in closed_words(node))


def _keys(nodes: Iterable[Node]) -> Iterator[tuple[str, NodeId]]:
    return ((key, node.id) for node in nodes for key in (node.id.key, *node.words("former_keys")))


def _forms(nodes: Iterable[Node]) -> Iterator[tuple[str, NodeId]]:
    return ((normalised(name), node.id) for node in nodes for name in names_of(node))


def _sorted(ids: Iterable[NodeId]) -> tuple[NodeId, ...]:
    return tuple(sorted(ids))


def _revise(
    index: dict[_K, _C],
    gone: Iterable[tuple[_K, NodeId]],
    new: Iterable[tuple[_K, NodeId]],
    made: Callable[[Iterable[NodeId]], _C],
) -> None:
    """Take ``gone`` out of the index and add ``new``, building each value that changes once."""
    minus: dict[_K, set[NodeId]] = defaultdict(set)
    plus: dict[_K, set[NodeId]] = defaultdict(set)
    for key, node_id in gone:
        minus[key].add(node_id)
    for key, node_id in new:
        plus[key].add(node_id)
    for key in minus.keys() | plus.keys():
        if minus[key] == plus[key]:
            continue
        held = set(index.get(key, ())) - minus[key] | plus[key]
        if held:
            index[key] = made(held)
        else:
            index.pop(key, None)
