"""The words in which the graph is declared: node types, properties, edge types.

A wrong declaration cannot be imported: `Graph` checks itself when it is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import NamedTuple


class Kind(Enum):
    """What a property holds."""

    TEXT = "text"
    BILINGUAL = "text in English, in Chinese or in both"
    CHOICE = "one of a closed set"
    FLAG = "true or false"
    NUMBER = "whole number"
    DATE = "ISO 8601 date"
    PERIOD = "ISO 8601 duration"
    URL = "https or http address"
    TEXTS = "list of texts"
    CHOICES = "list from a closed set"
    CLAUSES = "list of policy clause keys"


class Choice(NamedTuple):
    """One value of a closed set, with what a reader sees in either language."""

    value: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a node or an edge. ``en`` and ``zh`` head its column in a document."""

    name: str
    kind: Kind
    doc: str
    en: str
    zh: str
    required: bool = False
    choices: tuple[Choice, ...] = ()
    default: str | bool | None = None

    def __post_init__(self) -> None:
        closed = self.kind in (Kind.CHOICE, Kind.CHOICES)
        if closed != bool(self.choices):
            raise ValueError(f"property {self.name}: choices belong to a closed set, and a closed set needs them")
        if closed and self.default is not None and self.default not in self.values:
            raise ValueError(f"property {self.name}: default {self.default!r} is not among its choices")

    @property
    def values(self) -> tuple[str, ...]:
        """The values of the closed set, in the order declared."""
        return tuple(choice.value for choice in self.choices)

    def choice(self, value: str) -> Choice:
        """The choice with that value; `KeyError` when there is none."""
        for choice in self.choices:
            if choice.value == value:
                return choice
        raise KeyError(value)


class NodeType(NamedTuple):
    """A kind of node.

    ``section`` is its heading in a manifest and its word in ``list``; ``noun`` is the singular, which names it in a
    reference (``recipient:jpush``) and in an edge's mapping (``{category: device-model, required: false}``).
    """

    label: str
    section: str
    noun: str
    doc: str
    en: str
    zh: str
    properties: tuple[Property, ...] = ()


class EdgeType(NamedTuple):
    """A kind of edge. ``ends`` are the pairs of labels that it may join, source first.

    ``least`` is how many of these edges each source must have; ``most`` is 1 where there can be only one.
    An ``acyclic`` edge never leads back to where it came from. ``inverse`` reads it from the target.
    """

    name: str
    ends: tuple[tuple[str, str], ...]
    doc: str
    en: str
    zh: str
    inverse: str
    properties: tuple[Property, ...] = ()
    least: int = 0
    most: int | None = None
    acyclic: bool = False

    @property
    def word(self) -> str:
        """The edge's one word in manifests, options, GraphQL and exports: ``CARRIES`` is ``carries``."""
        return self.name.lower()

    @property
    def option(self) -> str:
        """The edge's word as a command option: ``part_of`` is ``part-of``."""
        return self.word.replace("_", "-")

    def targets(self, source: str) -> tuple[str, ...]:
        """The labels that it may lead to from a node with label ``source``."""
        return tuple(target for start, target in self.ends if start == source)

    @property
    def sources(self) -> tuple[str, ...]:
        """The labels that it may leave, each once, in the order declared."""
        return tuple(dict.fromkeys(start for start, _ in self.ends))


@dataclass(frozen=True)
class Graph:
    """The whole declaration. ``common`` are the properties that every node has besides its own."""

    common: tuple[Property, ...]
    node_types: tuple[NodeType, ...]
    edge_types: tuple[EdgeType, ...]
    _by_label: Mapping[str, NodeType] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_label", {node.label: node for node in self.node_types})
        for what in ("label", "section", "noun"):
            _distinct(f"node {what}", (getattr(node, what) for node in self.node_types))
        _distinct("edge", (edge.name for edge in self.edge_types))
        for edge in self.edge_types:
            for label in {label for pair in edge.ends for label in pair}:
                if label not in self._by_label:
                    raise ValueError(f"edge {edge.name} joins {label}, which is not declared")
        for node in self.node_types:
            words = [edge.word for edge in self.edges_from(node.label)]
            _distinct(f"word of {node.label}", [*words, *(prop.name for prop in self.properties(node.label))])

    def node(self, label: str) -> NodeType:
        """The node type with that label; `KeyError` when there is none."""
        return self._by_label[label]

    @cached_property
    def by_section(self) -> Mapping[str, NodeType]:
        """Node types by their heading in a manifest."""
        return {node.section: node for node in self.node_types}

    @cached_property
    def by_noun(self) -> Mapping[str, NodeType]:
        """Node types by their singular noun."""
        return {node.noun: node for node in self.node_types}

    @cached_property
    def by_edge(self) -> Mapping[str, EdgeType]:
        """Edge types by name."""
        return {edge.name: edge for edge in self.edge_types}

    @cached_property
    def _edges_from(self) -> Mapping[str, tuple[EdgeType, ...]]:
        return {
            node.label: tuple(edge for edge in self.edge_types if node.label in edge.sources)
            for node in self.node_types
        }

    @cached_property
    def _properties(self) -> Mapping[str, tuple[Property, ...]]:
        return {node.label: (*self.common, *node.properties) for node in self.node_types}

    def edges_from(self, label: str) -> tuple[EdgeType, ...]:
        """The edge types that may leave a node with that label, in the order declared."""
        return self._edges_from[label]

    def edges_to(self, label: str) -> tuple[EdgeType, ...]:
        """The edge types that may lead to a node with that label, in the order declared."""
        return tuple(edge for edge in self.edge_types if any(target == label for _, target in edge.ends))

    def properties(self, label: str) -> tuple[Property, ...]:
        """All properties of a node with that label: the common ones first."""
        return self._properties[label]

    def property(self, label: str, name: str) -> Property:
        """One property of a node type; `KeyError` when there is none."""
        for prop in self.properties(label):
            if prop.name == name:
                return prop
        raise KeyError(name)

    def edge_property(self, edge: str, name: str) -> Property:
        """One property of an edge type; `KeyError` when there is none."""
        for prop in self.by_edge[edge].properties:
            if prop.name == name:
                return prop
        raise KeyError(name)


def _distinct(what: str, names: Iterator[str] | list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{what} {name!r} is declared twice")
        seen.add(name)
