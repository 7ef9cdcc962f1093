"""Small graphs for the tests: nodes and edges in few words, and random ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from hypothesis import strategies as st

from registry.model.graph import FLOW, GRAPH
from registry.model.snapshot import Edge, EdgeId, Node, NodeId, Snapshot, Text, Value
from registry.stores.port import AllOf, AnyOf, By, Condition, Dated, Direction, Ends, Has, Is, Step, Where

Puts = list[tuple[list[Node], list[Edge], list[EdgeId]]]
"""Puts that follow each other: nodes, edges, and edges to go."""


def node(reference: str, **properties: Value) -> Node:
    """A node from ``recipient:jpush`` and its properties; its key is its name where no other is given."""
    noun, _, key = reference.partition(":")
    return Node(NodeId(GRAPH.by_noun[noun].label, key), {"name": Text(key, key), **properties})


def ref(reference: str) -> NodeId:
    return node(reference).id


def edge(source: str, word: str, target: str, **properties: Value) -> Edge:
    return Edge(ref(source), word.upper(), ref(target), properties)


def refs(*references: str) -> frozenset[NodeId]:
    return frozenset(ref(reference) for reference in references)


def carrying(*references: str, absent: bool = False) -> Where:
    return Where((Ends(("CARRIES",), refs(*references), absent),))


_KEYS = st.text("ab.1", min_size=1, max_size=3).filter(lambda key: key[0] != ".")
_WORDS = st.one_of(
    st.sampled_from(["GPS", "ＧＰＳ", "gps", "位置", "Straße", "STRASSE", "a", "A-1", "İ", "'; --", '"', "\\u0041"]),
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=6),
)
_TEXTS = st.builds(Text, _WORDS | st.just(""), _WORDS | st.just(""))
_LABELS = (
    "DataFlow",
    "DataCategory",
    "Purpose",
    "Recipient",
    "Organization",
    "System",
    "DataSubjectGroup",
    "PolicyClause",
)
_CLOSED = {
    "kind": ("collect", "provide"),
    "status": ("proposed", "active"),
    "mode": ("sdk", "batch"),
}

_DATES = ("effective_from", "effective_to")
_DAYS = ("2025-01-01", "2025-06-30", "2026-01-01")

node_ids = st.builds(NodeId, st.sampled_from((FLOW, *_LABELS)), _KEYS)


@st.composite
def nodes(draw: st.DrawFn) -> Node:
    node_id = draw(node_ids)
    properties: dict[str, Value] = {"name": draw(_TEXTS)}
    if draw(st.booleans()):
        properties["aliases"] = tuple(draw(st.lists(_WORDS, max_size=3)))
    if draw(st.booleans()):
        properties["former_keys"] = tuple(draw(st.lists(_KEYS, max_size=2)))
    if node_id.label == FLOW:
        for name, values in _CLOSED.items():
            if draw(st.booleans()):
                properties[name] = draw(st.sampled_from(values))
        if draw(st.booleans()):
            properties["automated_decision"] = draw(st.booleans())
        for name in _DATES:
            if draw(st.booleans()):
                properties[name] = draw(st.sampled_from(_DAYS))
    return Node(node_id, properties)


def _joining(known: Mapping[NodeId, Node]) -> list[tuple[str, NodeId, NodeId]]:
    by_label: dict[str, list[NodeId]] = defaultdict(list)
    for node_id in known:
        by_label[node_id.label].append(node_id)
    return [
        (kind.name, source, target)
        for kind in GRAPH.edge_types
        for start, end in kind.ends
        for source in by_label[start]
        for target in by_label[end]
    ]


@st.composite
def _edge_properties(draw: st.DrawFn) -> dict[str, Value]:
    if draw(st.booleans()):
        return {}
    return {
        "required": draw(st.booleans()),
        "reading": draw(st.booleans()),
        "timing": draw(_TEXTS),
        "stated_in": ("a", "b"),
    }


@st.composite
def writes(draw: st.DrawFn) -> Puts:
    """Puts that follow each other: each may replace what is there and remove edges."""
    puts: Puts = []
    known: dict[NodeId, Node] = {}
    drawn: dict[EdgeId, Edge] = {}
    for _ in range(draw(st.integers(1, 3))):
        fresh = draw(st.lists(nodes(), max_size=12))
        known.update((one.id, one) for one in fresh)
        possible = _joining(known)
        chosen = draw(st.lists(st.sampled_from(possible), max_size=25)) if possible else []
        edges = [Edge(source, name, target, draw(_edge_properties())) for name, source, target in chosen]
        gone = draw(st.lists(st.sampled_from(sorted(drawn)), max_size=5)) if drawn else []
        drawn.update((one.id, one) for one in edges)
        puts.append((fresh, edges, gone))
    return puts


def result(puts: Puts) -> Snapshot:
    """What the registry holds after these puts."""
    known: dict[NodeId, Node] = {}
    drawn: dict[EdgeId, Edge] = {}
    for fresh, edges, gone in puts:
        for edge_id in gone:
            drawn.pop(edge_id, None)
        known.update((one.id, one) for one in fresh)
        drawn.update((one.id, one) for one in edges)
    return Snapshot(known, drawn)


_FROM_FLOWS = [kind for kind in GRAPH.edge_types if kind.targets(FLOW)]
_SOME_IDS = st.frozensets(node_ids, max_size=8)
edge_names = st.lists(st.sampled_from([kind.name for kind in GRAPH.edge_types]), max_size=4)
labels = st.frozensets(st.sampled_from(_LABELS), max_size=3)
words = st.lists(_WORDS, max_size=5)
keys = st.lists(_KEYS, max_size=8)
limits = st.none() | st.integers(0, 4)
id_sets = _SOME_IDS
positions = st.none() | node_ids
steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["BROADER", "PART_OF", "CARRIES", "TO", "FROM", "BUNDLES", "STATED_IN"]),
        st.sampled_from(Direction),
    ),
    max_size=4,
)


_WORDED = {**_CLOSED, "automated_decision": ("true", "false")}


@st.composite
def _of_properties(draw: st.DrawFn) -> Is | Dated:
    if draw(st.booleans()):
        days = st.sampled_from(("", *_DAYS))
        return Dated(draw(st.sampled_from(_DATES)), draw(days), draw(days), draw(st.booleans()))
    name = draw(st.sampled_from(sorted(_WORDED)))
    return Is(name, draw(st.frozensets(st.sampled_from(_WORDED[name]))), draw(st.booleans()))


@st.composite
def _conditions(draw: st.DrawFn) -> Condition:
    if draw(st.integers(0, 2)) == 0:
        return draw(_of_properties())
    absent = draw(st.booleans())
    if draw(st.booleans()):
        names = draw(st.lists(st.sampled_from(_FROM_FLOWS), min_size=1, max_size=2))
        return Ends(tuple(kind.name for kind in names), draw(_SOME_IDS), absent, draw(st.booleans()))
    kind = draw(st.sampled_from(_FROM_FLOWS))
    return Has(kind.name, draw(st.none() | st.sampled_from(kind.targets(FLOW))), absent)


_ALL = st.builds(AllOf, st.lists(_conditions(), max_size=3).map(tuple))
_ANY = st.builds(AnyOf, st.lists(_conditions() | _ALL, max_size=3).map(tuple))


@st.composite
def wheres(draw: st.DrawFn) -> Where:
    properties = {
        name: draw(st.frozensets(st.sampled_from(values)))
        for name, values in _WORDED.items()
        if draw(st.integers(0, 4)) == 0
    }
    return Where(tuple(draw(st.lists(_conditions() | _ANY | _ALL, max_size=3))), properties)


@st.composite
def groupings(draw: st.DrawFn) -> By:
    kinds = draw(st.lists(st.sampled_from(_FROM_FLOWS), min_size=1, max_size=2))
    wanted = draw(st.frozensets(st.sampled_from([label for kind in kinds for label in kind.targets(FLOW)])))
    among = draw(st.none() | _SOME_IDS)
    without = draw(st.just(frozenset[NodeId]()) | _SOME_IDS)
    return By(tuple(kind.name for kind in kinds), wanted, among, without, draw(st.booleans()))
