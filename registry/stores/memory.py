"""A store in memory: what the other stores are measured against, and the warm index of a server.

A moment of the registry never changes: a write makes the next one, which shares with it all that the write does not
touch, and puts it in place in one assignment. So readers need no lock and keep the moment they began with.
"""

from __future__ import annotations

import gc
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter, itemgetter
from typing import TypeVar

from registry.errors import StoreLocked
from registry.model.graph import FLOW, GRAPH
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
_V = TypeVar("_V", bound=Collection[object])
_C = TypeVar("_C", bound=Collection[NodeId])
_BY_KEY = itemgetter(1)
_BY_TARGET = attrgetter("target")
_NONE: frozenset[NodeId] = frozenset()


@dataclass(frozen=True, slots=True)
class _Moment:
    """Everything that the registry holds at one moment, indexed. Nothing in it ever changes."""

    version: int = 0
    nodes: Mapping[NodeId, Node] = field(default_factory=dict)
    order: Mapping[str, tuple[NodeId, ...]] = field(default_factory=dict)
    """The nodes of each label in the order of their keys."""
    out: Mapping[str, Mapping[NodeId, tuple[Edge, ...]]] = field(default_factory=dict)
    """By edge name and source, in the order of targets."""
    into: Mapping[str, Mapping[NodeId, frozenset[NodeId]]] = field(default_factory=dict)
    """The sources of the edges, by name and target."""
    words: Mapping[tuple[str, str], frozenset[NodeId]] = field(default_factory=dict)
    """The flows with each value of a closed set, by property and value."""
    keys: Mapping[str, tuple[NodeId, ...]] = field(default_factory=dict)
    forms: Mapping[str, tuple[NodeId, ...]] = field(default_factory=dict)
    """The nodes that answer to each normalised name."""


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
        flows, every = self._let_through(where), self._moment.order.get(FLOW, ())
        if flows is None:
            return list(every[:limit])
        if len(flows) < len(every) // 10:
            return sorted(flows, key=_BY_KEY)[:limit]
        return list(islice((flow for flow in every if flow in flows), limit))

    def group(self, where: Where, by: By, *, after: NodeId | None = None, first: int | None = None) -> Page:
        """The flows that ``where`` lets through, grouped by where their edges ``by`` lead."""
        flows = self._flows(self._let_through(where))
        ends = self._ends(flows, by)
        page = [end for end in ends if after is None or end > after][:first]
        into = self._moment.into.get(by.edge, {})
        groups = (Group(end, tuple(sorted(flows & into[end], key=_BY_KEY))) for end in page)
        return Page(tuple(groups), len(ends))

    def ends(self, where: Where, by: By) -> list[NodeId]:
        """Where the edges ``by`` of the flows lead that ``where`` lets through."""
        return self._ends(self._flows(self._let_through(where)), by)

    def _ends(self, flows: frozenset[NodeId], by: By) -> list[NodeId]:
        """The ends that count and that ``flows`` lead to; asked from the side that has fewer."""
        check_edge(by.edge, by.labels)
        into, out = self._moment.into.get(by.edge, {}), self._moment.out.get(by.edge, {})
        if len(flows) < len(into):
            found = sorted({edge.target for flow in flows for edge in out.get(flow, ())})
        else:
            labels = by.labels or GRAPH.by_edge[by.edge].targets(FLOW)
            known = (end for label in sorted(labels) for end in self._moment.order.get(label, ()))
            found = [end for end in known if end in into and not flows.isdisjoint(into[end])]
        return [end for end in found if _counts(end, by)]

    def _let_through(self, where: Where) -> frozenset[NodeId] | None:
        """The flows that the filter lets through; None for all of them."""
        flows: frozenset[NodeId] | None = None
        for condition in where.conditions:
            if isinstance(condition, Ends) and not condition.absent:
                found = self._leading_to(condition)
                flows = found if flows is None else flows & found
        for name, values in where.properties.items():
            having = [self._moment.words.get((name, value), _NONE) for value in values]
            flows = _union(having if flows is None else [flows & found for found in having])
        for condition in where.conditions:
            if isinstance(condition, Has):
                flows = self._having(self._flows(flows), condition)
            elif condition.absent:
                flows = self._flows(flows) - self._leading_to(condition)
        return flows

    def _flows(self, flows: frozenset[NodeId] | None) -> frozenset[NodeId]:
        return frozenset(self._moment.order.get(FLOW, ())) if flows is None else flows

    def _leading_to(self, condition: Ends) -> frozenset[NodeId]:
        indexes = [self._moment.into.get(name, {}) for name in condition.edges]
        found = _union([index[end] for index in indexes for end in condition.among if end in index])
        if all(GRAPH.by_edge[name].sources == (FLOW,) for name in condition.edges):
            return found
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


