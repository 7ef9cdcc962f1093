"""Data that flows make of other data: what is derived, where it is held, and where the trace stops."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from registry.lineage.answers import Reason
from registry.lineage.cached_reader import CachedReader, targets
from registry.lineage.taxonomy import NARROWER, WIDER, DataMatch, includes, name_of, path_to
from registry.model.graph import CATEGORY, CLAUSE, SUBJECT, SYSTEM
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import By, Ends, Has, Reached, Reader, Where, is_reading

HELD = ("CARRIES", "DERIVES")
"""The edges that lead to data which is held where the flow goes: what it brings, and what it makes there."""

MAKING = ("CARRIES", "DERIVES", "TO")
"""The edges of a flow that derives data which say of what, what, and where."""

LOST = ("anonymised", "aggregated")
"""Forms in which data is no longer about a person (PIPL art. 4 and 73): the trace stops there, and says so."""


class Derivation(NamedTuple):
    """Data that a flow makes from the data asked for."""

    flow: NodeId
    category: NodeId
    certain: bool
    protection: str


Held = Mapping[tuple[NodeId, NodeId], Collection[NodeId]]
"""The flows that made what is held, by place and derived category."""


@dataclass(frozen=True, slots=True)
class DerivedMatch(DataMatch):
    """The data asked for with what is made of it.

    ``derived`` is what flows make of it; ``stops`` are the flows after which it is no longer about a person. ``beside``
    is what may include something derived, or be it under a narrower name, by the path there.
    """

    derived: Mapping[NodeId, tuple[Derivation, ...]] = field(default_factory=dict)
    stops: tuple[Derivation, ...] = ()
    beside: Mapping[NodeId, Reached] = field(default_factory=dict)

    @property
    def every(self) -> frozenset[NodeId]:
        """Every category by which a flow may bear on the data asked for."""
        return frozenset((*self.certain, *self.derived, *self.possible, *self.beside))

    @property
    def specific(self) -> frozenset[NodeId]:
        """The same without those that bear on it only as catch-all categories."""
        return self.every - (self.catch_all - self.derived.keys())

    @property
    def surely_derived(self) -> frozenset[NodeId]:
        """The categories that some flow makes for certain of the data asked for."""
        return frozenset(one for one, several in self.derived.items() if any(made.certain for made in several))


def match_derived(reader: CachedReader, found: DataMatch, where: Where) -> DerivedMatch:
    """Return what bears on the data asked for, what flows that ``where`` lets through make of it among it.

    Costs a constant number of calls, and seven more for each time that derived data is derived from.
    """
    matched = DerivedMatch(found.asked, found.certain, found.possible, found.catch_all)
    deriving = where.also(Has("DERIVES"))
    steps: dict[NodeId, _Making] = {}
    followed: set[NodeId] = set()
    frontier = {node_id for node_id in matched.every if node_id.label == CATEGORY}
    while frontier:
        followed |= frontier
        flows = reader.flows(deriving.also(Ends(("CARRIES",), frozenset(frontier))))
        steps.update(_makings(reader, [flow for flow in flows if flow not in steps]))
        derived, stops = _fixpoint(matched, steps.values())
        matched = replace(matched, derived=derived, stops=stops)
        matched = replace(matched, beside=_beside(reader, matched) if derived else {})
        reader.expect((*derived, *matched.beside, *(stop.category for stop in stops)))
        frontier = {one for one in (*derived, *matched.beside) if one.label == CATEGORY} - followed
    return matched


def _beside(reader: CachedReader, found: DerivedMatch) -> dict[NodeId, Reached]:
    """What may include something derived, or be a narrower name of it, and is not counted otherwise."""
    made = frozenset(found.derived)
    # What was made under a term as wide as that may be anything.
    down = reader.closure(made - found.possible.keys(), [NARROWER])
    reached = {**reader.closure(made.union(down), WIDER), **reader.closure(made, WIDER), **down}
    known = found.certain | made | found.possible.keys()
    return {one: how for one, how in reached.items() if one not in known}


class _Making(NamedTuple):
    """A flow that makes data of other data; ``stated`` are the inputs that are not only our reading."""

    flow: Node
    inputs: list[NodeId]
    outputs: list[NodeId]
    stated: list[NodeId]


def _makings(reader: CachedReader, flows: Collection[NodeId]) -> dict[NodeId, _Making]:
    if not flows:
        return {}
    found = {flow: _Making(node, [], [], []) for flow, node in reader.get(flows).items()}
    for flow, edges in reader.leaving(found, MAKING).items():
        readings = any(edge.name != "TO" and is_reading(edge) for edge in edges)
        for edge in edges:
            if edge.name == "CARRIES":
                found[flow].inputs.append(edge.target)
                if not readings:
                    found[flow].stated.append(edge.target)
            elif edge.name == "DERIVES":
                found[flow].outputs.append(edge.target)
    return found


def _fixpoint(
    found: DerivedMatch, makings: Iterable[_Making]
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
        for flow, inputs, outputs, stated in steps:
            certain = any(category in surely for category in stated)
            if not certain and not any(category in maybe or category in surely for category in inputs):
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


def held_at(reader: CachedReader, found: DerivedMatch, where: Where) -> Held:
    """Where the derived data is held: where it was made, and whoever got it from there by flows of ``where``."""
    surely = found.surely_derived
    if not surely:
        return {}
    held = _made_at(reader, found)
    passing = reader.tuples(
        where.also(Ends(("CARRIES",), surely, stated=True)),
        (By(("FROM",), stated=True), By(("CARRIES",), among=surely, stated=True), By(("TO",), stated=True)),
    )
    steps: dict[tuple[NodeId, NodeId], list[NodeId]] = defaultdict(list)
    for start, category, end in passing:
        # What people give, they need not have from there.
        if start.label != SUBJECT:
            steps[start, category].append(end)
    waiting = [*held]
    while waiting:
        place, category = waiting.pop()
        makers = held[place, category]
        for end in steps.get((place, category), ()):
            if not makers <= held[end, category]:
                held[end, category] |= makers
                waiting.append((end, category))
    return held


def _made_at(reader: CachedReader, found: DerivedMatch) -> defaultdict[tuple[NodeId, NodeId], set[NodeId]]:
    """The places where flows surely make data of the data asked for."""
    made = [one for several in found.derived.values() for one in several if one.certain]
    places = {
        flow: tuple(edge.target for edge in edges if not is_reading(edge))
        for flow, edges in reader.leaving({one.flow for one in made}, ("TO",)).items()
    }
    systems = {place for several in places.values() for place in several if place.label == SYSTEM}
    # What a system holds, its product holds.
    wholes = targets(reader.leaving(systems, ("PART_OF",)), "PART_OF")
    held: defaultdict[tuple[NodeId, NodeId], set[NodeId]] = defaultdict(set)
    for one in made:
        for place in places[one.flow]:
            for where in (place, *wholes.get(place, ())):
                held[where, one.category].add(one.flow)
    return held


def reason_derived(made: Derivation, nodes: Mapping[NodeId, Node], asked: NodeId) -> Reason:
    """Why a flow that carries a derived category bears on the data asked for."""
    what, source, flow = name_of(nodes, made.category), name_of(nodes, asked), name_of(nodes, made.flow)
    form = {"de-identified": (", de-identified", "，已去标识化")}.get(made.protection, ("", ""))
    maybe = ("", "") if made.certain else (" (possibly)", "（可能）")
    return Reason(
        Text(
            f"{what.en} is derived from {source.en}{maybe[0]} in “{flow.en}”{form[0]}",
            f"{what.zh}由{source.zh}加工生成{maybe[1]}（{flow.zh}）{form[1]}",
        )
    )


def reason_beside(found: DerivedMatch, category: NodeId, nodes: Mapping[NodeId, Node]) -> Reason:
    """Why a flow that carries ``category`` may carry what was derived from the data asked for."""
    path = path_to(category, found.beside)
    clauses = tuple(node_id for node_id in path if node_id.label == CLAUSE)
    this, made, source = name_of(nodes, category), name_of(nodes, path[0]), name_of(nodes, found.asked[0])
    if clauses:
        en, zh = includes(this, made, clauses, nodes)
    elif found.beside[category].step == NARROWER:
        en, zh = f"{this.en} is a kind of {made.en}", f"{this.zh}是{made.zh}的下位类"
    else:
        en, zh = f"{this.en} is broader than {made.en}", f"{this.zh}是{made.zh}的上位类"
    sure = any(one.certain for one in found.derived.get(path[0], ()))
    adverb = ("", "") if sure else ("possibly ", "可能")
    return Reason(
        Text(f"{en}, which is {adverb[0]}derived from {source.en}", f"{zh}，后者{adverb[1]}由{source.zh}加工生成"),
        clauses,
    )


def stops_of(reader: Reader, found: DerivedMatch) -> tuple[Text, ...]:
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
