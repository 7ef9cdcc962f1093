"""What only the whole can show of names: one thing answers to each, among what is declared and what the registry holds.

Keys, names and aliases are compared as `normalised`, among things of one kind.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from registry.bilingual import Text
from registry.errors import Place, Problem
from registry.model.draft import Draft
from registry.model.graph import CLAUSE, GRAPH
from registry.model.known import Known
from registry.model.snapshot import EdgeId, Node, NodeId, names_of, normalised

_OF_ONE_ONLY = Text("an alias belongs to one thing only", "一个别名只属于一个对象")


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
        kind = GRAPH.node(one.label)
        called = Text(" and ".join(f'"{name}"' for name in names), "和".join(f"“{name}”" for name in names))
        what = Text(
            f'{kind.noun} "{one.key}" is called {called.en}, as is {kind.noun} "{other.key}"',
            f"{kind.zh}“{one.key}”的名称{called.zh}与{kind.zh}“{other.key}”相同",
        )
        hint = Text(
            "give it another name, or write `same_name: true` where both are meant",
            "另取名称；确应同名的，写作`same_name: true`",
        )
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
            what = Text(
                f'the alias "{alias}" of {node_id.key} also names {others[0].key}',
                f"{node_id.key}的别名“{alias}”也是{others[0].key}的名称",
            )
            draft.problems.append(Problem(place, what, _OF_ONE_ONLY))
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
