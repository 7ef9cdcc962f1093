"""An immutable, indexed snapshot of a registry in memory, and the snapshot after a write.

A new snapshot shares with the one before all that the write does not touch. Nodes have numbers, because sets of numbers
are joined several times faster than sets of identities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter, itemgetter
from typing import TypeVar

from registry.model.graph import FLOW
from registry.model.snapshot import Edge, EdgeId, Node, NodeId, names_of, normalised
from registry.stores.port import admit_edge, closed_words, dangling, dates, is_reading

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V", bound=Collection[object])
_C = TypeVar("_C", bound=Collection[int])
_BY_KEY = itemgetter(1)
_BY_TARGET = attrgetter("target")

EVERY_FLOW = ("", FLOW)
"""The word that every flow has."""


@dataclass(frozen=True, slots=True)
class MemorySnapshot:
    """The whole registry, indexed, as it is after one write."""

    version: int = 0
    nodes: Mapping[NodeId, Node] = field(default_factory=dict)
    ids: tuple[NodeId, ...] = ()
    """The nodes by their number."""
    numbers: Mapping[NodeId, int] = field(default_factory=dict)
    order: Mapping[str, tuple[NodeId, ...]] = field(default_factory=dict)
    """The nodes of each label in the order of their keys."""
    out: Mapping[str, Mapping[NodeId, tuple[Edge, ...]]] = field(default_factory=dict)
    """The edges by name and source, in the order of their targets."""
    leads: Mapping[NodeId, tuple[Edge, ...]] = field(default_factory=dict)
    """The edges by source, in the order of their names and targets."""
    into: Mapping[str, Mapping[NodeId, frozenset[int]]] = field(default_factory=dict)
    """The sources of edges, by name and target."""
    readings: Mapping[str, Mapping[NodeId, frozenset[int]]] = field(default_factory=dict)
    """The sources of edges that are only our reading, by name and target."""
    words: Mapping[tuple[str, str], frozenset[int]] = field(default_factory=dict)
    """The flows with each value of a closed set, by property and value."""
    dates: Mapping[tuple[str, str], frozenset[int]] = field(default_factory=dict)
    """The flows with each date, by property and day."""
    keys: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """The nodes that bear each key, or bore it."""
    forms: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """The nodes that answer to each normalised name."""

    def named(self, numbers: Iterable[int]) -> list[NodeId]:
        """The nodes with these numbers, in the order of label and key."""
        return sorted(self.ids[number] for number in numbers)


class Changes:
    """What a write changes: nodes to store, edges to draw, and the ids of edges to go, in the order given."""

    def __init__(self, snapshot: MemorySnapshot, fresh: Mapping[NodeId, Node]) -> None:
        self.before = snapshot
        self.fresh = fresh
        self.added = tuple(node_id for node_id in fresh if node_id not in snapshot.nodes)
        first = len(snapshot.ids)
        added = {node_id: number for number, node_id in enumerate(self.added, first)}
        self.numbers = {**snapshot.numbers, **added} if added else snapshot.numbers
        self.edges: dict[str, dict[NodeId, list[Edge | EdgeId]]] = defaultdict(dict)

    def remove(self, edge: EdgeId) -> None:
        """Take up an edge that goes, if it is there."""
        if edge.source in self.numbers:
            self.edges[edge.name].setdefault(edge.source, []).append(edge)

    def draw(self, edge: Edge) -> None:
        """Take up an edge that comes; raises `Refused` when it may not be drawn."""
        admit_edge(edge)
        for end in (edge.source, edge.target):
            if end not in self.numbers:
                raise dangling(edge.id, end)
        self.edges[edge.name].setdefault(edge.source, []).append(edge)

    def after(self, version: int) -> MemorySnapshot:
        """The snapshot after the write."""
        snapshot, fresh = self.before, self.fresh.values()
        replaced = [snapshot.nodes[node_id] for node_id in self.fresh if node_id in snapshot.nodes]
        out, into, readings = dict(snapshot.out), dict(snapshot.into), dict(snapshot.readings)
        for name in self.edges:
            out[name], into[name], readings[name] = self._redrawn(name)
        return MemorySnapshot(
            version,
            {**snapshot.nodes, **self.fresh} if fresh else snapshot.nodes,
            (*snapshot.ids, *self.added),
            self.numbers,
            _ordered(snapshot.order, self.added),
            out,
            _with(snapshot.leads, self._leading(out)),
            into,
            readings,
            _revised(snapshot.words, self._words(replaced), self._words(fresh), frozenset),
            _revised(snapshot.dates, self._dates(replaced), self._dates(fresh), frozenset),
            _revised(snapshot.keys, self._keys(replaced), self._keys(fresh), _once),
            _revised(snapshot.forms, self._forms(replaced), self._forms(fresh), _once),
        )

    def _redrawn(
        self, name: str
    ) -> tuple[Mapping[NodeId, tuple[Edge, ...]], Mapping[NodeId, frozenset[int]], Mapping[NodeId, frozenset[int]]]:
        """The edges of one name after the write, from both sides, and those that are only our reading."""
        out = self.before.out.get(name, {})
        leaving: dict[NodeId, tuple[Edge, ...]] = {}
        gone: list[tuple[NodeId, int]] = []
        new: list[tuple[NodeId, int]] = []
        unread: list[tuple[NodeId, int]] = []
        read: list[tuple[NodeId, int]] = []
        for source, changes in self.edges[name].items():
            before, number = out.get(source, ()), self.numbers[source]
            held = {edge.target: edge for edge in before}
            for change in changes:
                was = held.pop(change.target, None)
                if isinstance(change, Edge):
                    held[change.target] = change
                    if was is None:
                        new.append((change.target, number))
                elif was is not None:
                    gone.append((change.target, number))
            after = tuple(sorted(held.values(), key=_BY_TARGET) if len(held) > 1 else held.values())
            if after != before:
                leaving[source] = after
            had, has = ({edge.target for edge in edges if is_reading(edge)} for edges in (before, after))
            unread += [(target, number) for target in had - has]
            read += [(target, number) for target in has - had]
        return (
            _with(out, leaving),
            _revised(self.before.into.get(name, {}), gone, new, frozenset),
            _revised(self.before.readings.get(name, {}), unread, read, frozenset),
        )

    def _leading(self, out: Mapping[str, Mapping[NodeId, tuple[Edge, ...]]]) -> dict[NodeId, tuple[Edge, ...]]:
        """The edges that leave each source of a change, after the write."""
        leaving: dict[NodeId, list[Edge]] = {source: [] for sources in self.edges.values() for source in sources}
        for name in sorted(out):
            index = out[name]
            # Of all edges, few leave any one kind of node: the smaller side is walked.
            for source in leaving if len(leaving) < len(index) else index:
                if source in leaving and source in index:
                    leaving[source].extend(index[source])
        return {source: tuple(edges) for source, edges in leaving.items()}

    def _words(self, nodes: Iterable[Node]) -> Iterator[tuple[tuple[str, str], int]]:
        for node in nodes:
            if node.id.label == FLOW:
                for word in (EVERY_FLOW, *closed_words(node)):
                    yield word, self.numbers[node.id]

    def _dates(self, nodes: Iterable[Node]) -> Iterator[tuple[tuple[str, str], int]]:
        return ((date, self.numbers[node.id]) for node in nodes for date in dates(node))

    def _keys(self, nodes: Iterable[Node]) -> Iterator[tuple[str, int]]:
        for node in nodes:
            for key in (node.id.key, *node.words("former_keys")):
                yield key, self.numbers[node.id]

    def _forms(self, nodes: Iterable[Node]) -> Iterator[tuple[str, int]]:
        for node in nodes:
            for name in names_of(node):
                yield normalised(name), self.numbers[node.id]


def _ordered(order: Mapping[str, tuple[NodeId, ...]], added: Iterable[NodeId]) -> Mapping[str, tuple[NodeId, ...]]:
    by_label: dict[str, list[NodeId]] = defaultdict(list)
    for node_id in added:
        by_label[node_id.label].append(node_id)
    ordered = {label: tuple(sorted((*order.get(label, ()), *ids), key=_BY_KEY)) for label, ids in by_label.items()}
    return {**order, **ordered} if ordered else order


def _once(numbers: Iterable[int]) -> tuple[int, ...]:
    # A tuple, since nearly all names have one bearer: a set would take four times the room.
    return tuple(dict.fromkeys(numbers))


def _revised(
    index: Mapping[_K, _C],
    gone: Iterable[tuple[_K, int]],
    new: Iterable[tuple[_K, int]],
    made: Callable[[Iterable[int]], _C],
) -> Mapping[_K, _C]:
    """The index without ``gone`` and with ``new``; each value that changes is built once."""
    plus, minus = _by_first(new), _by_first(gone)
    changed: dict[_K, _C] = {}
    for key, numbers in plus.items():
        lost = minus.pop(key, None)
        if key not in index:
            changed[key] = made(numbers)
        elif lost != numbers:
            changed[key] = made(set(index[key]).difference(lost or ()).union(numbers))
    for key, numbers in minus.items():
        changed[key] = made(set(index[key]).difference(numbers))
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


def _by_first(pairs: Iterable[tuple[_K, int]]) -> dict[_K, list[int]]:
    found: dict[_K, list[int]] = {}
    for key, number in pairs:
        found.setdefault(key, []).append(number)
    return found
