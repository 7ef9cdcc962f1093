"""What every store does: a handful of set-at-a-time operations, each one statement in SQL or Cypher.

A question is *which flows* (a `Where`), *grouped by which end*, *collecting which other ends*; it costs a constant
number of calls, never one per row.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import NamedTuple, Protocol

from registry.bilingual import Text
from registry.errors import Refused
from registry.model.declaration import Kind
from registry.model.graph import FLOW, GRAPH
from registry.model.snapshot import Edge, EdgeId, Node, NodeId, Value

_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")
READING = "reading"
"""The property of an edge that is only our reading."""


_NO_TEXT = Text("holds a NUL or a lone surrogate, which are no text", "含有NUL或孤立的代理码位，不是文字")
_WRITE_ANEW = Text("write the text anew", "重新书写该文字")


class Direction(Enum):
    """Along an edge from its source, or back from its target."""

    OUT = "out"
    IN = "in"


class Step(NamedTuple):
    """One edge type walked in one direction."""

    edge: str
    direction: Direction


class Reached(NamedTuple):
    """How a walk came to a node: from where, by which step, after how many steps. Start nodes have no step."""

    previous: NodeId | None
    step: Step | None
    distance: int


class Closure(dict[NodeId, Reached]):
    """The nodes that a walk came to, nearest first, and how; ``leads`` has each step that leaves each of them."""

    def __init__(
        self, reached: Mapping[NodeId, Reached], leads: Mapping[NodeId, Sequence[tuple[Step, NodeId]]]
    ) -> None:
        super().__init__(reached)
        self.leads = leads

    def along(self, *steps: Step) -> dict[NodeId, tuple[NodeId, ...]]:
        """Where these steps of the walk (all where none is named) lead from each node that has any, sorted."""
        found = {}
        for node_id, several in self.leads.items():
            ends = [end for step, end in several if not steps or step in steps]
            if ends:
                found[node_id] = (*ends,) if len(ends) == 1 else tuple(sorted({*ends}))
        return found


class Match(NamedTuple):
    """A node that answers to a name, compared as `normalised`."""

    text: str
    id: NodeId


class Ends(NamedTuple):
    """A condition on where a flow's edges of these types lead: at least one of them to a node among ``among``.

    With ``absent``, none of them does. With ``stated``, edges that are only our reading do not count.
    """

    edges: tuple[str, ...]
    among: frozenset[NodeId]
    absent: bool = False
    stated: bool = False


class Has(NamedTuple):
    """A condition that a flow has an edge of this type to a node with this label; with ``absent``, that it has none."""

    edge: str
    label: str | None = None
    absent: bool = False


class Is(NamedTuple):
    """A condition that a flow's property of a closed set (or flag) has one of these values.

    With ``absent``, that it has none of them, or was not given.
    """

    property: str
    values: frozenset[str]
    absent: bool = False


class Dated(NamedTuple):
    """A condition that a date of a flow is from ``first`` to ``last``, both included; an empty one is no bound.

    The days are ISO 8601 dates. A flow on which the date was not given passes where ``missing`` says so.
    """

    property: str
    first: str = ""
    last: str = ""
    missing: bool = False

    def holds(self, day: str | None) -> bool:
        """Whether a flow with this date passes."""
        return self.missing if day is None else self.first <= day and (not self.last or day <= self.last)


def undated(property_name: str) -> Dated:
    """The condition that a flow does not state this date."""
    return Dated(property_name, first=_NEVER, missing=True)


_NEVER = "~"
"""Greater than every date."""


class AnyOf(NamedTuple):
    """A condition that at least one of these holds."""

    conditions: tuple[Condition, ...]


class AllOf(NamedTuple):
    """A condition that all of these hold."""

    conditions: tuple[Condition, ...]


Condition = Ends | Has | Is | Dated | AnyOf | AllOf


@dataclass(frozen=True, slots=True)
class Where:
    """A filter over flows: every condition holds. ``properties`` maps a property to the values that it may have.

    The properties are those of closed sets, and flags with the values ``true`` and ``false``. A flow on which the
    property was not given is not let through. A filter that no flow could ever satisfy is a `ValueError`.
    """

    conditions: tuple[Condition, ...] = ()
    properties: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for condition in self.conditions:
            _check(condition)
        for name, values in self.properties.items():
            _check_values(name, values)

    def also(self, *conditions: Condition) -> Where:
        """The same filter with more conditions."""
        return Where((*self.conditions, *conditions), self.properties)


class By(NamedTuple):
    """The end by which flows are grouped: where their edges of the types ``edges`` lead.

    ``labels`` (any where empty) says to which kinds of node. Only ends in ``among`` count, where it is given, and none
    in ``without``: a flow to two recipients stands only under those that are asked for. With ``stated``, edges that are
    only our reading do not count.
    """

    edges: tuple[str, ...]
    labels: frozenset[str] = frozenset()
    among: frozenset[NodeId] | None = None
    without: frozenset[NodeId] = frozenset()
    stated: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """An end and the flows that share it, in the order of their keys."""

    end: NodeId
    flows: tuple[NodeId, ...]


class Page(NamedTuple):
    """Groups in the order of their label and key, and how many there are in all."""

    groups: tuple[Group, ...]
    total: int


class Reader(Protocol):
    """Reads of a store. Everything that one reader returns is of one snapshot (see `Store.reading`)."""

    @property
    def version(self) -> int:
        """The number of writes that the store has seen: each transaction that puts something adds one."""
        ...

    def get(self, ids: Collection[NodeId]) -> dict[NodeId, Node]:
        """The nodes among ``ids`` that exist."""
        ...

    def keyed(self, keys: Collection[str]) -> dict[str, tuple[NodeId, ...]]:
        """For each key (or former key) that exists, the nodes that bear it, in the order of label and key."""
        ...

    def named(self, names: Collection[str], labels: Collection[str]) -> list[Match]:
        """The nodes of ``labels`` (all where empty) with one of these names (see `names_of`), compared `normalised`.

        Each match carries the name as it was given. In the order of name, label and key.
        """
        ...

    def names(self, labels: Collection[str]) -> list[Match]:
        """Every name of every node of ``labels`` (all where empty), for the nearest ones to an unknown name.

        In the order of label and key, and of `names_of`.
        """
        ...

    def closure(self, start: Collection[NodeId], steps: Collection[Step]) -> Closure:
        """Every node that any number of ``steps`` leads to from ``start``, itself included, with a shortest way there.

        Of several shortest ways each node takes the one from the smallest (label, key), and from there by the smallest
        (edge, direction), so that all stores agree. Start nodes that do not exist are left out.
        """
        ...

    def edges(self, names: Collection[str], ends: Collection[NodeId] | None, direction: Direction) -> list[Edge]:
        """The edges of these names (all where empty) that leave ``ends`` (OUT) or lead to them (IN), or all where None.

        In the order of source, name, target.
        """
        ...

    def flows(self, where: Where, *, limit: int | None = None) -> list[NodeId]:
        """The flows that ``where`` lets through, in the order of their keys."""
        ...

    def group(self, where: Where, by: By, *, after: NodeId | None = None, first: int | None = None) -> Page:
        """The flows that ``where`` lets through, grouped. At most ``first`` groups, those after the end ``after``.

        A flow with several such ends stands in several groups. `ValueError` where no flow has such an end.
        """
        ...

    def ends(self, where: Where, by: By) -> list[NodeId]:
        """The ends of `group` without their flows, all of them, in the order of label and key."""
        ...

    def tuples(self, where: Where, bys: Sequence[By]) -> list[tuple[NodeId, ...]]:
        """Each distinct combination of ends of one flow that ``where`` lets through, one end for each of ``bys``.

        Sorted. A flow that lacks one of these ends adds none.
        """
        ...

    def nodes(self, label: str, *, after: str | None = None, limit: int | None = None) -> list[Node]:
        """Nodes with that label in the order of their keys, those after the key ``after``."""
        ...

    def count(self) -> dict[str, int]:
        """How many nodes there are of each label that has any."""
        ...

    def all_nodes(self) -> Iterator[Node]:
        """Every node, by label and key, streaming."""
        ...

    def all_edges(self) -> Iterator[Edge]:
        """Every edge, by source, name and target, streaming."""
        ...


class Transaction(Reader, Protocol):
    """Reads and writes that happen together or not at all."""

    def put(self, nodes: Iterable[Node], edges: Iterable[Edge], gone: Iterable[EdgeId] = ()) -> None:
        """Remove the edges ``gone``, then store these nodes and edges, replacing those of the same identity.

        Raises `Refused` for what the graph does not declare and for an edge to or from a node that does not exist;
        then nothing of this put is stored.
        """
        ...


class Store(Protocol):
    """One registry, somewhere."""

    @property
    def url(self) -> str:
        """Where it is, without secrets."""
        ...

    @property
    def upgraded(self) -> tuple[int, int] | None:
        """From which version to which it was upgraded when it was opened; None where it was not."""
        ...

    def reading(self) -> AbstractContextManager[Reader]:
        """Reads of one snapshot: what others write meanwhile is not seen."""
        ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """A write. It is complete and durable when the block ends, and nothing of it remains when the block raises."""
        ...

    def close(self) -> None:
        """Give back what the store holds."""
        ...


def admit_node(node: Node) -> None:
    """Raise `Refused` when the graph declares no such kind of node, or a text of it is none."""
    if node.id.label not in _labels():
        raise Refused(Text(f"the graph has no node type {node.id.label}", f"图中没有节点类型{node.id.label}"))
    if not is_text(node.id.key):
        key = repr(node.id.key)
        raise Refused(Text(f"the key {key} {_NO_TEXT.en}", f"标识{key}{_NO_TEXT.zh}"))
    wrong = _no_text(node.properties)
    if wrong:
        raise _no_text_in(node.id.reference, wrong)


def admit_edge(edge: Edge) -> None:
    """Raise `Refused` when the graph declares no such edge between nodes of these two kinds."""
    if (edge.name, edge.source.label, edge.target.label) not in _joins():
        joins = f"{edge.source.label} {edge.name} {edge.target.label}"
        raise Refused(Text(f"the graph has no edge {joins}", f"图中没有关系{joins}"))
    wrong = _no_text(edge.properties) if edge.properties else None
    if wrong:
        ends = f"{edge.source.reference} {edge.name.lower()} {edge.target.reference}"
        raise _no_text_in(ends, wrong)


def _no_text_in(what: str, name: str) -> Refused:
    return Refused(Text(f"{what}: {name} {_NO_TEXT.en}", f"{what}：{name}{_NO_TEXT.zh}"), hint=_WRITE_ANEW)


def is_text(word: str) -> bool:
    """Whether every store can hold it: not NUL, which ends a text in C, nor a lone surrogate, which is no character.

    Both can stand in JSON, so both can be given.
    """
    return _NO_CHARACTER.search(word) is None


def _no_text(properties: Mapping[str, Value]) -> str | None:
    """The first property with a text that is none."""
    for name, value in properties.items():
        text = value if isinstance(value, str) else "".join(value) if isinstance(value, tuple) else ""
        if not is_text(text):
            return name
    return None


def dangling(edge: EdgeId, missing: NodeId) -> Refused:
    """The refusal of an edge that has an end which does not exist."""
    ends = f"{edge.source.reference} {edge.name.lower()} {edge.target.reference}"
    command = f"`registry list {GRAPH.node(missing.label).section}`"
    return Refused(
        Text(f"{ends}: there is no {missing.reference}", f"{ends}：{missing.reference}不存在"),
        hint=Text(f"{command} shows those that exist", f"{command}列出现有各项"),
    )


def is_reading(edge: Edge) -> bool:
    """Whether the edge is only our reading: no clause says it."""
    return bool(edge.properties) and edge.properties.get(READING) is True


def closed_words(node: Node) -> Iterator[tuple[str, str]]:
    """The properties of a flow by which a `Where` can filter, with their values as it words them."""
    if node.id.label == FLOW:
        for name in closed_sets():
            if name in node.properties:
                yield name, _word(node.properties[name])


def dates(node: Node) -> Iterator[tuple[str, str]]:
    """The dates of a flow by which a `Where` can filter."""
    if node.id.label == FLOW:
        for name in date_properties():
            if name in node.properties:
                yield name, str(node.properties[name])


def _word(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def date_properties() -> tuple[str, ...]:
    """The dates of flows by which a `Where` can filter."""
    return tuple(prop.name for prop in GRAPH.properties(FLOW) if prop.kind is Kind.DATE)


@cache
def closed_sets() -> Mapping[str, frozenset[str]]:
    """The properties of flows by which a `Where` can filter, with the values that each may have."""
    flags = frozenset(("true", "false"))
    return {
        prop.name: flags if prop.kind is Kind.FLAG else frozenset(prop.values)
        for prop in GRAPH.properties(FLOW)
        if prop.kind in (Kind.CHOICE, Kind.FLAG)
    }


def _closed_set(name: str) -> frozenset[str]:
    if name not in closed_sets():
        raise ValueError(f"flows are filtered by closed sets and flags, and {name} is none")
    return closed_sets()[name]


@cache
def _labels() -> frozenset[str]:
    return frozenset(node.label for node in GRAPH.node_types)


@cache
def _joins() -> frozenset[tuple[str, str, str]]:
    return frozenset((edge.name, *pair) for edge in GRAPH.edge_types for pair in edge.ends)


def _check(condition: Condition) -> None:
    match condition:
        case AnyOf(conditions) | AllOf(conditions):
            for one in conditions:
                _check(one)
        case Has(edge, label):
            check_edge(edge, () if label is None else (label,))
        case Is(name, values):
            _check_values(name, values)
        case Dated(name):
            if name not in date_properties():
                raise ValueError(f"flows are filtered by dates, and {name} is none")
        case Ends(edges):
            for edge in edges:
                check_edge(edge)


def _check_values(name: str, values: frozenset[str]) -> None:
    if not values <= _closed_set(name):
        raise ValueError(f"no flow has {name} among {sorted(values - _closed_set(name))}")


def check_by(by: By) -> None:
    """Raise `ValueError` where no flow has any such end."""
    for edge in by.edges:
        check_edge(edge)
    for label in by.labels:
        if not any(label in GRAPH.by_edge[edge].targets(FLOW) for edge in by.edges):
            raise ValueError(f"no edge {' or '.join(by.edges)} leads from a flow to a {label}")


def check_edge(name: str, labels: Iterable[str] = ()) -> None:
    """Raise `ValueError` where no flow has such an edge: whoever wrote that filter or grouping made a mistake."""
    edge = GRAPH.by_edge.get(name)
    if edge is None or not edge.targets(FLOW):
        raise ValueError(f"no edge {name} leaves a flow")
    for label in labels:
        if label not in edge.targets(FLOW):
            raise ValueError(f"no edge {name} leads from a flow to a {label}")
