"""Edges that lead back to where they came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from registry.model.snapshot import EdgeId, NodeId


def closing(outward: Mapping[tuple[str, NodeId], list[NodeId]], drafted: Iterable[EdgeId]) -> Iterator[EdgeId]:
    """The drafted edges on a circle: those whose two ends lie in one strongly connected component (Tarjan 1972)."""
    component = _components(outward)
    for edge_id in drafted:
        source, target = (edge_id.name, edge_id.source), (edge_id.name, edge_id.target)
        if edge_id.source == edge_id.target or component[source] == component.get(target):
            yield edge_id


def _components(outward: Mapping[tuple[str, NodeId], list[NodeId]]) -> dict[tuple[str, NodeId], int]:
    """Number each node's strongly connected component, without recursion: trees may be deep."""
    index: dict[tuple[str, NodeId], int] = {}
    low: dict[tuple[str, NodeId], int] = {}
    component: dict[tuple[str, NodeId], int] = {}
    stack: list[tuple[str, NodeId]] = []
    for root in list(outward):
        if root in index:
            continue
        work = [(root, iter(outward.get(root, ())))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            node, targets = work[-1]
            for target_id in targets:
                target = (node[0], target_id)
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    work.append((target, iter(outward.get(target, ()))))
                    break
                if target not in component:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    while True:
                        member = stack.pop()
                        component[member] = index[node]
                        if member == node:
                            break
    return component
