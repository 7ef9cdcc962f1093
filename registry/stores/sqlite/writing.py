"""Writes to an SQLite store, many rows at a time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter

from registry.model.bulk import batches, uncollected
from registry.model.snapshot import Edge, EdgeId, Node, NodeId, Value, names_of, normalised, to_json
from registry.stores.port import admit_edge, admit_node, closed_words, dangling, dates
from registry.stores.sqlite.faults import Faults
from registry.stores.sqlite.reading import SqliteReader
from registry.stores.sqlite.statements import Cell, Statement

_AT_ONCE = 10_000
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class SqliteTransaction(SqliteReader):
    """Reads and writes inside one transaction of the connection."""

    def __init__(self, connection: sqlite3.Connection, faults: Faults) -> None:
        super().__init__(connection, faults)
        self._before = self._version
        self._ids: dict[NodeId, int] = {}

    @uncollected()
    def put(self, nodes: Iterable[Node], edges: Iterable[Edge], gone: Iterable[EdgeId] = ()) -> None:
        """Remove the edges ``gone``, then store these nodes and edges."""
        with self._all_or_nothing():
            for removed in batches(gone, _AT_ONCE):
                self._remove_edges(removed)
            for fresh in batches(nodes, _AT_ONCE):
                self._put_nodes({node.id: node for node in fresh})
            for drawn in batches(edges, _AT_ONCE):
                self._put_edges({edge.id: edge for edge in drawn})

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        version = self._version
        self._write("SAVEPOINT put")
        try:
            yield
        except BaseException:
            self._version, self._ids = version, {}
            # After some faults SQLite has already undone the whole transaction.
            if self._connection.in_transaction:
                self._write("ROLLBACK TO put")
                self._write("RELEASE put")
                self._terms = self._read_terms()
            raise
        self._write("RELEASE put")

    def _count_write(self) -> None:
        if self._version == self._before:
            self._version += 1
            self._write("UPDATE registry SET version = :version", {"version": self._version})

    def _put_nodes(self, nodes: Mapping[NodeId, Node]) -> None:
        self._count_write()
        for node in nodes.values():
            admit_node(node)
        before = self.get(nodes)
        self._look_up(before)
        fresh = (node_id for node_id in nodes if node_id not in before)
        self._write_all("INSERT INTO nodes (label, key) VALUES (?, ?)", fresh)
        self._look_up(nodes)
        self._write_all("DELETE FROM names WHERE node = ?", ((self._ids[node_id],) for node_id in before))
        self._write_all("DELETE FROM words WHERE term = ? AND flow = ?", self._words(before.values()))
        self._write_all(
            "DELETE FROM dates WHERE flow = ?", ((self._ids[node.id],) for node in before.values() if any(dates(node)))
        )
        self._write_all("INSERT OR REPLACE INTO properties VALUES (?, ?)", self._properties_of(nodes.values()))
        self._write_all("INSERT INTO names VALUES (?, ?, ?, ?, ?)", self._names(nodes.values()))
        self._write_all("INSERT INTO words VALUES (?, ?)", self._words(nodes.values()))
        self._write_all("INSERT INTO dates VALUES (?, ?, ?)", self._dates(nodes.values()))

    def _properties_of(self, nodes: Iterable[Node]) -> Iterator[tuple[int, str]]:
        return ((self._ids[node.id], _json(node.properties)) for node in nodes)

    def _names(self, nodes: Iterable[Node]) -> Iterator[tuple[int, int, str, str, bool]]:
        for node in nodes:
            keys = {node.id.key, *node.words("former_keys")}
            for position, name in enumerate(names_of(node)):
                yield self._ids[node.id], position, name, normalised(name), name in keys

    def _words(self, nodes: Collection[Node]) -> Iterator[tuple[int, int]]:
        self._number(term for node in nodes for term in _terms(node))
        return ((self._terms[term], self._ids[node.id]) for node in nodes for term in _terms(node))

    def _dates(self, nodes: Collection[Node]) -> Iterator[tuple[int, int, str]]:
        self._number(name for node in nodes for name, _ in dates(node))
        return ((self._ids[node.id], self._terms[name], day) for node in nodes for name, day in dates(node))

    def _put_edges(self, edges: Mapping[EdgeId, Edge]) -> None:
        self._count_write()
        for edge in edges.values():
            admit_edge(edge)
        self._look_up({end for edge in edges for end in (edge.source, edge.target)})
        self._number(edge.name for edge in edges)
        rows = [
            (*self._row(edge_id), _json(edge.properties) if edge.properties else None)
            for edge_id, edge in edges.items()
        ]
        # In the order of the table, neighbours go to the same page.
        rows.sort(key=itemgetter(0, 1, 2))
        self._write_all(
            "INSERT INTO edges VALUES (?, ?, ?, ?) "
            "ON CONFLICT (source, type, target) DO UPDATE SET properties = excluded.properties",
            rows,
        )

    def _row(self, edge: EdgeId) -> tuple[int, int, int]:
        source, target = self._ids.get(edge.source), self._ids.get(edge.target)
        if source is None or target is None:
            raise dangling(edge, edge.source if source is None else edge.target)
        return source, self._terms[edge.name], target

    def _remove_edges(self, gone: Collection[EdgeId]) -> None:
        self._count_write()
        self._look_up({end for edge in gone for end in (edge.source, edge.target)})
        known = (edge for edge in gone if {edge.source, edge.target} <= self._ids.keys() and edge.name in self._terms)
        self._write_all(
            "DELETE FROM edges WHERE source = ? AND type = ? AND target = ?", (self._row(edge) for edge in known)
        )

    def _look_up(self, ids: Iterable[NodeId]) -> None:
        """Learn the numbers of these nodes, as far as they exist."""
        unknown = [node_id for node_id in ids if node_id not in self._ids]
        if unknown:
            sql = Statement(self._terms)
            found = self._rows(f"SELECT label, key, id FROM {sql.nodes(unknown)}", sql.values, _numbered)
            self._ids.update(found)

    def _number(self, terms: Iterable[str]) -> None:
        """Give a number to each term that the file does not know yet."""
        unknown = sorted(set(terms) - self._terms.keys())
        if unknown:
            self._write_all("INSERT INTO terms (term) VALUES (?)", ((term,) for term in unknown))
            self._terms = self._read_terms()

    def _write(self, sql: str, values: Mapping[str, Cell] | None = None) -> None:
        self._check_open()
        with self._faults.translated():
            self._connection.execute(sql, values or {})

    def _write_all(self, sql: str, rows: Iterable[tuple[Cell, ...]]) -> None:
        self._check_open()
        with self._faults.translated():
            self._connection.executemany(sql, rows)


def _numbered(label: str, key: str, number: int) -> tuple[NodeId, int]:
    return NodeId(label, key), number


def _terms(node: Node) -> Iterator[str]:
    return (f"{name}={value}" for name, value in closed_words(node))


def _json(properties: Mapping[str, Value]) -> str:
    held = {name: to_json(value) for name, value in properties.items()}
    return _ENCODER.encode(held)
