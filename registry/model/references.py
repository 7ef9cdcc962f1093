"""From a draft to nodes and edges: references are resolved, and what only the whole can show is checked.

References cost one look-up for all of them, however many there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from registry.bilingual import Text, joined
from registry.errors import InvalidInput, Place, Problem
from registry.model.circles import closing
from registry.model.draft import KEEP_ONE, Draft, Reference, listed, nouns
from registry.model.flow_rules import check_closed, check_flows
from registry.model.graph import FLOW, GRAPH
from registry.model.snapshot import Edge, EdgeId, Node, NodeId, Snapshot, names_of, normalised


class Known(Protocol):
    """What the registry already holds, as far as checking needs it."""

    def keyed(self, keys: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """The nodes that bear each key or former key."""
        ...

    def same_names(self, names: Collection[str], labels: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """The nodes of ``labels`` that answer to each name."""
        ...

    def names(self, labels: Collection[str]) -> Mapping[str, str]:
        """Every name of the nodes of ``labels``, with the key of a node that bears it."""
        ...

    def edges_named(self, names: Collection[str]) -> Iterable[EdgeId]:
        """Every edge with one of these names."""
        ...

    def aliases(self, names: Collection[str], labels: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """The nodes of ``labels`` that have each name among their aliases."""
        ...

    def closed(self, flows: Collection[NodeId]) -> Mapping[NodeId, tuple[Node, Collection[Edge]]]:
        """Those of ``flows`` that are closed, with the edges that leave them."""
        ...


def settle(draft: Draft, known: Known) -> Snapshot:
    """Return what the draft declares, all references resolved.

    Raises `InvalidInput` with every problem of the draft, in the order of the text.
    """
    edges = _Resolver(draft, known).resolve()
    check_flows(draft, edges)
    check_closed(draft, edges, known.closed([node_id for node_id in draft.nodes if node_id.label == FLOW]))
    _check_names(draft, known)
    _check_former_keys(draft, known)
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
                edge = Edge(drawn.source, drawn.edge.name, target, properties)
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


_OF_ONE_ONLY = Text("an alias belongs to one thing only", "一个别名只属于一个对象")


def _check_names(draft: Draft, known: Known) -> None:
    """No alias of a node is another node's key, name or alias, and no two keys look alike, among nodes of one kind."""
    bearers = _bearers(draft, known)
    for (node_id, alias), place in draft.alias_places.items():
        others = sorted(bearers[node_id.label, normalised(alias)] - {node_id})
        if others:
            what = Text(
                f'the alias "{alias}" of {node_id.key} also names {others[0].key}',
                f"{node_id.key}的别名“{alias}”也是{others[0].key}的名称",
            )
            draft.problems.append(Problem(place, what, _OF_ONE_ONLY))
    _check_stored_aliases(draft, known)
    for (label, form), bearing in bearers.items():
        keyed = [node_id for node_id in bearing if normalised(node_id.key) == form]
        # Those that the registry holds come first: they stay.
        keyed.sort(key=lambda node_id: draft.places.get(node_id, Place("")))
        for other in keyed[1:]:
            one, kind = keyed[0].key, GRAPH.node(label)
            what = Text(
                f'the {kind.noun} keys "{one}" and "{other.key}" differ only in case or separators',
                f"{kind.zh}的标识“{one}”和“{other.key}”只有大小写或分隔符不同",
            )
            hint = Text("write them alike, or give one another key", "写成一致，或给其中一个换用别的标识")
            draft.problems.append(Problem(draft.places[other], what, hint))


def _check_stored_aliases(draft: Draft, known: Known) -> None:
    """No name is an alias that the registry knows: else the alias could never be declared again."""
    named: dict[str, list[NodeId]] = defaultdict(list)
    for node in draft.nodes.values():
        for name in {*names_of(node)} - {*node.words("aliases")}:
            named[name].append(node.id)
    for name, ids in known.aliases(named.keys(), {node_id.label for node_id in draft.nodes}).items():
        others = [one for one in ids if one not in draft.nodes]
        for node_id in named[name]:
            for other in others:
                if other.label == node_id.label:
                    what = Text(
                        f'the name "{name}" of {node_id.key} is an alias of {other.key}',
                        f"{node_id.key}的名称“{name}”是{other.key}的别名",
                    )
                    draft.problems.append(Problem(draft.places[node_id], what, _OF_ONE_ONLY))


def _check_former_keys(draft: Draft, known: Known) -> None:
    """A former key is nobody's key: what the registry knows by it would stay apart from what comes by the new one."""
    former = {key for node in draft.nodes.values() for key in node.words("former_keys")}
    held = known.keyed(former) if former else {}
    for node in draft.nodes.values():
        for key in node.words("former_keys"):
            bearer = NodeId(node.id.label, key)
            if bearer in draft.nodes or bearer in held.get(key, ()):
                draft.problems.append(_former_key_problem(node.id, key, draft.places[node.id]))


def _former_key_problem(node_id: NodeId, key: str, place: Place) -> Problem:
    noun, kind = GRAPH.node(node_id.label).noun, GRAPH.node(node_id.label).zh
    remove = Text("remove it from former_keys", "将其从former_keys中移除")
    if key == node_id.key:
        what = Text(
            f'the former key "{key}" is the key of {noun} "{key}" itself', f"曾用标识“{key}”就是该{kind}现在的标识"
        )
        return Problem(place, what, remove)
    what = Text(
        f'the former key "{key}" of {node_id.key} is the key of another {noun}',
        f"{node_id.key}的曾用标识“{key}”是另一{kind}的标识",
    )
    hint = Text(
        f"{remove.en}, or load everything into a new registry without {noun}:{key}",
        f"{remove.zh}，或将全部内容载入不含{noun}:{key}的新登记册",
    )
    return Problem(place, what, hint)


def _bearers(draft: Draft, known: Known) -> dict[tuple[str, str], set[NodeId]]:
    """Who answers to each name, by kind of node, among what is drafted and what the registry holds."""
    bearers: dict[tuple[str, str], set[NodeId]] = defaultdict(set)
    for node in draft.nodes.values():
        for name in names_of(node):
            bearers[node.id.label, normalised(name)].add(node.id)
    own = {node_id.key for node_id in draft.nodes} | {alias for _, alias in draft.alias_places}
    for name, ids in known.same_names(own, {node_id.label for node_id in draft.nodes}).items():
        for node_id in ids:
            if node_id not in draft.nodes:
                bearers[node_id.label, normalised(name)].add(node_id)
    return bearers


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


class Nothing:
    """A registry that holds nothing yet."""

    def keyed(self, keys: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """Nothing."""
        return {}

    def same_names(self, names: Collection[str], labels: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """Nothing."""
        return {}

    def names(self, labels: Collection[str]) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def edges_named(self, names: Collection[str]) -> Iterable[EdgeId]:
        """Nothing."""
        return ()

    def aliases(self, names: Collection[str], labels: Collection[str]) -> Mapping[str, tuple[NodeId, ...]]:
        """Nothing."""
        return {}

    def closed(self, flows: Collection[NodeId]) -> Mapping[NodeId, tuple[Node, Collection[Edge]]]:
        """Nothing."""
        return {}
