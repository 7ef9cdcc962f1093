"""The values that fill the graph: nodes, edges, and a whole of both."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from registry.bilingual import Text as Text
from registry.model.declaration import Kind, Property
from registry.model.graph import GRAPH


class NodeId(NamedTuple):
    """What a node is and its key, unique together."""

    label: str
    key: str

    @property
    def reference(self) -> str:
        """How people write it where the key alone could mean two things: ``recipient:jpush``."""
        return f"{GRAPH.node(self.label).noun}:{self.key}"


Value = str | bool | int | Text | tuple[str, ...]
Json = str | bool | int | float | None | list["Json"] | dict[str, "Json"]


class EdgeId(NamedTuple):
    """An edge is known by its two ends and its name: there is at most one of each."""

    source: NodeId
    name: str
    target: NodeId


class Node(NamedTuple):
    """A node and its properties; what was not given is not there."""

    id: NodeId
    properties: Mapping[str, Value]

    @property
    def name(self) -> Text:
        """How it is called in either language: a name in one language stands for both, and the key for none."""
        name = self.given_name.filled
        return name if name.en else Text(self.id.key, self.id.key)

    @property
    def given_name(self) -> Text:
        """Its name as it was given: empty in a language in which it was not."""
        return self.text("name") or Text("", "")

    def text(self, name: str) -> Text | None:
        """A bilingual property, or None where it was not given."""
        value = self.properties.get(name)
        return value if isinstance(value, Text) else None

    def word(self, name: str) -> str | None:
        """A property that holds one plain text, or None where it was not given."""
        value = self.properties.get(name)
        return value if isinstance(value, str) else None

    def words(self, name: str) -> tuple[str, ...]:
        """A property that holds a list of texts; empty where it was not given."""
        value = self.properties.get(name)
        return value if isinstance(value, tuple) and not isinstance(value, Text) else ()

    def flag(self, name: str) -> bool | None:
        """A property that is true or false, or None where it was not given."""
        value = self.properties.get(name)
        return value if isinstance(value, bool) else None


class Edge(NamedTuple):
    """An edge and its properties."""

    source: NodeId
    name: str
    target: NodeId
    properties: Mapping[str, Value] = {}

    @property
    def id(self) -> EdgeId:
        """What makes it this edge and no other."""
        return EdgeId(self.source, self.name, self.target)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Nodes by identity, and edges by identity: a whole registry, or the part that a manifest declares.

    Where it is a part, each node comes with all the edges that leave it.
    """

    nodes: Mapping[NodeId, Node] = field(default_factory=dict)
    edges: Mapping[EdgeId, Edge] = field(default_factory=dict)

    @classmethod
    def of(cls, nodes: Iterable[Node], edges: Iterable[Edge]) -> Snapshot:
        """A snapshot of these nodes and edges."""
        return cls({node.id: node for node in nodes}, {edge.id: edge for edge in edges})


def in_declared_order(label: str, properties: Mapping[str, Value]) -> dict[str, Value]:
    """The properties of a node with that label in the order declared, so that every store tells them in one order."""
    return {prop.name: properties[prop.name] for prop in GRAPH.properties(label) if prop.name in properties}


def edge_in_declared_order(name: str, properties: Mapping[str, Value]) -> Mapping[str, Value]:
    """The properties of an edge of that name in the order declared, so that every store tells them in one order."""
    if len(properties) < 2:
        return properties
    return {prop.name: properties[prop.name] for prop in GRAPH.by_edge[name].properties if prop.name in properties}


def to_json(value: Value) -> Json:
    """A property value as JSON: tuples become lists, bilingual texts ``{"en": …, "zh": …}``, null where one lacks."""
    if isinstance(value, Text):
        return {"en": value.en or None, "zh": value.zh or None}
    if isinstance(value, tuple):
        return [*value]
    return value


def from_json(value: Json) -> Value:
    """The inverse of `to_json`; `ValueError` for JSON that no property can hold."""
    if isinstance(value, str | int):
        return value
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    if isinstance(value, dict) and value.keys() == {"en", "zh"}:
        return Text(str(value["en"] or ""), str(value["zh"] or ""))
    raise ValueError(f"no property holds {value!r}")


def names_of(node: Node) -> tuple[str, ...]:
    """Every name by which people may ask for a node: key, names, aliases, former keys, system identifier.

    None is empty.
    """
    found = [node.id.key, *node.name, *node.words("aliases"), *node.words("former_keys")]
    for name in ("identifier", "number"):
        word = node.word(name)
        if word:
            found.append(word)
    legal = node.text("legal_name")
    if legal:
        found.extend(filter(None, legal))
    return tuple(dict.fromkeys(found))


_SEPARATORS = str.maketrans(dict.fromkeys(":._-/\u3000", " "))


def normalised(name: str) -> str:
    """The form in which names are compared: width, case and separators do not count (Unicode NFKC)."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().translate(_SEPARATORS).split())


def shown(prop: Property, value: Value, language: str) -> str:
    """A property value as a reader sees it in ``en`` or ``zh``."""
    if isinstance(value, Text):
        return value.to(language)
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "zh": ("否", "是")}[language][value]
    if isinstance(value, tuple):
        return ", ".join(_shown_word(prop, word, language) for word in value)
    return _shown_word(prop, str(value), language)


def _shown_word(prop: Property, word: str, language: str) -> str:
    if prop.kind not in (Kind.CHOICE, Kind.CHOICES):
        return word
    choice = prop.choice(word)
    return choice.zh if language == "zh" else choice.en
