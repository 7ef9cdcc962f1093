"""Nodes and edges as a document says them: the way back from what the registry holds to what somebody could give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from registry.errors import Place
from registry.model.declaration import EdgeType, Kind, Property
from registry.model.graph import FLOW, GRAPH
from registry.model.parsed import BOOLEAN, DATE, NUMBER, TEXT, Fields, Given, Items, Scalar
from registry.model.snapshot import Edge, Node, NodeId, Text, Value

_SORTS = {Kind.FLAG: BOOLEAN, Kind.NUMBER: NUMBER, Kind.DATE: DATE}
_LISTS = (Kind.TEXTS, Kind.CHOICES, Kind.CLAUSES)


def document(nodes: Iterable[Node], edges: Collection[Edge], place: Place) -> Fields:
    """Return the document that declares just these nodes with just these edges, its sections in the declared order."""
    sections: dict[str, list[tuple[Scalar, Given]]] = defaultdict(list)
    leads: dict[NodeId, list[Edge]] = defaultdict(list)
    for edge in edges:
        leads[edge.source].append(edge)
    for node in nodes:
        key = Scalar(node.id.key, TEXT, place)
        sections[node.id.label].append((key, entry(node, leads[node.id], place)))
    found = (
        (Scalar(node_type.section, TEXT, place), Fields(tuple(sections[node_type.label]), place))
        for node_type in GRAPH.node_types
        if node_type.label in sections
    )
    return Fields(tuple(found), place)


def entry(node: Node, edges: Iterable[Edge], place: Place) -> Fields:
    """Return what the document says of one node: its properties and edges in the order declared.

    What is the default is not said, but of flows: the defaults of a file may say otherwise.
    """
    leads: dict[str, list[Given]] = defaultdict(list)
    for edge in edges:
        leads[edge.name].append(item(edge, place))
    said: list[tuple[Scalar, Given]] = []
    for prop in GRAPH.properties(node.id.label):
        value = node.properties.get(prop.name)
        if value is not None and value != () and (node.id.label == FLOW or value != prop.default):
            said.append((Scalar(prop.name, TEXT, place), given(prop, value, place)))
    for edge_type in GRAPH.edges_from(node.id.label):
        if items := leads[edge_type.name]:
            one = len(items) == 1
            said.append((Scalar(edge_type.word, TEXT, place), items[0] if one else Items(tuple(items), place)))
    return Fields(tuple(said), place)


def given(prop: Property, value: Value, place: Place) -> Given:
    """Return the value of a property as a document gives it."""
    if isinstance(value, Text):
        return Fields(
            tuple(
                (Scalar(word, TEXT, place), Scalar(text, TEXT, place)) for word, text in value._asdict().items() if text
            ),
            place,
        )
    if isinstance(value, tuple):
        return Items(tuple(Scalar(text, TEXT, place) for text in value), place)
    written = str(value).lower() if isinstance(value, bool) else str(value)
    return Scalar(written, _SORTS.get(prop.kind, TEXT), place)


def item(edge: Edge, place: Place) -> Given:
    """Return an edge as a document gives it: a key, or a mapping where the edge says something of itself."""
    edge_type = GRAPH.by_edge[edge.name]
    noun = GRAPH.node(edge.target.label).noun
    if not edge.properties:
        one_kind = len(edge_type.targets(edge.source.label)) == 1
        return Scalar(edge.target.key if one_kind else edge.target.reference, TEXT, place)
    said = (
        (Scalar(noun, TEXT, place), Scalar(edge.target.key, TEXT, place)),
        *_said(edge_type, edge.properties, place),
    )
    return Fields(said, place)


def _said(edge_type: EdgeType, properties: Mapping[str, Value], place: Place) -> Iterable[tuple[Scalar, Given]]:
    for prop in edge_type.properties:
        if prop.name in properties:
            yield Scalar(prop.name, TEXT, place), given(prop, properties[prop.name], place)