def _union(sets: Sequence[frozenset[NodeId]]) -> frozenset[NodeId]:
    return sets[0] if len(sets) == 1 else _NONE.union(*sets)


def _counts(end: NodeId, by: By) -> bool:
    if by.labels and end.label not in by.labels:
        return False
    return end not in by.without and (by.among is None or end in by.among)


class MemoryTransaction(MemoryReader):
    """Reads and writes on a copy of the moment, which nobody else sees."""

    def __init__(self, moment: _Moment) -> None:
        super().__init__(moment)
        self._before = moment.version

    def put(self, nodes: Iterable[Node], edges: Iterable[Edge], gone: Iterable[EdgeId] = ()) -> None:
        """Remove the edges ``gone``, then store these nodes and edges."""
        with _uncollected():
            self._put(nodes, edges, gone)

    def _put(self, nodes: Iterable[Node], edges: Iterable[Edge], gone: Iterable[EdgeId]) -> None:
        fresh = {node.id: node for node in nodes}
        for node in fresh.values():
            admit_node(node)
        known = {**self._moment.nodes, **fresh} if fresh else self._moment.nodes
        changes = _Changes(known)
        for edge_id in gone:
            changes.remove(edge_id)
        for edge in edges:
            changes.add(edge)
        if fresh or changes.by_name:
            self._moment = _next(self._moment, self._before + 1, fresh, changes)

    @property
    def moment(self) -> _Moment:
        """What the registry is when this is committed."""
        return self._moment


