"""How surely a flow bears on the data asked for: certain, derived from it, or only possible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from registry.lineage.answers import Certainty, FlowView
from registry.lineage.asking import Judge
from registry.lineage.kinds import Kinds, reason_derived, reason_possible
from registry.model.graph import RECIPIENT, SYSTEM
from registry.model.snapshot import Node, NodeId, Text
from registry.stores.port import Direction, Ends, Reader, Where

_FORMS = {
    "de-identified": Text("de-identified", "已去标识化"),
    "anonymised": Text("anonymised: no longer personal information", "已匿名化，不再属于个人信息"),
    "aggregated": Text("aggregated", "汇总统计"),
}


class Holders(NamedTuple):
    """Where each derived category is known to be held: where it was made, and whoever got it from there."""

    by_category: Mapping[NodeId, frozenset[NodeId]]

    def made_here(self, flow: FlowView, category: NodeId) -> bool:
        """Whether the flow takes the category from where the derived one is held."""
        return not self.by_category.get(category, frozenset()).isdisjoint(flow.ends("FROM"))


def holders(reader: Reader, found: Kinds, where: Where) -> Holders:
    """Follow derived data from where it is made through the flows that carry it on."""
    if not found.derived:
        return Holders({})
    makers = {made.flow for several in found.derived.values() for made in several}
    carriers = reader.flows(where.also(Ends(("CARRIES",), frozenset(found.derived))))
    carries: dict[NodeId, list[NodeId]] = defaultdict(list)
    starts: dict[NodeId, list[NodeId]] = defaultdict(list)
    ends: dict[NodeId, list[NodeId]] = defaultdict(list)
    sides = {"CARRIES": carries, "FROM": starts, "TO": ends}
    for edge in reader.edges(list(sides), {*carriers, *makers}, Direction.OUT):
        sides[edge.name][edge.source].append(edge.target)
    wholes = _wholes(reader, {end for several in (*starts.values(), *ends.values()) for end in several})
    held: dict[NodeId, set[NodeId]] = defaultdict(set)
    for category, several in found.derived.items():
        for made in several:
            for end in ends[made.flow]:
                held[category].update((end, *wholes.get(end, ())))
    moved = True
    while moved:
        moved = False
        for flow in carriers:
            for category in carries[flow]:
                if category in held and not held[category].isdisjoint(starts[flow]):
                    reached = {one for end in ends[flow] for one in (end, *wholes.get(end, ()))}
                    if not reached <= held[category]:
                        held[category] |= reached
                        moved = True
    return Holders({category: frozenset(places) for category, places in held.items()})


def _wholes(reader: Reader, ends: Collection[NodeId]) -> dict[NodeId, list[NodeId]]:
    """The product of each system: what a system holds, its product holds."""
    found: dict[NodeId, list[NodeId]] = defaultdict(list)
    systems = [end for end in ends if end.label == SYSTEM]
    for edge in reader.edges(["PART_OF"], systems, Direction.OUT) if systems else ():
        found[edge.source].append(edge.target)
    return found


def by_data(found: Kinds, held: Holders, nodes: Mapping[NodeId, Node]) -> Judge:
    """Judge flows by what they carry of the data asked for."""

    def judge(flow: FlowView) -> FlowView | None:
        marked = replace(flow, marks=_marks(flow))
        carried = flow.ends("CARRIES")
        certain = tuple(category for category in carried if category in found.certain)
        if certain:
            return replace(marked, matched=certain)
        derived = [category for category in carried if category in found.derived]
        from_here = [category for category in derived if held.made_here(flow, category)]
        surely = [made for category in from_here for made in found.derived[category] if made.certain]
        if surely:
            return replace(
                marked,
                certainty=Certainty.DERIVED,
                reasons=tuple(reason_derived(made, nodes, found.asked) for made in surely),
                matched=tuple(from_here),
            )
        reasons = [reason_derived(made, nodes, found.asked) for category in derived for made in found.derived[category]]
        reasons += [
            reason_possible(found, category, nodes)
            for category in carried
            if category in found.possible and category not in derived
        ]
        if not reasons:
            return None
        matched = tuple(category for category in carried if category in found.derived or category in found.possible)
        return replace(marked, certainty=Certainty.POSSIBLE, reasons=tuple(dict.fromkeys(reasons)), matched=matched)

    return judge


def _marks(flow: FlowView) -> tuple[Text, ...]:
    form = _FORMS.get(flow.node.word("protection") or "")
    return (form,) if form else ()


def is_recipient(node_id: NodeId) -> bool:
    """Whether a flow's end is a recipient, rather than one's own product, system or the people themselves."""
    return node_id.label == RECIPIENT
