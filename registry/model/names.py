"""What only the whole can show of names: one thing answers to each, among what is declared and what the registry holds.

Keys, names and aliases are compared as `normalised`, among things of one kind.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from registry.errors import Place, Problem
from registry.model.draft import Draft
from registry.model.graph import CLAUSE, GRAPH
from registry.model.known import Known
from registry.model.snapshot import EdgeId, Node, NodeId, names_of, normalised


@dataclass(frozen=True)
class _Bearers:
    """Who answers to each name, by kind of node and `normalised` name.

    ``all`` are those that will: as drafted, or as the registry holds them where they are not drafted. ``before`` are
    those that do so now, in the registry.
    """

    all: Mapping[tuple[str, str], set[NodeId]]
    before: Mapping[tuple[str, str], set[NodeId]]


def check_names(draft: Draft, known: Known, edges: Collection[EdgeId], *, same_name: bool) -> None:
    """Note in the draft what is wrong with its names; with ``same_name`` two things of a kind may have one name."""
    bearers = _bearers(draft, known)
    _check_aliases_and_keys(draft, bearers.all)
    _check_stored_aliases(draft, known)
    _check_former_keys(draft, known)
    if not same_name:
        _check_same_names(draft, bearers, _Wider(draft, known, edges))


def _check_same_names(draft: Draft, bearers: _Bearers, wider: _Wider) -> None:
    """No node is given a name that another of its kind has: from then on neither could be asked for by it.

    Those that say ``same_name`` may. Clauses repeat their names. A wider thing and its own kinds may share a name: it
    means the wider one.
    """
    shared: dict[tuple[NodeId, NodeId], list[str]] = defaultdict(list)
    for form, bearing in bearers.all.items():
        if len(bearing) == 1 or form[0] == CLAUSE:
            continue
        told = [one for one in bearing if not _agreed(one, draft)]
        fresh = {
            one: name
            for one in set(told) - bearers.before[form] & draft.nodes.keys()
            if (name := _given_names(draft.nodes[one]).get(form))
        }
        if fresh and len(told) > 1 and not wider.includes(told):
            # What bears it already comes first: it stays.
            first = min(told, key=lambda one: (one in fresh, draft.places.get(one, Place("")), one))
            for one in fresh.keys() - {first}:
                shared[one, first].append(fresh[one])
    for (one, other), names in shared.items():
        noun = GRAPH.node(one.label).noun
        called = " and ".join(f'"{name}"' for name in names)
        what = f'{noun} "{one.key}" is called {called}, as is {noun} "{other.key}"'
        hint = "give it another name, or write `same_name: true` where both are meant"
        draft.problems.append(Problem(draft.places[one], what, hint))


def _given_names(node: Node) -> dict[tuple[str, str], str]:
    """The names by which a node is told apart, besides its key. Its aliases have a check of their own."""
    others = {node.id.key, *node.words("aliases"), *node.words("former_keys")}
    return {(node.id.label, normalised(name)): name for name in reversed(names_of(node)) if name and name not in others}


def _agreed(node_id: NodeId, draft: Draft) -> bool:
    drafted = draft.nodes.get(node_id)
    return drafted is not None and drafted.flag("same_name") is True


class _Wider:
    """Which things are kinds of which, once the draft is written; looked up only when it is asked."""

    def __init__(self, draft: Draft, known: Known, edges: Collection[EdgeId]) -> None:
        self.draft = draft
        self.known = known
        self.edges = edges

    @cached_property
    def _edges(self) -> tuple[Mapping[NodeId, list[NodeId]], Mapping[NodeId, list[NodeId]]]:
        """What is broader than each, and what is narrower."""
        up: dict[NodeId, list[NodeId]] = defaultdict(list)
        down: dict[NodeId, list[NodeId]] = defaultdict(list)
        # A node that is declared anew comes with all its edges: those it had before no longer count.
        held = (edge for edge in self.known.edges_named({"BROADER"}) if edge.source not in self.draft.nodes)
        for edge in (*held, *self.edges):
            if edge.name == "BROADER":
                up[edge.source].append(edge.target)
                down[edge.target].append(edge.source)
        return up, down

    def includes(self, ids: Collection[NodeId]) -> bool:
        """Whether one of these is broader than all the others."""
        up, down = self._edges
        among = set(ids)
        above = [one for one in _walked(min(ids), up) if one in among]
        return any(among <= set(_walked(one, down)) for one in above[-1:])


def _walked(start: NodeId, edges: Mapping[NodeId, list[NodeId]]) -> list[NodeId]:
    """All that can be reached, the start included, the nearest first."""
    found = {start: None}
    waiting = deque(found)
    while waiting:
        for one in edges.get(waiting.popleft(), ()):
            if one not in found:
                found[one] = None
                waiting.append(one)
    return [*found]


def _check_aliases_and_keys(draft: Draft, bearers: Mapping[tuple[str, str], set[NodeId]]) -> None:
    """No alias of a node is another node's key, name or alias, and no two keys look alike, among nodes of one kind."""
    for (node_id, alias), place in draft.alias_places.items():
        others = sorted(bearers[node_id.label, normalised(alias)] - {node_id})
        if others:
            what = f'the alias "{alias}" of {node_id.key} also names {others[0].key}'
            draft.problems.append(Problem(place, what, "an alias belongs to one thing only"))
    for (label, form), bearing in bearers.items():
        keyed = [node_id for node_id in bearing if normalised(node_id.key) == form]
        # Those that the registry holds come first: they stay.
        keyed.sort(key=lambda node_id: draft.places.get(node_id, Place("")))
        for other in keyed[1:]:
            keys = f'"{keyed[0].key}" and "{other.key}"'
            what = f"the {GRAPH.node(label).noun} keys {keys} differ only in case or separators"
            draft.problems.append(Problem(draft.places[other], what, "write them alike, or give one another key"))


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
                    what = f'the name "{name}" of {node_id.key} is an alias of {other.key}'
                    draft.problems.append(Problem(draft.places[node_id], what, "an alias belongs to one thing only"))


