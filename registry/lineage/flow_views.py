"""Flows read together with everything that they lead to, and what of it is sensitive."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from registry.lineage.answers import FlowView
from registry.lineage.cached_reader import cached
from registry.lineage.sensitivity import levels_above
from registry.model.graph import CATEGORY, CLAUSE, SUBJECT
from registry.model.snapshot import Edge, Node, NodeId, Text
from registry.stores.port import Reader

_FORMS = {
    "de-identified": Text("de-identified", "已去标识化"),
    "anonymised": Text("anonymised: no longer personal information", "已匿名化，不再属于个人信息"),
    "aggregated": Text("aggregated", "汇总统计"),
}


@dataclass(frozen=True, slots=True)
class FlowViews:
    """Flows, the nodes they lead to, and the levels at which categories and groups of people are sensitive."""

    flows: Mapping[NodeId, FlowView]
    nodes: Mapping[NodeId, Node]
    sensitive: Mapping[NodeId, tuple[NodeId, ...]]


def view_flows(reader: Reader, flows: Collection[NodeId], also: Collection[NodeId] = ()) -> FlowViews:
    """Read ``flows`` with all that they lead to; ``also`` are further nodes that the answer will name."""
    caching = cached(reader)
    # The edges first: then one call gets the flows together with everything that they lead to.
    edges_of: dict[NodeId, dict[str, tuple[Edge, ...]]] = {}
    named = dict.fromkeys(also)
    for flow, edges in caching.leaving(flows).items():
        by_name: dict[str, tuple[Edge, ...]] = {}
        edges_of[flow] = by_name
        for edge in edges:
            _, name, target, properties = edge
            by_name[name] = (*by_name[name], edge) if name in by_name else (edge,)
            named[target] = None
            if "stated_in" in properties:
                named.update(dict.fromkeys(clauses_of(edge)))
    levels = levels_above(caching, [node_id for node_id in named if node_id.label in (CATEGORY, SUBJECT)])
    nodes = caching.get({**dict.fromkeys(edges_of), **named, **dict.fromkeys(levels.levels)})
    views = {
        flow: FlowView(nodes[flow], by_name, marks=_marks(nodes[flow]))
        for flow, by_name in edges_of.items()
        if flow in nodes
    }
    return FlowViews(views, nodes, levels.of(nodes))


def _marks(flow: Node) -> tuple[Text, ...]:
    form = _FORMS.get(flow.word("protection") or "")
    return (form,) if form else ()


def clauses_of(edge: Edge) -> list[NodeId]:
    """The clauses that an edge names as its source."""
    clauses = edge.properties.get("stated_in", ())
    return [NodeId(CLAUSE, key) for key in clauses] if isinstance(clauses, tuple) else []
