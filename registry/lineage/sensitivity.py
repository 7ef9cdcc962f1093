"""How sensitive data is: the levels of a category, or of a group of people, and of what is broader."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from registry.lineage.cached_reader import CachedReader, cached
from registry.lineage.taxonomy import BROADER
from registry.model.graph import SENSITIVITY
from registry.model.snapshot import Node, NodeId
from registry.stores.port import Direction, Reader, Step


def sensitivity(reader: Reader, ids: Collection[NodeId]) -> dict[NodeId, tuple[NodeId, ...]]:
    """The levels at which each category or subject group is sensitive personal information, where there is any.

    A kind of data is at least as sensitive as the broader kinds above it.
    """
    levels = levels_above(cached(reader), ids)
    return levels.of(reader.get(levels.levels))


class Levels(NamedTuple):
    """Categories and groups of people with what is above each, as far as there is anything, and the levels there."""

    ids: Collection[NodeId]
    upward: Mapping[NodeId, Collection[NodeId]]
    levels: tuple[NodeId, ...]

    def of(self, nodes: Mapping[NodeId, Node]) -> dict[NodeId, tuple[NodeId, ...]]:
        """The levels of each category or group that has any; ``nodes`` has those levels."""
        counted = {level for level in self.levels if level in nodes and nodes[level].flag("sensitive") is not False}
        memo: dict[NodeId, frozenset[NodeId]] = {}
        found = ((node_id, _above(node_id, self.upward, counted, memo)) for node_id in self.ids)
        return {node_id: tuple(sorted(above)) for node_id, above in found if above}


def levels_above(reader: CachedReader, ids: Collection[NodeId]) -> Levels:
    """What is above these, up to the levels at which it is sensitive."""
    reached = reader.closure(ids, [BROADER, Step("HAS_SENSITIVITY", Direction.OUT), Step("COVERS", Direction.IN)])
    return Levels(ids, reached.along(), tuple(node_id for node_id in reached if node_id.label == SENSITIVITY))


_NOTHING: frozenset[NodeId] = frozenset()


def _above(
    node_id: NodeId,
    upward: Mapping[NodeId, Collection[NodeId]],
    counted: Collection[NodeId],
    memo: dict[NodeId, frozenset[NodeId]],
) -> frozenset[NodeId]:
    if node_id not in memo:
        memo[node_id] = _NOTHING
        here = [
            (target,) if target in counted else _above(target, upward, counted, memo)
            for target in upward.get(node_id, ())
            if target in counted or target.label == node_id.label
        ]
        memo[node_id] = _NOTHING.union(*here)
    return memo[node_id]
