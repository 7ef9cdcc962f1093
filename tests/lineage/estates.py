"""Random registries that the model allows, small enough to be full of circles, shared kinds and gaps."""

from __future__ import annotations

from hypothesis import strategies as st

from registry.model.graph import (
    ACTIVITY,
    BASIS,
    CATEGORY,
    CLAUSE,
    CONTROL,
    FLOW,
    JURISDICTION,
    ORGANIZATION,
    PERMISSION,
    PRODUCT,
    PURPOSE,
    RECIPIENT,
    RETENTION,
    RIGHT,
    SENSITIVITY,
    SUBJECT,
    SYSTEM,
)
from registry.model.snapshot import Edge, Node, NodeId, Snapshot, Text, Value

_HOW_MANY = {
    CATEGORY: 7, RECIPIENT: 5, ORGANIZATION: 4, PRODUCT: 2, SYSTEM: 2, SUBJECT: 3, PURPOSE: 3, ACTIVITY: 2,
    PERMISSION: 4, CLAUSE: 3, SENSITIVITY: 2, JURISDICTION: 3, RETENTION: 2, RIGHT: 2, BASIS: 3, CONTROL: 2, FLOW: 9,
}  # fmt: skip
_PREFIX = {label: label[0].lower() + label[-1] for label in _HOW_MANY}

_SOMETIMES = {
    "protection": ["none", "de-identified", "anonymised", "aggregated"],
    "consent": ["not-required", "general", "separate"],
    "begins": ["before-agreement", "when-used"],
    "mechanism": ["none", "adequacy"],
    "effective_from": ["2025-01-01", "2990-01-01"],
    "effective_to": ["2025-06-30", "2995-01-01"],
}

NODES = {
    label: [NodeId(label, f"{_PREFIX[label]}{number}") for number in range(many)] for label, many in _HOW_MANY.items()
}


def _name(node_id: NodeId) -> Text:
    return Text(f"{node_id.key} näme", f"{node_id.key}名")


@st.composite
def _properties(draw: st.DrawFn, node_id: NodeId) -> dict[str, Value]:
    found: dict[str, Value] = {"name": _name(node_id)}
    match node_id.label:
        case "DataFlow":
            found["kind"] = draw(st.sampled_from(["collect", "provide", "entrust", "receive", "derive"]))
            found["status"] = draw(st.sampled_from(["active", "active", "active", "proposed", "retired"]))
            for name, words in _SOMETIMES.items():
                if draw(st.integers(0, 2)) == 0:
                    found[name] = draw(st.sampled_from(words))
        case "Recipient":
            found["kind"] = draw(st.sampled_from(["sdk", "affiliate", "partner"]))
        case "Permission":
            if draw(st.booleans()):
                found["platform"] = draw(st.sampled_from(["android", "ios"]))
        case "SensitivityLevel":
            found |= {"scheme": "test", "rank": 1, "sensitive": draw(st.booleans())}
        case "RetentionRule":
            if draw(st.booleans()):
                found["law"] = Text("law", "法")
            if draw(st.booleans()):
                found |= {"period": draw(st.sampled_from(["P1Y", "P900Y"])), "at_least": draw(st.booleans())}
        case "LegalBasis":
            if draw(st.booleans()):
                found["consent"] = draw(st.sampled_from(["none", "general", "separate"]))
        case "Right":
            found["kind"] = draw(st.sampled_from(["delete", "breach-notice", "copy"]))
        case "PolicyClause":
            found |= {"document": "p", "number": node_id.key}
    return found


def _some(label: str, most: int = 3, least: int = 0) -> st.SearchStrategy[list[NodeId]]:
    return st.lists(st.sampled_from(NODES[label]), min_size=least, max_size=most, unique=True)


@st.composite
def _upward(draw: st.DrawFn, name: str, label: str) -> list[Edge]:
    """Edges from later nodes to earlier ones: any graph without circles, a node under several others included."""
    edges = []
    for place, node_id in enumerate(NODES[label]):
        for above in draw(st.lists(st.sampled_from(NODES[label][:place]), max_size=2, unique=True)) if place else ():
            edges.append(Edge(node_id, name, above))
    return edges


