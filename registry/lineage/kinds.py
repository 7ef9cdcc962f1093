"""What counts as a kind of data: what is narrower, what may include it, what is made from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from registry.lineage.answers import Reason
from registry.lineage.cached_reader import CachedReader
from registry.model.graph import CATEGORY, CLAUSE
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import Direction, Ends, Has, Reached, Reader, Step, Where

NARROWER = Step("BROADER", Direction.IN)
BROADER = Step("BROADER", Direction.OUT)
COUNTED_IN = Step("INCLUDES", Direction.IN)
DEFINES = Step("DEFINES", Direction.OUT)
WIDER = (BROADER, COUNTED_IN, DEFINES)
"""The steps to what may include a kind of data."""

HELD = ("CARRIES", "DERIVES")
"""The edges that lead to data which is held where the flow goes: what it brings, and what it makes there."""

MAKING = ("CARRIES", "DERIVES", "TO")
"""The edges of a flow that derives data which say of what, what, and where."""

LOST = ("anonymised", "aggregated")
"""Forms in which data is no longer about a person (PIPL art. 4 and 73): the trace stops there, and says so."""


class Derivation(NamedTuple):
    """Data that a flow makes from the data asked for, and where it is then held."""

    flow: NodeId
    category: NodeId
    certain: bool
    protection: str


@dataclass(frozen=True, slots=True)
class Kinds:
    """The data asked for and what bears on it.

    ``certain`` is it and everything narrower. ``possible`` is what may include some of it, by how one gets there.
    ``tops`` are the possible terms that nothing is broader than. ``derived`` is what flows make of it; ``stops`` are
    the flows after which it is no longer about a person. ``beside`` is what may include something derived, or be it
    under a narrower name, by how one gets there.
    """

    asked: NodeId
    certain: frozenset[NodeId]
    possible: Mapping[NodeId, Reached]
    tops: frozenset[NodeId]
    derived: Mapping[NodeId, tuple[Derivation, ...]] = field(default_factory=dict)
    stops: tuple[Derivation, ...] = ()
    beside: Mapping[NodeId, Reached] = field(default_factory=dict)

    @property
    def all(self) -> frozenset[NodeId]:
        """Everything that a flow may carry to bear on what was asked for."""
        return frozenset((*self.certain, *self.derived, *self.possible, *self.beside))

    def way(self, category: NodeId) -> tuple[NodeId, ...]:
        """The nodes from a kind of the data asked for, or something derived, to ``category``, clauses among them."""
        way, ways = [category], self.possible if category in self.possible else self.beside
        while (reached := ways.get(way[-1])) is not None and reached.previous is not None:
            way.append(reached.previous)
        return tuple(reversed(way))


def narrower(reader: Reader, node_id: NodeId) -> frozenset[NodeId]:
    """The node and everything narrower than it."""
    return frozenset(reader.closure([node_id], [NARROWER]))


def kinds(reader: CachedReader, asked: NodeId, statuses: Collection[str]) -> Kinds:
    """Return what bears on the data category ``asked``, derivations by flows of ``statuses`` (any where empty).

    Costs a constant number of calls, and seven more for each time that derived data is derived from.
    """
    return _with_derivations(reader, own_kinds(reader, asked), statuses)


def own_kinds(reader: CachedReader, asked: NodeId) -> Kinds:
    """The same without what is made of it: what the data asked for is, and what may include it."""
    certain = narrower(reader, asked)
    # The ways from the thing itself explain best; those from something narrower fill in the rest.
    wider = reader.closure(certain, WIDER)
    upward = {**wider, **reader.closure([asked], WIDER)}
    possible = {node_id: how for node_id, how in upward.items() if node_id not in certain}
    reader.expect(possible)
    categories = frozenset(node_id for node_id in possible if node_id.label == CATEGORY)
    return Kinds(asked, certain, possible, categories - wider.along(BROADER).keys())


def _with_derivations(reader: CachedReader, found: Kinds, statuses: Collection[str]) -> Kinds:
    deriving = Where((Has("DERIVES"),), {"status": frozenset(statuses)} if statuses else {})
    steps: dict[NodeId, _Making] = {}
    followed: set[NodeId] = set()
    frontier = {node_id for node_id in found.all if node_id.label == CATEGORY}
    while frontier:
        followed |= frontier
        flows = reader.flows(deriving.also(Ends(("CARRIES",), frozenset(frontier))))
        steps.update(_makings(reader, [flow for flow in flows if flow not in steps]))
        derived, stops = _fixpoint(found, steps.values())
        found = replace(found, derived=derived, stops=stops)
        found = replace(found, beside=_beside(reader, found) if derived else {})
        reader.expect((*derived, *found.beside, *(stop.category for stop in stops)))
        frontier = {one for one in (*derived, *found.beside) if one.label == CATEGORY} - followed
    return found


def _beside(reader: CachedReader, found: Kinds) -> dict[NodeId, Reached]:
    """What may include something derived, or be a narrower name of it, and is not counted otherwise."""
    made = frozenset(found.derived)
    # What was made under a term as wide as that may be anything.
    down = reader.closure(made - found.possible.keys(), [NARROWER])
    reached = {**reader.closure(made.union(down), WIDER), **reader.closure(made, WIDER), **down}
    known = found.certain | made | found.possible.keys()
    return {one: how for one, how in reached.items() if one not in known}


class _Making(NamedTuple):
    """A flow that makes data of other data."""

    flow: Node
    inputs: list[NodeId]
    outputs: list[NodeId]


def _makings(reader: CachedReader, flows: Collection[NodeId]) -> dict[NodeId, _Making]:
    if not flows:
        return {}
    found = {flow: _Making(node, [], []) for flow, node in reader.get(flows).items()}
    for flow, edges in reader.leaving(found, MAKING).items():
        found[flow].inputs.extend(edge.target for edge in edges if edge.name == "CARRIES")
        found[flow].outputs.extend(edge.target for edge in edges if edge.name == "DERIVES")
    return found


def _fixpoint(
    found: Kinds, makings: Iterable[_Making]
) -> tuple[dict[NodeId, tuple[Derivation, ...]], tuple[Derivation, ...]]:
    """Follow derivations until nothing new comes: what is derived from derived data is still about the person."""
    derived: dict[NodeId, dict[NodeId, Derivation]] = defaultdict(dict)
    stops: dict[tuple[NodeId, NodeId], Derivation] = {}
    surely = set(found.certain)
    maybe = {node_id for node_id in (*found.possible, *found.beside) if node_id.label == CATEGORY}
    steps = sorted(makings, key=lambda making: making.flow.id)
    moved = True
    while moved:
        moved = False
        for flow, inputs, outputs in steps:
            certain = any(category in surely for category in inputs)
            if not certain and not any(category in maybe for category in inputs):
                continue
            protection = flow.word("protection") or ""
            for category in outputs:
                made = Derivation(flow.id, category, certain, protection)
                if protection in LOST:
                    stops[flow.id, category] = made
                    continue
                if category not in found.certain and derived[category].get(flow.id) != made:
                    derived[category][flow.id] = made
                    (surely if certain else maybe).add(category)
                    moved = True
    return (
        {category: tuple(by_flow.values()) for category, by_flow in derived.items() if by_flow},
        tuple(stops[key] for key in sorted(stops)),
    )


def reason_possible(found: Kinds, category: NodeId, nodes: Mapping[NodeId, Node]) -> Reason:
    """Why a flow that carries ``category`` may carry the data asked for."""
    vague = category in found.tops
    way = found.way(category)
    start, clauses = way[0], tuple(node_id for node_id in way if node_id.label == CLAUSE)
    wide, narrow = _name(nodes, category), _name(nodes, start)
    if not clauses:
        return Reason(Text(f"{wide.en} is broader than {narrow.en}", f"{wide.zh}是{narrow.zh}的上位类"), vague=vague)
    numbers = ", ".join(_number(nodes, clause) for clause in clauses)
    return Reason(
        Text(f"{wide.en} may include {narrow.en} (clause {numbers})", f"{wide.zh}可能包括{narrow.zh}（条款{numbers}）"),
        clauses,
        vague,
    )


def reason_beside(found: Kinds, category: NodeId, nodes: Mapping[NodeId, Node]) -> Reason:
    """Why a flow that carries ``category`` may carry what was derived from the data asked for."""
    way = found.way(category)
    clauses = tuple(node_id for node_id in way if node_id.label == CLAUSE)
    this, made, source = _name(nodes, category), _name(nodes, way[0]), _name(nodes, found.asked)
    step = found.beside[category].step
    if clauses:
        numbers = ", ".join(_number(nodes, clause) for clause in clauses)
        en, zh = f"{this.en} may include {made.en} (clause {numbers})", f"{this.zh}可能包括{made.zh}（条款{numbers}）"
    elif step == NARROWER:
        en, zh = f"{this.en} is a kind of {made.en}", f"{this.zh}是{made.zh}的下位类"
    else:
        en, zh = f"{this.en} is broader than {made.en}", f"{this.zh}是{made.zh}的上位类"
    sure = any(one.certain for one in found.derived.get(way[0], ()))
    adverb = ("", "") if sure else ("possibly ", "可能")
    return Reason(
        Text(f"{en}, which is {adverb[0]}derived from {source.en}", f"{zh}，后者{adverb[1]}由{source.zh}加工生成"),
        clauses,
    )


def stops_of(reader: Reader, found: Kinds) -> tuple[Text, ...]:
    """Where the trace of the data asked for stops, in words."""
    names = reader.get({node_id for stop in found.stops for node_id in (stop.flow, stop.category)})
    return tuple(
        Text(
            f"the trace stops at “{names[stop.flow].name.en}”: {names[stop.category].name.en} is {stop.protection}",
            f"追踪止于“{names[stop.flow].name.zh}”：{names[stop.category].name.zh}已{_LOST_ZH[stop.protection]}",
        )
        for stop in found.stops
    )


_LOST_ZH = {"anonymised": "匿名化", "aggregated": "汇总统计"}


def reason_derived(made: Derivation, nodes: Mapping[NodeId, Node], asked: NodeId) -> Reason:
    """Why a flow that carries a derived category bears on the data asked for."""
    what, source, flow = _name(nodes, made.category), _name(nodes, asked), _name(nodes, made.flow)
    form = {"de-identified": (", de-identified", "，已去标识化")}.get(made.protection, ("", ""))
    maybe = ("", "") if made.certain else (" (possibly)", "（可能）")
    return Reason(
        Text(
            f"{what.en} is derived from {source.en}{maybe[0]} in “{flow.en}”{form[0]}",
            f"{what.zh}由{source.zh}加工生成{maybe[1]}（{flow.zh}）{form[1]}",
        )
    )


def _name(nodes: Mapping[NodeId, Node], node_id: NodeId) -> Text:
    node = nodes.get(node_id)
    return node.name if node else Text(node_id.key, node_id.key)


def _number(nodes: Mapping[NodeId, Node], clause: NodeId) -> str:
    node = nodes.get(clause)
    return (node.word("number") if node else None) or clause.key
