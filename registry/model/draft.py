"""A draft: what documents declare, each value right by itself, references not resolved yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from registry.bilingual import NO_WORDS, Text
from registry.errors import Place, Problem
from registry.model.declaration import EdgeType
from registry.model.graph import GRAPH
from registry.model.snapshot import Node, NodeId, Value
from registry.model.suggestions import meant, nearest

MOST_SUGGESTIONS = 50
"""How many unknown words get the nearest known ones: each costs a comparison with every name of the registry."""


KEEP_ONE = Text("keep one of them", "只保留一处")


class Reference(NamedTuple):
    """A key that something was said to lead to; ``labels`` are the kinds of node that it may mean."""

    written: str
    labels: tuple[str, ...]
    place: Place


class Drawn(NamedTuple):
    """An edge whose target, and the clauses among its properties, are still to be resolved."""

    source: NodeId
    edge: EdgeType
    target: Reference
    properties: Mapping[str, Value]
    clauses: Mapping[str, tuple[Reference, ...]]


@dataclass(slots=True)
class Draft:
    """What was given, each value right by itself; references are not resolved yet."""

    nodes: dict[NodeId, Node] = field(default_factory=dict)
    places: dict[NodeId, Place] = field(default_factory=dict)
    alias_places: dict[tuple[NodeId, str], Place] = field(default_factory=dict)
    edges: list[Drawn] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    suggested: int = 0

    def suggestion(self, word: str, known: Collection[str]) -> Text:
        """A hint with the names most like ``word``; empty where none is, and after the first `MOST_SUGGESTIONS`.

        Where ``known`` maps names to keys, the hint has the keys.
        """
        self.suggested += 1
        if self.suggested > MOST_SUGGESTIONS:
            return NO_WORDS
        close = nearest(word, known)
        return meant([known[name] for name in close] if isinstance(known, Mapping) else close)

    def references(self) -> Iterator[Reference]:
        """Every reference that the draft makes."""
        for drawn in self.edges:
            yield drawn.target
            for clauses in drawn.clauses.values():
                yield from clauses


def a_noun(label: str) -> Text:
    """A kind of node in words: "an organization"."""
    noun = GRAPH.node(label).noun.replace("_", " ")
    return Text(f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}", GRAPH.node(label).zh)


def nouns(labels: Iterable[str]) -> Text:
    """Kinds of nodes in words, as alternatives: "recipient or system"."""
    types = [GRAPH.node(label) for label in labels]
    return Text(" or ".join(one.noun.replace("_", " ") for one in types), "或".join(one.zh for one in types))


def listed(labels: Sequence[str]) -> Text:
    """The command that shows what there is of these kinds, as the end of a hint."""
    section, *others = [GRAPH.node(label).section for label in labels]
    return Text(
        f"`registry list {section}`" + (f" (or {', '.join(others)})" if others else "") + " shows them all",
        f"`registry list {section}`" + (f"（或{'、'.join(others)}）" if others else "") + "列出全部",
    )
