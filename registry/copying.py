"""A whole registry from one store into another, of whatever kind: streaming, verified, all or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from registry.bilingual import Text
from registry.errors import Refused, StoreCorrupt
from registry.model.bulk import batches
from registry.model.snapshot import Edge, EdgeId, Node, NodeId, Value, to_json
from registry.stores.port import Direction, Reader, Store, Transaction

_AT_ONCE = 2_000


@dataclass
class Contents:
    """What a registry holds: how much, and a digest that differs where anything in it does.

    The digest is SHA-256 (FIPS 180-4) over a line of JSON for each node by label and key, then for each edge by source,
    name and target. Two stores that hold the same have the same digest, of whatever kind they are.
    """

    nodes: int = 0
    edges: int = 0
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256, repr=False)

    @property
    def digest(self) -> str:
        """The digest so far, in hexadecimal."""
        return self._digest.hexdigest()

    def of_nodes(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """The same nodes, counted in."""
        for node in nodes:
            self.nodes += 1
            self._take([*node.id], node.properties)
            yield node

    def of_edges(self, edges: Iterable[Edge]) -> Iterator[Edge]:
        """The same edges, counted in."""
        for edge in edges:
            self.edges += 1
            self._take([*edge.source, edge.name, *edge.target], edge.properties)
            yield edge

    def _take(self, which: list[str], properties: Mapping[str, Value]) -> None:
        said = {name: to_json(value) for name, value in properties.items()}
        line = json.dumps([which, said], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        self._digest.update(line.encode() + b"\n")


def contents(reader: Reader) -> Contents:
    """What a registry holds, read through once in bounded memory."""
    found = Contents()
    for _ in found.of_nodes(reader.all_nodes()):
        pass
    for _ in found.of_edges(reader.all_edges()):
        pass
    return found


def copy(source: Store, target: Store, *, into_existing: bool = False) -> Contents:
    """Copy everything into ``target``, in one write, and return what was copied.

    One snapshot of ``source`` is copied. Both sides are read through and must have the same digest before anything
    counts: raises `StoreCorrupt` where they differ. Raises `Refused` where the target holds anything. With
    ``into_existing`` it may: then each node that is copied becomes just what it is in ``source``, with the edges that
    leave it, and what ``source`` does not have stays.
    """
    with source.reading() as reader, target.transaction() as transaction:
        if transaction.count():
            if not into_existing:
                raise Refused(
                    Text(
                        f"{target.url}: this registry is not empty; nothing was copied",
                        f"{target.url}：该登记册不为空；未复制任何内容",
                    ),
                    hint=Text(
                        "name an empty place, or say `--into-existing`: what is copied replaces what has the same key",
                        "另指一处空的登记册，或加上`--into-existing`：复制的内容将替换标识相同的内容",
                    ),
                )
            return _merge(reader, transaction, target.url)
        copied = Contents()
        transaction.put(copied.of_nodes(reader.all_nodes()), copied.of_edges(reader.all_edges()))
        _compare(copied, contents(transaction), target.url)
        return copied


def _merge(reader: Reader, transaction: Transaction, url: str) -> Contents:
    copied, there = Contents(), Contents()
    for nodes in batches(copied.of_nodes(reader.all_nodes()), _AT_ONCE):
        transaction.put(nodes, ())
    for ids in _ids(reader):
        edges = [*copied.of_edges(reader.edges((), ids, Direction.OUT))]
        transaction.put((), edges, _others(transaction, ids, edges))
    # Only what was copied can be compared: the target may hold more.
    for ids in _ids(reader):
        found = transaction.get(ids)
        for _ in there.of_nodes(found[node_id] for node_id in ids if node_id in found):
            pass
    for ids in _ids(reader):
        for _ in there.of_edges(transaction.edges((), ids, Direction.OUT)):
            pass
    _compare(copied, there, url)
    return copied


def _ids(reader: Reader) -> Iterator[list[NodeId]]:
    return ([node.id for node in nodes] for nodes in batches(reader.all_nodes(), _AT_ONCE))


def _others(transaction: Transaction, ids: Collection[NodeId], edges: Iterable[Edge]) -> list[EdgeId]:
    """The edges that leave these nodes besides those."""
    kept = {edge.id for edge in edges}
    return [edge.id for edge in transaction.edges((), ids, Direction.OUT) if edge.id not in kept]


def _compare(copied: Contents, there: Contents, url: str) -> None:
    if copied.digest != there.digest:
        raise StoreCorrupt(
            Text(
                f"{url}: what was copied is not what is there: {copied.nodes:,} nodes and {copied.edges:,} edges "
                f"against {there.nodes:,} and {there.edges:,}; nothing was kept",
                f"{url}：复制的内容与写入后的内容不一致：{copied.nodes:,}个节点、{copied.edges:,}条关系，"
                f"写入后为{there.nodes:,}个、{there.edges:,}条；未保留任何内容",
            ),
            hint=Text(
                "copy again; if it differs again, one of the two stores is damaged",
                "请重新复制；若仍不一致，则其中一个存储已损坏",
            ),
        )
