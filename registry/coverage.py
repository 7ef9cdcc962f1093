"""Which clause of a document says what in the registry, and which clause nothing answers for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from registry.bilingual import Text
from registry.errors import UnknownName
from registry.lineage.flow_views import clauses_of
from registry.model.graph import CLAUSE, GRAPH
from registry.model.snapshot import Node, NodeId
from registry.model.suggestions import clipped, nearest
from registry.stores.port import Direction, Reader

_DEFINING = tuple(edge.name for edge in GRAPH.edges_from(CLAUSE))
_STATING = tuple(edge.name for edge in GRAPH.edge_types if any(prop.name == "stated_in" for prop in edge.properties))


@dataclass(frozen=True, slots=True)
class Covered:
    """A clause and the nodes that rest on it. One without facts says why, or is not covered."""

    clause: Node
    facts: tuple[Node, ...]

    @property
    def reason(self) -> Text | None:
        """The stated reason why it has no facts."""
        return self.clause.text("no_facts")

    @property
    def covered(self) -> bool:
        """Whether it has facts or says why not."""
        return bool(self.facts) or self.reason is not None


def coverage(reader: Reader, document: str = "") -> list[Covered]:
    """Return each clause of ``document`` (of all where empty) with its facts, in the order of the text.

    Raises `UnknownName` where no clause is of such a document.
    """
    clauses = reader.nodes(CLAUSE)
    if document:
        clauses = _of_document(clauses, document)
    facts: dict[NodeId, dict[NodeId, None]] = defaultdict(dict)
    for edge in reader.edges(["STATED_IN"], None, Direction.OUT):
        facts[edge.target][edge.source] = None
    for edge in reader.edges(_DEFINING, None, Direction.OUT):
        facts[edge.source][edge.target] = None
    for edge in reader.edges(_STATING, None, Direction.OUT):
        for clause in clauses_of(edge):
            facts[clause][edge.source] = None
    nodes = reader.get({fact for found in facts.values() for fact in found})
    rows = [
        Covered(clause, tuple(nodes[fact] for fact in facts.get(clause.id, ()) if fact in nodes)) for clause in clauses
    ]
    return sorted(rows, key=lambda row: clause_order(row.clause))


def _of_document(clauses: Iterable[Node], document: str) -> list[Node]:
    by_document: dict[str, list[Node]] = defaultdict(list)
    for clause in clauses:
        by_document[clause.word("document") or ""].append(clause)
    if document not in by_document:
        known = sorted(by_document)
        raise UnknownName(
            Text(f'there is no document "{clipped(document)}"', f"没有文件“{clipped(document)}”"),
            nearest=nearest(document, by_document),
            hint=Text(f"documents are: {', '.join(known) or 'none'}", f"现有文件：{'、'.join(known) or '无'}"),
        )
    return by_document[document]


def clause_order(clause: Node) -> tuple[str, int, tuple[tuple[int, int, str], ...], str]:
    """A sort key that puts the clauses of a document in the order of their text: by first line, then by number."""
    line = re.match("[0-9]{1,9}(?![0-9])", next(iter(clause.words("lines")), ""))
    first = int(line[0]) if line else 10**9
    return (clause.word("document") or "", first, natural(clause.word("number") or clause.id.key), clause.id.key)


def natural(number: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key under which ``1(2)`` comes before ``1(10)``."""
    parts = re.findall(r"0*([0-9]+)|([^0-9]+)", number)
    return tuple((0, len(digits), digits) if digits else (1, 0, other) for digits, other in parts)
