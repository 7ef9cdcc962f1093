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
_EDGES_OF_A_FLOW = 8
"""How many edges are gone through from their ends in the time in which the ends of one flow are found; measured."""


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

    def chosen(self, where: Where, leading: Leading, *, in_order: bool = False) -> str:
        """Clauses that find the flows ``f`` that ``where`` lets through, each once.

        They walk from the flows that ``leading``, one of the filter's conditions, leads to, and test the others. Where
        nothing leads and the flows are wanted ``in_order`` of their keys, the index gives them so.
        """
        tests = [self._has_word(word) for word in where.properties.items()]
        tests += [self._test(condition) for condition in where.conditions if condition is not leading]
        found = self._led(leading, in_order)
        return found if not tests else f"{found} WITH f WHERE {' AND '.join(tests)}"

    def _led(self, leading: Leading, in_order: bool) -> str:
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
        by_key = "f.key >= '' AND " if in_order else ""
        return f"MATCH (f:{FLOW}) WHERE {by_key}{exists('f')} WITH f"

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

    def pairs(self, by: By) -> str:
        """Clauses that find each end ``t`` that counts of the flows ``f``, by an edge ``q``; one may come repeatedly.

        To go from a flow to its ends the server looks at all edges of the flow. Where the flows are many, it is less to
        go through all edges that lead to such ends, and to look for their flows among these.
        """
        types, counting = either(by.edges), self._counting(by)
        if by.among is not None:
            return f"MATCH (f)-[q:{types}]->(t) WHERE {counting}"
        labels = sorted(by.labels or {label for name in by.edges for label in GRAPH.by_edge[name].targets(FLOW)})
        # The server knows these numbers without counting.
        every = " + ".join(f"COUNT {{ ()-[:{name}]->(:{label}) }}" for name in types.split("|") for label in labels)
        return (
            f"WITH collect(f) AS flows WITH flows, size(flows) * {_EDGES_OF_A_FLOW} < {every} AS few "
            "CALL (flows, few) { "
            "UNWIND CASE WHEN few THEN flows ELSE [] END AS f "
            f"MATCH (f)-[q:{types}]->(t) WHERE {counting} RETURN f, t "
            "UNION ALL "
            "UNWIND CASE WHEN few THEN [] ELSE [1] END AS once "
            f"MATCH (t:{'|'.join(labels)})<-[q:{types}]-(f) WHERE {counting} AND f IN flows RETURN f, t }}"
        )

    def _counting(self, by: By) -> str:
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
