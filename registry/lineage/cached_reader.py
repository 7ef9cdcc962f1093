"""A reader that caches reads for the length of one answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from registry.model.snapshot import Edge, Node, NodeId
from registry.stores.port import By, Closure, Direction, Ends, Match, Page, Reader, Step, Where
from registry.stores.traversal import closure_over

_SOURCE = itemgetter(0)
_NAMES = frozenset[str]


class CachedReader:
    """Caches reads for the length of one answer, and skips statements that cannot return anything.

    Each call is a statement, on some stores a network round trip. A reader sees one snapshot, so a cached value cannot
    be stale.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._nodes: dict[NodeId, Node | None] = {}
        self._expected: dict[NodeId, None] = {}
        self._leaving: dict[_NAMES, dict[NodeId, Sequence[Edge]]] = {}
        self._edges: dict[tuple[_NAMES, frozenset[NodeId] | None, Direction], list[Edge]] = {}
        self._named: dict[tuple[frozenset[str], frozenset[str]], list[Match]] = {}
        self._closures: dict[frozenset[Step], dict[frozenset[NodeId], Closure]] = {}
        self._flows: dict[tuple[object, int | None], list[NodeId]] = {}
        self._pages: dict[tuple[object, By, NodeId | None, int | None], Page] = {}
        self._ends: dict[tuple[object, By], list[NodeId]] = {}
        self._tuples: dict[tuple[object, tuple[By, ...]], list[tuple[NodeId, ...]]] = {}
        self._lists: dict[tuple[str, str | None, int | None], list[Node]] = {}

    def expect(self, ids: Iterable[NodeId]) -> None:
        """Let these nodes come along with the next that are got: the answer will name them."""
        self._expected.update((node_id, None) for node_id in ids if node_id not in self._nodes)

    def leaving(self, ends: Iterable[NodeId], names: Collection[str] = ()) -> dict[NodeId, Sequence[Edge]]:
        """The edges of these names (all where empty) that leave each of ``ends``, in the order of name and target."""
        wanted = frozenset(names)
        tables = [(had, table) for had, table in self._leaving.items() if not had or (wanted and wanted <= had)]
        found: dict[NodeId, Sequence[Edge]] = {}
        missing = []
        for end in ends:
            for had, table in tables:
                if end in table:
                    found[end] = table[end] if had == wanted else [edge for edge in table[end] if edge.name in wanted]
                    break
            else:
                missing.append(end)
        if missing:
            table = self._leaving.setdefault(wanted, {})
            table.update(dict.fromkeys(missing, ()))
            for source, edges in groupby(self._reader.edges(names, missing, Direction.OUT), key=_SOURCE):
                table[source] = [*edges]
            found.update((end, table[end]) for end in missing)
        return found

    # the operations of the port

    @property
    def version(self) -> int:
        """The number of writes that the store has seen."""
        return self._reader.version

    def get(self, ids: Collection[NodeId]) -> dict[NodeId, Node]:
        """The nodes among ``ids`` that exist."""
        known = self._nodes
        missing = [node_id for node_id in ids if node_id not in known]
        if missing:
            alone = not self._expected and len(missing) == len(ids)
            wanted = missing if alone else [*{**dict.fromkeys(missing), **self._expected}]
            self._expected.clear()
            found = self._reader.get(wanted)
            if len(found) < len(wanted):
                known.update(dict.fromkeys(wanted))
            known.update(found)
            if alone:
                return found
        return {node_id: node for node_id in ids if (node := known[node_id]) is not None}

    def keyed(self, keys: Collection[str]) -> dict[str, tuple[NodeId, ...]]:
        """The nodes that bear each key or former key."""
        return self._reader.keyed(keys)

    def named(self, names: Collection[str], labels: Collection[str]) -> list[Match]:
        """The nodes of ``labels`` that answer to one of ``names``."""
        asked = frozenset(names), frozenset(labels)
        if asked not in self._named:
            self._named[asked] = self._reader.named(names, labels)
        return self._named[asked]

    def names(self, labels: Collection[str]) -> list[Match]:
        """Every name of every node of ``labels``."""
        return self._reader.names(labels)

    def closure(self, start: Collection[NodeId], steps: Collection[Step]) -> Closure:
        """Every node that ``steps`` lead to from ``start``, with a shortest way there."""
        known, wanted = self._closures.setdefault(frozenset(steps), {}), frozenset(start)
        if wanted not in known:
            known[wanted] = self._walked(known.values(), wanted, steps)
        return known[wanted]

    def _walked(self, known: Iterable[Closure], start: frozenset[NodeId], steps: Collection[Step]) -> Closure:
        # Whatever can be reached from where a walk came to, that walk came to as well.
        for one in known:
            if start <= one.keys():
                return closure_over(start, one.leads.__getitem__)
        return self._reader.closure(start, steps) if start else Closure({}, {})

    def edges(self, names: Collection[str], ends: Collection[NodeId] | None, direction: Direction) -> list[Edge]:
        """The edges of ``names`` that leave ``ends`` or lead to them."""
        if ends is not None and direction is Direction.OUT:
            leaving = self.leaving(ends, names)
            return [edge for source in sorted(leaving) for edge in leaving[source]]
        asked = frozenset(names), None if ends is None else frozenset(ends), direction
        if asked not in self._edges:
            self._edges[asked] = [] if ends is not None and not ends else self._reader.edges(names, ends, direction)
        return self._edges[asked]

    def flows(self, where: Where, *, limit: int | None = None) -> list[NodeId]:
        """The flows that ``where`` lets through."""
        asked = _filter(where), limit
        if asked not in self._flows:
            self._flows[asked] = [] if _none(where) else self._reader.flows(where, limit=limit)
        return self._flows[asked]

    def group(self, where: Where, by: By, *, after: NodeId | None = None, first: int | None = None) -> Page:
        """The flows that ``where`` lets through, grouped."""
        asked = _filter(where), by, after, first
        if asked not in self._pages:
            nothing = _none(where, by)
            self._pages[asked] = Page((), 0) if nothing else self._reader.group(where, by, after=after, first=first)
        return self._pages[asked]

    def ends(self, where: Where, by: By) -> list[NodeId]:
        """The ends of `group` without their flows."""
        asked = _filter(where), by
        if asked not in self._ends:
            self._ends[asked] = [] if _none(where, by) else self._reader.ends(where, by)
        return self._ends[asked]

    def tuples(self, where: Where, bys: Sequence[By]) -> list[tuple[NodeId, ...]]:
        """Each distinct combination of ends of one flow that ``where`` lets through."""
        asked = _filter(where), tuple(bys)
        if asked not in self._tuples:
            nothing = any(_none(where, by) for by in bys)
            self._tuples[asked] = [] if nothing else self._reader.tuples(where, bys)
        return self._tuples[asked]

    def nodes(self, label: str, *, after: str | None = None, limit: int | None = None) -> list[Node]:
        """Nodes with that label."""
        asked = label, after, limit
        if asked not in self._lists:
            self._lists[asked] = self._reader.nodes(label, after=after, limit=limit)
            self._nodes.update((node.id, node) for node in self._lists[asked])
        return self._lists[asked]

    def count(self) -> dict[str, int]:
        """How many nodes there are of each label."""
        return self._reader.count()

    def all_nodes(self) -> Iterator[Node]:
        """Every node, streaming."""
        return self._reader.all_nodes()

    def all_edges(self) -> Iterator[Edge]:
        """Every edge, streaming."""
        return self._reader.all_edges()


def cached(reader: Reader) -> CachedReader:
    """The reader with a cache; the reader itself where it has one already."""
    return reader if isinstance(reader, CachedReader) else CachedReader(reader)


def _filter(where: Where) -> object:
    """What makes two filters the same."""
    return where.conditions, frozenset(where.properties.items())


def _none(where: Where, by: By | None = None) -> bool:
    """Whether no flow can pass, since some end of it would have to be one of none."""
    if by is not None and by.among is not None and not by.among:
        return True
    return any(isinstance(one, Ends) and not one.absent and not one.among for one in where.conditions)


def targets(leaving: Mapping[NodeId, Sequence[Edge]], name: str) -> dict[NodeId, tuple[NodeId, ...]]:
    """Where the edges of that name lead, for each that has any."""
    found = {}
    for source, edges in leaving.items():
        ends = tuple(edge.target for edge in edges if edge.name == name)
        if ends:
            found[source] = ends
    return found