@contextmanager
def _uncollected() -> Iterator[None]:
    """Whatever a write makes is kept: looking through it for garbage again and again would double the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


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


class _Changes:
    """What is to become of edges, by name and source, in the order given: those to draw, and the ids of those to go."""

    def __init__(self, known: Mapping[NodeId, Node]) -> None:
        self._known = known
        self.by_name: dict[str, dict[NodeId, list[Edge | EdgeId]]] = defaultdict(dict)

    def remove(self, edge: EdgeId) -> None:
        self.by_name[edge.name].setdefault(edge.source, []).append(edge)

    def add(self, edge: Edge) -> None:
        """Take up an edge; raises `Refused` when it may not be drawn."""
        admit_edge(edge)
        source = self._known.get(edge.source)
        if source is None or edge.target not in self._known:
            raise dangling(edge.id, edge.source if source is None else edge.target)
        # One object for each identity: sets compare by that before they compare keys.
        self.by_name[edge.name].setdefault(source.id, []).append(edge)


def _next(moment: _Moment, version: int, fresh: Mapping[NodeId, Node], changes: _Changes) -> _Moment:
    """The moment after a write."""
    before = [moment.nodes[node_id] for node_id in fresh if node_id in moment.nodes]
    after = fresh.values()
    out, into = dict(moment.out), dict(moment.into)
    for name, by_source in changes.by_name.items():
        out[name], into[name] = _redrawn(out.get(name, {}), into.get(name, {}), by_source)
    return _Moment(
        version,
        {**moment.nodes, **fresh} if fresh else moment.nodes,
        _ordered(moment.order, (node_id for node_id in fresh if node_id not in moment.nodes)),
        out,
        into,
        _revised(moment.words, _words(before), _words(after), frozenset),
        _revised(moment.keys, _keys(before), _keys(after), _sorted),
        _revised(moment.forms, _forms(before), _forms(after), _sorted),
    )


def _ordered(
    order: Mapping[str, tuple[NodeId, ...]], fresh: Iterable[NodeId]
) -> Mapping[str, tuple[NodeId, ...]]:
    by_label: dict[str, list[NodeId]] = defaultdict(list)
    for node_id in fresh:
        by_label[node_id.label].append(node_id)
    return {
        **order,
        **{label: tuple(sorted((*order.get(label, ()), *ids), key=_BY_KEY)) for label, ids in by_label.items()},
    }


def _redrawn(
    out: Mapping[NodeId, tuple[Edge, ...]],
    into: Mapping[NodeId, frozenset[NodeId]],
    by_source: Mapping[NodeId, Iterable[Edge | EdgeId]],
) -> tuple[Mapping[NodeId, tuple[Edge, ...]], Mapping[NodeId, frozenset[NodeId]]]:
    """The edges of one name after these changes, from both sides."""
    leaving: dict[NodeId, tuple[Edge, ...]] = {}
    gone: list[tuple[NodeId, NodeId]] = []
    new: list[tuple[NodeId, NodeId]] = []
    for source, changes in by_source.items():
        before = out.get(source, ())
        held = {edge.target: edge for edge in before}
        for change in changes:
            was = held.pop(change.target, None)
            if isinstance(change, Edge):
                held[change.target] = change
                if was is None:
                    new.append((change.target, source))
            elif was is not None:
                gone.append((change.target, source))
        after = tuple(sorted(held.values(), key=_BY_TARGET) if len(held) > 1 else held.values())
        if after != before:
            leaving[source] = after
    return _with(out, leaving), _revised(into, gone, new, frozenset)


def _words(nodes: Iterable[Node]) -> Iterator[tuple[tuple[str, str], NodeId]]:
    return ((word, node.id) for node in nodes for word in closed_words(node))


def _keys(nodes: Iterable[Node]) -> Iterator[tuple[str, NodeId]]:
    return ((key, node.id) for node in nodes for key in (node.id.key, *node.words("former_keys")))


def _forms(nodes: Iterable[Node]) -> Iterator[tuple[str, NodeId]]:
    return ((normalised(name), node.id) for node in nodes for name in names_of(node))


def _sorted(ids: Iterable[NodeId]) -> tuple[NodeId, ...]:
    return tuple(sorted(set(ids)))


def _revised(
    index: Mapping[_K, _C],
    gone: Iterable[tuple[_K, NodeId]],
    new: Iterable[tuple[_K, NodeId]],
    made: Callable[[Iterable[NodeId]], _C],
) -> Mapping[_K, _C]:
    """The index without ``gone`` and with ``new``; each value that changes is built once."""
    plus, minus = _by_first(new), _by_first(gone)
    changed: dict[_K, _C] = {}
    for key, ids in plus.items():
        lost = minus.pop(key, None)
        if key not in index:
            changed[key] = made(ids)
        elif lost != ids:
            changed[key] = made(set(index[key]).difference(lost or ()).union(ids))
    for key, ids in minus.items():
        changed[key] = made(set(index[key]).difference(ids))
    return _with(index, changed)


def _with(index: Mapping[_K, _V], changed: Mapping[_K, _V]) -> Mapping[_K, _V]:
    """The index with these entries, without those that become empty; the very same where none changes."""
    if not changed:
        return index
    merged = {**index, **changed}
    for key, value in changed.items():
        if not value:
            del merged[key]
    return merged


def _by_first(pairs: Iterable[tuple[_K, NodeId]]) -> dict[_K, list[NodeId]]:
    found: dict[_K, list[NodeId]] = {}
    for key, node_id in pairs:
        found.setdefault(key, []).append(node_id)
    return found
