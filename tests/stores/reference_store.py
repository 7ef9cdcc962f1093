"""The operations of the port as their docstrings say them, over a snapshot, with no thought for speed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import product

from registry.model.graph import FLOW
from registry.model.snapshot import Edge, Node, NodeId, Snapshot, names_of, normalised
from registry.stores.port import (
    AllOf,
    AnyOf,
    By,
    Condition,
    Dated,
    Direction,
    Ends,
    Group,
    Is,
    Match,
    Page,
    Reached,
    Step,
    Where,
)


class Plain:
    """Answers from a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.by_id = snapshot.nodes
        self.in_order = [snapshot.nodes[node_id] for node_id in sorted(snapshot.nodes)]
        self.drawn = [snapshot.edges[edge_id] for edge_id in sorted(snapshot.edges)]

    def get(self, ids: Collection[NodeId]) -> dict[NodeId, Node]:
        return {node_id: self.by_id[node_id] for node_id in ids if node_id in self.by_id}

    def keyed(self, keys: Collection[str]) -> dict[str, tuple[NodeId, ...]]:
        found = {
            key: tuple(node.id for node in self.in_order if key in (node.id.key, *node.words("former_keys")))
            for key in keys
        }
        return {key: ids for key, ids in found.items() if ids}

    def named(self, names: Collection[str], labels: Collection[str]) -> list[Match]:
        return [
            Match(name, node.id)
            for name in sorted(set(names))
            for node in self._of(labels)
            if normalised(name) in [normalised(one) for one in names_of(node)]
        ]

    def names(self, labels: Collection[str]) -> list[Match]:
        return [Match(name, node.id) for node in self._of(labels) for name in names_of(node)]

    def _of(self, labels: Collection[str]) -> Iterator[Node]:
        return (node for node in self.in_order if not labels or node.id.label in labels)

    def closure(self, start: Collection[NodeId], steps: Collection[Step]) -> dict[NodeId, Reached]:
        """Lengthen every way by one step until no way is shorter than those known (Bellman and Ford)."""
        reached = {node_id: Reached(None, None, 0) for node_id in start if node_id in self.by_id}
        for distance in range(1, len(self.by_id) + 1):
            candidates: dict[NodeId, list[tuple[NodeId, str, str]]] = {}
            for edge in self.drawn:
                for direction in Direction:
                    ends = (edge.source, edge.target) if direction is Direction.OUT else (edge.target, edge.source)
                    near = ends[0] in reached and reached[ends[0]].distance == distance - 1
                    if near and Step(edge.name, direction) in steps and ends[1] not in reached:
                        candidates.setdefault(ends[1], []).append((ends[0], edge.name, direction.value))
            for node_id, ways in candidates.items():
                previous, name, value = min(ways)
                reached[node_id] = Reached(previous, Step(name, Direction(value)), distance)
        return reached

    def beside(self, ids: Collection[NodeId], steps: Collection[Step]) -> dict[NodeId, tuple[NodeId, ...]]:
        """Where any of the steps leads from each of these nodes, for those that it leads anywhere."""
        out = [(edge.source, edge.target) for edge in self.drawn if Step(edge.name, Direction.OUT) in steps]
        into = [(edge.target, edge.source) for edge in self.drawn if Step(edge.name, Direction.IN) in steps]
        found = {one: tuple(sorted({end for start, end in (*out, *into) if start == one})) for one in ids}
        return {one: ends for one, ends in found.items() if ends}

    def edges(self, names: Collection[str], ends: Collection[NodeId] | None, direction: Direction) -> list[Edge]:
        return [
            edge
            for edge in self.drawn
            if not names or edge.name in names
            if ends is None or (edge.source if direction is Direction.OUT else edge.target) in ends
        ]

    def flows(self, where: Where, *, limit: int | None = None) -> list[NodeId]:
        return [node.id for node in self.in_order if self._lets_through(where, node)][:limit]

    def _lets_through(self, where: Where, node: Node) -> bool:
        return (
            node.id.label == FLOW
            and all(self._holds(condition, node) for condition in where.conditions)
            and all(
                name in node.properties and str(node.properties[name]).lower() in values
                for name, values in where.properties.items()
            )
        )

    def _holds(self, condition: Condition, node: Node) -> bool:
        if isinstance(condition, AnyOf):
            return any(self._holds(one, node) for one in condition.conditions)
        if isinstance(condition, AllOf):
            return all(self._holds(one, node) for one in condition.conditions)
        if isinstance(condition, Dated):
            return condition.holds(node.word(condition.property))
        if isinstance(condition, Is):
            value = node.properties.get(condition.property)
            return (value is not None and str(value).lower() in condition.values) != condition.absent
        leaving = [edge for edge in self.drawn if edge.source == node.id]
        if isinstance(condition, Ends):
            found = any(
                edge.name in condition.edges
                and edge.target in condition.among
                and not (condition.stated and edge.properties.get("reading"))
                for edge in leaving
            )
        else:
            found = any(
                edge.name == condition.edge and condition.label in (None, edge.target.label) for edge in leaving
            )
        return found != condition.absent

    def group(self, where: Where, by: By, *, after: NodeId | None = None, first: int | None = None) -> Page:
        flows, ends = self.flows(where), self.ends(where, by)
        shown = [end for end in ends if after is None or end > after][:first]
        return Page(tuple(Group(end, self._under(end, by, flows)) for end in shown), len(ends))

    def ends(self, where: Where, by: By) -> list[NodeId]:
        return sorted({end for flow in self.flows(where) for end in self._ends_of(flow, by)})

    def tuples(self, where: Where, bys: Sequence[By]) -> list[tuple[NodeId, ...]]:
        found: set[tuple[NodeId, ...]] = set()
        for flow in self.flows(where):
            found.update(product(*(self._ends_of(flow, by) for by in bys)))
        return sorted(found)

    def _ends_of(self, flow: NodeId, by: By) -> set[NodeId]:
        return {
            edge.target
            for edge in self.drawn
            if edge.source == flow and edge.name in by.edges and not (by.stated and edge.properties.get("reading"))
            if not by.labels or edge.target.label in by.labels
            if (by.among is None or edge.target in by.among) and edge.target not in by.without
        }

    def _under(self, end: NodeId, by: By, flows: list[NodeId]) -> tuple[NodeId, ...]:
        return tuple(flow for flow in flows if end in self._ends_of(flow, by))

    def nodes(self, label: str, *, after: str | None = None, limit: int | None = None) -> list[Node]:
        found = [node for node in self._of([label]) if after is None or node.id.key > after]
        return found[:limit]

    def count(self) -> dict[str, int]:
        labels = [node.id.label for node in self.in_order]
        return {label: labels.count(label) for label in labels}
