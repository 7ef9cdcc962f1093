"""Writes to a registry on a server, some thousands of rows at a time.

A batch is a transaction of the server. Nobody else sees what it holds before the write is complete, so a write may be
of any size. A batch goes on only while its write holds the registry: see `registry.stores.neo4j.holding`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import count
from typing import Any, TypeVar

from neo4j import ManagedTransaction, Session

from registry.bilingual import Text
from registry.errors import Refused, StoreUnreachable
from registry.model.bulk import batches, uncollected
from registry.model.snapshot import Edge, EdgeId, Node, NodeId, names_of, normalised
from registry.stores.neo4j.encoding import encoded, identity, reference, references
from registry.stores.neo4j.faults import Faults
from registry.stores.neo4j.holding import fenced
from registry.stores.neo4j.moments import (
    BATCH,
    ENTRY,
    FRESH,
    MOST_PUTS,
    NAME,
    NAMED,
    PAST,
    WAS,
    exists,
    seen,
    stamp,
)
from registry.stores.neo4j.reading import Neo4jReader
from registry.stores.neo4j.statements import Statement
from registry.stores.neo4j.undoing import Undoing
from registry.stores.port import admit_edge, admit_node, dangling

_T = TypeVar("_T")
_AT_ONCE, _LAID_AT_ONCE = 5_000, 20_000
"""How many rows a batch has; and how many edges where nothing was, which cost the server little."""

Row = dict[str, object]


class _Laid:
    """What a write into an empty registry has put so far: nothing else is there, so the server need not look."""

    def __init__(self) -> None:
        self.nodes: set[NodeId] = set()
        self.sources: set[NodeId] = set()
        """The nodes that edges leave."""


class Neo4jTransaction(Neo4jReader):
    """Reads and writes that others see when the write is complete, and not before."""

    def __init__(self, session: Session, faults: Faults, version: int, token: str) -> None:
        super().__init__(session, faults, version)
        self._before = version
        self._token = token
        self._puts = 0
        self.broken = False
        self._places = count()

    @property
    def written(self) -> bool:
        """Whether anything was put."""
        return self._version != self._before

    @uncollected()
    def put(self, nodes: Iterable[Node], edges: Iterable[Edge], gone: Iterable[EdgeId] = ()) -> None:
        """Remove the edges ``gone``, then store these nodes and edges."""
        was = self._version, self._now, self._puts
        # Where nothing was, readers see nothing, whatever there is: see `Neo4jStore.reading`. No stamps are needed.
        laid = _Laid() if self._first and not self._puts else None
        if self._puts > MOST_PUTS:
            raise Refused(
                Text(f"a write has at most {MOST_PUTS + 1:,} parts", f"一次写入最多分为{MOST_PUTS + 1:,}部分"),
                hint=Text("put more at once", "每部分多写一些"),
            )
        self._now = stamp(self._before + 1, self._puts)
        self._puts += 1
        try:
            for removed in batches(gone, _AT_ONCE):
                self._write(_remove_edges, removed, laid)
            for fresh in batches(nodes, _AT_ONCE):
                self._write(_put_nodes, [*{node.id: node for node in fresh}.values()], laid)
                if laid:
                    laid.nodes.update(node.id for node in fresh)
            for drawn in batches(edges, _LAID_AT_ONCE if laid else _AT_ONCE):
                self._write(_put_edges, [*{edge.id: edge for edge in drawn}.values()], laid)
                if laid:
                    laid.sources.update(edge.source for edge in drawn)
        except BaseException as error:
            self._version, self._now, self._puts = was
            # What cannot be taken back now must not be completed with the rest.
            self.broken = True
            if not isinstance(error, StoreUnreachable):
                self.take_back()
                self.broken = False
            raise

    def _answered(self, text: str, sql: Statement) -> list[list[Any]]:
        # The session writes between reads, each batch in a transaction of its own.
        return self._alone(text, sql)

    def take_back(self) -> None:
        """Undo what was put since the moment that this now reads."""
        undoing = Undoing(self._session, self._token, self._faults)
        if self._first and not self.written:
            undoing.wipe()
        undoing.take_back(self._now)

    @property
    def _first(self) -> bool:
        """Whether the registry was empty: then nobody reads it while this writes."""
        return self._before == 0

    def _write(self, work: Callable[[_Batch, list[_T]], None], rows: list[_T], laid: _Laid | None) -> None:
        def batch(transaction: ManagedTransaction) -> None:
            fenced(transaction, self._token, self._faults)
            work(_Batch(transaction, self._now, self._places, laid), rows)

        self._check_open()
        with self._faults.translated():
            self._session.execute_write(batch)
        self._version = self._before + 1


class _Batch:
    """One transaction of the server. ``places`` number the lists of marks; where ``laid`` is given it leaves none."""

    def __init__(self, transaction: ManagedTransaction, now: int, places: Iterator[int], laid: _Laid | None) -> None:
        self._transaction = transaction
        self._now = now
        self._places = places
        self.laid = laid

    def run(self, text: str, rows: Sequence[Row | list[object] | str]) -> list[list[object]]:
        """The rows of a statement on ``$rows`` at the moment ``$now``."""
        return [record.values() for record in self._transaction.run(text, rows=rows, now=self._now)]

    def kept(self, things: str, what: str) -> str:
        """A clause that keeps a list of what was marked, so that the marks are found again."""
        if self.laid:
            return f"RETURN size({things})"
        create = f"CREATE (:{BATCH} {{stamp: $now, place: {next(self._places)}, what: '{what}', things: {things}}})"
        return f"FOREACH (any IN CASE WHEN size({things}) > 0 THEN [1] ELSE [] END | {create})"


def _put_nodes(batch: _Batch, nodes: list[Node]) -> None:
    for node in nodes:
        admit_node(node)
    by_label: dict[str, list[Node]] = defaultdict(list)
    known = _known(batch, {node.id for node in nodes})
    for node in nodes:
        by_label[node.id.label].append(node)
    for label, several in by_label.items():
        _create_nodes(batch, label, [_row(node) for node in several if node.id not in known])
        _change_nodes(batch, [_row(node) for node in several if node.id in known])


def _known(batch: _Batch, ids: set[NodeId], test: str = "true") -> set[NodeId]:
    """The nodes among ``ids`` that stand in the database and pass a test on the node ``n``."""
    if batch.laid:
        return ids & batch.laid.nodes
    found = f"UNWIND $rows AS ref MATCH (n:{ENTRY} {{_ref: ref}}) WHERE {test} RETURN collect(ref)"
    ((refs,),) = batch.run(found, references(ids))
    return {identity(ref) for ref in refs}  # type: ignore[attr-defined]


def _row(node: Node) -> Row:
    keys = {node.id.key, *node.words("former_keys")}
    names = [[name, normalised(name), name in keys, place] for place, name in enumerate(names_of(node))]
    held = {**encoded(node.id.reference, node.properties), "_ref": reference(node.id), "key": node.id.key}
    return {"ref": reference(node.id), "held": held, "names": names}


def _create_nodes(batch: _Batch, label: str, rows: list[Row]) -> None:
    if not rows:
        return
    mark = "" if batch.laid else f"SET n:{FRESH}, n._since = $now, n._born = $now"
    batch.run(
        f"UNWIND $rows AS row CREATE (n:{ENTRY}:{label}) SET n = row.held {mark} "
        f"WITH n, row CALL (n, row) {{ {_DRAW_NAMES} }} "
        f"WITH collect(elementId(n)) AS born {batch.kept('born', 'born')}",
        rows,
    )


_DRAW_NAMES = (
    f"UNWIND row.names AS name MERGE (m:{NAME} {{form: name[1]}}) "
    f"CREATE (n)-[a:{NAMED} {{name: name[0], is_key: name[2], position: name[3]}}]->(m) RETURN collect(a) AS drawn"
)


def _change_nodes(batch: _Batch, rows: list[Row]) -> None:
    if not rows:
        return
    found = f"UNWIND $rows AS row MATCH (n:{ENTRY} {{_ref: row.ref}}) "
    if batch.laid:
        batch.run(
            f"{found} CALL (n) {{ MATCH (n)-[a:{NAMED}]->() DELETE a }} "
            f"SET n = row.held WITH n, row CALL (n, row) {{ {_DRAW_NAMES} }} RETURN count(*)",
            rows,
        )
        return
    batch.run(
        f"{found} CALL (n) {{ MATCH (n)-[a:{NAMED}]->() WHERE {seen('a')} SET a._until = $now "
        "RETURN collect(elementId(a)) AS ended } "
        f"CREATE (n)-[:{WAS}]->(p:{PAST}) SET p = properties(n), p._until = $now "
        f"SET n = row.held, n:{FRESH}, n._since = $now, n._born = p._born "
        f"WITH n, row, ended CALL (n, row) {{ {_DRAW_NAMES} }} "
        "FOREACH (a IN drawn | SET a._since = $now) "
        "WITH collect(elementId(n)) AS changed, collect(ended) AS ended, "
        "collect([a IN drawn | elementId(a)]) AS drawn "
        "WITH changed, reduce(all = [], one IN ended | all + one) AS ended, "
        "reduce(all = [], one IN drawn | all + one) AS drawn "
        f"{batch.kept('ended', 'ended')} {batch.kept('changed', 'changed')} {batch.kept('drawn', 'drawn')}",
        rows,
    )


def _put_edges(batch: _Batch, edges: list[Edge]) -> None:
    by_name: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        admit_edge(edge)
        by_name[edge.name].append(edge)
    _refuse_dangling(batch, edges)
    for name, several in by_name.items():
        if batch.laid:
            _lay(batch, name, several, batch.laid)
        else:
            _draw(batch, name, [_edge_row(edge) for edge in several])


def _edge_row(edge: Edge) -> Row:
    held = encoded(edge.name, edge.properties)
    return {"source": reference(edge.source), "target": reference(edge.target), "held": held}


def _refuse_dangling(batch: _Batch, edges: Collection[Edge]) -> None:
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    missing = ends - _known(batch, ends, exists("n"))
    for edge in edges if missing else ():
        for end in (edge.source, edge.target):
            if end in missing:
                raise dangling(edge.id, end)


_ENDS = f"UNWIND $rows AS row MATCH (s:{ENTRY} {{_ref: row.source}}) MATCH (t:{ENTRY} {{_ref: row.target}})"


def _lay(batch: _Batch, name: str, edges: list[Edge], laid: _Laid) -> None:
    """Draw edges where nothing was; only those of a source that an earlier batch has drawn edges of may be there."""
    perhaps = [_edge_row(edge) for edge in edges if edge.source in laid.sources]
    fresh = [edge for edge in edges if edge.source not in laid.sources]
    saying = [_edge_row(edge) for edge in fresh if edge.properties]
    silent: dict[NodeId, list[str]] = defaultdict(list)
    for edge in fresh:
        if not edge.properties:
            silent[edge.source].append(reference(edge.target))
    if perhaps:
        batch.run(f"{_ENDS} MERGE (s)-[e:{name}]->(t) SET e = row.held", perhaps)
    if saying:
        batch.run(f"{_ENDS} CREATE (s)-[e:{name}]->(t) SET e = row.held", saying)
    if silent:
        batch.run(
            f"UNWIND $rows AS row MATCH (s:{ENTRY} {{_ref: row[0]}}) UNWIND row[1] AS ref "
            f"MATCH (t:{ENTRY} {{_ref: ref}}) CREATE (s)-[:{name}]->(t)",
            [[reference(source), targets] for source, targets in silent.items()],
        )


def _draw(batch: _Batch, name: str, rows: list[Row]) -> None:
    _end(batch, name, rows)
    batch.run(
        f"{_ENDS} CREATE (s)-[e:{name}]->(t) SET e = row.held, e._since = $now "
        f"WITH collect(elementId(e)) AS drawn {batch.kept('drawn', 'drawn')}",
        rows,
    )


def _remove_edges(batch: _Batch, gone: list[EdgeId]) -> None:
    if batch.laid:
        return  # there is none yet
    by_name: dict[str, list[Row]] = defaultdict(list)
    for edge in gone:
        by_name[edge.name].append({"source": reference(edge.source), "target": reference(edge.target)})
    for name, rows in by_name.items():
        _end(batch, name, rows)


def _end(batch: _Batch, name: str, rows: list[Row]) -> None:
    batch.run(
        f"{_ENDS} MATCH (s)-[e:{name}]->(t) WHERE {seen('e')} SET e._until = $now "
        f"WITH collect(elementId(e)) AS ended {batch.kept('ended', 'ended')}",
        rows,
    )
