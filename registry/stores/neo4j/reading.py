"""Reads of a registry on a server: each operation of the port is one statement."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from operator import itemgetter
from typing import Any, TypeVar

from neo4j import ManagedTransaction, Session, Transaction
from neo4j.exceptions import DriverError, Neo4jError

from registry.bilingual import Text
from registry.errors import StoreError
from registry.model.graph import FLOW, GRAPH
from registry.model.snapshot import Edge, Node, NodeId, Value, normalised
from registry.stores.neo4j.encoding import (
    edge_properties,
    identity,
    node_properties,
    reference,
    references,
)
from registry.stores.neo4j.faults import Faults
from registry.stores.neo4j.moments import (
    ENTRY,
    LONGEST_READING,
    NAME,
    NAMED,
    at_moment,
    exists,
    moment,
    seen,
)
from registry.stores.neo4j.statements import Statement, either
from registry.stores.port import (
    By,
    Closure,
    Direction,
    Group,
    Match,
    Page,
    Step,
    Where,
    check_by,
    is_text,
)
from registry.stores.traversal import closure_over, in_order

_T = TypeVar("_T")
_AT_ONCE = 2_000
_LEVELS = 4
"""How many steps a walk that turns goes in one statement; few go further."""

_STATE = at_moment("n", "properties({})")

# Answers come as lists in one record: each record costs the driver more than what is in it.
_NODES = f"{_STATE} AS state RETURN collect(state)"


class Neo4jReader:
    """Reads of the moment at which ``version`` was the last write."""

    def __init__(self, session: Session, faults: Faults, version: int) -> None:
        self._session = session
        self._transaction: Transaction | None = None
        self._faults = faults
        self._version = version
        self._now = moment(version)
        self._began = time.monotonic()
        self._ended = False

    def end(self) -> None:
        """Stop: whoever still reads gets an error, never another moment."""
        self._ended = True
        self._leave()

    @property
    def version(self) -> int:
        """The number of writes that the registry has seen."""
        return self._version

    def get(self, ids: Collection[NodeId]) -> dict[NodeId, Node]:
        """The nodes among ``ids`` that exist."""
        if not ids:
            return {}
        sql = self._statement()
        found = {node.id: node for node in map(_node, self._all(f"{sql.nodes(ids, 'n')} WITH {_NODES}", sql))}
        return {node_id: found[node_id] for node_id in ids if node_id in found}

    def keyed(self, keys: Collection[str]) -> dict[str, tuple[NodeId, ...]]:
        """The nodes that bear each key or former key."""
        sql = self._statement()
        given = sql.bound(sorted({key for key in keys if is_text(key)}))
        forms = sql.bound(sorted({normalised(key) for key in keys if is_text(key)}))
        rows = self._rows(
            f"UNWIND {forms} AS form MATCH (:{NAME} {{form: form}})<-[a:{NAMED}]-(n:{ENTRY}) "
            f"WHERE a.is_key AND a.name IN {given} AND {seen('a')} AND {exists('n')} "
            "RETURN DISTINCT a.name, n._ref",
            sql,
        )
        found: dict[str, list[NodeId]] = defaultdict(list)
        for key, node_id in sorted((key, identity(ref)) for key, ref in rows):
            found[key].append(node_id)
        return {key: tuple(ids) for key, ids in found.items()}

    def named(self, names: Collection[str], labels: Collection[str]) -> list[Match]:
        """The nodes of ``labels`` that answer to one of ``names``, in the order of name, label and key."""
        given: dict[str, set[str]] = defaultdict(set)
        for name in names:
            if is_text(name):
                given[normalised(name)].add(name)
        sql = self._statement()
        rows = self._rows(
            f"UNWIND {sql.bound(sorted(given))} AS form MATCH (:{NAME} {{form: form}})<-[a:{NAMED}]-(n:{ENTRY}) "
            f"WHERE {seen('a')} AND {exists('n')}{_of_labels(labels)} RETURN DISTINCT form, n._ref",
            sql,
        )
        return sorted(Match(name, identity(ref)) for form, ref in rows for name in given[form])

    def names(self, labels: Collection[str]) -> list[Match]:
        """Every name of every node of ``labels``."""
        sql = self._statement()
        rows = self._all(
            f"MATCH (n:{ENTRY})-[a:{NAMED}]->() WHERE {exists('n')} AND {seen('a')}{_of_labels(labels)} "
            "WITH n, collect([a.position, a.name]) AS names RETURN collect([n._ref, names])",
            sql,
        )
        found = sorted((identity(ref), sorted(names)) for ref, names in rows)
        return [Match(name, node_id) for node_id, names in found for _, name in names]

    def closure(self, start: Collection[NodeId], steps: Collection[Step]) -> Closure:
        """Every node that ``steps`` lead to from ``start``, with a shortest way there."""
        walked = in_order(steps)
        leads: dict[NodeId, list[tuple[Step, NodeId]]] = {}
        frontier = {node_id for node_id in start if is_text(node_id.key)}
        while frontier:
            sql = self._statement()
            rows = self._all(
                f"{sql.nodes(frontier, 'a')} {_reached(walked)} "
                f"WITH n, level, {_beside(walked, Direction.OUT)} AS out, {_beside(walked, Direction.IN)} AS into "
                "RETURN collect([n._ref, level, out, into])",
                sql,
            )
            # What the last level of a walk reached was not walked on from, unless an earlier walk did so.
            frontier = {identity(ref) for ref, level, *_ in rows if level == _LEVELS} - leads.keys()
            leads.update(_leads(rows, walked))
        return closure_over((node_id for node_id in start if node_id in leads), leads.__getitem__)

    def edges(self, names: Collection[str], ends: Collection[NodeId] | None, direction: Direction) -> list[Edge]:
        """The edges of ``names`` that leave ``ends`` or lead to them, in the order of source, name and target."""
        declared = [name for name in names or GRAPH.by_edge if name in GRAPH.by_edge]
        if not declared:
            return []
        sql, types = self._statement(), either(declared)
        if ends is None:
            direction, found = Direction.OUT, f"MATCH (a:{ENTRY})-[e:{types}]->(b:{ENTRY})"
        else:
            given = sql.bound(references(ends))
            pattern = f"-[e:{types}]->(b)" if direction is Direction.OUT else f"<-[e:{types}]-(b)"
            found = f"UNWIND {given} AS ref MATCH (a:{ENTRY} {{_ref: ref}}){pattern}"
        rows = self._all(f"{found} WHERE {seen('e')} WITH a, {_BESIDE} RETURN collect({_NEAR})", sql)
        return _edges(rows, direction)

    def flows(self, where: Where, *, limit: int | None = None) -> list[NodeId]:
        """The flows that ``where`` lets through, in the order of their keys."""
        sql = self._statement()
        chosen = sql.chosen(where, in_order=True)
        end = "" if limit is None else f" LIMIT {sql.bound(limit)}"
        keys = self._all(f"{chosen} WITH f.key AS key ORDER BY key{end} RETURN collect(key)", sql)
        return [NodeId(FLOW, key) for key in keys]

    def group(self, where: Where, by: By, *, after: NodeId | None = None, first: int | None = None) -> Page:
        """The flows that ``where`` lets through, grouped by where their edges ``by`` lead."""
        sql, pairs = self._pairs(where, by)
        beyond = sql.bound("" if after is None else reference(after))
        most = "" if first is None else f"[..{sql.bound(first)}]"
        ((total, groups),) = self._rows(
            f"{pairs} WITH t, collect(f) AS flows WITH t._ref AS ref, flows ORDER BY ref "
            "WITH collect([ref, flows]) AS every "
            f"WITH size(every) AS total, [one IN every WHERE one[0] > {beyond}]{most} AS page "
            "RETURN total, [one IN page | [one[0], [flow IN one[1] | flow.key]]]",
            sql,
        )
        # A flow may lead to the same end by several edges.
        found = (Group(identity(ref), tuple(NodeId(FLOW, key) for key in sorted({*keys}))) for ref, keys in groups)
        return Page(tuple(found), total)

    def ends(self, where: Where, by: By) -> list[NodeId]:
        """Where the edges ``by`` of the flows lead that ``where`` lets through."""
        sql, pairs = self._pairs(where, by)
        return sorted(map(identity, self._all(f"{pairs} WITH DISTINCT t RETURN collect(t._ref)", sql)))

    def tuples(self, where: Where, bys: Sequence[By]) -> list[tuple[NodeId, ...]]:
        """Each distinct combination of ends of one flow that ``where`` lets through."""
        for by in bys:
            check_by(by)
        sql = self._statement()
        known = cache(identity)
        rows = self._all(f"{sql.tuples(where, bys)} RETURN collect(found)", sql)
        return sorted(tuple(map(known, row)) for row in rows)

    def _pairs(self, where: Where, by: By) -> tuple[Statement, str]:
        """Clauses that find the flows ``f`` that ``where`` lets through with each end ``t`` of theirs."""
        check_by(by)
        sql = self._statement()
        return sql, sql.pairs(where, by)

    def nodes(self, label: str, *, after: str | None = None, limit: int | None = None) -> list[Node]:
        """Nodes with that label in the order of their keys."""
        if label not in {node.label for node in GRAPH.node_types}:
            return []
        sql = self._statement()
        end = "" if limit is None else f" LIMIT {sql.bound(limit)}"
        states = self._all(
            f"MATCH (n:{label}) WHERE n.key > {sql.bound(after or '')} AND {exists('n')} "
            f"WITH n ORDER BY n.key{end} WITH {_NODES}",
            sql,
        )
        return [_node(state) for state in states]

    def count(self) -> dict[str, int]:
        """How many nodes there are of each label that has any."""
        # The server's own counts would be quicker, but they are of no one moment.
        counts = (
            f"MATCH (n:{node.label}) WHERE {exists('n')} RETURN '{node.label}' AS label, count(n) AS number"
            for node in GRAPH.node_types
        )
        rows = self._rows(" UNION ALL ".join(counts), self._statement())
        return {label: number for label, number in sorted(rows) if number}

    def all_nodes(self) -> Iterator[Node]:
        """Every node, by label and key, some thousands at once."""
        for label in sorted(node.label for node in GRAPH.node_types):
            yield from self._all_of(label)

    def all_edges(self) -> Iterator[Edge]:
        """Every edge, by source, name and target, those of some thousands of nodes at once."""
        after = ""
        while True:
            sql = self._statement()
            given = sql.bound(after)
            rows = self._all(
                f"MATCH (a:{ENTRY}) WHERE a._ref > {given} WITH a ORDER BY a._ref LIMIT {_AT_ONCE} "
                f"CALL (a) {{ MATCH (a)-[e:{either(GRAPH.by_edge)}]->(b:{ENTRY}) WHERE {seen('e')} RETURN {_BESIDE} }} "
                f"WITH a, types, others, held ORDER BY a._ref RETURN collect({_NEAR})",
                sql,
            )
            if not rows:
                return
            yield from _edges(rows, Direction.OUT)
            after = rows[-1][0]

    def _all_of(self, label: str) -> Iterator[Node]:
        after: str | None = None
        while page := self.nodes(label, after=after, limit=_AT_ONCE):
            yield from page
            after = page[-1].id.key

    def _statement(self) -> Statement:
        return Statement(self._now)

    def _all(self, text: str, sql: Statement) -> list[Any]:
        """The list that a statement answers with in its one record."""
        ((found,),) = self._rows(text, sql)
        return found  # type: ignore[no-any-return]

    def _rows(self, text: str, sql: Statement) -> list[list[Any]]:
        """The rows of a statement."""
        self._check_open()
        with self._faults.translated():
            return self._answered(text, sql)

    def _answered(self, text: str, sql: Statement) -> list[list[Any]]:
        # All statements of a reading share a transaction of the server: one for each takes longer to begin and to end
        # than many an answer. What goes wrong in it ends it, not the reading: the moment is kept by stamps.
        try:
            if self._transaction is None:
                self._transaction = self._session.begin_transaction()
            return _answer(self._transaction, text, sql.values)
        except (Neo4jError, DriverError, OSError):
            self._leave()
            return self._alone(text, sql)

    def _alone(self, text: str, sql: Statement) -> list[list[Any]]:
        """The same in a transaction of its own, which is tried again while the server sends it back."""
        return self._session.execute_read(_answer, text, sql.values)

    def _leave(self) -> None:
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            with suppress(Neo4jError, DriverError, OSError):
                transaction.close()

    def _check_open(self) -> None:
        if self._ended:
            url = self._faults.address.url
            raise StoreError(Text(f"{url}: this reading has ended", f"{url}：本次读取已结束"))
        if time.monotonic() - self._began > LONGEST_READING:
            url, minutes = self._faults.address.url, LONGEST_READING // 60
            raise StoreError(
                Text(
                    f"{url}: this reading has gone on for {minutes} minutes, and what it read at first may be gone",
                    f"{url}：本次读取已持续{minutes}分钟，最初读到的内容可能已不存在",
                ),
                hint=Text("ask for less at once", "缩小单次查询的范围"),
            )


def _answer(transaction: ManagedTransaction | Transaction, text: str, values: Mapping[str, object]) -> list[list[Any]]:
    return [record.values() for record in transaction.run(text, values)]  # type: ignore[arg-type]


def _node(state: Mapping[str, Any]) -> Node:
    node_id = identity(state["_ref"])
    return Node(node_id, node_properties(node_id.label, state))


# The edges of a node at one of their ends: three lists of the same length.
_BESIDE = "collect(type(e)) AS types, collect(b._ref) AS others, collect(properties(e)) AS held"
_NEAR = "[a._ref, types, others, held]"


def _edges(rows: Iterable[list[Any]], direction: Direction) -> list[Edge]:
    """The edges of ``_NEAR`` nodes that leave them or lead to them, in their order."""
    none: Mapping[str, Value] = {}
    known = cache(identity)
    found = [
        (known(ref), name, known(other), edge_properties(name, said) if said else none)
        for ref, types, others, held in rows
        for name, other, said in zip(types, others, held, strict=True)
    ]
    if direction is Direction.IN:
        found = [(other, name, node_id, said) for node_id, name, other, said in found]
    return sorted(map(Edge._make, found), key=itemgetter(0, 1, 2))


def _of_labels(labels: Collection[str]) -> str:
    declared = sorted(node.label for node in GRAPH.node_types if node.label in labels)
    if not labels:
        return ""
    return f" AND (n:{'|'.join(declared)})" if declared else " AND false"


def _types(walked: Collection[Step], direction: Direction) -> list[str]:
    return [step.edge for step in walked if step.direction is direction]


def _reached(walked: Collection[Step]) -> str:
    """Clauses that find the nodes ``n`` that the steps lead to from the nodes ``a``, each once, with its ``level``.

    Steps in one direction are walked to the end, which is level 0. Cypher cannot say "out by these edges or back by
    those" in one pattern of any length, so a walk that turns goes `_LEVELS` steps far.
    """
    out, into = (_types(walked, direction) for direction in (Direction.OUT, Direction.IN))
    if not walked:
        return "WITH DISTINCT a AS n, 0 AS level"
    if out and into:
        return _turning(out, into)
    pattern = f"-[r:{either(out)}*0..]->" if out else f"<-[r:{either(into)}*0..]-"
    return f"MATCH (a){pattern}(n) WHERE all(e IN r WHERE {seen('e')}) WITH DISTINCT n, 0 AS level"


def _turning(out: Collection[str], into: Collection[str]) -> str:
    levels = "".join(
        f"CALL (l{level}) {{ UNWIND l{level} AS x CALL (x) {{ "
        f"MATCH (x)-[e:{either(out)}]->(y) WHERE {seen('e')} RETURN y UNION ALL "
        f"MATCH (x)<-[e:{either(into)}]-(y) WHERE {seen('e')} RETURN y }} "
        f"RETURN collect(DISTINCT y) AS l{level + 1} }} "
        for level in range(_LEVELS)
    )
    several = ", ".join(f"[{level}, l{level}]" for level in range(_LEVELS + 1))
    return (
        f"WITH collect(DISTINCT a) AS l0 {levels}"
        f"UNWIND [{several}] AS one UNWIND one[1] AS n WITH n, min(one[0]) AS level"
    )


def _beside(walked: Collection[Step], direction: Direction) -> str:
    """An expression for the steps in one direction that leave ``n``: the name of each and where it leads."""
    types = _types(walked, direction)
    if not types:
        return "[]"
    pattern = f"-[e:{either(types)}]->" if direction is Direction.OUT else f"<-[e:{either(types)}]-"
    return f"COLLECT {{ MATCH (n){pattern}(m) WHERE {seen('e')} RETURN [type(e), m._ref] }}"


def _leads(rows: Iterable[list[Any]], walked: Collection[Step]) -> Iterator[tuple[NodeId, list[tuple[Step, NodeId]]]]:
    """Each node reached, with the steps that leave it in their order."""
    places = {step: place for place, step in enumerate(walked)}
    for ref, _, out, into in rows:
        steps = [(Step(name, Direction.OUT), identity(end)) for name, end in out]
        steps += [(Step(name, Direction.IN), identity(end)) for name, end in into]
        yield identity(ref), sorted(steps, key=lambda one: places[one[0]])
