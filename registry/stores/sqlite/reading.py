"""Reads of an SQLite store: each operation of the port is one statement."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeVar

from registry.bilingual import Text
from registry.errors import StoreError, StoreVersion
from registry.model.graph import FLOW, GRAPH
from registry.model.snapshot import Edge, Node, NodeId, Value, from_json, normalised
from registry.stores.access_path import Leading, leaders
from registry.stores.port import By, Closure, Direction, Ends, Group, Match, Page, Step, Where, check_by
from registry.stores.sqlite.faults import Faults
from registry.stores.sqlite.schema import LATEST, WHOLE
from registry.stores.sqlite.statements import Cell, Statement, stated
from registry.stores.traversal import closure_over, in_order

_T = TypeVar("_T")
_loaded = json.JSONDecoder().decode
_AT_ONCE = 1_000
_COUNTED = 30_000
_IDENTITY = itemgetter(0, 1, 2)
_EVERY = -1
"""SQLite's word for no limit."""

_EDGE = "s.id, s.label, s.key, e.type, t.id, t.label, t.key, e.properties"


class SqliteReader:
    """Reads of one snapshot: that at which the connection's transaction began."""

    def __init__(self, connection: sqlite3.Connection, faults: Faults) -> None:
        self._connection = connection
        self._faults = faults
        self._cursors: list[sqlite3.Cursor] = []
        self._ended = False
        # This first read fixes the snapshot: BEGIN alone does not.
        marks = self._rows("SELECT r.version, v.user_version FROM registry AS r, pragma_user_version AS v", {}, _two)
        if len(marks) != 1:
            raise faults.lost()
        ((self._version, file_version),) = marks
        if file_version != LATEST:
            raise StoreVersion(
                Text(
                    f"{faults.path}: another version of the registry changed the file just now",
                    f"{faults.path}：另一版本的程序刚刚改动了该文件",
                ),
                hint=Text("start again", "重新开始"),
            )
        if self._rows(f"SELECT {WHOLE}", {}, bool) != [True]:
            raise self._faults.lost()
        self._terms = self._read_terms()

    def end(self) -> None:
        """Stop: whoever still reads gets an error, never another snapshot."""
        self._ended = True
        for cursor in self._cursors:
            cursor.close()

    @property
    def version(self) -> int:
        """The number of writes that the store has seen."""
        return self._version

    def get(self, ids: Collection[NodeId]) -> dict[NodeId, Node]:
        """The nodes among ``ids`` that exist."""
        sql = Statement(self._terms)
        found = self._rows(
            f"SELECT i.label, i.key, p.properties FROM {sql.nodes(ids)} AS i "
            "LEFT JOIN properties AS p ON p.node = i.id",
            sql.values,
            self._node,
        )
        return {node.id: node for node in found}

    def keyed(self, keys: Collection[str]) -> dict[str, tuple[NodeId, ...]]:
        """The nodes that bear each key or former key."""
        sql = Statement(self._terms)
        matches = self._rows(
            f"SELECT a.name, n.label, n.key FROM names AS a CROSS JOIN nodes AS n ON n.id = a.node "
            f"WHERE a.is_key AND a.form IN {sql.among({normalised(key) for key in keys})} "
            f"AND a.name IN {sql.among(keys)}",
            sql.values,
            _match,
        )
        found: dict[str, list[NodeId]] = defaultdict(list)
        for text, node_id in sorted(matches):
            found[text].append(node_id)
        return {key: tuple(ids) for key, ids in found.items()}

    def named(self, names: Collection[str], labels: Collection[str]) -> list[Match]:
        """The nodes of ``labels`` that answer to one of ``names``, in the order of name, label and key."""
        given: dict[str, set[str]] = defaultdict(set)
        for name in names:
            given[normalised(name)].add(name)
        sql = Statement(self._terms)
        matches = self._rows(
            f"SELECT DISTINCT a.form, n.label, n.key FROM names AS a CROSS JOIN nodes AS n ON n.id = a.node "
            f"WHERE a.form IN {sql.among(given)}" + _of_labels(sql, labels),
            sql.values,
            _match,
        )
        return sorted(Match(name, match.id) for match in matches for name in given[match.text])

    def names(self, labels: Collection[str]) -> list[Match]:
        """Every name of every node of ``labels``."""
        sql = Statement(self._terms)
        return self._rows(
            "SELECT a.name, n.label, n.key FROM nodes AS n LEFT JOIN names AS a ON a.node = n.id "
            f"WHERE 1{_of_labels(sql, labels)} ORDER BY n.label, n.key, a.position",
            sql.values,
            self._name,
        )

    def closure(self, start: Collection[NodeId], steps: Collection[Step]) -> Closure:
        """Every node that ``steps`` lead to from ``start``, with a shortest way there."""
        walked = [step for step in in_order(steps) if step.edge in self._terms]
        sql = Statement(self._terms)
        out, into = (_steps(sql, self._terms, walked, direction) for direction in (Direction.OUT, Direction.IN))
        # The walk itself finds only which nodes are reached: with distances in it, a cycle would not end.
        # The edges among them come along in the same statement, and the ways are found over those.
        rows = self._rows(
            f"""
            WITH RECURSIVE start AS MATERIALIZED (SELECT id FROM {sql.nodes(start)}), reached (id) AS (
                SELECT id FROM start
                UNION
                SELECT e.target FROM reached AS r CROSS JOIN {out} AS s
                    CROSS JOIN edges AS e ON e.source = r.id AND e.type = s.type
                UNION
                SELECT e.source FROM reached AS r CROSS JOIN {into} AS s
                    CROSS JOIN edges AS e ON e.target = r.id AND e.type = s.type
            )
            SELECT r.id, NULL, r.id IN (SELECT id FROM start), n.label, n.key
                FROM reached AS r CROSS JOIN nodes AS n ON n.id = r.id
            UNION ALL
            SELECT r.id, s.number, e.target, NULL, NULL FROM reached AS r CROSS JOIN {out} AS s
                CROSS JOIN edges AS e ON e.source = r.id AND e.type = s.type
            UNION ALL
            SELECT r.id, s.number, e.source, NULL, NULL FROM reached AS r CROSS JOIN {into} AS s
                CROSS JOIN edges AS e ON e.target = r.id AND e.type = s.type
            """,
            sql.values,
            _Walked,
        )
        return _ways(rows, walked)

    def edges(self, names: Collection[str], ends: Collection[NodeId] | None, direction: Direction) -> list[Edge]:
        """The edges of ``names`` that leave ``ends`` or lead to them, in the order of source, name and target."""
        sql = Statement(self._terms)
        of_types = f" AND e.type {sql.one_of(names)}" if names else ""
        out = f"CROSS JOIN edges AS e ON e.source = s.id{of_types} CROSS JOIN nodes AS t ON t.id = e.target"
        if ends is None:
            # Most nodes are flows, and many edges never leave one.
            labels = {label for name in names or GRAPH.by_edge for label in _sources(name)}
            found = f"(SELECT id, label, key FROM nodes WHERE label IN {sql.among(sorted(labels))}) AS s {out}"
        elif direction is Direction.OUT:
            found = f"{sql.nodes(ends)} AS s {out}"
        else:
            found = (
                f"{sql.nodes(ends)} AS t CROSS JOIN edges AS e ON e.target = t.id{of_types} "
                "CROSS JOIN nodes AS s ON s.id = e.source"
            )
        edges = self._rows(
            f"SELECT {_EDGE} FROM {found}",
            sql.values,
            self._edge(),
        )
        return sorted(edges, key=_IDENTITY)

    def flows(self, where: Where, *, limit: int | None = None) -> list[NodeId]:
        """The flows that ``where`` lets through, in the order of their keys."""
        sql, leading = Statement(self._terms), self._narrowest(where)
        if leading is None:
            tests = sql.tests(where, None)
            found = f"SELECT c.key FROM ({sql.led(None)}) AS c WHERE {tests or 1} ORDER BY c.key"
        else:
            found = (
                f"SELECT DISTINCT f.key FROM ({sql.chosen(where, leading)}) AS c "
                "LEFT JOIN nodes AS f ON f.id = c.flow ORDER BY f.key"
            )
        return self._rows(f"{found} LIMIT {sql.bound(_EVERY if limit is None else limit)}", sql.values, self._flow)

    def _narrowest(self, where: Where) -> Leading:
        """The condition to walk from: the one that leads to the fewest flows, counted as far as it pays."""
        candidates = leaders(where)
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        sql = Statement(self._terms)
        counts = (f"SELECT count(*) FROM (SELECT 1 FROM ({sql.led(one)}) LIMIT {_COUNTED})" for one in candidates)
        numbers = self._rows(" UNION ALL ".join(counts), sql.values, int)
        return min(zip(numbers, range(len(candidates)), candidates, strict=True))[2]

    def group(self, where: Where, by: By, *, after: NodeId | None = None, first: int | None = None) -> Page:
        """The flows that ``where`` lets through, grouped by where their edges ``by`` lead."""
        sql = Statement(self._terms)
        rows = self._rows(
            f"""
            WITH pairs AS MATERIALIZED ({self._pairs(sql, where, by)}), ends AS MATERIALIZED ({_ends(sql, by)}),
            page AS MATERIALIZED (
                SELECT id, label, key FROM ends WHERE (label, key) > {_position(sql, after)}
                ORDER BY label, key LIMIT {sql.bound(_EVERY if first is None else first)}
            )
            SELECT NULL, NULL, NULL, count(*) FROM ends
            UNION ALL
            SELECT DISTINCT p.label, p.key, f.key, 0 FROM pairs AS q
                CROSS JOIN page AS p ON p.id = q.target CROSS JOIN nodes AS f ON f.id = q.flow
            ORDER BY 1, 2, 3
            """,
            sql.values,
            _Grouped,
        )
        # NULL sorts first.
        total, rows = rows[0].total, rows[1:]
        by_end = groupby(rows, lambda row: (row.label, row.key))
        return Page(
            tuple(
                Group(NodeId(label, key), tuple(NodeId(FLOW, row.flow) for row in several))
                for (label, key), several in by_end
            ),
            total,
        )

    def ends(self, where: Where, by: By) -> list[NodeId]:
        """Where the edges ``by`` of the flows lead that ``where`` lets through."""
        sql = Statement(self._terms)
        return self._rows(
            f"WITH pairs AS MATERIALIZED ({self._pairs(sql, where, by)}) "
            f"SELECT label, key FROM ({_ends(sql, by)}) ORDER BY label, key",
            sql.values,
            NodeId,
        )

    def tuples(self, where: Where, bys: Sequence[By]) -> list[tuple[NodeId, ...]]:
        """Each distinct combination of ends of one flow that ``where`` lets through."""
        sql = Statement(self._terms)
        sides = [f"t{place}" for place in range(len(bys))]
        joins = []
        for side, by in zip(sides, bys, strict=True):
            check_by(by)
            joins.append(
                f"CROSS JOIN edges AS e_{side} ON e_{side}.source = c.flow AND e_{side}.type {sql.one_of(by.edges)}"
                f"{stated(f'e_{side}') * by.stated} "
                f"CROSS JOIN nodes AS {side} ON {side}.id = e_{side}.target{_counting(sql, by, side)}"
            )
        ends = ", ".join(f"{side}.label, {side}.key" for side in sides)
        rows = self._rows(
            f"SELECT DISTINCT {ends} FROM ({sql.chosen(where, self._narrowest(where))}) AS c {' '.join(joins)}",
            sql.values,
            _ends_of,
        )
        return sorted(rows)

    def _pairs(self, sql: Statement, where: Where, by: By) -> str:
        """A query for the flows that ``where`` lets through with each end of theirs; a pair may come several times."""
        check_by(by)
        if by.among is not None:
            where = where.also(Ends(by.edges, by.among))
        return (
            f"SELECT e.target, c.flow FROM ({sql.chosen(where, self._narrowest(where))}) AS c "
            f"CROSS JOIN edges AS e ON e.source = c.flow AND e.type {sql.one_of(by.edges)}{stated('e') * by.stated}"
        )

    def nodes(self, label: str, *, after: str | None = None, limit: int | None = None) -> list[Node]:
        """Nodes with that label in the order of their keys."""
        sql = Statement(self._terms)
        return self._rows(
            "SELECT n.label, n.key, p.properties FROM nodes AS n LEFT JOIN properties AS p ON p.node = n.id "
            f"WHERE n.label = {sql.bound(label)} AND n.key > {sql.bound(after or '')} "
            f"ORDER BY n.key LIMIT {sql.bound(_EVERY if limit is None else limit)}",
            sql.values,
            self._node,
        )

    def count(self) -> dict[str, int]:
        """How many nodes there are of each label that has any."""
        return dict(self._rows("SELECT label, count(*) FROM nodes GROUP BY label ORDER BY label", {}, _counted))

    def all_nodes(self) -> Iterator[Node]:
        """Every node, by label and key, streaming."""
        return self._stream(
            "SELECT n.label, n.key, p.properties FROM nodes AS n LEFT JOIN properties AS p ON p.node = n.id "
            "ORDER BY n.label, n.key",
            self._node,
        )

    def all_edges(self) -> Iterator[Edge]:
        """Every edge, by source, name and target, streaming."""
        return self._stream(
            f"SELECT {_EDGE} FROM nodes AS s "
            "CROSS JOIN edges AS e ON e.source = s.id LEFT JOIN terms AS y ON y.id = e.type "
            "CROSS JOIN nodes AS t ON t.id = e.target ORDER BY s.label, s.key, y.term, t.label, t.key",
            self._edge(),
        )

    def _read_terms(self) -> dict[str, int]:
        return dict(self._rows("SELECT term, id FROM terms", {}, _counted))

    def _rows(self, sql: str, values: Mapping[str, Cell], made: Callable[..., _T]) -> list[_T]:
        """The rows of a statement, each made into what its columns say."""
        self._check_open()
        with self._faults.translated():
            rows = self._connection.execute(sql, values).fetchall()
        return [made(*row) for row in rows]

    def _stream(self, sql: str, made: Callable[..., _T]) -> Iterator[_T]:
        self._check_open()
        with self._faults.translated():
            cursor = self._connection.execute(sql)
        self._cursors.append(cursor)
        while True:
            self._check_open()
            with self._faults.translated():
                rows = cursor.fetchmany(_AT_ONCE)
            if not rows:
                return
            yield from (made(*row) for row in rows)

    def _check_open(self) -> None:
        if self._ended:
            raise StoreError(
                Text(f"{self._faults.path}: this reading has ended", f"{self._faults.path}：本次读取已结束")
            )

    def _node(self, label: str, key: str, properties: str | None) -> Node:
        return Node(NodeId(label, key), self._properties(properties))

    def _name(self, text: str | None, label: str, key: str) -> Match:
        if text is None:
            raise self._faults.lost()
        return _match(text, label, key)

    def _flow(self, key: str | None) -> NodeId:
        if key is None:
            raise self._faults.lost()
        return NodeId(FLOW, key)

    def _edge(self) -> Callable[[int, str, str, int, int, str, str, str | None], Edge]:
        names = {number: term for term, number in self._terms.items()}
        ids: dict[int, NodeId] = {}
        # What edges say is nearly always one of a few things.
        said: dict[str | None, Mapping[str, Value]] = {None: {}}

        def edge(
            s: int, s_label: str, s_key: str, name: int, t: int, t_label: str, t_key: str, held: str | None
        ) -> Edge:
            if s not in ids:
                ids[s] = NodeId(s_label, s_key)
            if t not in ids:
                ids[t] = NodeId(t_label, t_key)
            if held not in said:
                said[held] = self._properties(held or "{}")
            if name not in names:
                raise self._faults.lost()
            return Edge(ids[s], names[name], ids[t], said[held])

        return edge

    def _properties(self, text: str | None) -> dict[str, Value]:
        if text is None:
            raise self._faults.lost()
        try:
            # Most are texts as they stand, and are recognised at once.
            return {
                name: value if value.__class__ is str else from_json(value) for name, value in _loaded(text).items()
            }
        # Not what is wrong with them: that would quote what people have said about their data.
        except (ValueError, AttributeError, TypeError, RecursionError):
            raise self._faults.unreadable() from None


