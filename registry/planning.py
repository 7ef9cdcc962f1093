"""What a manifest would change, and the one way by which anything is written.

Every write goes through `apply`: it decides first, writes once, in one transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.bilingual import Text
from registry.errors import InvalidInput, Place, Refused, StaleWrite
from registry.manifests import read_paths
from registry.model.bulk import uncollected
from registry.model.draft import Draft
from registry.model.graph import FLOW
from registry.model.parsed import Fields
from registry.model.parsing import read
from registry.model.references import settle
from registry.model.snapshot import Edge, EdgeId, Node, NodeId, Snapshot, in_declared_order, normalised
from registry.model.values import text_problem
from registry.stores.port import Direction, Reader, Store


@dataclass(frozen=True, slots=True)
class Change:
    """One node that is new (``before`` is None) or changed.

    ``leads`` are all the edges that leave it afterwards, ``edges`` those of them that are new or changed, ``gone``
    those that end.
    """

    before: Node | None
    after: Node
    leads: tuple[Edge, ...]
    edges: tuple[Edge, ...]
    gone: tuple[EdgeId, ...]

    @property
    def id(self) -> NodeId:
        """Which node."""
        return self.after.id


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying would write, made on the registry as it was at ``version``."""

    changes: tuple[Change, ...]
    unchanged: int
    version: int

    @property
    def added(self) -> tuple[Change, ...]:
        """The new nodes."""
        return tuple(change for change in self.changes if change.before is None)

    @property
    def changed(self) -> tuple[Change, ...]:
        """The nodes that are there and would differ."""
        return tuple(change for change in self.changes if change.before is not None)


