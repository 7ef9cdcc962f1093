"""The whole register as JSON, names resolved, streamed: memory does not grow with the registry."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TextIO

from registry.lineage.answers import FlowView
from registry.lineage.flow_views import FlowViews, view_flows
from registry.lineage.serialization import category, linked
from registry.model.graph import ACTIVITY, CATEGORY, FLOW, GRAPH, RECIPIENT
from registry.model.snapshot import Edge, Json, Node, NodeId, to_json
from registry.stores.port import Direction, Reader

PAGE = 500

_LISTS = {
    "CARRIES": "categories",
    "FOR": "purposes",
    "REQUIRES": "permissions",
    "VIA": "channels",
    "UNDER": "legal_bases",
    "RETAINED_BY": "retention",
    "CONTROLLED_BY": "controls",
    "ABOUT": "subjects",
    "STATED_IN": "clauses",
}
"""Edges whose targets the export calls by their noun; every other list stands under the edge's own word."""


@dataclass(frozen=True, slots=True)
class _Page:
    flows: tuple[NodeId, ...]
    seen: FlowViews
    operators: Mapping[NodeId, tuple[Node, ...]]


def write_json(reader: Reader, out: TextIO) -> None:
    """Write the whole register: ``flows`` with their ends resolved, then every other section, by key.

    In a flow, ``from`` and ``to`` are one node, or a list of them where there are several; ``activity`` and
    ``recipient`` are one node, a list, or null; ``scenario`` is null where it is not stated.
    """
    out.write('{\n  "flows": [')
    _write(out, (_flow(page, flow) for page in _flow_pages(reader) for flow in page.flows))
    for node_type in GRAPH.node_types:
        if node_type.label != FLOW:
            out.write(f'],\n  "{node_type.section}": [')
            _write(out, _others(reader, node_type.label))
    out.write("]\n}\n")


def _write(out: TextIO, rows: Iterable[Json]) -> None:
    separator = "\n    "
    for row in rows:
        out.write(separator + json.dumps(row, ensure_ascii=False))
        separator = ",\n    "


def _pages(reader: Reader, label: str) -> Iterator[list[Node]]:
    after: str | None = None
    while page := reader.nodes(label, after=after, limit=PAGE):
        yield page
        after = page[-1].id.key


def _flow_pages(reader: Reader) -> Iterator[_Page]:
    for page in _pages(reader, FLOW):
        flows = tuple(node.id for node in page)
        seen = view_flows(reader, flows)
        recipients = [node_id for node_id in seen.nodes if node_id.label == RECIPIENT]
        edges = reader.edges(["OPERATED_BY"], recipients, Direction.OUT) if recipients else []
        organizations = reader.get({edge.target for edge in edges})
        operators: dict[NodeId, list[Node]] = defaultdict(list)
        for edge in edges:
            operators[edge.source].append(organizations[edge.target])
        yield _Page(flows, seen, {recipient: tuple(found) for recipient, found in operators.items()})


def _flow(page: _Page, flow_id: NodeId) -> Json:
    flow = page.seen.flows[flow_id]
    found: dict[str, Json] = {"key": flow_id.key}
    found |= {name: to_json(value) for name, value in flow.node.properties.items()}
    found.setdefault("scenario", None)
    found["activity"] = _one_or_several(
        _end(page, edge) for edge in _edges(flow, "PART_OF") if edge.target.label == ACTIVITY
    )
    for word in ("FROM", "TO"):
        found[word.lower()] = _one_or_several(_end(page, edge) for edge in _edges(flow, word))
    recipients = (edge for edge in _edges(flow, "TO") if edge.target.label == RECIPIENT)
    found["recipient"] = _one_or_several(_recipient(page, edge.target) for edge in recipients)
    for edge_type in GRAPH.edges_from(FLOW):
        if edge_type.name not in ("FROM", "TO", "PART_OF"):
            word = _LISTS.get(edge_type.name, edge_type.word)
            found[word] = [_end(page, edge) for edge in _edges(flow, edge_type.name)]
    return found


def _edges(flow: FlowView, name: str) -> tuple[Edge, ...]:
    return flow.edges.get(name, ())


def _end(page: _Page, edge: Edge) -> dict[str, Json]:
    node = page.seen.nodes[edge.target]
    linked_node = category(node, page.seen.sensitive) if node.id.label == CATEGORY else linked(node)
    return {**linked_node, **_edge_properties(edge)}


def _edge_properties(edge: Edge) -> dict[str, Json]:
    return {name: to_json(value) for name, value in edge.properties.items()}


def _recipient(page: _Page, node_id: NodeId) -> dict[str, Json]:
    organizations: list[Json] = [linked(node) for node in page.operators.get(node_id, ())]
    return {
        **linked(page.seen.nodes[node_id]),
        "organization": organizations[0] if organizations else None,
        "organizations": organizations,
    }


def _one_or_several(nodes: Iterable[dict[str, Json]]) -> Json:
    found: list[Json] = [*nodes]
    if not found:
        return None
    return found[0] if len(found) == 1 else found


def _others(reader: Reader, label: str) -> Iterator[Json]:
    """Nodes of one type, each with all its properties and, under each edge's word, where its edges lead."""
    for page in _pages(reader, label):
        leads: dict[NodeId, dict[str, list[Json]]] = defaultdict(lambda: defaultdict(list))
        edges = reader.edges((), [node.id for node in page], Direction.OUT)
        targets = reader.get({edge.target for edge in edges})
        for edge in edges:
            leads[edge.source][edge.name.lower()].append({**linked(targets[edge.target]), **_edge_properties(edge)})
        for node in page:
            properties = {name: to_json(value) for name, value in node.properties.items()}
            yield {"key": node.id.key, **properties, **leads[node.id]}