class _Walked(NamedTuple):
    """A node reached (without a step; ``other`` says whether the walk began there), or a step from it to another."""

    id: int
    step: int | None
    other: int
    label: str
    key: str


class _Grouped(NamedTuple):
    """A flow under its end; or only the number of ends."""

    label: str
    key: str
    flow: str
    total: int


def _ends(sql: Statement, by: By) -> str:
    """A query for the ends that count in the table ``pairs``."""
    return (
        "SELECT t.id, t.label, t.key FROM (SELECT DISTINCT target FROM pairs) AS q "
        f"CROSS JOIN nodes AS t ON t.id = q.target WHERE 1{_counting(sql, by)}"
    )


def _ways(rows: Iterable[_Walked], steps: Sequence[Step]) -> Closure:
    ids: dict[int, NodeId] = {}
    start: list[NodeId] = []
    beside: dict[NodeId, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        if row.step is not None:
            beside[ids[row.id]].append((row.step, row.other))
        else:
            ids[row.id] = NodeId(row.label, row.key)
            if row.other:
                start.append(ids[row.id])

    def neighbours(node_id: NodeId) -> Iterator[tuple[Step, NodeId]]:
        return ((steps[number], ids[other]) for number, other in sorted(beside[node_id]))

    return closure_over(start, neighbours)


def _steps(sql: Statement, types: Mapping[str, int], steps: Sequence[Step], direction: Direction) -> str:
    """A table of the steps in one direction: their ``number`` in the walk and the ``type`` of their edges."""
    given = {number: types[step.edge] for number, step in enumerate(steps) if step.direction is direction}
    return f"(SELECT CAST(key AS INTEGER) AS number, value AS type FROM json_each({sql.bound(json.dumps(given))}))"


def _of_labels(sql: Statement, labels: Collection[str]) -> str:
    return f" AND n.label IN {sql.among(labels)}" if labels else ""


def _counting(sql: Statement, by: By, end: str = "t") -> str:
    """The tests that an end passes which counts."""
    tests = ""
    if by.labels:
        tests += f" AND {end}.label IN {sql.among(by.labels)}"
    if by.among is not None:
        tests += f" AND {end}.id IN (SELECT id FROM {sql.nodes(by.among)})"
    if by.without:
        tests += f" AND {end}.id NOT IN (SELECT id FROM {sql.nodes(by.without)})"
    return tests


def _ends_of(*columns: str) -> tuple[NodeId, ...]:
    return tuple(map(NodeId, columns[::2], columns[1::2]))


def _position(sql: Statement, after: NodeId | None) -> str:
    label, key = after or ("", "")
    return f"({sql.bound(label)}, {sql.bound(key)})"


def _sources(name: str) -> Collection[str]:
    return GRAPH.by_edge[name].sources if name in GRAPH.by_edge else ()


def _match(text: str, label: str, key: str) -> Match:
    return Match(text, NodeId(label, key))


def _two(first: int, second: int) -> tuple[int, int]:
    return first, second


def _counted(name: str, number: int) -> tuple[str, int]:
    return name, number
