"""Answers as JSON: every node with key and both names, every edge under its one word."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from registry.lineage.answers import Answer, Combination, FlowView, Reason, Row, Summary
from registry.lineage.flow_views import clauses_of
from registry.model.graph import CATEGORY, CLAUSE, GRAPH, ORGANIZATION, RECIPIENT, RIGHT, SENSITIVITY, SUBJECT
from registry.model.snapshot import Edge, Json, Node, NodeId, Text, to_json

_TOLD = {
    RECIPIENT: ("kind", "role", "named", "policy_url"),
    ORGANIZATION: ("legal_name", "contact"),
    CLAUSE: ("document", "number", "excerpt"),
    RIGHT: ("kind", "route", "deadline", "period", "law"),
    "RetentionRule": ("period", "at_least", "criterion", "end_action", "law"),
    "Control": ("route",),
    "Permission": ("platform", "identifier"),
    "LegalBasis": ("regime", "article"),
    SENSITIVITY: ("scheme",),
    "ProcessingActivity": ("function",),
}
_FLOW_TOLD = (
    "kind",
    "status",
    "scenario",
    "necessity",
    "refusal",
    "mode",
    "protection",
    "automated_decision",
    "consent",
    "begins",
    "mechanism",
    "effective_from",
    "effective_to",
)


def linked(node: Node) -> dict[str, Json]:
    """A node as others refer to it: key, type, both names, and what is needed to understand it."""
    found: dict[str, Json] = {
        "key": node.id.key,
        "type": GRAPH.node(node.id.label).noun,
        "name": to_json(node.given_name),
    }
    for name in _TOLD.get(node.id.label, ()):
        if name in node.properties:
            found[name] = to_json(node.properties[name])
    return found


def category(node: Node, sensitive: Mapping[NodeId, tuple[NodeId, ...]]) -> dict[str, Json]:
    """A category, or a group of people, with the levels at which it is sensitive; an empty list where it is not."""
    return {**linked(node), "sensitivity": [level.key for level in sensitive.get(node.id, ())]}


def as_json(answer: Answer) -> dict[str, Json]:
    """The whole answer, in the order of its rows."""
    return {
        "question": answer.question,
        "about": [linked(answer.node(node_id)) for node_id in answer.about],
        "complete": answer.complete,
        "limit": None if answer.limit is None else to_json(answer.limit),
        "total": answer.total,
        "summary": _summary(answer.summary),
        "following": None if answer.following is None else answer.following.reference,
        "rows": [_row(answer, row) for row in answer.rows],
        "notes": [to_json(note) for note in answer.notes],
        **{word: _nodes(answer, ids) for word, ids in answer.related.items()},
    }


def _summary(summary: Summary) -> Json:
    group, country = summary.group, summary.country
    return {
        "text": text(summary.text),
        "total": summary.total,
        "certain": summary.certain,
        "derived": summary.derived,
        "possible": summary.possible,
        "vague": summary.catch_all,
        "group": None if group is None else {**group._asdict()},
        "country": None
        if country is None
        else {"inside": country.inside, "abroad": country.outside, "not_stated": country.not_stated},
        "kinds": [{"kind": kind, "total": total} for kind, total in summary.kinds],
    }


def _row(answer: Answer, row: Row) -> dict[str, Json]:
    """A row; what its flows lead to is of all of them, though only the first are written out."""
    shown, further = first_flows(row, answer.flows_shown)
    found: dict[str, Json] = {}
    if row.end is not None:
        found[GRAPH.node(row.end.label).noun] = _node(answer, row.end, row.flows)
    found |= {
        "end": None if row.end is None else _node(answer, row.end, row.flows),
        "certainty": row.certainty.value,
        "reasons": [_reason(reason) for reason in row.reasons],
        "inside_group": row.inside_group,
        "degree": row.degree,
        "path": [node_id.key for node_id in row.path],
        "combines": [_combination(answer, one) for one in row.combines],
    }
    for word, ids in row.related.items():
        found[word] = _nodes(answer, ids)
    for edge in GRAPH.edges_from("DataFlow"):
        readings = row.readings(edge.name)
        found[edge.word] = [
            {**_node(answer, end, row.flows), **({"reading": True} if end in readings else {})}
            for end in row.ends(edge.name)
        ]
    found["matched"] = _nodes(answer, row.matched, row.flows)
    found["flow_count"] = row.flow_count
    found["flows"] = [_flow(answer, flow) for flow in shown]
    found["less_sure"] = [_flow(answer, flow) for flow in further]
    return found


def first_flows(row: Row, most: int) -> tuple[tuple[FlowView, ...], tuple[FlowView, ...]]:
    """The first flows of a row, those of its own certainty before those that are less sure."""
    return row.flows[:most], row.further[: max(0, most - len(row.flows))]


def _flow(answer: Answer, flow: FlowView) -> dict[str, Json]:
    found: dict[str, Json] = {"key": flow.id.key, "name": to_json(flow.node.given_name)}
    for name in _FLOW_TOLD:
        if name in flow.node.properties:
            found[name] = to_json(flow.node.properties[name])
    found["certainty"] = flow.certainty.value
    found["reasons"] = [_reason(reason) for reason in flow.reasons]
    found["matched"] = [category.key for category in flow.matched]
    found["marks"] = [to_json(mark) for mark in flow.marks]
    for name, edges in flow.edges.items():
        found[name.lower()] = [_end(answer, edge, flow) for edge in edges]
    return found


def _end(answer: Answer, edge: Edge, flow: FlowView) -> Json:
    """Where an edge leads, with what the edge itself says."""
    told = {name: to_json(value) for name, value in edge.properties.items() if name != "stated_in"}
    clauses: list[Json] = [clause.key for clause in clauses_of(edge)]
    return {**_node(answer, edge.target, (flow,)), **told, **({"stated_in": clauses} if clauses else {})}


def _node(answer: Answer, node_id: NodeId, flows: Iterable[FlowView] = ()) -> dict[str, Json]:
    """A node; with the levels at which it is sensitive, by itself or in these flows, where it can be."""
    node = answer.node(node_id)
    if node_id.label not in (CATEGORY, SUBJECT):
        return linked(node)
    return category(node, {node_id: answer.levels(node_id, flows)})


def _nodes(answer: Answer, ids: Iterable[NodeId], flows: Collection[FlowView] = ()) -> list[Json]:
    return [_node(answer, node_id, flows) for node_id in ids]


def _reason(reason: Reason) -> Json:
    return {**text(reason.text), "stated_in": [clause.key for clause in reason.clauses], "vague": reason.vague}


def _combination(answer: Answer, one: Combination) -> Json:
    return {
        "clauses": _nodes(answer, one.clauses),
        "categories": _nodes(answer, one.categories),
        "certainty": one.certainty.value,
        "with_any": one.with_any,
    }


def text(value: Text) -> dict[str, Json]:
    """A bilingual text as JSON; null in a language that it lacks."""
    return {"en": value.en or None, "zh": value.zh or None}
