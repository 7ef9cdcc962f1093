"""Filters over flows as Cypher. Values are parameters; labels and types are those of the declared graph."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from registry.model.graph import FLOW, GRAPH
from registry.model.snapshot import NodeId
from registry.stores.leading import Leading, Word
from registry.stores.neo4j.encoding import Cell, references
from registry.stores.neo4j.moments import ENTRY, FRESH, at_moment, exists, seen
from registry.stores.port import AnyOf, By, Ends, Has, Where

_FLAGS = {"true": True, "false": False}


class Statement:
    """Collects the parameters of a statement while its text is written; ``$now`` is the moment that is read."""

    def __init__(self, now: int) -> None:
        self.values: dict[str, Cell] = {"now": now}

    def bound(self, value: Cell) -> str:
        """The parameter that holds a value."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"${name}"

    def nodes(self, ids: Iterable[NodeId], called: str) -> str:
        """A clause that finds the nodes among ``ids`` that exist."""
        given = self.bound(references(ids))
        return f"UNWIND {given} AS ref_{called} MATCH ({called}:{ENTRY} {{_ref: ref_{called}}}) WHERE {exists(called)}"

    def chosen(self, where: Where, leading: Leading) -> str:
        """Clauses that find the flows ``f`` that ``where`` lets through, each once.

        They walk from the flows that ``leading``, one of the filter's conditions, leads to, and test the others.
        """
        tests = [self._has_word(word) for word in where.properties.items()]
        tests += [self._test(condition) for condition in where.conditions if condition is not leading]
        found = self._led(leading)
        return found if not tests else f"{found} WITH f WHERE {' AND '.join(tests)}"

    def _led(self, leading: Leading) -> str:
        if isinstance(leading, Ends):
            label = "" if all(GRAPH.by_edge[name].sources == (FLOW,) for name in leading.edges) else f":{FLOW}"
            given = self.bound(references(leading.among))
            return (
                f"UNWIND {given} AS ref MATCH (:{ENTRY} {{_ref: ref}})<-[l:{either(leading.edges)}]-(f{label}) "
                f"WHERE {seen('l')} WITH DISTINCT f"
            )
        if leading is not None:
            name, values = leading
            given = self.bound(_values(values))
            # The index holds what flows are now; what was otherwise a while ago bears a label.
            return f"MATCH (f:{FLOW}) WHERE (f.{name} IN {given} OR f:{FRESH}) AND {exists('f')} WITH f"
        return f"MATCH (f:{FLOW}) WHERE {exists('f')} WITH f"

    def _has_word(self, word: Word) -> str:
        name, values = word
        return f"{at_moment('f', f'{{}}.{name}')} IN {self.bound(_values(values))}"

    def _test(self, condition: Ends | Has | AnyOf) -> str:
        match condition:
            case AnyOf(conditions):
                return f"({' OR '.join([self._test(one) for one in conditions]) or 'false'})"
            case Has(edge, label, absent):
                target = f":{label}" if label else ""
                return f"{_unless(absent)}EXISTS {{ (f)-[x:{edge}]->({target}) WHERE {seen('x')} }}"
            case Ends(edges, among, absent):
                given = self.bound(references(among))
                return (
                    f"{_unless(absent)}EXISTS {{ (f)-[x:{either(edges)}]->(y) "
                    f"WHERE y._ref IN {given} AND {seen('x')} }}"
                )

    def counting(self, by: By) -> str:
        """The tests that an edge ``q`` passes to an end ``t`` which counts."""
        tests = [seen("q")]
        if by.labels:
            tests.append(f"(t:{'|'.join(sorted(by.labels))})")
        if by.among is not None:
            tests.append(f"t._ref IN {self.bound(references(by.among))}")
        if by.without:
            tests.append(f"NOT t._ref IN {self.bound(references(by.without))}")
        return " AND ".join(tests)

    def degree(self, condition: Ends) -> str:
        """An expression for the number of edges by which a condition leads to flows; stamps do not matter to it."""
        given = self.bound(references(condition.among))
        return (
            f"reduce(sum = 0, n IN COLLECT {{ UNWIND {given} AS ref MATCH (c:{ENTRY} {{_ref: ref}}) "
            f"RETURN COUNT {{ (c)<-[:{either(condition.edges)}]-() }} }} | sum + n)"
        )


def either(names: Collection[str]) -> str:
    """The edges of any of these declared names."""
    return "|".join(sorted({GRAPH.by_edge[name].name for name in names}))


def _unless(absent: bool) -> str:
    return "NOT " * absent


def _values(values: Iterable[str]) -> Cell:
    # A list of flags and one of words look alike to the driver.
    return [_FLAGS.get(value, value) for value in sorted(values)]  # type: ignore[misc]
