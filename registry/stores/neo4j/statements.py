"""Filters over flows as Cypher. Values are parameters; labels and types are those of the declared graph."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial

from registry.model.graph import FLOW, GRAPH
from registry.model.snapshot import NodeId
from registry.stores.access_path import Leading, Word, leaders
from registry.stores.neo4j.encoding import Cell, references
from registry.stores.neo4j.moments import ENTRY, FRESH, at_moment, exists, seen
from registry.stores.port import READING, AllOf, AnyOf, By, Condition, Dated, Ends, Has, Is, Where

_FLAGS = {"true": True, "false": False}
_EDGES_OF_A_FLOW = 8
"""How many edges are gone through from their ends in the time in which the ends of one flow are found; measured."""

_SAMPLED = 200
"""Of how many nodes at most the edges are counted, to tell about how many there are of all."""

Way = Leading | Has
"""A condition from which the flows are walked to."""


class Statement:
    """Collects the parameters of a statement while its text is written; ``$now`` is the moment that is read."""

    def __init__(self, now: int) -> None:
        self.values: dict[str, Cell] = {"now": now}
        self._given: dict[frozenset[NodeId], str] = {}

    def bound(self, value: Cell) -> str:
        """The parameter that holds a value."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"${name}"

    def nodes(self, ids: Iterable[NodeId], called: str) -> str:
        """A clause that finds the nodes among ``ids`` that exist."""
        given = self.bound(references(ids))
        return f"UNWIND {given} AS ref_{called} MATCH ({called}:{ENTRY} {{_ref: ref_{called}}}) WHERE {exists(called)}"

    def chosen(self, where: Where, *, in_order: bool = False) -> str:
        """Clauses that find the flows ``f`` that ``where`` lets through, each once.

        Where nothing leads to them and they are wanted ``in_order`` of their keys, the index gives them so.
        """
        return self._narrowest(_ways(where), partial(self._let_through, where, in_order), "f")

    def pairs(self, where: Where, by: By) -> str:
        """Clauses that find the flows ``f`` with each end ``t`` of theirs that counts; a pair may come repeatedly."""
        if by.among is None:
            return f"{self.chosen(where)} {self._ends_of_all(by)}"
        ends = Ends(by.edges, by.among)

        def branch(way: Way, only: str) -> str:
            if way is not ends:
                found = self._let_through(where, False, way, only)
                return (
                    f"{found} MATCH (f)-[q:{either(by.edges)}]->(t) WHERE t._ref IN {self._refs(ends)} AND {counting}"
                )
            given, tests = _if(only, self._refs(ends)), self._tests(where)
            found = (
                f"UNWIND {given} AS ref MATCH (t:{ENTRY} {{_ref: ref}})<-[q:{either(by.edges)}]-(f{_of_flows(ends)}) "
                f"WHERE {counting}"
            )
            return f"{found} WITH f, t{_state(where)} WHERE {' AND '.join(tests)}" if tests else found

        counting = self._counting(by)
        return self._narrowest([*_leads(where), ends], branch, "f, t")

    def _narrowest(self, ways: Sequence[Way], branch: Callable[[Way, str], str], found: str) -> str:
        """Clauses for what is ``found`` by the way that goes through the fewest edges, which the server finds out.

        ``branch`` says how it is found by one way, if a condition holds.
        """
        if len(ways) == 1:
            return branch(ways[0], "")
        degrees = ", ".join(self._degree(way) for way in ways if isinstance(way, Ends | Has))
        fewest = f"reduce(i = 0, j IN range(1, {len(ways) - 1}) | CASE WHEN degrees[j] < degrees[i] THEN j ELSE i END)"
        branches = (f"{branch(way, f'way = {place}')} RETURN {found}" for place, way in enumerate(ways))
        return f"WITH [{degrees}] AS degrees WITH {fewest} AS way CALL (way) {{ {' UNION ALL '.join(branches)} }}"

    def _let_through(self, where: Where, in_order: bool, way: Way, only: str) -> str:
        """Clauses that walk one way to the flows ``f``, each once, and test the other conditions."""
        tests = self._tests(where, way)
        found = self._led(way, in_order, only)
        return found if not tests else f"{found} WITH f{_state(where)} WHERE {' AND '.join(tests)}"

    def _tests(self, where: Where, way: Way = None) -> list[str]:
        words = [self._has_word(word) for word in where.properties.items()]
        return words + [self._test(condition) for condition in where.conditions if condition is not way]

    def _led(self, way: Way, in_order: bool, only: str) -> str:
        match way:
            case Ends(edges):
                return (
                    f"UNWIND {_if(only, self._refs(way))} AS ref "
                    f"MATCH (:{ENTRY} {{_ref: ref}})<-[l:{either(edges)}]-(f{_of_flows(way)}) "
                    f"WHERE {seen('l')}{_stated('l') * way.stated} WITH DISTINCT f"
                )
            case Has(edge, label):
                return (
                    f"UNWIND {_if(only, '[1]')} AS once MATCH (f{_of_flows(way)})-[l:{edge}]->({_labelled(label)}) "
                    f"WHERE {seen('l')} WITH DISTINCT f"
                )
            case (name, values):
                # The index holds what flows are now; what was otherwise a while ago bears a label.
                given = self.bound(_values(values))
                return f"MATCH (f:{FLOW}) WHERE (f.{name} IN {given} OR f:{FRESH}) AND {exists('f')} WITH f"
            case _:
                by_key = "f.key >= '' AND " if in_order else ""
                return f"MATCH (f:{FLOW}) WHERE {by_key}{exists('f')} WITH f"

    def _has_word(self, word: Word) -> str:
        name, values = word
        return f"state.{name} IN {self.bound(_values(values))}"

    def _test(self, condition: Condition) -> str:
        match condition:
            case AnyOf(conditions):
                return f"({' OR '.join([self._test(one) for one in conditions]) or 'false'})"
            case AllOf(conditions):
                return f"({' AND '.join([self._test(one) for one in conditions]) or 'true'})"
            case Is(name, values, absent):
                return f"{_unless(absent)}coalesce({self._has_word((name, values))}, false)"
            case Dated():
                return self._dated(condition)
            case Has(edge, label, absent):
                return f"{_unless(absent)}EXISTS {{ (f)-[x:{edge}]->({_labelled(label)}) WHERE {seen('x')} }}"
            case Ends(edges, _, absent):
                return (
                    f"{_unless(absent)}EXISTS {{ (f)-[x:{either(edges)}]->(y) "
                    f"WHERE y._ref IN {self._refs(condition)} AND {seen('x')}{_stated('x') * condition.stated} }}"
                )

    def _dated(self, condition: Dated) -> str:
        day = f"state.{condition.property}"
        within = f"{day} >= {self.bound(condition.first)}"
        if condition.last:
            within += f" AND {day} <= {self.bound(condition.last)}"
        return f"coalesce({within}, {str(condition.missing).lower()})"

    def tuples(self, where: Where, bys: Sequence[By]) -> str:
        """Clauses that find each combination of ends of one flow, each once, as a list of references ``found``."""
        matches = []
        for place, by in enumerate(bys):
            end, edge = f"t{place}", f"q{place}"
            tests = self._counting(by, end, edge)
            if by.among is not None:
                tests += f" AND {end}._ref IN {self.bound(references(by.among))}"
            matches.append(f"MATCH (f)-[{edge}:{either(by.edges)}]->({end}) WHERE {tests}")
        found = ", ".join(f"t{place}._ref" for place in range(len(bys)))
        return f"{self.chosen(where)} {' '.join(matches)} WITH DISTINCT [{found}] AS found"

    def _ends_of_all(self, by: By) -> str:
        """Clauses that find each end ``t`` that counts of the flows ``f``, by an edge ``q``.

        To go from a flow to its ends the server looks at all edges of the flow. Where the flows are many, it is less to
        go through all edges that lead to such ends, and to look for their flows among these.
        """
        types, counting = either(by.edges), self._counting(by)
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

    def _counting(self, by: By, end: str = "t", edge: str = "q") -> str:
        """The tests that an edge passes to an end which counts, if it is among those that are given."""
        tests = [seen(edge) + _stated(edge) * by.stated]
        if by.labels:
            tests.append(f"({end}:{'|'.join(sorted(by.labels))})")
        if by.without:
            tests.append(f"NOT {end}._ref IN {self.bound(references(by.without))}")
        return " AND ".join(tests)

    def _degree(self, way: Ends | Has) -> str:
        """An expression for about how many edges lead to flows by this way; stamps do not matter to it."""
        if isinstance(way, Has):
            return f"COUNT {{ ()-[:{way.edge}]->({_labelled(way.label)}) }}"
        every = references(way.among)
        some = every[:: -(-len(every) // _SAMPLED)] if every else every
        return (
            f"reduce(sum = 0, n IN COLLECT {{ UNWIND {self.bound(some)} AS ref MATCH (c:{ENTRY} {{_ref: ref}}) "
            f"RETURN COUNT {{ (c)<-[:{either(way.edges)}]-() }} }} | sum + n) * {len(every)} / {max(len(some), 1)}"
        )

    def _refs(self, condition: Ends) -> str:
        """The parameter that holds the references of the ends of a condition."""
        if condition.among not in self._given:
            self._given[condition.among] = self.bound(references(condition.among))
        return self._given[condition.among]


def _state(where: Where) -> str:
    """The properties of the flow ``f`` that a filter tests, as the map ``state``, each read once; empty for none.

    The text of a statement is planned each time that it is new: a test of its own for each property of the moment takes
    the server seconds.
    """
    names = sorted({*where.properties, *(name for one in where.conditions for name in _properties(one))})
    if not names:
        return ""
    read = ", ".join(f"{name}: {{0}}.{name}" for name in names)
    return f", {at_moment('f', f'{{{{{read}}}}}')} AS state"


def _properties(condition: Condition) -> Iterator[str]:
    match condition:
        case AnyOf(conditions) | AllOf(conditions):
            for one in conditions:
                yield from _properties(one)
        case Is(name) | Dated(name):
            yield name


def _ways(where: Where) -> list[Way]:
    """From where the flows can be walked to that a filter lets through: edges if there are any, else words."""
    # Of several words nobody knows without counting which is on the fewest flows.
    return _leads(where) or [*leaders(where)[:1]] or [None]


def _leads(where: Where) -> list[Way]:
    if not any(isinstance(one, Ends) and not one.absent for one in where.conditions):
        return []
    return [one for one in where.conditions if isinstance(one, Ends | Has) and not one.absent]


def _of_flows(way: Ends | Has) -> str:
    """The label by which only flows are found, where others have such edges too."""
    edges = way.edges if isinstance(way, Ends) else (way.edge,)
    return _labelled(None if all(GRAPH.by_edge[name].sources == (FLOW,) for name in edges) else FLOW)


def _labelled(label: str | None) -> str:
    return f":{label}" if label else ""


def _if(only: str, several: str) -> str:
    """A list, or an empty one where a condition does not hold."""
    return f"CASE WHEN {only} THEN {several} ELSE [] END" if only else several


def either(names: Collection[str]) -> str:
    """The edges of any of these declared names."""
    return "|".join(sorted({GRAPH.by_edge[name].name for name in names}))


def _unless(absent: bool) -> str:
    return "NOT " * absent


def _stated(edge: str) -> str:
    """The test that an edge is not only our reading."""
    return f" AND coalesce({edge}.{READING}, false) = false"


def _values(values: Iterable[str]) -> Cell:
    # A list of flags and one of words look alike to the driver.
    return [_FLAGS.get(value, value) for value in sorted(values)]  # type: ignore[misc]
