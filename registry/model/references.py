"""From a draft to nodes and edges: references are resolved, and what only the whole can show is checked.

References cost one look-up for all of them, however many there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from registry.bilingual import Text, joined
from registry.errors import InvalidInput, Place, Problem
from registry.model.circles import closing
from registry.model.draft import KEEP_ONE, Draft, Reference, listed, nouns
from registry.model.flow_rules import check_closed, check_flows
from registry.model.graph import FLOW, GRAPH
from registry.model.known import Known
from registry.model.names import check_names
from registry.model.snapshot import Edge, EdgeId, NodeId, Snapshot, edge_in_declared_order, names_of


def settle(draft: Draft, known: Known, *, same_name: bool = False) -> Snapshot:
    """Return what the draft declares, all references resolved.

    With ``same_name`` things may have names that others of their kind have. Raises `InvalidInput` with every problem of
    the draft, in the order of the text.
    """
    edges = _Resolver(draft, known).resolve()
    check_flows(draft, edges)
    check_closed(draft, edges, known.closed([node_id for node_id in draft.nodes if node_id.label == FLOW]))
    check_names(draft, known, [edge.id for edge, _ in edges], same_name=same_name)
    _check_cycles(draft, edges, known)
    if draft.problems:
        raise InvalidInput(draft.problems)
    return Snapshot.of(draft.nodes.values(), (edge for edge, _ in edges))


class _Resolver:
    """Finds what each reference of a draft means, in the draft first and then in the registry."""

    def __init__(self, draft: Draft, known: Known) -> None:
        self.draft = draft
        self.known = known
        self.by_key: dict[str, list[NodeId]] = defaultdict(list)
        self.names: dict[tuple[str, ...], dict[str, str]] = {}
        self.reported: set[Reference] = set()
        for node in draft.nodes.values():
            for key in dict.fromkeys((node.id.key, *node.words("former_keys"))):
                self.by_key[key].append(node.id)

    def resolve(self) -> list[tuple[Edge, Place]]:
        self._look_up()
        resolved: dict[EdgeId, tuple[Edge, Place]] = {}
        for drawn in self.draft.edges:
            target = self._find(drawn.source, drawn.edge.word, drawn.target)
            properties = dict(drawn.properties)
            for name, references in drawn.clauses.items():
                found = (self._find(drawn.source, name, reference) for reference in references)
                properties[name] = tuple(clause.key for clause in found if clause is not None)
            if target is not None:
                edge = Edge(drawn.source, drawn.edge.name, target, edge_in_declared_order(drawn.edge.name, properties))
                if edge.id in resolved:
                    what = Text(
                        f'{drawn.edge.word} names "{target.key}" twice', f"{drawn.edge.word}重复写了“{target.key}”"
                    )
                    self._problem(drawn.target, what, KEEP_ONE)
                resolved[edge.id] = (edge, drawn.target.place)
        return list(resolved.values())

    def _look_up(self) -> None:
        wanted = {reference.written for reference in self.draft.references()}
        for key, ids in self.known.keyed(wanted).items():
            for node_id in ids:
                if node_id not in self.by_key[key]:
                    self.by_key[key].append(node_id)

    def _find(self, source: NodeId, word: str, reference: Reference) -> NodeId | None:
        found = [node_id for node_id in self.by_key.get(reference.written, ()) if node_id.label in reference.labels]
        exact = [node_id for node_id in found if node_id.key == reference.written]
        found = exact or found
        if len(found) == 1:
            return found[0]
        # A default that leads nowhere stands behind many flows, and is reported for the first.
        if reference not in self.reported:
            self.reported.add(reference)
            kind = GRAPH.node(source.label)
            said = Text(
                f'{kind.noun} {source.key} {word} "{reference.written}"',
                f"{kind.zh}{source.key}的{word}写了“{reference.written}”",
            )
            if found:
                self._ambiguous(reference, said, found)
            else:
                self._unknown(reference, said)
        return None

    def _ambiguous(self, reference: Reference, said: Text, found: list[NodeId]) -> None:
        meanings = [node_id.reference for node_id in sorted(found)]
        hint = Text(
            "write " + " or ".join(f'"{one}"' for one in meanings), "写明" + "或".join(f"“{one}”" for one in meanings)
        )
        what = Text(f"{said.en}, which could mean several things", f"{said.zh}，可能有多种所指")
        self._problem(reference, what, hint)

    def _unknown(self, reference: Reference, said: Text) -> None:
        kinds = nouns(reference.labels)
        close = self.draft.suggestion(reference.written, self._names(reference.labels))
        what = Text(f"{said.en}: there is no such {kinds.en}", f"{said.zh}：没有这样的{kinds.zh}")
        self._problem(reference, what, joined([close, listed(reference.labels)], Text(" ", "")))

    def _names(self, labels: tuple[str, ...]) -> Mapping[str, str]:
        if labels not in self.names:
            drafted = (node for node in self.draft.nodes.values() if node.id.label in labels)
            names = {name: node.id.key for node in drafted for name in names_of(node)}
            self.names[labels] = {**self.known.names(labels), **names}
        return self.names[labels]

    def _problem(self, reference: Reference, what: Text, hint: Text) -> None:
        self.draft.problems.append(Problem(reference.place, what, hint))


def _check_cycles(draft: Draft, edges: list[tuple[Edge, Place]], known: Known) -> None:
    acyclic = {edge.name for edge in GRAPH.edge_types if edge.acyclic}
    drafted = {edge.id: place for edge, place in edges if edge.name in acyclic}
    if not drafted:
        return
    outward: dict[tuple[str, NodeId], list[NodeId]] = defaultdict(list)
    for edge_id in drafted:
        outward[edge_id.name, edge_id.source].append(edge_id.target)
    for edge_id in known.edges_named({edge_id.name for edge_id in drafted}):
        # A node that is declared anew comes with all its edges: those it had before no longer count.
        if edge_id.source not in draft.nodes:
            outward[edge_id.name, edge_id.source].append(edge_id.target)
    for edge_id in closing(outward, drafted):
        draft.problems.append(
            Problem(
                drafted[edge_id],
                Text(
                    f"{edge_id.source.key} {edge_id.name.lower()} {edge_id.target.key} closes a circle",
                    f"{edge_id.source.key} {edge_id.name.lower()} {edge_id.target.key}构成循环",
                ),
                Text("remove the edge that points the wrong way", "删去方向有误的关系"),
            )
        )
