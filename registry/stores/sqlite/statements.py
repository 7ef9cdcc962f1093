"""Filters over flows as SQL. Values are always bound; sets of ids travel as one JSON text."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from registry.model.graph import FLOW, GRAPH
from registry.model.snapshot import NodeId
from registry.stores.port import Ends, Has, Where, is_text

Cell = str | int | None


class Statement:
    """Collects the values of a statement while its text is written."""

    def __init__(self, types: Mapping[str, int]) -> None:
        self.values: dict[str, Cell] = {}
        self._types = types

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
        # CROSS JOIN keeps the order written: few ids look up many rows, never the other way round.
        return (
            f"(SELECT n.id, n.label, n.key FROM json_each({given}) AS l CROSS JOIN json_each(l.value) AS k "
            "CROSS JOIN nodes AS n ON n.label = l.key AND n.key = k.value)"
        )

    def among(self, words: Iterable[str]) -> str:
        """A table with one column, the words."""
        return f"(SELECT value FROM json_each({self.bound(json.dumps([w for w in words if is_text(w)]))}))"

    def types(self, names: Iterable[str]) -> str:
        """A table with one column, the numbers of these edge types."""
        known = sorted(self._types[name] for name in names if name in self._types)
        return f"(SELECT value FROM json_each({self.bound(json.dumps(known))}))"

    def chosen(self, where: Where) -> str:
        """A query for the ids of the flows that ``where`` lets through, each once, in a column ``flow``."""
        ends = [condition for condition in where.conditions if isinstance(condition, Ends)]
        leading = next((condition for condition in ends if not condition.absent), None)
        tests = [self._property(name, values) for name, values in where.properties.items()]
        for condition in where.conditions:
            if isinstance(condition, Has):
                tests.append(self._has(condition))
            elif condition is not leading:
                tests.append(self._ends(condition))
        first = self._leading(leading) if leading else self._every_flow()
        return f"SELECT c.flow FROM ({first}) AS c" + (f" WHERE {' AND '.join(tests)}" if tests else "")

    def _every_flow(self) -> str:
        return f"SELECT id AS flow FROM nodes WHERE label = {self.bound(FLOW)}"

    def _leading(self, condition: Ends) -> str:
        found = (
            f"SELECT DISTINCT e.source AS flow FROM {self.nodes(condition.among)} AS t "
            f"CROSS JOIN edges AS e ON e.target = t.id AND e.type IN {self.types(condition.edges)}"
        )
        if all(GRAPH.by_edge[name].sources == (FLOW,) for name in condition.edges):
            return found
        return f"{found} CROSS JOIN nodes AS f ON f.id = e.source AND f.label = {self.bound(FLOW)}"

    def _property(self, name: str, values: Collection[str]) -> str:
        return (
            f"EXISTS (SELECT 1 FROM words AS w WHERE w.property = {self.bound(name)} "
            f"AND w.value IN {self.among(values)} AND w.flow = c.flow)"
        )

    def _ends(self, condition: Ends) -> str:
        among = f"(SELECT id FROM {self.nodes(condition.among)})"
        return (
            f"{'NOT ' * condition.absent}EXISTS (SELECT 1 FROM edges AS e WHERE e.source = c.flow "
            f"AND e.type IN {self.types(condition.edges)} AND e.target IN {among})"
        )

    def _has(self, condition: Has) -> str:
        target = ""
        if condition.label is not None:
            target = f"CROSS JOIN nodes AS t ON t.id = e.target AND t.label = {self.bound(condition.label)} "
        return (
            f"{'NOT ' * condition.absent}EXISTS (SELECT 1 FROM edges AS e {target}"
            f"WHERE e.source = c.flow AND e.type IN {self.types([condition.edge])})"
        )
