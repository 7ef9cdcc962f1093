"""An answer as CSV: one line for each row and flow, keys in every line."""

from __future__ import annotations

from collections.abc import Iterable

from registry.lineage import Answer, Combination
from registry.lineage.serialization import first_flows
from registry.model.graph import FLOW, GRAPH


def csv_rows(answer: Answer, language: str) -> Iterable[list[str]]:
    """The headings, then a line for each flow that is written out of each row."""
    words = [edge.name for edge in GRAPH.edges_from(FLOW)]
    yield [
        "question", "complete", "end_type", "end", "name", "sensitive", "certainty", "because",
        "inside_group", "degree", "path", "flow", "flow_name", *(name.lower() for name in words),
        "kind", "status", "mode", "protection", "row_certainty", "combines", *_CSV_RELATED, "flow_count",
    ]  # fmt: skip
    for row in answer.rows:
        start = [
            answer.question,
            "true" if answer.complete else "false",
            GRAPH.node(row.end.label).noun if row.end else "",
            row.end.key if row.end else "",
            answer.node(row.end).name.to(language) if row.end else "",
            _joined(level.key for level in answer.levels(row.end, row.flows)) if row.end else "",
        ]
        last = [
            row.certainty.value,
            _joined(map(_combined, row.combines)),
            *(_joined(one.key for one in row.related.get(word, ())) for word in _CSV_RELATED),
            str(row.flow_count),
        ]
        middle = [
            "" if row.inside_group is None else str(row.inside_group).lower(),
            str(row.degree or ""),
            _joined(node_id.key for node_id in row.path),
        ]
        if not row.flows:
            because = _joined(reason.text.to(language) for reason in row.reasons)
            yield [*start, row.certainty.value, because, *middle, *([""] * (len(words) + 6)), *last]
        shown, further = first_flows(row, answer.flows_shown)
        for flow in (*shown, *further):
            because = _joined(reason.text.to(language) for reason in (flow.reasons or row.reasons))
            yield [
                *start,
                flow.certainty.value,
                because,
                *middle,
                flow.id.key,
                flow.node.name.to(language),
                *(_joined(end.key for end in flow.ends(name)) for name in words),
                *(flow.node.word(name) or "" for name in ("kind", "status", "mode", "protection")),
                *last,
            ]


_CSV_RELATED = ("organizations", "countries", "places", "defined_in", "includes", "goes_on", "goes_on_under", "tells")
"""What a row itself names besides its flows."""


def _combined(one: Combination) -> str:
    """Which data identify a person together, with the clauses that say so; ``*`` is any other personal information."""
    categories = " + ".join([*(category.key for category in one.categories), *(["*"] if one.with_any else [])])
    return f"{categories} ({one.certainty.value}: {', '.join(clause.key for clause in one.clauses)})"


def _joined(words: Iterable[str]) -> str:
    return "; ".join(words)