@st.composite
def _flow_edges(draw: st.DrawFn, flow: NodeId, kind: Value) -> list[Edge]:
    ends = st.sampled_from([*NODES[RECIPIENT], *NODES[RECIPIENT], *NODES[PRODUCT], *NODES[SYSTEM], *NODES[SUBJECT]])
    leads = {
        "CARRIES": draw(_some(CATEGORY, 3, 1)),
        "FROM": draw(st.lists(ends, min_size=1, max_size=2, unique=True)),
        "TO": draw(st.lists(ends, min_size=1, max_size=2, unique=True)),
        "FOR": draw(_some(PURPOSE, 2)),
        "PART_OF": draw(_some(ACTIVITY, 1)),
        "ABOUT": draw(_some(SUBJECT, 1)),
        "REQUIRES": draw(_some(PERMISSION, 2)),
        "RETAINED_BY": draw(_some(RETENTION, 1)),
        "STATED_IN": draw(_some(CLAUSE, 1)),
        "UNDER": draw(_some(BASIS, 2)),
        "CONTROLLED_BY": draw(_some(CONTROL, 1)),
        "STORED_IN": draw(_some(JURISDICTION, 1)),
        "DERIVES": draw(_some(CATEGORY, 2, 1)) if kind == "derive" else [],
    }
    return [
        Edge(flow, name, target, {"reading": True} if name != "STATED_IN" and draw(st.integers(0, 9)) == 0 else {})
        for name, targets in leads.items()
        for target in targets
    ]


@st.composite
def estates(draw: st.DrawFn) -> Snapshot:
    """A registry with every kind of node that questions walk over."""
    nodes = [Node(node_id, draw(_properties(node_id))) for several in NODES.values() for node_id in several]
    edges: list[Edge] = []
    for label in (CATEGORY, RECIPIENT, PERMISSION, SUBJECT, PURPOSE):
        edges += draw(_upward("BROADER", label))
    edges += draw(_upward("PART_OF", ORGANIZATION))
    edges += draw(_upward("BUNDLES", RECIPIENT))
    edges += draw(_upward("MEMBER_OF", JURISDICTION))
    if draw(st.booleans()):
        edges.append(Edge(NODES[SUBJECT][0], "EXCLUDES", NODES[SUBJECT][1]))
    links = [
        (RECIPIENT, "OPERATED_BY", ORGANIZATION), (PRODUCT, "OPERATED_BY", ORGANIZATION),
        (ORGANIZATION, "LOCATED_IN", JURISDICTION), (RECIPIENT, "LOCATED_IN", JURISDICTION),
        (SYSTEM, "PART_OF", PRODUCT), (ACTIVITY, "PART_OF", PRODUCT), (CLAUSE, "DEFINES", CATEGORY),
        (CLAUSE, "INCLUDES", CATEGORY), (CLAUSE, "COMBINES", CATEGORY), (CATEGORY, "HAS_SENSITIVITY", SENSITIVITY),
        (SUBJECT, "HAS_SENSITIVITY", SENSITIVITY), (PERMISSION, "GIVES_ACCESS_TO", CATEGORY),
        (SENSITIVITY, "COVERS", CATEGORY), (RIGHT, "APPLIES_TO", CATEGORY), (RECIPIENT, "REQUESTS", PERMISSION),
    ]  # fmt: skip
    for source_label, name, target_label in links:
        for source in NODES[source_label]:
            says = {"with_any": True} if name == "COMBINES" and draw(st.booleans()) else {}
            edges += [Edge(source, name, target, says) for target in draw(_some(target_label, 2))]
    for node in nodes:
        if node.id.label == FLOW:
            edges += draw(_flow_edges(node.id, node.properties["kind"]))
    return Snapshot.of(nodes, edges)
