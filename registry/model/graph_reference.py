"""The reference page of the graph, in Markdown with a drawing, derived from the declaration."""

from __future__ import annotations

from collections.abc import Iterator

from registry.model.declaration import EdgeType, Kind, NodeType, Property
from registry.model.graph import FLOW, GRAPH


def graph_reference() -> str:
    """The page: two drawings, every node type with its properties, every edge type with its ends."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The graph"
    yield ""
    yield "<!-- Generated from registry/model/graph.py by `make generate`; do not edit. -->"
    yield ""
    yield (
        f"{len(GRAPH.node_types)} kinds of node and {len(GRAPH.edge_types)} kinds of edge. "
        f"The hub is `{FLOW}`: one node for "
        "each fact “these categories go from here to there, for these purposes”. An edge has one word everywhere: "
        "`CARRIES` is `carries` in a manifest, `--carries` on the command line, `carries` in JSON."
    )
    yield ""
    yield "## Drawing: a flow and where it leads"
    yield ""
    yield from _drawing(list(GRAPH.edges_from(FLOW)), FLOW)
    yield ""
    yield "## Drawing: what the rest says of itself"
    yield ""
    yield from _drawing([edge for edge in GRAPH.edge_types if edge.name != "STATED_IN"], None)
    yield ""
    yield "## Nodes"
    yield ""
    yield "Every node has:"
    yield ""
    yield from _properties(GRAPH.common)
    for node in GRAPH.node_types:
        yield ""
        yield from _node(node)
    yield ""
    yield "## Edges"
    for edge in GRAPH.edge_types:
        yield ""
        yield from _edge(edge)


def _drawing(edges: list[EdgeType], hub: str | None) -> Iterator[str]:
    yield "```mermaid"
    yield "flowchart LR"
    for edge in edges:
        by_target: dict[str, list[str]] = {}
        for source, target in edge.ends:
            if (hub is None and source != FLOW) or hub == source:
                by_target.setdefault(target, []).append(source)
        for target, sources in by_target.items():
            yield f"    {' & '.join(sources)} -- {edge.name} --> {target}"
    yield "```"


def _node(node: NodeType) -> Iterator[str]:
    yield f"### {node.label} ({node.zh})"
    yield ""
    yield node.doc
    yield ""
    yield f"Section `{node.section}`, noun `{node.noun}`."
    if node.properties:
        yield ""
        yield from _properties(node.properties)
    edges = GRAPH.edges_from(node.label)
    if edges:
        yield ""
        yield "Leads by " + ", ".join(f"[`{edge.word}`](#{edge.name.lower()})" for edge in edges) + "."


def _properties(properties: tuple[Property, ...]) -> Iterator[str]:
    yield "| property | holds | meaning |"
    yield "|---|---|---|"
    for prop in properties:
        required = " (required)" if prop.required else ""
        yield f"| `{prop.name}`{required} | {_holds(prop)} | {prop.doc} |"


def _holds(prop: Property) -> str:
    if prop.kind not in (Kind.CHOICE, Kind.CHOICES):
        return str(prop.kind.value)
    values = ", ".join(f"`{choice.value}` ({choice.zh})" for choice in prop.choices)
    start = "" if prop.default is None else f"; `{prop.default}` where not given"
    return ("one of " if prop.kind is Kind.CHOICE else "some of ") + values + start


def _edge(edge: EdgeType) -> Iterator[str]:
    yield f"### {edge.name}"
    yield ""
    yield f"{edge.doc} Read backwards: {edge.inverse}."
    yield ""
    for source in edge.sources:
        targets = ", ".join(f"`{target}`" for target in edge.targets(source))
        yield f"- `{source}` → {targets}"
    rules = []
    if edge.least:
        rules.append(f"each source has at least {edge.least}")
    if edge.most is not None:
        rules.append(f"at most {edge.most}")
    if edge.acyclic:
        rules.append("never leads back to where it came from")
    if rules:
        yield ""
        yield "Rules: " + "; ".join(rules) + "."
    if edge.properties:
        yield ""
        yield from _properties(edge.properties)
