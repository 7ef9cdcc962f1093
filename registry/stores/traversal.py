"""A walk over edges that finds the same shortest ways whatever store the edges come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from registry.model.snapshot import NodeId
from registry.stores.port import Closure, Reached, Step

Neighbours = Callable[[NodeId], Iterable[tuple[Step, NodeId]]]
"""Where each step leads from a node, the steps in their order."""


def closure_over(start: Iterable[NodeId], neighbours: Neighbours) -> Closure:
    """Every node that can be reached from ``start``, with a shortest way there, nearest first.

    Nodes of one distance are walked from in the order of label and key, so each node is first met from the smallest.
    """
    frontier = sorted(set(start))
    reached = {node_id: Reached(None, None, 0) for node_id in frontier}
    leads: dict[NodeId, list[tuple[Step, NodeId]]] = {}
    distance = 0
    while frontier:
        distance += 1
        found: list[NodeId] = []
        for previous in frontier:
            leads[previous] = [*neighbours(previous)]
            for step, node_id in leads[previous]:
                if node_id not in reached:
                    reached[node_id] = Reached(previous, step, distance)
                    found.append(node_id)
        frontier = sorted(found)
    return Closure(reached, leads)


def in_order(steps: Iterable[Step]) -> list[Step]:
    """The steps by edge and direction, each once."""
    return sorted(set(steps), key=lambda step: (step.edge, step.direction.value))
