"""What counts as the data asked for: everything narrower, and what may include it because it is broader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.lineage.answers import Reason
from registry.lineage.cached_reader import CachedReader
from registry.model.graph import CATEGORY, CLAUSE
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import Direction, Reached, Reader, Step

NARROWER = Step("BROADER", Direction.IN)
BROADER = Step("BROADER", Direction.OUT)
COUNTED_IN = Step("INCLUDES", Direction.IN)
DEFINES = Step("DEFINES", Direction.OUT)
WIDER = (BROADER, COUNTED_IN, DEFINES)
"""The steps to what may include a kind of data."""


@dataclass(frozen=True, slots=True)
class DataMatch:
    """The data asked for and the categories that bear on it.

    ``certain`` is the data asked for and everything narrower. ``possible`` is what may include some of it, by the path
    there. ``catch_all`` are the possible categories that nothing is broader than, such as "personal information".
    """

    asked: tuple[NodeId, ...]
    certain: frozenset[NodeId]
    possible: Mapping[NodeId, Reached] = field(default_factory=dict)
    catch_all: frozenset[NodeId] = frozenset()

    @property
    def every(self) -> frozenset[NodeId]:
        """Every category by which a flow may bear on the data asked for."""
        return frozenset((*self.certain, *self.possible))

    @property
    def specific(self) -> frozenset[NodeId]:
        """The same without the catch-all categories."""
        return self.every - self.catch_all


def narrower(reader: Reader, node_id: NodeId) -> frozenset[NodeId]:
    """The node and everything narrower than it."""
    return frozenset(reader.closure([node_id], [NARROWER]))


def match_data(reader: CachedReader, asked: tuple[NodeId, ...]) -> DataMatch:
    """Return the categories that are the data asked for, or may include it."""
    certain = frozenset(reader.closure(asked, [NARROWER]))
    # Paths from the data itself explain best; those from something narrower fill in the rest.
    wider = reader.closure(certain, WIDER)
    upward = {**wider, **reader.closure(asked, WIDER)}
    possible = {node_id: reached for node_id, reached in upward.items() if node_id not in certain}
    reader.expect(possible)
    categories = frozenset(node_id for node_id in possible if node_id.label == CATEGORY)
    return DataMatch(asked, certain, possible, categories - wider.along(BROADER).keys())


def path_to(category: NodeId, reached: Mapping[NodeId, Reached]) -> tuple[NodeId, ...]:
    """The nodes on the shortest path to ``category``, clauses among them, from where the walk began."""
    path = [category]
    while (step := reached.get(path[-1])) is not None and step.previous is not None:
        path.append(step.previous)
    return tuple(reversed(path))


def reason_broader(found: DataMatch, category: NodeId, nodes: Mapping[NodeId, Node]) -> Reason:
    """Why a flow that carries ``category`` may carry the data asked for."""
    catch_all = category in found.catch_all
    path = path_to(category, found.possible)
    clauses = tuple(node_id for node_id in path if node_id.label == CLAUSE)
    wide, narrow = name_of(nodes, category), name_of(nodes, path[0])
    if not clauses:
        text = Text(f"{wide.en} is broader than {narrow.en}", f"{wide.zh}是{narrow.zh}的上位类")
        return Reason(text, vague=catch_all)
    return Reason(includes(wide, narrow, clauses, nodes), clauses, catch_all)


def includes(wide: Text, narrow: Text, clauses: tuple[NodeId, ...], nodes: Mapping[NodeId, Node]) -> Text:
    """That a category may include another, as clauses say."""
    numbers = ", ".join(clause_number(nodes, clause) for clause in clauses)
    return Text(
        f"{wide.en} may include {narrow.en} (clause {numbers})", f"{wide.zh}可能包括{narrow.zh}（条款{numbers}）"
    )


def name_of(nodes: Mapping[NodeId, Node], node_id: NodeId) -> Text:
    """The name of a node; its key where the node is not among ``nodes``."""
    node = nodes.get(node_id)
    return node.name if node else Text(node_id.key, node_id.key)


def clause_number(nodes: Mapping[NodeId, Node], clause: NodeId) -> str:
    """The number by which a clause is cited."""
    node = nodes.get(clause)
    return (node.word("number") if node else None) or clause.key
