"""How surely a flow bears on the data asked for: certain, derived from it, or only possible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from registry.lineage.answers import Certainty, FlowView, Reason
from registry.lineage.asking import Judge
from registry.lineage.cached_reader import CachedReader, targets
from registry.lineage.kinds import Kinds, reason_beside, reason_derived, reason_possible
from registry.model.graph import SUBJECT, SYSTEM
from registry.model.snapshot import NodeId, Text
from registry.stores.port import Ends, Where


def by_data(reader: CachedReader, found: Kinds, where: Where) -> Judge:
    """Judge flows by what they carry of the data asked for; ``where`` lets through the flows by which data passes on.

    Costs a constant number of calls, and two more for each place that derived data has passed through.
    """

    def judge(flows: Collection[FlowView]) -> list[FlowView]:
        loads = [_Load.of(flow) for flow in flows]
        held = _held(reader, found, where, loads)
        said = _said(reader, found, {category for load in loads for category in load.all})
        return [view for load in loads if (view := _judged(load, found, held, said)) is not None]

    return judge


class _Load(NamedTuple):
    """A flow with the data that it brings, and with that and what it makes."""

    flow: FlowView
    brings: tuple[NodeId, ...]
    all: tuple[NodeId, ...]

    @classmethod
    def of(cls, flow: FlowView) -> _Load:
        brings = flow.ends("CARRIES")
        return cls(flow, brings, brings + flow.ends("DERIVES") if "DERIVES" in flow.edges else brings)


def by_making(reader: CachedReader, found: Kinds) -> Judge:
    """Judge flows that derive data by whether it is the data asked for, or something that may include it."""

    def judge(flows: Collection[FlowView]) -> list[FlowView]:
        made = {category for flow in flows for category in flow.ends("DERIVES")}
        said = _said(reader, found, made).possible
        return [_made_here(flow, found, said) for flow in flows]

    return judge


_MADE_HERE = Reason(Text("it is derived here", "在此加工生成"))


def _made_here(flow: FlowView, found: Kinds, said: Mapping[NodeId, Reason]) -> FlowView:
    if not found.certain.isdisjoint(flow.ends("DERIVES")):
        return flow._replace(certainty=Certainty.DERIVED, reasons=(_MADE_HERE,))
    why = dict.fromkeys(said[category] for category in flow.ends("DERIVES") if category in said)
    return flow._replace(certainty=Certainty.POSSIBLE, reasons=tuple(why))


Held = tuple[NodeId, NodeId]
"""A place and the derived category that it holds."""

Makers = dict[Held, set[NodeId]]
"""The flows that made what each place holds."""


class _Said(NamedTuple):
    """Why each category bears on the data asked for: as broader, as made of it by each flow, as perhaps that."""

    possible: Mapping[NodeId, Reason]
    derived: Mapping[NodeId, Mapping[NodeId, Reason]]
    beside: Mapping[NodeId, Reason]


def _judged(load: _Load, found: Kinds, held: Makers, said: _Said) -> FlowView | None:
    flow, carried = load.flow, load.all
    certain = tuple([category for category in carried if category in found.certain])
    if certain:
        return FlowView(flow.node, flow.edges, marks=flow.marks, matched=certain)
    # Only what was surely made of the data asked for, and is held where this flow starts, is surely derived from it.
    surely: dict[NodeId, list[Reason]] = defaultdict(list)
    for category in load.brings:
        several = found.derived.get(category)
        if not several:
            continue
        makers = {maker for start in flow.ends("FROM") for maker in _at(held, start, category)}
        for made in several:
            if made.certain and made.flow in makers:
                surely[category].append(said.derived[category][made.flow])
    if surely:
        why = dict.fromkeys(reason for reasons in surely.values() for reason in reasons)
        return FlowView(flow.node, flow.edges, Certainty.DERIVED, tuple(why), flow.marks, tuple(surely))
    reasons = [reason for category in carried for reason in said.derived.get(category, {}).values()]
    reasons += [said.possible[one] for one in carried if one in said.possible and one not in said.derived]
    reasons += [said.beside[one] for one in carried if one in said.beside]
    if not reasons:
        return None
    why = dict.fromkeys(reasons)
    matched = tuple(one for one in carried if one in said.derived or one in said.possible or one in said.beside)
    return FlowView(flow.node, flow.edges, Certainty.POSSIBLE, tuple(why), flow.marks, matched)


def _said(reader: CachedReader, found: Kinds, carried: Collection[NodeId]) -> _Said:
    """The reasons for those categories that are carried."""
    possible = [category for category in carried if category in found.possible]
    derived = {category: found.derived[category] for category in carried if category in found.derived}
    beside = [category for category in carried if category in found.beside]
    named = {found.asked, *derived, *(one for category in (*possible, *beside) for one in found.way(category))}
    nodes = reader.get({*named, *(made.flow for several in derived.values() for made in several)})
    return _Said(
        {category: reason_possible(found, category, nodes) for category in possible},
        {
            category: {made.flow: reason_derived(made, nodes, found.asked) for made in several}
            for category, several in derived.items()
        },
        {category: reason_beside(found, category, nodes) for category in beside},
    )


def _held(reader: CachedReader, found: Kinds, where: Where, loads: Collection[_Load]) -> Makers:
    """Where the derived data that flows bring is held: where it was made, and whoever got it from there.

    Looked for backwards from where these flows start, since nearly all start where the data was made.
    """
    asked = {
        (start, category)
        for load in loads
        for category in load.brings
        if category in found.derived
        for start in load.flow.ends("FROM")
        if start.label != SUBJECT
    }
    held = _made(reader, found, {category for _, category in asked})
    passed: list[tuple[list[NodeId], list[NodeId], NodeId]] = []
    known = set(held)
    while asked := asked - known:
        known |= asked
        steps = _passing(reader, where, asked)
        passed += steps
        asked = {
            (start, category)
            for starts, ends, category in steps
            if any((end, category) in known for end in ends)
            for start in starts
            if start.label != SUBJECT
        }
    moved = True
    while moved:
        moved = False
        for starts, ends, category in passed:
            makers = {maker for start in starts for maker in _at(held, start, category)}
            for end in ends:
                if not makers <= held[end, category]:
                    held[end, category] |= makers
                    moved = True
    return held


def _at(held: Makers, place: NodeId, category: NodeId) -> Collection[NodeId]:
    """The flows that made what a place holds. What people give, they need not have from there."""
    return held.get((place, category), ()) if place.label != SUBJECT else ()


def _made(reader: CachedReader, found: Kinds, categories: Collection[NodeId]) -> Makers:
    """The places where flows make these categories of the data asked for."""
    makers = {made.flow for category in categories for made in found.derived[category]}
    made_at = targets(reader.leaving(makers, ("TO",)), "TO")
    wholes = _wholes(reader, {place for places in made_at.values() for place in places})
    held: Makers = defaultdict(set)
    for category in categories:
        for made in found.derived[category]:
            for place in made_at.get(made.flow, ()):
                for where in (place, *wholes.get(place, ())):
                    held[where, category].add(made.flow)
    return held


def _passing(
    reader: CachedReader, where: Where, asked: Collection[Held]
) -> list[tuple[list[NodeId], list[NodeId], NodeId]]:
    """How these categories come to these places: where each flow starts and ends, and the category that it carries."""
    places, categories = frozenset(place for place, _ in asked), frozenset(category for _, category in asked)
    flows = reader.flows(where.also(Ends(("CARRIES",), categories), Ends(("TO",), places)))
    passing = []
    for edges in reader.leaving(flows, ("CARRIES", "FROM", "TO")).values():
        starts, ends, carried = ([edge[2] for edge in edges if edge[1] == name] for name in ("FROM", "TO", "CARRIES"))
        passing += [(starts, ends, category) for category in carried if category in categories]
    return passing


def _wholes(reader: CachedReader, ends: Collection[NodeId]) -> dict[NodeId, tuple[NodeId, ...]]:
    """The product of each system: what a system holds, its product holds."""
    return targets(reader.leaving([end for end in ends if end.label == SYSTEM], ("PART_OF",)), "PART_OF")