def _check_former_keys(draft: Draft, known: Known) -> None:
    """A former key is nobody's key: what the registry knows by it would stay apart from what comes by the new one."""
    former = {key for node in draft.nodes.values() for key in node.words("former_keys")}
    held = known.keyed(former) if former else {}
    for node in draft.nodes.values():
        for key in node.words("former_keys"):
            bearer = NodeId(node.id.label, key)
            if bearer in draft.nodes or bearer in held.get(key, ()):
                noun = GRAPH.node(node.id.label).noun
                if key == node.id.key:
                    what = f'the former key "{key}" is the key of {noun} "{key}" itself'
                    draft.problems.append(Problem(draft.places[node.id], what, "remove it from former_keys"))
                    continue
                what = f'the former key "{key}" of {node.id.key} is the key of another {noun}'
                hint = f"remove it from former_keys, or load everything into a new registry without {noun}:{key}"
                draft.problems.append(Problem(draft.places[node.id], what, hint))


def _bearers(draft: Draft, known: Known) -> _Bearers:
    bearers: dict[tuple[str, str], set[NodeId]] = defaultdict(set)
    before: dict[tuple[str, str], set[NodeId]] = defaultdict(set)
    names: set[str] = {alias for _, alias in draft.alias_places}
    for node in draft.nodes.values():
        names.update(names_of(node))
        for name in names_of(node):
            bearers[node.id.label, normalised(name)].add(node.id)
    for name, ids in known.same_names(names, {node_id.label for node_id in draft.nodes}).items():
        for node_id in ids:
            before[node_id.label, normalised(name)].add(node_id)
            if node_id not in draft.nodes:
                bearers[node_id.label, normalised(name)].add(node_id)
    return _Bearers(bearers, before)
