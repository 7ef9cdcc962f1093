"""Filters over flows as SQL. Values are always bound; sets of ids travel as one JSON text."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping

from registry.model.graph import FLOW, GRAPH
from registry.model.snapshot import NodeId
from registry.stores.access_path import Leading, Word
from registry.stores.port import READING, AllOf, AnyOf, Condition, Dated, Ends, Has, Is, Where, is_text

Cell = str | int | None


class Statement:
    """Collects the values of a statement while its text is written. ``terms`` are the numbers of edges and words."""

    def __init__(self, terms: Mapping[str, int]) -> None:
        self.values: dict[str, Cell] = {}
        self._terms = terms

    def bound(self, value: Cell) -> str:
        """The placeholder of a value."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def nodes(self, ids: Iterable[NodeId]) -> str:
        """A table with the ``id``, ``label`` and ``key`` of the nodes among ``ids`` that exist."""
        by_label: dict[str, list[str]] = defaultdict(list)
        for node_id in ids:
            if is_text(node_id.label) and is_text(node_id.key):
                by_label[node_id.label].append(node_id.key)
        given = self.bound(json.dumps(by_label))
        # CROSS JOIN keeps the order written, here and everywhere: few ids look up many rows, never the other way round.
        return (
            f"(SELECT n.id, n.label, n.key FROM json_each({given}) AS l CROSS JOIN json_each(l.value) AS k "
            "CROSS JOIN nodes AS n ON n.label = l.key AND n.key = k.value)"
        )

    def among(self, words: Iterable[str]) -> str:
        """A table with one column, the words."""
        return f"(SELECT value FROM json_each({self.bound(json.dumps([word for word in words if is_text(word)]))}))"

    def one_of(self, terms: Iterable[str]) -> str:
        """The test that a column holds the number of one of these terms."""
        known = [self.bound(self._terms[term]) for term in terms if term in self._terms]
        return f"= {known[0]}" if len(known) == 1 else f"IN ({', '.join(known) or 'NULL'})"

    # filters

    def chosen(self, where: Where, leading: Leading) -> str:
        """A query for the flows that ``where`` lets through, in a column ``flow``; one may come several times.

        It walks from the flows that ``leading``, one of the filter's conditions, leads to, and tests the others.
        """
        tests = self.tests(where, leading)
        return f"SELECT c.flow FROM ({self.led(leading)}) AS c" + (f" WHERE {tests}" if tests else "")

    def led(self, leading: Leading) -> str:
        """A query for the flows that one condition leads to, which may come several times; every flow for None."""
        if isinstance(leading, Ends):
            return self._led_by(leading)
        if leading is not None:
            return f"SELECT w.flow FROM words AS w WHERE w.term {self.one_of(terms(leading))}"
        return f"SELECT id AS flow, key FROM nodes WHERE label = {self.bound(FLOW)}"

    def _led_by(self, condition: Ends) -> str:
        found = (
            f"SELECT e.source AS flow FROM {self.nodes(condition.among)} AS t "
            f"CROSS JOIN edges AS e ON e.target = t.id AND e.type {self.one_of(condition.edges)}"
            f"{stated('e') * condition.stated}"
        )
        if all(GRAPH.by_edge[name].sources == (FLOW,) for name in condition.edges):
            return found
        return f"{found} CROSS JOIN nodes AS f ON f.id = e.source AND f.label = {self.bound(FLOW)}"

    def tests(self, where: Where, leading: Leading) -> str:
        """The tests that a flow of the table ``c`` passes which the filter lets through, ``leading`` left out."""
        tests = [self._has_word(word) for word in where.properties.items() if word != leading]
        tests += [self._test(condition) for condition in where.conditions if condition is not leading]
        return " AND ".join(tests)

    def _test(self, condition: Condition) -> str:
        match condition:
            case AnyOf(conditions):
                return f"({' OR '.join([self._test(one) for one in conditions]) or 0})"
            case AllOf(conditions):
                return f"({' AND '.join([self._test(one) for one in conditions]) or 1})"
            case Has():
                return self._has(condition)
            case Is(name, values, absent):
                return f"{'NOT ' * absent}{self._has_word((name, values))}"
            case Dated():
                return self._dated(condition)
            case Ends():
                return self._leads_to(condition)

    def _dated(self, condition: Dated) -> str:
        within = f"d.day >= {self.bound(condition.first)}"
        if condition.last:
            within += f" AND d.day <= {self.bound(condition.last)}"
        # Few flows state a date: where it may be missing, those are looked for that state another day.
        test = f"NOT ({within})" if condition.missing else within
        return (
            f"{'NOT ' * condition.missing}EXISTS (SELECT 1 FROM dates AS d "
            f"WHERE d.flow = c.flow AND d.property {self.one_of([condition.property])} AND {test})"
        )

    def _has_word(self, word: Word) -> str:
        return f"EXISTS (SELECT 1 FROM words AS w WHERE w.term {self.one_of(terms(word))} AND w.flow = c.flow)"

    def _leads_to(self, condition: Ends) -> str:
        # The plus keeps the index out of it: a flow has a few such edges, and there may be many ends.
        among = f"(SELECT id FROM {self.nodes(condition.among)})"
        return (
            f"{'NOT ' * condition.absent}EXISTS (SELECT 1 FROM edges AS e WHERE e.source = c.flow "
            f"AND e.type {self.one_of(condition.edges)} AND +e.target IN {among}{stated('e') * condition.stated})"
        )

    def _has(self, condition: Has) -> str:
        target = ""
        if condition.label is not None:
            target = f"CROSS JOIN nodes AS t ON t.id = e.target AND t.label = {self.bound(condition.label)} "
        return (
            f"{'NOT ' * condition.absent}EXISTS (SELECT 1 FROM edges AS e {target}"
            f"WHERE e.source = c.flow AND e.type {self.one_of([condition.edge])})"
        )


def stated(edge: str) -> str:
    """The test that an edge is not only our reading."""
    return f" AND ({edge}.properties IS NULL OR ifnull(json_extract({edge}.properties, '$.{READING}'), 0) = 0)"


def terms(word: Word) -> list[str]:
    """The terms of the values that a property may have."""
    name, values = word
    return [f"{name}={value}" for value in sorted(values)]
