"""From a draft to nodes and edges: references are resolved, and what only the whole can show is checked.

References cost one look-up for all of them, however many there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from registry.errors import InvalidInput, Place, Problem
from registry.model.draft import Draft, Reference, listed
from registry.model.graph import FLOW, GRAPH, PRODUCT, RECIPIENT, SUBJECT, SYSTEM
from registry.model.known import Known
from registry.model.names import check_names
from registry.model.snapshot import Edge, EdgeId, Node, NodeId, Snapshot, in_declared_order, names_of


def settle(draft: Draft, known: Known, *, same_name: bool = False) -> Snapshot:
    """Return what the draft declares, all references resolved.

    With ``same_name`` things may have names that others of their kind have. Raises `InvalidInput` with every problem of
    the draft, in the order of the text.
    """
    edges = _Resolver(draft, known).resolve()
    _check_flows(draft, edges)
    _check_closed(draft, edges, known)
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
                edge = Edge(drawn.source, drawn.edge.name, target, properties)
                if edge.id in resolved:
                    self._problem(drawn.target, f'{drawn.edge.word} names "{target.key}" twice', "keep one of them")
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
            said = f'{GRAPH.node(source.label).noun} {source.key} {word} "{reference.written}"'
            if found:
                self._ambiguous(reference, said, found)
            else:
                self._unknown(reference, said)
        return None

    def _ambiguous(self, reference: Reference, said: str, found: list[NodeId]) -> None:
        hint = "write " + " or ".join(f'"{node_id.reference}"' for node_id in sorted(found))
        self._problem(reference, f"{said}, which could mean several things", hint)

    def _unknown(self, reference: Reference, said: str) -> None:
        kinds = " or ".join(GRAPH.node(label).noun.replace("_", " ") for label in reference.labels)
        hint = self.draft.suggestion(reference.written, self._names(reference.labels))
        self._problem(reference, f"{said}: there is no such {kinds}", f"{hint} {listed(reference.labels)}".strip())

    def _names(self, labels: tuple[str, ...]) -> Mapping[str, str]:
        if labels not in self.names:
            drafted = (node for node in self.draft.nodes.values() if node.id.label in labels)
            names = {name: node.id.key for node in drafted for name in names_of(node)}
            self.names[labels] = {**self.known.names(labels), **names}
        return self.names[labels]

    def _problem(self, reference: Reference, what: str, hint: str) -> None:
        self.draft.problems.append(Problem(reference.place, what, hint))


def _check_flows(draft: Draft, edges: Iterable[tuple[Edge, Place]]) -> None:
    # As drawn: an edge to nowhere has its own problem, and derives something as well.
    deriving = {drawn.source for drawn in draft.edges if drawn.edge.name == "DERIVES"}
    ends: dict[tuple[NodeId, str], set[str]] = defaultdict(set)
    for edge, _ in edges:
        if edge.name in ("FROM", "TO"):
            ends[edge.source, edge.name].add(edge.target.label)
    for node in draft.nodes.values():
        if node.id.label == FLOW:
            place = draft.places[node.id]
            draft.problems.extend(_flow_problems(node, place, derives=node.id in deriving))
            draft.problems.extend(_direction_problems(node, place, ends[node.id, "FROM"], ends[node.id, "TO"]))


def _direction_problems(flow: Node, place: Place, starts: Collection[str], ends: Collection[str]) -> Iterator[Problem]:
    """What comes in is collected or received: where data comes from is asked by these kinds."""
    outward = flow.word("kind") in ("provide", "entrust", "transfer", "disclose")
    if outward and ends and set(ends) <= _OWN and not _OTHERS.isdisjoint(starts):
        yield Problem(
            place,
            f'flow "{flow.id.key}" comes in, but its kind is {flow.word("kind")}',
            "write `kind: collect` (from people) or `kind: receive` (from others)",
        )


_OWN = frozenset((PRODUCT, SYSTEM))
_OTHERS = frozenset((RECIPIENT, SUBJECT))


def _check_closed(draft: Draft, edges: Iterable[tuple[Edge, Place]], known: Known) -> None:
    """A closed flow stays as it was: what a register answered for once is not undone by an old manifest.

    It may be described better: what it moved, from whom, to whom and why, when it ended and for what reason stay.
    """
    closed = known.closed([node_id for node_id in draft.nodes if node_id.label == FLOW])
    if not closed:
        return
    leads: dict[NodeId, list[Edge]] = defaultdict(list)
    for edge, _ in edges:
        leads[edge.source].append(edge)
    for node_id, (before, had) in closed.items():
        after = draft.nodes[node_id]
        said = f'flow "{node_id.key}" was closed on {before.word("effective_to") or "a day that is not recorded"}'
        if after.word("status") != "retired":
            hint = "take it out of the manifest, write `status: retired`, or register what begins anew by another key"
            draft.problems.append(Problem(draft.places[node_id], f"{said}, and is declared as open", hint))
        elif _as_it_was(before, after) and _same_edges(had, leads[node_id]):
            kept = {name: before.properties[name] for name in _FIXED if name in before.properties}
            draft.nodes[node_id] = Node(node_id, in_declared_order(node_id.label, {**after.properties, **kept}))
        else:
            hint = "declare it as it was, or register what begins anew by another key"
            draft.problems.append(Problem(draft.places[node_id], f"{said}, and is declared otherwise", hint))


_FIXED = ("kind", "effective_from", "effective_to", "closing_reason")
"""What is left out of the declaration of a closed flow stays; what is given must be as it was."""


def _as_it_was(before: Node, after: Node) -> bool:
    return all(after.properties.get(name, value) == value for name in _FIXED if (value := before.properties.get(name)))


def _same_edges(one: Iterable[Edge], other: Iterable[Edge]) -> bool:
    return {edge.id: edge.properties for edge in one} == {edge.id: edge.properties for edge in other}


def _flow_problems(flow: Node, place: Place, *, derives: bool) -> Iterator[Problem]:
    called = f'flow "{flow.id.key}"'
    kind = flow.word("kind")
    if kind == "derive" and not derives:
        yield Problem(place, f"{called} derives nothing", "write `derives: …`, or choose another kind")
    if kind and kind != "derive" and derives:
        yield Problem(place, f"{called} derives data, but its kind is {kind}", "write `kind: derive`")
    begins, ends = flow.word("effective_from"), flow.word("effective_to")
    if begins and ends and ends < begins:
        yield Problem(place, f"{called} ends on {ends}, before it begins on {begins}", "change one of the dates")
    if ends and flow.word("status") == "active":
        hint = "write `status: retired`, or leave the end out and close it when it comes: `registry flow close`"
        yield Problem(place, f"{called} ends on {ends}, but its status is active", hint)


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
    for edge_id in _closing(outward, drafted):
        draft.problems.append(
            Problem(
                drafted[edge_id],
                f"{edge_id.source.key} {edge_id.name.lower()} {edge_id.target.key} closes a circle",
                "remove the edge that points the wrong way",
            )
        )


def _closing(outward: Mapping[tuple[str, NodeId], list[NodeId]], drafted: Mapping[EdgeId, Place]) -> Iterator[EdgeId]:
    """The drafted edges on a circle: those whose two ends lie in one strongly connected component (Tarjan 1972)."""
    component = _components(outward)
    for edge_id in drafted:
        source, target = (edge_id.name, edge_id.source), (edge_id.name, edge_id.target)
        if edge_id.source == edge_id.target or component[source] == component.get(target):
            yield edge_id


def _components(outward: Mapping[tuple[str, NodeId], list[NodeId]]) -> dict[tuple[str, NodeId], int]:
    """Number each node's strongly connected component, without recursion: trees may be deep."""
    index: dict[tuple[str, NodeId], int] = {}
    low: dict[tuple[str, NodeId], int] = {}
    component: dict[tuple[str, NodeId], int] = {}
    stack: list[tuple[str, NodeId]] = []
    for root in list(outward):
        if root in index:
            continue
        work = [(root, iter(outward.get(root, ())))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            node, targets = work[-1]
            for target_id in targets:
                target = (node[0], target_id)
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    work.append((target, iter(outward.get(target, ()))))
                    break
                if target not in component:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    while True:
                        member = stack.pop()
                        component[member] = index[node]
                        if member == node:
                            break
    return component