class RegistryAsKnown:
    """What checking a manifest needs to know of a registry, read from its store."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def keyed(self, keys: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """The nodes that bear each key or former key."""
        return self.reader.keyed(keys)

    def same_names(self, names: Collection[str], labels: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """The nodes of ``labels`` that answer to each name."""
        found: dict[str, list[NodeId]] = defaultdict(list)
        for match in self.reader.named(names, labels) if names else ():
            found[match.text].append(match.id)
        return {name: tuple(ids) for name, ids in found.items()}

    def names(self, labels: Collection[str]) -> Mapping[str, str]:
        """Every name of the nodes of ``labels``, with the key of a node that bears it."""
        return {match.text: match.id.key for match in self.reader.names(labels)}

    def edges_named(self, names: Collection[str]) -> Iterable[EdgeId]:
        """Every edge with one of these names."""
        return [edge.id for edge in self.reader.edges(names, None, Direction.OUT)]

    def aliases(self, names: Collection[str], labels: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """The nodes of ``labels`` that have each name among their aliases."""
        matches = self.reader.named(names, labels) if names else []
        nodes = self.reader.get({match.id for match in matches})
        found: dict[str, list[NodeId]] = defaultdict(list)
        for match in matches:
            if normalised(match.text) in map(normalised, nodes[match.id].words("aliases")):
                found[match.text].append(match.id)
        return {name: tuple(ids) for name, ids in found.items()}

    def closed(self, flows: Collection[NodeId]) -> Mapping[NodeId, tuple[Node, Collection[Edge]]]:
        """Those of ``flows`` that are closed, with the edges that leave them."""
        nodes = [node for node in self.reader.get(flows).values() if node.word("status") == "retired"]
        edges = self.reader.edges((), [node.id for node in nodes], Direction.OUT) if nodes else []
        leads = _by_source(edges)
        return {node.id: (node, leads[node.id].values()) for node in nodes}


@uncollected()
def read_manifests(reader: Reader, paths: Sequence[str | Path], *, same_name: bool = False) -> Snapshot:
    """Return what the manifests at ``paths`` declare, checked against the registry.

    With ``same_name`` things may have names that others of their kind have. Raises `InvalidInput` with every problem of
    every file; nothing is skipped.
    """
    documents, problems = read_paths(paths)
    draft = Draft(problems=problems)
    for document in documents:
        read(draft, document)
    return settle(draft, RegistryAsKnown(reader), same_name=same_name)


def read_document(reader: Reader, document: Fields, *, same_name: bool = False) -> Snapshot:
    """Return what one document declares, checked as manifests are; `InvalidInput` with every problem."""
    draft = Draft()
    read(draft, document)
    return settle(draft, RegistryAsKnown(reader), same_name=same_name)


@uncollected()
def plan(reader: Reader, declared: Snapshot) -> Plan:
    """Return what would change if ``declared`` were applied: nodes it declares become exactly what it says.

    Nodes that it does not declare stay as they are.
    """
    before = reader.get(declared.nodes.keys())
    had = _by_source(reader.edges((), before.keys(), Direction.OUT)) if before else {}
    wants = _by_source(declared.edges.values())
    changes = []
    for node in declared.nodes.values():
        change = _change(before.get(node.id), node, had.get(node.id, {}), wants.get(node.id, {}))
        if change is not None:
            changes.append(change)
    return Plan(tuple(changes), len(declared.nodes) - len(changes), reader.version)


def _by_source(edges: Iterable[Edge]) -> dict[NodeId, dict[EdgeId, Edge]]:
    found: dict[NodeId, dict[EdgeId, Edge]] = defaultdict(dict)
    for edge in edges:
        found[edge.source][edge.id] = edge
    return found


def _change(
    before: Node | None, after: Node, had: Mapping[EdgeId, Edge], wants: Mapping[EdgeId, Edge]
) -> Change | None:
    edges = tuple(
        edge for edge_id, edge in wants.items() if edge_id not in had or had[edge_id].properties != edge.properties
    )
    gone = tuple(edge_id for edge_id in had if edge_id not in wants)
    if before is not None and not edges and not gone and before.properties == after.properties:
        return None
    return Change(before, after, tuple(wants.values()), edges, gone)


def apply(store: Store, planned: Plan) -> None:
    """Write the plan, whole or not at all.

    Raises `StaleWrite` when the registry was written to since the plan was made.
    """
    if not planned.changes:
        return
    with store.transaction() as transaction:
        if transaction.version != planned.version:
            raise StaleWrite(
                Text(
                    "the registry changed while this was being prepared; nothing was written",
                    "准备期间登记册已被改动；未写入任何内容",
                ),
                hint=Text("run the command again", "重新运行该命令"),
            )
        transaction.put(
            (change.after for change in planned.changes),
            (edge for change in planned.changes for edge in change.edges),
            (edge for change in planned.changes for edge in change.gone),
        )


def close_flow(store: Store, key: str, *, reason: str, on: str, today: str) -> Node:
    """Close a flow on the ISO date ``on`` and return it as it now is. A flow is closed, never deleted.

    Raises `Refused` when it is closed already, would end before it began, or goes on beyond ``today``.
    """
    if on > today:
        raise Refused(
            Text(f"flow {key} goes on until {on}: it cannot be closed before", f"流转{key}持续到{on}，此前不能关闭"),
            hint=Text("close it on that day, or name an earlier one", "到当日再关闭，或给出更早的日期"),
        )
    reason = reason.strip()
    wrong = Text("is empty", "为空") if not reason else text_problem(reason)
    if wrong:
        raise Refused(
            Text(f"flow {key} cannot be closed: the reason {wrong.en}", f"流转{key}不能关闭：理由{wrong.zh}"),
            hint=Text("give another with --reason", "用`--reason`另写理由"),
        )
    node_id = NodeId(FLOW, key)
    with store.transaction() as transaction:
        node = transaction.get([node_id]).get(node_id)
        if node is None:
            hint = Text("`registry flow list` shows them all", "`registry flow list`列出全部")
            raise InvalidInput.at(Place(key), Text("there is no such flow", "没有这一流转"), hint)
        if node.word("status") == "retired":
            ended = node.word("effective_to")
            raise Refused(
                Text(
                    f"flow {key} was closed on {ended or 'a day that is not recorded'}",
                    f"流转{key}已{f'于{ended}' if ended else ''}关闭",
                )
            )
        begins = node.word("effective_from")
        if begins and on < begins:
            raise Refused(
                Text(
                    f"flow {key} begins on {begins}; it cannot end on {on}",
                    f"流转{key}自{begins}开始，不能于{on}结束",
                ),
                hint=Text("give another date with --on", "用`--on`另给日期"),
            )
        said = {**node.properties, "status": "retired", "effective_to": on, "closing_reason": reason}
        closed = Node(node.id, in_declared_order(FLOW, said))
        transaction.put([closed], [])
    return closed
