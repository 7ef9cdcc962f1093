"""What a list is made from: flows in force, laid out page by page, with what their ends are called."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from registry.documents.document import Clause, Entry, Level, Place
from registry.lineage.answers import FlowView
from registry.lineage.flow_views import FlowViews, clauses_of, view_flows
from registry.lineage.question import Question
from registry.lineage.scope import Scope
from registry.model.graph import CLAUSE, SENSITIVITY
from registry.model.snapshot import Edge, Node, NodeId, Text
from registry.stores.port import Direction, Group, Reader, Where

FLOWS_AT_ONCE = 1_000
"""How many flows are laid out together: what a list holds in memory while it is written."""

NODES_AT_ONCE = 200
"""How many recipients, activities or permissions are asked about together."""

_UNPLACED = 1_000_000_000
_NOWHERE: Place = ("\uffff", _UNPLACED, (), "")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Origin:
    """The reader, which flows count (those in force, of the products asked for), and the clauses they may cite."""

    reader: Reader
    scope: Scope
    where: Where
    clauses: Mapping[NodeId, Clause]
    levels: Mapping[NodeId, Level]

    def cited(self, edges: Iterable[Edge]) -> tuple[Clause, ...]:
        """The clauses to which ``edges`` lead or which they name themselves, each once, in the order of the texts."""
        found: dict[NodeId, None] = {}
        for edge in edges:
            found.update(dict.fromkeys([edge.target] if edge.target.label == CLAUSE else clauses_of(edge)))
        return tuple(sorted((self.clauses[one] for one in found if one in self.clauses), key=lambda one: one.place))

    def place(self, node_id: NodeId, clauses: Iterable[NodeId]) -> Place:
        """Where something stands in a list: where its documents first speak of it, then by its key."""
        first = min((self.clauses[one].place for one in clauses if one in self.clauses), default=_NOWHERE)
        return (*first[:3], node_id.key)


def origin(reader: Reader, product: str = "") -> Origin:
    """Return the ground of the lists about ``product`` (all products where empty): only active flows count.

    Raises `UnknownName` and `AmbiguousName` for a product that is none.
    """
    scope = Scope(products=(product,) if product else ())
    nodes = reader.nodes(CLAUSE)
    levels = [node for node in reader.nodes(SENSITIVITY) if node.flag("sensitive") is not False]
    return Origin(
        reader,
        scope,
        Question("list", reader, scope).flows().every,
        {node.id: _clause(node) for node in nodes},
        {node.id: Level(node.id.key, node.name, node.word("scheme") or node.id.key) for node in levels},
    )


def _clause(node: Node) -> Clause:
    document, number = node.word("document") or "", node.word("number") or node.id.key
    lines = [int(lines.partition("-")[0]) for lines in node.words("lines") if lines.partition("-")[0].isdigit()]
    place = (document, min(lines, default=_UNPLACED), _natural(number), node.id.key)
    return Clause(node.id.key, document, number, place)


def _natural(number: str) -> tuple[int | str, ...]:
    """`1(10)` after `1(9)`: text and figures in turn, so that like is compared with like."""
    return tuple(int(piece) if piece.isdigit() else piece for piece in re.split(r"([0-9]+)", number))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the ends of the flows at hand are called, and at which levels they are sensitive."""

    nodes: Mapping[NodeId, Node]
    sensitive: Mapping[NodeId, tuple[Level, ...]]

    def name(self, node_id: NodeId) -> Text:
        """What it is called; its key where it no longer exists."""
        node = self.nodes.get(node_id)
        return node.name if node else Text(node_id.key, node_id.key)

    def entry(self, node_id: NodeId) -> Entry:
        """It as the value of a cell."""
        return Entry(self.name(node_id), node_id)


def facts(source: Origin, seen: FlowViews) -> Facts:
    """What ``seen`` tells about the ends of its flows."""
    sensitive = {
        node_id: tuple(source.levels[level] for level in levels if level in source.levels)
        for node_id, levels in seen.sensitive.items()
    }
    return Facts(seen.nodes, sensitive)


@dataclass(frozen=True, slots=True)
class Laid:
    """The flows of one end, or as many as are laid out at once, in the order in which documents speak of them."""

    end: NodeId
    flows: tuple[FlowView, ...]
    facts: Facts


def laid_out(source: Origin, groups: Iterable[Group]) -> Iterator[Laid]:
    """Lay out the flows of ``groups``, in their order, never more than `FLOWS_AT_ONCE` together.

    An end with more flows than that comes several times; one without flows comes once.
    """
    for batch in _batches(groups):
        seen = view_flows(
            source.reader, {flow for group in batch for flow in group.flows}, [group.end for group in batch]
        )
        known = facts(source, seen)
        for group in batch:
            views = [seen.flows[flow] for flow in group.flows if flow in seen.flows]
            views.sort(key=lambda view: source.place(view.id, view.ends("STATED_IN")))
            yield Laid(group.end, tuple(views), known)


def _batches(groups: Iterable[Group]) -> Iterator[list[Group]]:
    batch: list[Group] = []
    room = FLOWS_AT_ONCE
    for group in groups:
        for flows in tuple(pages(group.flows, FLOWS_AT_ONCE)) or ((),):
            if batch and len(flows) > room:
                yield batch
                batch, room = [], FLOWS_AT_ONCE
            batch.append(Group(group.end, tuple(flows)))
            room -= len(flows)
    if batch:
        yield batch


def pages(items: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    """``items``, ``size`` of them at a time."""
    rest = iter(items)
    while page := tuple(islice(rest, size)):
        yield page


def nodes_of(reader: Reader, label: str) -> Iterator[Node]:
    """All nodes with that label, a page at a time."""
    after: str | None = None
    while found := reader.nodes(label, after=after, limit=NODES_AT_ONCE):
        yield from found
        after = found[-1].id.key


def in_order(source: Origin, ids: Collection[NodeId]) -> list[NodeId]:
    """``ids`` in the order in which documents first speak of them, then by key."""
    clauses: dict[NodeId, list[NodeId]] = {}
    for page in pages(ids, NODES_AT_ONCE):
        for edge in source.reader.edges(["STATED_IN"], page, Direction.OUT):
            clauses.setdefault(edge.source, []).append(edge.target)
    return sorted(ids, key=lambda node_id: source.place(node_id, clauses.get(node_id, ())))
